import { describe, expect, test } from 'vitest';
import type { JobTreeNode } from '../../model/job.ts';
import { planJob } from '../plan/plan-job.ts';
import { throughYaml, type Value, type ValueMap } from '../values/values.ts';
import { outlineOf } from './job-outline.ts';
import type { StepRecord } from './job-record.ts';
import { treeOf, type TreeFacts } from './job-tree.ts';

const task = (name: string, more: Value = {}): Value => ({ task: name, config: {}, ...(more as ValueMap) });

function factsOf(plan: readonly Value[], job: ValueMap = {}): TreeFacts {
  const planned = planJob(throughYaml({ jobs: [{ name: 'unit', plan, ...job }] }) as ValueMap, 'unit');
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  return { outline: outlineOf(planned.plan.root), steps: [], across: [] };
}

/** A start of a step: it took a second, or still runs. */
function start(key: string, at: number, result?: StepRecord['result']): StepRecord {
  const leaf = /[^/]*$/.exec(key)?.[0] ?? '';
  const name = leaf.replace(/^\w+:/, '').replace(/[@{].*/, '');
  const base = { key, id: leaf, address: key, name, kind: 'task', startedAt: at * 1000, runs: [] } as const;
  return result === undefined ? base : { ...base, result, endedAt: at * 1000 + 1000 };
}

function shown(lines: readonly JobTreeNode[], depth = 0): string[] {
  return lines.flatMap(({ label, state, notes, attempt, hook, durationMs, children }) => [
    [
      `${'  '.repeat(depth)}${label}: ${state}`,
      ...(hook === undefined ? [] : [hook]),
      ...(attempt === undefined ? [] : [`${attempt.at} of ${attempt.of}`]),
      ...notes,
      ...(durationMs === undefined ? [] : [`${durationMs / 1000}s`]),
    ].join(', '),
    ...shown(children, depth + 1),
  ]);
}

const tree = (facts: TreeFacts, more: Partial<TreeFacts> = {}): string[] => shown(treeOf({ ...facts, ...more }).lines);

test('every step of the plan is there from the start, nested as in the plan', () => {
  const facts = factsOf(
    [
      { in_parallel: { limit: 2, fail_fast: true, steps: [task('a'), { do: [task('b'), task('c')], timeout: '5m' }] } },
      { across: [{ var: 'os', values: ['linux', 'mac'] }], ...(task('build-((.:os))') as ValueMap) },
      { across: [{ var: 'n', values: '((list))' }], do: [task('late-((.:n))'), task('x')] },
      { try: task('lint') },
      task('flaky', { attempts: 3, on_failure: { do: [task('tell'), task('note')] } }),
    ],
    { ensure: task('tidy') },
  );
  expect(tree(facts)).toEqual([
    'in_parallel: pending, limit 2, fail_fast',
    '  task:a: pending',
    '  do: pending, timeout 5m',
    '    task:b: pending',
    '    task:c: pending',
    'across os: pending',
    '  task:build-linux{os=linux}: pending',
    '  task:build-mac{os=mac}: pending',
    'across n: pending',
    '  do: pending',
    '    task:late-((.:n)): pending',
    '    task:x: pending',
    'try: pending',
    '  task:lint: pending',
    'task:flaky: pending, 1 of 3',
    '  task:flaky@1: pending, 1 of 3',
    '  on_failure: pending',
    '    task:tell: pending, on_failure',
    '    task:note: pending, on_failure',
    'task:tidy: pending, ensure',
  ]);
});

test('values that were not known are there once the across has begun', () => {
  const facts = factsOf([{ across: [{ var: 'n', values: '((list))' }], do: [task('a-((.:n))'), task('b')] }]);
  const across = [{ key: 'unit/do[0]/across', values: [['1'], ['"two"']] }];
  expect(tree(facts, { across })).toEqual([
    'across n: pending',
    '  n=1: pending',
    '    task:a-1{n=1}: pending',
    '    task:b{n=1}: pending',
    '  n=two: pending',
    '    task:a-two{n=two}: pending',
    '    task:b{n=two}: pending',
  ]);
  const [line] = treeOf({ ...facts, across }).lines;
  expect(line?.children[1]?.children[0]?.address).toBe('unit/do[0]/across/do[0]/task:a-((.:n))');
});

describe('while a job runs', () => {
  const facts = factsOf(
    [
      task('a', { attempts: 2 }),
      { try: task('b') },
      task('c', { on_success: task('s'), on_failure: task('f') }),
      task('d'),
    ],
    { ensure: task('tidy') },
  );
  const first = [start('unit/do[0]/task:a@1', 0, 'failed'), start('unit/do[0]/task:a@2', 2, 'succeeded')];

  test('what is around a step that runs does, too', () => {
    expect(tree(facts, { steps: [...first, start('unit/do[1]/try/task:b', 4)] }).slice(0, 6)).toEqual([
      'task:a: succeeded, 2 of 2, 3s',
      '  task:a@1: failed, 1 of 2, 1s',
      '  task:a@2: succeeded, 2 of 2, 1s',
      'try: running',
      '  task:b: running',
      'task:c: pending',
    ]);
  });

  test('a step that can no longer run is skipped', () => {
    const steps = [
      ...first,
      start('unit/do[1]/try/task:b', 4, 'failed'),
      start('unit/do[2]/task:c', 6, 'failed'),
      start('unit/do[2]/task:c/on_failure/task:f', 7),
    ];
    expect(tree(facts, { steps }).slice(3)).toEqual([
      'try: succeeded, 1s',
      '  task:b: failed, 1s',
      'task:c: failed, 1s',
      '  task:s: skipped, on_success',
      '  task:f: running, on_failure',
      'task:d: pending',
      'task:tidy: pending, ensure',
    ]);
  });
});

test('at the end of a job nothing is pending, and a step that the outline does not have is shown', () => {
  const facts = factsOf([task('a'), task('b')], { on_failure: task('f') });
  const steps = [start('unit/do[0]/task:a', 0, 'succeeded'), start('elsewhere/task:z', 1, 'errored')];
  expect(tree(facts, { steps, status: 'aborted' })).toEqual([
    'task:a: succeeded, 1s',
    'task:b: skipped',
    'task:f: skipped, on_failure',
    'task:z: errored, 1s',
  ]);
});

test('what a put has made is fetched below it; a put that is held back has nothing to fetch', () => {
  const pipeline = { resources: [{ name: 'r', type: 'mock' }], jobs: [{ name: 'unit', plan: [{ put: 'r' }] }] };
  const planned = planJob(throughYaml(pipeline) as ValueMap, 'unit');
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  const facts: TreeFacts = { outline: outlineOf(planned.plan.root), steps: [], across: [] };
  const put = start('unit/do[0]/put:r', 0, 'succeeded');
  expect(tree(facts)).toEqual(['put:r: pending']);
  expect(tree(facts, { steps: [{ ...put, result: 'held back' }] })).toEqual(['put:r: held back, 1s']);
  expect(tree(facts, { steps: [put] })).toEqual(['put:r: succeeded, 1s', '  put:r/get: pending']);
});
