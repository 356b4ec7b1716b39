import { expect, test } from 'vitest';
import { InstantClock } from '#internal/test/fakes/clock.ts';
import { JobRun, type JobResult } from './job-run.ts';
import type { Leaves, TaskRequest } from './leaves.ts';
import { planJob } from '../plan/plan-job.ts';
import type { ValueMap } from '../values/values.ts';

/** Runs a task whose file is in the artifact `repo`. */
async function runTask(step: ValueMap, leaves: Partial<Leaves>, signal?: AbortSignal): Promise<JobResult> {
  const plan = planJob({ jobs: [{ name: 'unit', plan: [{ task: 't', file: 'repo/t.yml', ...step }] }] }, 'unit');
  if (!plan.ok) throw new Error(plan.problems.join('\n'));
  return await new JobRun(plan.plan, {
    // What a test does not give, its job does not ask for.
    leaves: leaves as Leaves,
    clock: new InstantClock(),
    artifacts: new Map([['repo', { maker: 'get:repo', handle: undefined }]]),
    signal,
  }).run();
}

test('a job that is aborted while the file of a task is read is aborted, whatever the reader says', async () => {
  const abort = new AbortController();
  const readFile = (): Promise<string> => {
    abort.abort();
    return Promise.reject(new Error('the connection has ended'));
  };
  const { status, error } = await runTask({}, { readFile }, abort.signal);
  expect({ status, error: error?.message }).toEqual({ status: 'aborted', error: 'interrupted' });
});

test('a reader that fails makes an error', async () => {
  const { status, error } = await runTask({}, { readFile: () => Promise.reject(new Error('the disk is full')) });
  expect({ status, error: error?.message }).toEqual({ status: 'errored', error: 'the disk is full' });
});

test('a limit of the step replaces the one of the file, an empty one does not', async () => {
  const requests: TaskRequest[] = [];
  const text = '{platform: linux, run: {path: x}, container_limits: {cpu: 512, memory: 1gb}}';
  const { status } = await runTask(
    { container_limits: { cpu: null, memory: '2gb' } },
    {
      readFile: () => Promise.resolve(text),
      task: (request) => {
        requests.push(request);
        return Promise.resolve({ exit: 0, outputs: new Map() });
      },
    },
  );
  expect(status).toBe('succeeded');
  expect(requests.map(({ config }) => config.container_limits)).toEqual([{ cpu: 512n, memory: 2n * 1024n ** 3n }]);
});
