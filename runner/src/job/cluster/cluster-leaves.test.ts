import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InstantClock } from '#internal/test/fakes/clock.ts';
import type { Plan, RunRequest } from '../../model/plan.ts';
import { neverStarted } from '../../failures/index.ts';
import { RunFailureError, type RunFailure } from '../../model/failure.ts';
import type { Run, RunResult } from '../../model/run.ts';
import { StoreError } from '../../store/errors.ts';
import { ResourceTypes } from '../../resource/types.ts';
import type { JobArtifact } from './artifact.ts';
import { ClusterLeaves, type ClusterServices } from './cluster-leaves.ts';
import { JobRun } from '../steps/job-run.ts';
import { planJob } from '../plan/plan-job.ts';
import type { Value } from '../values/values.ts';

/** A run of a task that a test ends. */
class HeldRun implements Run {
  readonly started = Promise.resolve();
  readonly done: Promise<RunResult>;
  readonly id: string;
  aborted = false;
  end: (result: Partial<RunResult>) => void = () => undefined;

  constructor(id: string) {
    this.id = id;
    this.done = new Promise((resolve) => {
      this.end = (result) =>
        resolve({
          run: id,
          status: 'succeeded',
          ...(result.failure === undefined && { exitCode: 0 }),
          phases: [],
          sent: 0,
          ...result,
        });
    });
  }

  abort(): void {
    this.aborted = true;
    this.end({ status: 'aborted', exitCode: 143 });
  }

  keep(): void {}

