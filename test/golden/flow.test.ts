/**
 * The rules between the steps of a pipeline against golden files, `flow/RULE/CASE.yml`: a pipeline in the notation of
 * `golden.ts`. It lies in a checkout of `https://git.example.com/demo/shop.git` at the branch `main`, as `ci/pipeline.yml`.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkPipeline } from '#internal/concourse/src/rules/check-pipeline.ts';
import { RULES, ruleById } from '#internal/concourse/src/rules/index.ts';
import { readPipeline } from '#internal/concourse/src/pipeline/document.ts';
import type { Files } from '#internal/concourse/src/task/environment.ts';
import { FIXTURE_ROOT } from './fixture.ts';
import { isWanted, readGolden, type GoldenCase } from './golden.ts';

const ROOT = `${import.meta.dirname}/flow`;
const GIT: Readonly<Record<string, string>> = {
  '.git/config': '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://git.example.com/demo/shop.git\n',
  '.git/HEAD': 'ref: refs/heads/main\n',
  '.gitmodules': '[submodule "lib"]\n\tpath = vendor/lib\n\turl = ../lib.git\n',
};

const cases = readdirSync(ROOT).flatMap((rule) =>
  readdirSync(`${ROOT}/${rule}`).map((file) => readGolden(`${ROOT}/${rule}/${file}`, rule, file.slice(0, -4))),
);

function inCheckout({ environment }: GoldenCase): Files {
  const { files } = environment;
  return {
    stat: (path) =>
      path === `${FIXTURE_ROOT}/.git` ? { type: 'directory', executable: true, size: 0 } : files?.stat(path),
    list: (path) => files?.list(path),
    read: (path) => GIT[path.slice(FIXTURE_ROOT.length + 1)] ?? files?.read(path),
  };
}

describe.each(cases)('$rule/$name', (golden) => {
  test('says what is wanted and nothing else', () => {
    const source = readPipeline(golden.text, { templated: true });
    const problems = checkPipeline(
      source,
      { path: `${FIXTURE_ROOT}/ci/pipeline.yml`, files: inCheckout(golden) },
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
  const own = cases.filter(({ rule }) => rule === id);

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
  expect(cases.filter(({ rule }) => !ids.has(rule)).map(({ file }) => file)).toEqual([]);
});
