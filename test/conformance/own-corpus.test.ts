/** Our own task files, in `test/corpus`: realistic ones, each with the verdict of Concourse and the warnings of Tarmac. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TARGETS } from '#internal/concourse/src/task/config.ts';
import { ownCorpus, probes } from './corpora.ts';
import { formatted, judge, kept, schemaErrorsOf } from './judge.ts';

const files = ownCorpus();

test('every file has a verdict, and every verdict a file', () => {
  const folder = join(import.meta.dirname, '..', 'corpus');
  const there = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
  expect(files.map(({ file }) => file).sort()).toEqual(there.sort());
  expect(files.length).toBeGreaterThanOrEqual(60);
});

describe.each(files)('$file', ({ text, accepted, takenWithExtensions, warnings, message }) => {
  test.each(TARGETS)('has the verdict of Concourse %s', (target) => {
    const { valid, problems } = judge(text, target, false);
    expect(valid, JSON.stringify(problems)).toBe(accepted[target]);
    expect(problems.some(({ severity }) => severity === 'error')).toBe(!valid);
  });

  test('is told of in the editor', () => {
    const { valid, problems } = judge(text, 'current', true);
    expect(valid, JSON.stringify(problems)).toBe(takenWithExtensions);
    const found = problems.filter(({ severity }) => severity === 'warning').map(({ code }) => code);
    expect(found.sort()).toEqual(warnings);
  });

  test('has its unknown keys marked', () => {
    const { problems } = judge(text, 'current', false);
    const marked = problems
      .filter(({ severity }) => severity === 'error')
      .map(({ range }) => text.slice(range.start, range.end).replace(/^(["'])(.*)\1$/, '$2'));
    const unknown = /^unknown fields: \[(.*)\]$/.exec(message)?.[1]?.split(' ') ?? [];
    for (const key of unknown) expect(marked).toContain(key);
  });
});

describe.each([
  ['each probe', probes()],
  ['each task file', files],
])('formatting %s', (_what, all) => {
  test('keeps the task, every comment, and is done after one time', () => {
    const changed = all.filter(({ text }) => formatted(text) !== text);
    expect(changed.length).toBeGreaterThan(3);
    for (const { file, text } of changed) {
      const result = formatted(text);
      expect(kept(result), file).toEqual(kept(text));
      expect(formatted(result), file).toBe(result);
    }
  });
});

test('the JSON Schema takes what Tarmac takes and refuses what it refuses', () => {
  const taken = files.filter(({ takenWithExtensions }) => takenWithExtensions);
  const refused = files.filter((each) => !each.takenWithExtensions);
  expect(
    taken.flatMap(({ file, text }) => (schemaErrorsOf(text) ?? ['no YAML']).map((error) => [file, error])),
  ).toEqual([]);
  expect(refused.filter(({ text }) => schemaErrorsOf(text)?.length === 0).map(({ file }) => file)).toEqual([]);
});