  async detach(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.done;
  }
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarmac-leaves-'));
  writeFileSync(
    join(folder, 'task.yml'),
    'platform: linux\nimage_resource: {type: registry-image, source: {repository: busybox}}\ninputs: [{name: src}, {name: gone, optional: true}]\noutputs: [{name: out}]\nparams: {TOKEN: ((token))}\nrun: {path: x}\n',
  );
  symlinkSync('/etc/hostname', join(folder, 'out-of-it'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a plan with tasks that end as `results` says, by the name of the step; others succeed. */
function jobOf(
  plan: readonly Value[],
  results: Readonly<Record<string, Partial<RunResult> | 'held'>> = {},
  options: {
    readonly podLimit?: number;
    readonly files?: Readonly<Record<string, string>>;
    readonly given?: JobArtifact;
    /** Of the first run of each task, which a former client started: why there is nothing to follow. */
    readonly past?: Error | Partial<RunResult>;
  } = {},
) {
  const requests: RunRequest[] = [];
  const runs = new Map<string, HeldRun>();
  const events: string[] = [];
  const services: ClusterServices = {
    plan: (request) => {
      requests.push(request);
      const names = request.document.config.outputs ?? [];
      return {
        // A plan is handed from one of these services to the other: nobody else looks into it.
        plan: { run: `${request.task ?? ''}-1`, outputs: names.map(({ name }) => ({ name })) } as unknown as Plan,
        warnings: [],
      };
    },
    startRun: ({ run: id }, onEvent) => {
      const run = new HeldRun(id);
      runs.set(id, run);
      onEvent({ type: 'command-started', command: [], run: id, time: '' });
      const result = results[id.slice(0, -2)];
      if (result !== 'held') run.end(result ?? {});
      return run;
    },
    attachRun: (id) => {
      const { past } = options;
      if (past === undefined || past instanceof Error) return Promise.reject(past ?? new Error('nothing is taken up'));
      const run = new HeldRun(id);
      run.end(past);
      return Promise.resolve(run);
    },
    readArtifact: (artifact, path, sink) => {
      const text = artifact.kind === 'output' ? options.files?.[`${artifact.run}/${artifact.name}/${path}`] : undefined;
      if (text === undefined) return Promise.reject(new StoreError('MISSING', 'no such file'));
      void sink(Buffer.from(text));
      return Promise.resolve();
    },
  };
  const planned = planJob({ resources: [{ name: 'src', type: 'git', source: {} }], jobs: [{ name: 'j', plan }] }, 'j');
  if (!planned.ok) throw new Error(planned.problems.join('\n'));
  const abort = new AbortController();
  const base = { cwd: folder, store: { kind: 'claim', claim: 'c' } } as const;
  const given = new Map([['src', options.given ?? ({ kind: 'directory', directory: folder } as const)]]);
  const { podLimit } = options;
  const leaves = new ClusterLeaves({
    services,
    base,
    pipelineFile: '/p.yml',
    job: 'j',
    given,
    types: new ResourceTypes({}, {}, () => undefined),
    onRunEvent: () => undefined,
    ...(options.past !== undefined && {
      notes: { run: () => Promise.resolve(), pastRun: (_, task) => ({ run: `${task}-0`, task, outputs: [] }) },
    }),
    ...(podLimit !== undefined && { podLimit }),
  });
  const job = new JobRun(planned.plan, {
    leaves,
    clock: new InstantClock(),
    signal: abort.signal,
    vars: ({ path }) => (path === 'token' ? 's3cret' : undefined),
    onEvent: (event) => {
      if (event.type === 'step-ended') {
        events.push(`${event.step.id} ${event.result}${event.error === undefined ? '' : `: ${event.error}`}`);
      }
    },
  });
  return { job, requests, runs, events, abort };
}

const config = (more: Readonly<Record<string, Value>> = {}): Value => ({
  platform: 'linux',
  run: { path: 'x' },
  ...more,
});

describe('a job on a cluster', () => {
  test('an output goes to the next task by reference; a local folder is sent as an input', async () => {
    const { job, requests, events } = jobOf([
      { get: 'src' },
      { task: 'build', file: 'src/task.yml' },
      { task: 'test', config: config({ inputs: [{ name: 'bin' }] }), input_mapping: { bin: 'out' } },
    ]);
    expect((await job.run()).status).toBe('succeeded');
    expect(events).toEqual(['get:src succeeded', 'task:build succeeded', 'task:test succeeded']);
    expect(requests.map(({ task, inputs, taskFile }) => ({ task, inputs, taskFile }))).toEqual([
      { task: 'build', inputs: { src: folder }, taskFile: '/p.yml#j/build' },
      { task: 'test', inputs: { bin: 'run:build-1/out' }, taskFile: '/p.yml#j/test' },
    ]);
    // An optional input that is not there is not guessed; a value from a var stays a secret.
    expect(requests[0]?.document.config.inputs?.map(({ name }) => name)).toEqual(['src']);
    expect(requests[0]?.secretNames).toEqual(['TOKEN']);
  });

  test('load_var reads a file of an output, and its value is hidden in later tasks', async () => {
    const { job, requests, events } = jobOf(
      [
        { get: 'src' },
        { task: 'build', config: config({ outputs: [{ name: 'out' }] }) },
        { load_var: 'v', file: 'out/version' },
        { task: 'use', config: config({ params: { V: '((.:v))' } }) },
        { try: { load_var: 'w', file: 'out/none' } },
        { try: { load_var: 'x', file: 'src/out-of-it' } },
      ],
      {},
      { files: { 'build-1/out/version': '1.2.3\n' } },
    );
    await job.run();
    expect(requests[1]?.document.config.params).toEqual({ V: '1.2.3' });
    expect(requests[1]?.secretValues).toEqual(['1.2.3']);
    expect(events.slice(-2)).toEqual([
      "load_var:w errored: file 'none' not found within artifact 'out'",
      expect.stringContaining('leads out of'),
    ]);
  });

  test.each<[string, Partial<RunResult>, string, string]>([
    ['its exit code', { status: 'failed', exitCode: 7 }, 'failed', 'task:a failed'],
    [
      'what kept it from running',
      {
        status: 'errored',
        exitCode: undefined,
        failure: { kind: 'image-pull', title: 'The image cannot be pulled.' },
      } as never,
      'errored',
      'task:a errored: The image cannot be pulled.',
    ],
  ])('a task ends with %s', async (_name, result, status, line) => {
    const { job, events } = jobOf([{ task: 'a', config: config() }], { a: result });
    expect((await job.run()).status).toBe(status);
    expect(events).toEqual([line]);
  });

  describe('a step whose run was begun by a client that died', () => {
    const gone = (failure: RunFailure): Error => new RunFailureError(failure);
    const plan: Value[] = [{ task: 'build', config: config() }];

    test.each<[string, Error | Partial<RunResult>]>([
      ['has no pod', gone(neverStarted())],
      ['has lost its pod', gone({ ...neverStarted(), kind: 'pod-deleted' })],
      ['has lost its supervisor', gone({ ...neverStarted(), kind: 'supervisor-lost' })],
      ['has a pod without a command', { status: 'errored', failure: neverStarted() }],
    ])('is begun anew when it %s', async (_, past) => {
      const { job, runs, events } = jobOf(plan, {}, { past });
      expect((await job.run()).status).toBe('succeeded');
      expect([...runs.keys()]).toEqual(['build-1']);
      expect(events).toEqual(['task:build succeeded']);
    });

    test('ends as its run does', async () => {
      const { job, runs, events } = jobOf(plan, {}, { past: { status: 'failed', exitCode: 3 } });
      expect((await job.run()).status).toBe('failed');
      expect([...runs.keys()]).toEqual([]);
      expect(events).toEqual(['task:build failed']);
    });

    test('is not begun twice while nobody knows how it is', async () => {
      const { job, runs } = jobOf(plan, {}, { past: new Error('The API does not answer') });
      expect((await job.run()).status).toBe('errored');
      expect([...runs.keys()]).toEqual([]);
    });
  });

  test('an abort ends the run that goes on, and its outputs are there for the hooks', async () => {
    const { job, runs, events, abort, requests } = jobOf(
      [
        {
          task: 'a',
          config: config({ outputs: [{ name: 'out' }] }),
          ensure: { task: 'b', config: config({ inputs: [{ name: 'out' }] }) },
        },
      ],
      { a: 'held' },
    );
    const end = job.run();
    await expect.poll(() => runs.has('a-1')).toBe(true);
    abort.abort();
    expect((await end).status).toBe('aborted');
    expect(runs.get('a-1')?.aborted).toBe(true);
    expect(events).toEqual(['task:a aborted: interrupted', 'task:b succeeded']);
    expect(requests[1]?.inputs).toEqual({ out: 'run:a-1/out' });
  });

  test('so many pods at once, and the next one when one has ended', async () => {
    const names = ['a', 'b', 'c'];
    const held = Object.fromEntries(names.map((name) => [name, 'held' as const]));
    const { job, runs } = jobOf([{ in_parallel: names.map((task) => ({ task, config: config() })) }], held, {
      podLimit: 2,
    });
    const end = job.run();
    await expect.poll(() => runs.size).toBe(2);
    runs.get('b-1')?.end({});
    await expect.poll(() => [...runs.keys()]).toEqual(['a-1', 'b-1', 'c-1']);
    for (const run of runs.values()) run.end({});
    expect((await end).status).toBe('succeeded');
  });

  test('an image that a get stands for is the image of the task', async () => {
    const image: JobArtifact = { kind: 'image', reference: 'golang:1.25' };
    const { job, requests } = jobOf(
      [{ get: 'src' }, { task: 'a', image: 'src', config: config() }],
      {},
      { given: image },
    );
    await job.run();
    expect(requests[0]?.image).toBe('golang:1.25');
  });
});
