/** Each probe is a task file that the real decoder of Concourse was asked about; ours must say the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeTask } from '../../task/src/document.ts';
import { TARGETS, taskConfigJson } from '../../task/src/task-config.ts';
import { readTable, toVerdict } from './verdicts.ts';

const here = import.meta.dirname;
const probes = readTable(readFileSync(`${here}/probes.tsv`, 'utf8')).map((row) => toVerdict(row, row['file'] ?? ''));
const read = (file: string): string => readFileSync(`${here}/probes/${file}`, 'utf8');

test('there are 123 probes', () => {
  expect(probes).toHaveLength(123);
});

describe.each(probes)('$file', (probe) => {
  const text = read(probe.file);

  test.each(TARGETS)('has the verdict of Concourse %s', (target) => {
    const document = decodeTask(text, { target });
    expect(document.valid, JSON.stringify(document.problems.filter((problem) => problem.severity === 'error'))).toBe(
      probe.accepted[target],
    );
  });

  test('places each problem inside of the text', () => {
    for (const { range } of decodeTask(text).problems) {
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThanOrEqual(text.length);
    }
  });
});

test.each(probes.filter(({ json }) => json !== ''))('$file decodes to the same JSON', ({ file, json }) => {
  const decoded: unknown = JSON.parse(taskConfigJson(decodeTask(read(file)).config));
  expect(decoded).toStrictEqual(JSON.parse(json));
});
