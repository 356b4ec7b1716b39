/**
 * The quick fixes of pipelines, tried on every golden case of the flow and on the example of every rule about pipelines:
 * each ends its finding, and no error or warning comes in its place but what the right name uncovers.
 */
import { describe, expect, test } from 'vitest';
import { checkPipeline } from '#internal/concourse/src/rules/check-pipeline.ts';
import { RULES } from '#internal/concourse/src/rules/index.ts';
import { readPipeline } from '#internal/concourse/src/pipeline/document.ts';
import type { Problem } from '#internal/concourse/src/text/problem.ts';
import { PipelineEditor } from '#internal/server/src/features/pipeline-fixes/editor.ts';
import { FIXABLE_PIPELINE_CODES, pipelineFixMaker } from '#internal/server/src/features/pipeline-fixes/index.ts';
import {
  changed,
  fixAllInPipeline,
  pipelineFixesOf,
  type PipelineCheck,
} from '#internal/server/src/features/pipeline-fixes/trial.ts';
import type { PipelineRequest } from '#internal/server/src/features/pipeline/request.ts';
import { applyEdits } from '#internal/server/src/features/fixes/edits.ts';
import { FLOW_PATH, flowCases, inCheckout } from './flow-cases.ts';

interface FixCase {
  readonly rule: string;
  readonly name: string;
  readonly request: PipelineRequest;
  readonly check: PipelineCheck;
}

const checkWith =
  (severities: Readonly<Partial<Record<string, Problem['severity'] | 'off'>>>): PipelineCheck =>
  ({ source, world }) =>
    checkPipeline(source, world, {
      severities,
      onRuleError: (rule, error) => {
        throw new Error(`the rule ${rule} failed`, { cause: error });
      },
    });

const cases: FixCase[] = [
  ...flowCases.map((golden) => ({
    rule: golden.rule,
    name: golden.name,
    request: {
      source: readPipeline(golden.text, { templated: true }),
      world: { path: FLOW_PATH, files: inCheckout(golden) },
      uri: `file://${FLOW_PATH}`,
      tasks: [],
    },
    check: checkWith(golden.options.severities ?? {}),
  })),
  ...RULES.flatMap(({ id, group, example }) =>
    (group === 'pipeline' || group === 'flow') && example !== undefined
      ? [
          {
            rule: id,
            name: 'example',
            request: {
              source: readPipeline(example, { templated: true }),
              world: {},
              uri: 'file:///pipeline.yml',
              tasks: [],
            },
            check: checkWith({ 'unused-get': 'hint' }),
          },
        ]
      : [],
  ),
];

/** Errors and warnings, as often as they are told. */
function serious(problems: readonly Problem[]): string[] {
  return problems
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map(({ code, message }) => `${code} ${message}`)
    .sort();
}

/** What is in one list and not, or less often, in another. */
function more(list: readonly string[], than: readonly string[]): string[] {
  const left = [...than];
  return list.filter((item) => {
    const index = left.indexOf(item);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** What may be told only after a name is right: the file of that artifact, or another input, is not there either. */
const UNCOVERED = /^(?:artifact-|unknown-step-key)/u;

describe.each(cases)('the fixes of $rule/$name', ({ rule, request, check }) => {
  const before = check(request);
  const own = before.filter(({ code }) => code === rule);

  test('end the finding, and nothing comes in its place', () => {
    const editor = new PipelineEditor(request);
    for (const problem of own) {
      for (const fix of pipelineFixesOf(problem, editor, check)) {
        const after = check(changed(request, fix));
        const same = ({ code, message }: Problem): boolean => code === rule && message === problem.message;
        expect(after.filter(same).length, fix.title).toBeLessThan(before.filter(same).length);
        const fresh = more(serious(after), serious(before));
        expect(fix.preferred ? fresh.filter((told) => !UNCOVERED.test(told)) : fresh, fix.title).toEqual([]);
      }
    }
  });

  test('of each finding at most one is preferred', () => {
    const editor = new PipelineEditor(request);
    for (const problem of own) {
      const preferred = pipelineFixMaker(rule)(problem, editor).filter((fix) => fix.preferred);
      expect(preferred.map(({ title }) => title).length).toBeLessThanOrEqual(1);
    }
  });

  test('all safe ones are done after one time', () => {
    const text = applyEdits(request.source.text, fixAllInPipeline(request, check));
    const again = { ...request, source: readPipeline(text, { templated: true }) };
    expect(fixAllInPipeline(again, check)).toEqual([]);
  });
});

const offered = new Set(
  cases.flatMap(({ rule, request, check }) => {
    const editor = new PipelineEditor(request);
    return check(request)
      .filter(({ code }) => code === rule)
      .flatMap((problem) => (pipelineFixesOf(problem, editor, check).length > 0 ? [rule] : []));
  }),
);

test('a rule says that it has a fix exactly when one is offered', () => {
  const ofPipelines = RULES.filter(({ group }) => group === 'pipeline' || group === 'flow');
  const said = ofPipelines.filter(({ fixable }) => fixable).map(({ id }) => id);
  expect([...offered].sort()).toEqual([...said].sort());
  expect([...FIXABLE_PIPELINE_CODES].sort()).toEqual([...said].sort());
});
