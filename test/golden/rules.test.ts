/** Every rule against its golden files: what it must say and where, and what it must be silent about. */
import { describe, expect, test } from 'vitest';
import { RULES } from '#internal/concourse/src/rules/index.ts';
import { checkGolden, countedProblems, goldenCases, isWanted } from './golden.ts';

const cases = goldenCases();

/** Rules whose case is too large for a file, or no file at all: check.test.ts and document.test.ts have them. */
const ELSEWHERE = new Set(['yaml-too-deep', 'var-too-large', 'too-many-problems']);

describe.each(cases)('$rule/$name', (golden) => {
  const { document, problems } = checkGolden(golden);
  const told = problems.map(({ severity, code, range, message }) => {
    const { line } = document.positionAt(range.start);
    return `${line + 1}: ${severity} ${code} '${document.text.slice(range.start, range.end)}' ${message}`;
  });

  test('says what is wanted and nothing else', () => {
    const rest = countedProblems(golden, problems);
    for (const want of golden.wants) {
      const index = rest.findIndex((problem) => isWanted(want, problem, document));
      expect(index, `${JSON.stringify(want)} in\n${told.join('\n')}`).toBeGreaterThanOrEqual(0);
      rest.splice(index, 1);
    }
    expect(rest.map(({ severity, code, message }) => `${severity} ${code} ${message}`)).toEqual([]);
  });
});

// Rules of pipelines have their examples in generated.test.ts, and upstream's probes; those of the flow have flow.test.ts.
const OF_PIPELINES = new Set(['pipeline', 'flow']);

describe.each(RULES.filter(({ id, group }) => !ELSEWHERE.has(id) && !OF_PIPELINES.has(group)))(
  'the rule $id',
  ({ id }) => {
    const own = cases.filter(({ rule }) => rule === id);

    test('has a case that it finds', () => {
      expect(own.some(({ wants }) => wants.some(({ rule }) => rule === id))).toBe(true);
    });

    test('has a near miss about which it is silent', () => {
      expect(own.some(({ wants }) => wants.every(({ rule }) => rule !== id))).toBe(true);
    });
  },
);

test('every folder is named after a rule', () => {
  const ids = new Set(RULES.map(({ id }) => id));
  expect(cases.filter(({ rule }) => !ids.has(rule)).map(({ file }) => file)).toEqual([]);
});
