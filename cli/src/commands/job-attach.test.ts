import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobAsked, JobSummary, RunSummary, StepSummary } from '#runner/model';
import { resolveOutput, runOfStep } from '../run-name.ts';
import type { RunnerServices, VarSources } from '../services.ts';
import { FakeIo, fakeServices, tarmac } from '../testing/doubles.ts';

const step = (id: string, more: Partial<StepSummary> = {}): StepSummary => ({
  id,
  address: `unit/do[0]/${id}`,
  name: id.replace(/^.*?:|[@{#].*$/g, ''),
  kind: 'task',
  state: 'succeeded',
  startedAt: '2026-11-30T03:00:01.000Z',
  durationMs: 2000,
  runs: [],
  artifacts: [],
  ...more,
});

const job: JobSummary = {
  id: 'unit-1f6d20aa',
  job: 'unit',
  pipeline: '/w/ci.yml',
  state: 'left',
  startedAt: '2026-11-30T03:00:00.000Z',
  namespace: 'ci',
  context: 'kind',
  heldBack: ['image'],
  tree: [],
  steps: [
    step('get:repo', {
      runs: ['check-repo-1', 'in-repo-2'],
      artifacts: [{ name: 'repo', run: 'in-repo-2', output: 'get' }],
    }),
    step('task:test@1', { state: 'failed', exitCode: 3, runs: ['test-3'] }),
    step('task:test@2', { address: 'unit/do[0]/task:test@1', runs: ['test-4'] }),
  ],
};

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tarmac-attach-cli-'));
  writeFileSync(join(cwd, 'ci.yml'), 'jobs: []\n');
  writeFileSync(join(cwd, 'vars.yml'), 'host: h\n');
});
afterAll(() => rmSync(cwd, { recursive: true }));

const asked = (): JobAsked => ({
  pipeline: join(cwd, 'ci.yml'),
  job: 'unit',
  cwd,
  choices: {},
  resourceTypes: {},
  given: [],
  vars: { names: ['token'], files: ['vars.yml'] },
  base: { cwd, store: { kind: 'claim', claim: 'c' } },
});

/** Calls a command about a job that is in this state until it is taken up. */
async function call(argv: readonly string[], given: JobSummary = job, more: Partial<RunnerServices> = {}) {
  const io = new FakeIo({ cwd });
  const calls: string[] = [];
  const seen: VarSources[] = [];
  const services = fakeServices({
    listRuns: () => Promise.resolve([]),
    listJobs: () => Promise.resolve([given]),
    watchJob: (_id, _context, onStep) => {
      for (const each of given.steps) onStep(each);
      return Promise.resolve(given);
    },
    jobAsked: () => Promise.resolve(asked()),
    requestJobAbort: (id) => {
      calls.push(`abort ${id}`);
      return Promise.resolve();
    },
    takeUpJob: (id, _request, vars) => {
      calls.push(`take up ${id}`);
      seen.push(vars);
      return Promise.resolve({ goOn: () => Promise.resolve({ id, status: 'succeeded', heldBack: [] }) });
    },
    ...more,
  });
  const code = await tarmac(argv, services, io);
  return { code, io, calls, seen };
}

describe('tarmac attach JOB', () => {
  it('goes on with one that nobody sees to, with the files of vars as they are and the vars that are given again', async () => {
    const { code, io, calls, seen } = await call(['attach', 'unit-1f', '-v', 'token=s3cret']);
    expect(calls).toEqual(['take up unit-1f6d20aa']);
    expect(seen[0]?.strings).toEqual(['token=s3cret']);
    expect(seen[0]?.files.map(({ text }) => text)).toEqual(['host: h\n']);
    expect(io.stderr.text).toContain('job unit-1f6d20aa succeeded');
    expect(code).toBe(0);
  });

  it('says which vars must be given again: no value was written down', async () => {
    const { code, io, calls } = await call(['attach', 'unit-1f6d20aa']);
    expect(io.stderr.text).toContain('give token again');
    expect(io.stderr.text).toContain('tarmac attach unit-1f6d20aa -v token=VALUE');
    expect(code).toBe(1);
    expect(calls).toEqual([]);
  });

  it('says why a job cannot go on', async () => {
    const wrong = { takeUpJob: () => Promise.resolve({ wrong: ['The job has changed.'] }) };
    const { code, io } = await call(['attach', 'unit-1f6d20aa', '-v', 'token=x'], job, wrong);
    expect(io.stderr.text).toContain('error: The job has changed.');
    expect(code).toBe(1);
  });

  it.each([
    ['succeeded', 0],
    ['failed', 1],
    ['errored', 2],
    ['aborted', 3],
  ] as const)('of a job that has %s tells its steps and ends with %i', async (state, wanted) => {
    const { code, io, calls } = await call(['attach', 'latest'], { ...job, state });
    expect(io.stderr.text).toContain('[task:test@1] failed (exit code 3)');
    expect(io.stderr.text).toContain(`job unit-1f6d20aa ${state}; held back: image`);
    expect(code).toBe(wanted);
    expect(calls).toEqual([]);
  });
});

describe('tarmac abort JOB', () => {
  it('asks who sees to it, and goes on with it where nobody does', async () => {
    const { code, calls } = await call(['abort', 'unit-1f6d20aa', '-v', 'token=x']);
    expect(calls).toEqual(['abort unit-1f6d20aa', 'take up unit-1f6d20aa']);
    expect(code).toBe(0);
  });

  it('tells how a job ended that is over', async () => {
    const { code, io, calls } = await call(['abort', 'unit-1f6d20aa'], { ...job, state: 'failed' });
    expect(io.stdout.text).toBe('unit-1f6d20aa failed\n');
    expect([code, calls]).toEqual([0, []]);
  });
});

describe('tarmac runs', () => {
  const run = { run: 'lint-9', state: 'succeeded', startedAt: '2026-11-30T04:00:00.000Z', taskFile: 'lint.yml' };
  const ofStep = { ...run, run: 'test-3', startedAt: '2026-11-30T03:00:02.000Z' };
  const listRuns = () => Promise.resolve([run, ofStep] as RunSummary[]);

  it('lists a job with its steps below it, and their runs once', async () => {
    const { io } = await call(['runs'], job, { listRuns });
    const words = io.stdout.text.split('\n').map((line) => line.trimEnd().split(/ {2,}/));
    expect(words.map(([first, second]) => [first, second].join('|'))).toEqual([
      'run|state',
      'lint-9|succeeded',
      'unit-1f6d20aa|left',
      '|get:repo',
      '|task:test@1',
      '|task:test@2',
      '|',
    ]);
    expect(io.stdout.text).toContain('job unit of /w/ci.yml');
    expect(io.stdout.text).toMatch(/task:test@1 +failed \(3\) .* test-3/);
  });

  it('--json has jobs among the runs', async () => {
    const { io } = await call(['runs', '--json'], job, { listRuns });
    const list = JSON.parse(io.stdout.text) as {
      readonly kind?: string;
      readonly id?: string;
      readonly run?: string;
    }[];
    expect(list.map((each) => each.kind ?? each.run)).toEqual(['lint-9', 'test-3', 'job']);
    expect(list[2]).toEqual({ kind: 'job', ...job });
  });
});

describe('what a job made, by name', () => {
  const runner = {
    listJobs: () => Promise.resolve([job]),
    listRuns: () => Promise.resolve([]),
  } as unknown as RunnerServices;
  const output = (source: string) => resolveOutput(source, runner, {} as never);

  it('JOB/STEP is the newest run of the step; of a get that of its in', () => {
    expect(runOfStep(job, 'task:test@1')).toBe('test-3');
    expect(runOfStep(job, 'repo')).toBe('in-repo-2');
    expect(() => runOfStep(job, 'none')).toThrow("job unit-1f6d20aa has no run of a step 'none'");
  });

  it('JOB/ARTIFACT and JOB/STEP/OUTPUT are outputs', async () => {
    expect(await output('unit-1f/repo')).toEqual({ run: 'in-repo-2', output: 'get' });
    expect(await output('unit-1f/task:test@1/report')).toEqual({ run: 'test-3', output: 'report' });
    await expect(output('unit-1f/none')).rejects.toThrow("has no artifact 'none' in the store; it has repo");
  });
});
