/**
 * The rules between the steps of a pipeline against golden files, `flow/RULE/CASE.yml`: a pipeline in the notation of
 * `golden.ts`. It lies in a checkout of `https://git.example.com/demo/shop.git` at the branch `main`, as `ci/pipeline.yml`.
 */
import { describe, expect, test } from 'vitest';
import { checkPipeline } from '#internal/concourse/src/rules/check-pipeline.ts';
import { RULES, ruleById } from '#internal/concourse/src/rules/index.ts';
import { readPipeline } from '#internal/concourse/src/pipeline/document.ts';
import { FLOW_PATH, flowCases, inCheckout } from './flow-cases.ts';
import { isWanted } from './golden.ts';

describe.each(flowCases)('$rule/$name', (golden) => {
  test('says what is wanted and nothing else', () => {
    const source = readPipeline(golden.text, { templated: true });
    const problems = checkPipeline(
      source,
      { path: FLOW_PATH, files: inCheckout(golden) },
      {
        ...(golden.options.severities ? { severities: golden.options.severities } : {}),
        onRuleError: (rule, error) => {
          throw new Error(`the rule ${rule} failed`, { cause: error });
        },
      },
    );
    const told = problems.map(({ severity, code, range, message }) => {
      const { line } = source.positionAt(range.start);
      return `${line + 1}: ${severity} ${code} '${source.text.slice(range.start, range.end)}' ${message}`;
    });
    const named = new Set([golden.rule, ...golden.wants.map(({ rule }) => rule)]);
    const rest = problems.filter(
      ({ code, severity }) => named.has(code) || (severity !== 'hint' && ruleById(code)?.group === 'flow'),
    );
    for (const want of golden.wants) {
      const index = rest.findIndex((problem) => isWanted(want, problem, source));
      expect(index, `${JSON.stringify(want)} in\n${told.join('\n')}`).toBeGreaterThanOrEqual(0);
      rest.splice(index, 1);
    }
    expect(rest.map(({ severity, code, message }) => `${severity} ${code} ${message}`)).toEqual([]);
  });
});

describe.each(RULES.filter(({ group }) => group === 'flow'))('the rule $id', ({ id, example }) => {
  const own = flowCases.filter(({ rule }) => rule === id);

  test('has a case that it finds', () => {
    expect(own.some(({ wants }) => wants.some(({ rule }) => rule === id))).toBe(true);
  });

  test('has a near miss about which it is silent', () => {
    expect(own.some(({ wants }) => wants.every(({ rule }) => rule !== id))).toBe(true);
  });

  test.skipIf(example === undefined)('is shown by its example', () => {
    const problems = checkPipeline(readPipeline(example ?? ''), {}, { severities: { 'unused-get': 'hint' } });
    expect(problems.map(({ code }) => code)).toContain(id);
  });
});

test('every folder is named after a rule', () => {
  const ids = new Set(RULES.map(({ id }) => id));
  expect(flowCases.filter(({ rule }) => !ids.has(rule)).map(({ file }) => file)).toEqual([]);
});
