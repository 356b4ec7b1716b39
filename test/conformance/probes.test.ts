/** Each probe is a task file that the real decoder of Concourse was asked about; ours must say the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeTask } from '#internal/concourse/src/task/document.ts';
import { TARGETS, taskConfigJson } from '#internal/concourse/src/task/config.ts';
import { checkTask } from '#internal/concourse/src/rules/check.ts';
import { fixtureEnvironment } from '../golden/fixture.ts';
import { readTable, toVerdict } from './verdicts.ts';

const here = import.meta.dirname;
const probes = readTable(readFileSync(`${here}/probes.tsv`, 'utf8')).map((row) => toVerdict(row, row['file'] ?? ''));
const read = (file: string): string => readFileSync(`${here}/probes/${file}`, 'utf8');

test('there are 123 probes', () => {
  expect(probes).toHaveLength(123);
});

describe.each(probes)('$file', (probe) => {
  const text = read(probe.file);

  test.each(TARGETS)('has the verdict of Concourse %s, told at its place', (target) => {
    const document = decodeTask(text, { target });
    const problems = checkTask(document, fixtureEnvironment([], { target }), {
      onRuleError: (rule, error) => {
        throw new Error(`the rule ${rule} failed`, { cause: error });
      },
    });
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(document.valid, JSON.stringify(errors)).toBe(probe.accepted[target]);
    expect(errors.length === 0).toBe(probe.accepted[target]);
    for (const { range } of problems) {
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThanOrEqual(text.length);
      // Something to see, and no line break at its end, wherever the text has anything at all.
      if (text.trim() !== '') expect(text.slice(range.start, range.end)).toMatch(/[^\r\n]$/);
    }
  });

  test('names what Concourse names', () => {
    const errors = decodeTask(text).problems.filter(({ severity }) => severity === 'error');
    const unknown = /^unknown fields: \[(.*)\]$/.exec(probe.message)?.[1]?.split(' ') ?? [];
    const marked = errors.map(({ range }) => text.slice(range.start, range.end).replace(/^(["'])(.*)\1$/, '$2'));
    for (const key of unknown) expect(marked).toContain(key);
    if (probe.message.includes("missing 'platform'")) {
      expect(errors.map(({ code, data }) => (code === 'missing-platform' ? code : data?.suggestion))).toContainEqual(
        expect.stringMatching(/^(?:missing-platform|platform)$/),
      );
    }
    for (const [, kind = '', position = ''] of probe.message.matchAll(/(input|output) in position (\d+) is missing/g)) {
      expect(errors.map(({ data }) => data?.path?.slice(0, 2))).toContainEqual([`${kind}s`, Number(position)]);
    }
  });
});

test.each(probes.filter(({ json }) => json !== ''))('$file decodes to the same JSON', ({ file, json }) => {
  const decoded: unknown = JSON.parse(taskConfigJson(decodeTask(read(file)).config));
  expect(decoded).toStrictEqual(JSON.parse(json));
});
