/**
 * The quick fixes of every golden case: each mends its problem and brings no error. Where a file `CASE.golden.yml` lies
 * beside a case, it is what the fixes named by `fix="TITLE"`, or else the first fix of each problem of the rule, make of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fixAll, fixesOf } from '#internal/server/src/features/fixes/all.ts';
import { applyEdits } from '#internal/server/src/features/fixes/edits.ts';
import type { Fix } from '#internal/server/src/features/fixes/fix.ts';
import { taskConfigJson, taskMounts } from '#concourse';
import { RULES } from '#internal/concourse/src/rules/index.ts';
import { checkGolden, goldenCases, type GoldenCase } from './golden.ts';

const cases = goldenCases();
const goldenFile = ({ file }: GoldenCase): string => file.replace(/\.yml$/, '.golden.yml');
const withText = (golden: GoldenCase, text: string): GoldenCase => ({ ...golden, text });

/** Codes of all problems that were not there before, hints left out: what a mended file may still be told of. */
function fresh(before: ReturnType<typeof checkGolden>, after: ReturnType<typeof checkGolden>): string[] {
  const known = new Set(before.problems.map(({ code }) => code));
  return after.problems
    .filter(({ code, severity }) => severity === 'error' && !known.has(code))
    .map(({ code }) => code);
}

/** Problems that one fix does not end: only the caller can, or one problem tells of several variables. */
const STAYS: ReadonlySet<string> = new Set(['wrong-type/variable-with-blanks', 'unset-variable/file']);

describe.each(cases)('the fixes of $rule/$name', (golden) => {
  const before = checkGolden(golden);
  const own = before.problems.filter(({ code }) => code === golden.rule);
  const fixes = own.flatMap((problem) => fixesOf(problem, before.document, golden.environment));

  test('mend the problem and bring no error', () => {
    for (const { title, edits } of fixes) {
      const after = checkGolden(withText(golden, applyEdits(golden.text, edits)));
      const left = after.problems.filter(({ code }) => code === golden.rule).length;
      if (!STAYS.has(`${golden.rule}/${golden.name}`)) expect(left, title).toBeLessThan(own.length);
      expect(fresh(before, after), title).toEqual([]);
    }
  });

  test('that are safe leave a task as Concourse reads it', () => {
    if (!before.document.valid) return;
    for (const { title, edits } of fixes.filter(({ safe }) => safe)) {
      const after = checkGolden(withText(golden, applyEdits(golden.text, edits)));
      // A path without what Concourse takes out of it is another text for the same directory.
      if (golden.rule === 'path-dots') {
        expect(taskMounts(after.document.config), title).toEqual(taskMounts(before.document.config));
      } else {
        expect(taskConfigJson(after.document.config), title).toBe(taskConfigJson(before.document.config));
      }
    }
  });

  test('all at once are done after one time', () => {
    const once = (each: GoldenCase): string => {
      const { document } = checkGolden(each);
      const edits = fixAll(document, each.environment, (changed) => checkGolden(withText(each, changed.text)).problems);
      return applyEdits(each.text, edits);
    };
    const text = once(golden);
    expect(once(withText(golden, text))).toBe(text);
  });
});

/** Applies a fix to each problem of the rule, one after the other, until none has one. */
function mended(golden: GoldenCase): string {
  const titles = new Set(golden.wants.flatMap(({ fix }) => fix ?? []));
  const wanted = (fix: Fix): boolean => titles.size === 0 || titles.has(fix.title);
  let current = golden;
  for (let round = 0; round < 50; round++) {
    const { document, problems } = checkGolden(current);
    const fix = problems
      .filter(({ code }) => code === golden.rule)
      .flatMap((problem) => fixesOf(problem, document, golden.environment).find(wanted) ?? [])[0];
    if (!fix) break;
    current = withText(current, applyEdits(current.text, fix.edits));
  }
  return current.text;
}

describe.each(cases.filter((golden) => existsSync(goldenFile(golden))))('$rule/$name', (golden) => {
  test('becomes its golden file', async () => {
    await expect(mended(golden)).toMatchFileSnapshot(goldenFile(golden));
  });

  test('has none of its problems then', () => {
    const text = readFileSync(goldenFile(golden), 'utf8');
    const left = checkGolden(withText(golden, text)).problems.filter(({ code }) => code === golden.rule);
    expect(left).toEqual([]);
  });
});

/** Mended in the script and not in the task file; code-actions.test.ts and the protocol's tests try that. */
const ELSEWHERE: ReadonlySet<string> = new Set(['script-crlf']);

/** Those of pipelines are tried by `pipeline-fixes.test.ts`. */
const ofTasks = RULES.filter(({ group }) => group !== 'flow' && group !== 'pipeline');

describe.each(ofTasks.filter(({ id, fixable }) => fixable && !ELSEWHERE.has(id)))(
  'the rule $id, which can be mended,',
  ({ id }) => {
    test('has a golden file', () => {
      expect(cases.some((golden) => golden.rule === id && existsSync(goldenFile(golden)))).toBe(true);
    });
  },
);

test('a rule whose problems have fixes says so', () => {
  const fixable = new Set(RULES.filter((rule) => rule.fixable).map(({ id }) => id));
  const silent = cases.filter((golden) => existsSync(goldenFile(golden)) && !fixable.has(golden.rule));
  expect(silent.map(({ rule }) => rule)).toEqual([]);
});
