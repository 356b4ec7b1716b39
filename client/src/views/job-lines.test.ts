import { describe, expect, test } from 'vitest';
import type { StepSummary } from '#runner';
import type { JobModel } from '../jobs/job-store.ts';
import { newRun } from '../runs/run-model.ts';
import { jobDescription, jobIcon, stepContext, stepDescription } from './job-lines.ts';

const now = Date.parse('2026-11-30T12:00:12Z');
const base: JobModel = {
  ...{ id: 'unit-1', job: 'unit', pipeline: '/w/ci.yml', state: 'running', startedAt: '2026-11-30T12:00:00Z' },
  ...{ namespace: 'ci', context: 'kind', heldBack: [], steps: [], following: true },
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

test.each<[Partial<StepSummary>, JobModel, string]>([
  [{}, base, 'running · 10.0s'],
  [{}, job({ state: 'left' }), 'waiting to be continued'],
  [{ state: 'failed', exitCode: 3, durationMs: 4100, attempt: '2' }, base, 'attempt 2 · failed (3) · 4.1s'],
  [{ state: 'held back', durationMs: 1, hook: 'on_failure' }, base, 'on_failure · held back · 1ms'],
  [{ kind: 'get', state: 'succeeded', durationMs: 1 }, base, 'succeeded · from this machine, or an image'],
])('a step: %j', (facts, of, text) => expect(stepDescription(step(facts), of, now)).toBe(text));

describe('the menu of a step', () => {
  const run = newRun({ run: 'test-1', task: 'test', taskFile: '', context: 'kind', namespace: 'ci', pod: 'p' });
  test.each<[Partial<StepSummary>, JobModel, boolean, string]>([
    [{}, base, true, 'tarmac.step.active.run.pod'],
    [{ state: 'failed' }, job({ state: 'failed' }), true, 'tarmac.step.over.run.pod'],
    [{ hook: 'ensure' }, job({ state: 'failed' }), false, 'tarmac.step.over.hook'],
  ])('%j', (facts, of, ran, text) => expect(stepContext(step(facts), of, ran ? run : undefined)).toBe(text));
});

test('a step that ran when its job was left is not shown as one that somebody watches', () => {
  expect([jobIcon('running', true).id, jobIcon('running').id]).toEqual(['debug-pause', 'sync~spin']);
});
