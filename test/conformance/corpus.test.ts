/**
 * Real task files of public repositories: none of them is judged otherwise than Concourse does, and none gets a
 * warning that its author would call wrong. docs/corpus-review.md has the reasons for what remains.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeTask } from '../../task/src/document.ts';
import { checkTask } from '../../task/src/rules/check.ts';
import { TARGETS } from '../../task/src/task-config.ts';
import type { Target } from '../../task/src/task-config.ts';
import { fixtureEnvironment } from '../golden/fixture.ts';
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

function check(file: string, target: Target) {
  const document = decodeTask(readFileSync(`${folder}/${file}`, 'utf8'), { target, extensions: true });
  const failed: unknown[] = [];
  const problems = checkTask(document, fixtureEnvironment([], { target }), {
    onRuleError: (rule, error) => failed.push([rule, error]),
  });
  return { document, problems, failed };
}

test('the corpus is not empty', () => {
  expect(files.length).toBeGreaterThan(100);
});

describe.each(files)('$file', (file) => {
  test.each(TARGETS)('has the verdict of Concourse %s', (target) => {
    const { document, problems, failed } = check(file.file, target);
    expect(document.valid, JSON.stringify(problems)).toBe(file.accepted[target]);
    expect(problems.some(({ severity }) => severity === 'error')).toBe(!document.valid);
    expect(failed).toEqual([]);
  });
});

/** Findings in the accepted files, by severity and rule, as docs/corpus-review.md explains them. */
const REVIEWED: Readonly<Record<string, number>> = {
  'hint deprecated-docker-image': 48,
  'hint image-tag-missing': 69,
  'hint no-image': 10,
  'hint param-unset': 115,
  'hint script-without-errexit': 5,
};

test('what remains has been reviewed', () => {
  const counts: Record<string, number> = {};
  for (const file of files.filter(({ accepted }) => accepted.current)) {
    for (const { severity, code } of check(file.file, 'current').problems) {
      const key = `${severity} ${code}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  expect(counts).toEqual(REVIEWED);
  expect(Object.keys(counts).filter((key) => /^(?:error|warning) /.test(key))).toEqual([]);
});

test('the review names every finding with its count', () => {
  const review = readFileSync(`${import.meta.dirname}/../../docs/corpus-review.md`, 'utf8');
  const missing = Object.entries(REVIEWED).filter(([key, count]) => {
    const [severity = '', code = ''] = key.split(' ');
    return !review.includes(`| \`${code}\` | ${severity} | ${count} |`);
  });
  expect(missing).toEqual([]);
});
