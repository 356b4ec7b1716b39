import { describe, expect, test } from 'vitest';
import type { JobTreeNode, StepSummary } from '#runner';
import type { JobModel } from '../jobs/job-store.ts';
import { newRun } from '../runs/run-model.ts';
import { jobDescription, jobIcon, lineContext, lineDescription, lineLabel } from './job-lines.ts';

const now = Date.parse('2026-11-30T12:00:12Z');
const base: JobModel = {
  ...{ id: 'unit-1', job: 'unit', pipeline: '/w/ci.yml', state: 'running', startedAt: '2026-11-30T12:00:00Z' },
  ...{ namespace: 'ci', context: 'kind', heldBack: [], steps: [], tree: [], following: true },
};
const job = (facts: Partial<JobModel>): JobModel => ({ ...base, ...facts });
const step = (facts: Partial<StepSummary>): StepSummary => ({
  ...{ id: 'task:test', address: 'unit/do[0]/task:test', name: 'test', kind: 'task', state: 'running' },
  ...{ startedAt: '2026-11-30T12:00:02Z', runs: [], artifacts: [], ...facts },
});

test.each<[Partial<JobModel>, string]>([
  [{}, 'running · 12.0s'],
  [{ aborting: true }, 'running · aborting · 12.0s'],
  [{ state: 'left' }, 'waiting to be continued'],
  [{ state: 'left', waiting: 'Cannot reach it' }, 'waiting to be continued · waiting'],
  [{ state: 'failed', durationMs: 4100 }, 'failed · 4.1s · now'],
])('a job: %j reads %s', (facts, text) => expect(jobDescription(job(facts), now)).toBe(text));

const line = (facts: Partial<JobTreeNode>): JobTreeNode => ({
  ...{ id: '0.1', kind: 'step', label: 'task:test', state: 'running', notes: [], children: [] },
  ...{ step: 'task:test', startedAt: '2026-11-30T12:00:02Z', ...facts },
});

test.each<[Partial<JobTreeNode>, Partial<StepSummary> | undefined, JobModel, string]>([
  [{}, {}, base, 'running · 10.0s'],
  [{}, {}, job({ state: 'left' }), 'waiting to be continued'],
  [
    { state: 'failed', durationMs: 4100, attempt: { at: 2, of: 3 } },
    { exitCode: 3 },
    base,
    'attempt 2 of 3 · failed (3) · 4.1s',
  ],
  [{ state: 'held back', durationMs: 1, hook: 'on_failure' }, {}, base, 'on_failure · held back · 1ms'],
  [{ state: 'succeeded', durationMs: 1 }, { kind: 'get' }, base, 'succeeded · from this machine, or an image'],
  [{ state: 'pending', startedAt: '' }, undefined, base, 'pending'],
  [{ state: 'skipped', startedAt: '' }, undefined, job({ state: 'failed' }), 'skipped'],
  [{ kind: 'in_parallel', notes: ['limit 2', 'fail_fast'] }, undefined, base, 'limit 2 · fail_fast · running · 10.0s'],
])('a line: %j', (facts, start, of, text) =>
  expect(lineDescription(line(facts), start && step({ state: 'succeeded', ...start }), of, now)).toBe(text),
);

test('an attempt of several steps is named by its number', () => {
  const attempt = { at: 2, of: 3 };
  expect([lineLabel(line({ kind: 'attempt', label: '', attempt })), lineLabel(line({ attempt }))]).toEqual([
    'attempt 2',
    'task:test',
  ]);
});

describe('the menu of a step', () => {
  const run = newRun({ run: 'test-1', task: 'test', taskFile: '', context: 'kind', namespace: 'ci', pod: 'p' });
  test.each<[Partial<JobTreeNode>, JobModel, boolean, string]>([
    [{}, base, true, 'tarmac.step.active.run.pod'],
    [{ state: 'failed' }, job({ state: 'failed' }), true, 'tarmac.step.over.run.pod'],
    [{ hook: 'ensure' }, job({ state: 'failed' }), false, 'tarmac.step.over.hook'],
    [{ kind: 'do' }, base, false, 'tarmac.steps.active'],
  ])('%j', (facts, of, ran, text) => expect(lineContext(line(facts), of, ran ? run : undefined)).toBe(text));
});

test('a step that ran when its job was left is not shown as one that somebody watches', () => {
  expect([jobIcon('running', true).id, jobIcon('running').id]).toEqual(['debug-pause', 'sync~spin']);
});
