/** Real task files of public repositories: none of them is rejected, and none gets a warning that its author would call wrong. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeTask } from '../../task/src/document.ts';
import { TARGETS } from '../../task/src/task-config.ts';
import { readTable, toVerdict } from './verdicts.ts';

const folder = process.env['TARMAC_CORPUS'] ?? `${import.meta.dirname}/../../../shared/corpus`;
if (!existsSync(`${folder}/index.tsv`)) {
  throw new Error(
    `The corpus of real task files is missing: there is no ${folder}/index.tsv. Set TARMAC_CORPUS to its folder.`,
  );
}

const files = readTable(readFileSync(`${folder}/index.tsv`, 'utf8')).map((row) =>
  toVerdict(row, `${(row['repo'] ?? '').replace('/', '+')}/${row['path'] ?? ''}`),
);

test('the corpus is not empty', () => {
  expect(files.length).toBeGreaterThan(100);
});

describe.each(files)('$file', (file) => {
  const text = readFileSync(`${folder}/${file.file}`, 'utf8');

  test.each(TARGETS)('has the verdict of Concourse %s', (target) => {
    const document = decodeTask(text, { target });
    expect(document.valid, JSON.stringify(document.problems)).toBe(file.accepted[target]);
  });

  test('gets no false warning', () => {
    const warnings = decodeTask(text).problems.filter(({ severity }) => severity === 'warning');
    expect(warnings.filter(({ code }) => !(KNOWN_WARNINGS[file.file]?.includes(code) ?? false))).toEqual([]);
  });
});

/** Warnings that were looked at one by one: the file really says something else than its author meant. */
const KNOWN_WARNINGS: Readonly<Record<string, readonly string[]>> = {};
