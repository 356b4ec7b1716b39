/** Generated files are what the source says, and every example in the table of rules shows its rule. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { GENERATED } from '../../scripts/generate/files.ts';
import { decodeTask } from '#internal/concourse/src/task/document.ts';
import { checkTask } from '#internal/concourse/src/rules/check.ts';
import { RULES, ruleById } from '#internal/concourse/src/rules/index.ts';
import { fixtureEnvironment } from './fixture.ts';

test.each(Object.entries(GENERATED))('%s is current', async (path, make) => {
  const present = readFileSync(`${import.meta.dirname}/../../${path}`, 'utf8');
  expect(await make(present)).toBe(present);
});

test.each(RULES.filter(({ example, group }) => example !== undefined && group !== 'files'))(
  'the example of $id shows it',
  ({ id, example = '', targets }) => {
    const target = targets?.[0] ?? 'current';
    const document = decodeTask(example, { target, extensions: true });
    const codes = checkTask(document, fixtureEnvironment([], { target })).map(({ code }) => code);
    expect(codes).toContain(id);
  },
);

test('ids are unique, and lead to their rule', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  for (const rule of RULES) expect(ruleById(rule.id)).toBe(rule);
  expect(ruleById('no-such-rule')).toBeUndefined();
});
