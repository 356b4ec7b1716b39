/**
 * Task files of public repositories, outside of this one: none of them is judged otherwise than Concourse does, and none
 * gets a warning that its author would call wrong. docs/contributing/corpus-review.md has the reasons for what remains.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TARGETS } from '#internal/concourse/src/task/config.ts';
import { outerCorpus } from '../conformance/corpora.ts';
import { formatted, judge, kept, schemaErrorsOf } from '../conformance/judge.ts';

const files = outerCorpus();

test('the corpus is not empty', () => {
  expect(files.length).toBeGreaterThan(100);
});

describe.each(files)('$file', ({ text, accepted }) => {
  test.each(TARGETS)('has the verdict of Concourse %s', (target) => {
    const { valid, problems } = judge(text, target, true);
    expect(valid, JSON.stringify(problems)).toBe(accepted[target]);
    expect(problems.some(({ severity }) => severity === 'error')).toBe(!valid);
  });

  test('is the same task once it is formatted, and is formatted at once', () => {
    const result = formatted(text);
    expect(kept(result)).toEqual(kept(text));
    expect(formatted(result)).toBe(result);
  });

  test.runIf(accepted.current)('is what the JSON Schema describes', () => {
    expect(schemaErrorsOf(text)).toEqual([]);
  });
});

/** Findings in the accepted files, by severity and rule, as docs/contributing/corpus-review.md explains them. */
const REVIEWED: Readonly<Record<string, number>> = {
  'hint deprecated-docker-image': 48,
  'hint image-tag-missing': 69,
  'hint no-image': 10,
  'hint param-unset': 115,
  'hint script-without-errexit': 5,
};

test('what remains has been reviewed', () => {
  const counts: Record<string, number> = {};
  for (const { text } of files.filter(({ accepted }) => accepted.current)) {
    for (const { severity, code } of judge(text, 'current', true).problems) {
      const key = `${severity} ${code}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  expect(counts).toEqual(REVIEWED);
  expect(Object.keys(counts).filter((key) => /^(?:error|warning) /.test(key))).toEqual([]);
});

test('the review names every finding with its count', () => {
  const review = readFileSync(`${import.meta.dirname}/../../docs/contributing/corpus-review.md`, 'utf8');
  const missing = Object.entries(REVIEWED).filter(([key, count]) => {
    const [severity = '', code = ''] = key.split(' ');
    return !review.includes(`| \`${code}\` | ${severity} | ${count} |`);
  });
  expect(missing).toEqual([]);
});
