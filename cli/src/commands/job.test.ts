import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobEvent, JobRunResult, PreparedJob } from '#runner/model';
import { loadVars, prepareJob } from '#runner';
import { event, FakeIo, fakeServices, output, tarmac } from '../testing/doubles.ts';
import type { RunnerServices } from '../services.ts';

const pipeline = `
resources:
- {name: repo, type: git, source: {uri: 'https://git.example.com/a'}}
- {name: image, type: registry-image, source: {repository: r.example.com/a}}
- {name: far, type: nobody, source: {}}
jobs:
- {name: remote, plan: [{get: far}]}
- name: unit
  plan:
  - get: repo
  - task: test
    config: {platform: linux, inputs: [{name: repo}], params: {A: ((a))}, run: {path: x}}
  - put: image
- name: tried
  plan:
  - try: {task: test, config: {platform: linux, run: {path: x}}}
- name: nested
  plan:
  - in_parallel: [{task: inner, config: {platform: linux, run: {path: x}}}]
`;

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tarmac-job-cli-'));
  writeFileSync(join(cwd, 'ci.yml'), pipeline);
});
afterAll(() => rmSync(cwd, { recursive: true }));

const step = {
  id: 'task:test',
  leaf: 'task:test',
  kind: 'task',
  name: 'test',
  address: 'unit/do[1]/task:test',
  across: [],
} as const;

/** Calls `tarmac job` with the real planning and a job that tells `events` and ends as `status` says. */
async function call(argv: readonly string[], status: JobRunResult['status'] = 'succeeded', command = 'job') {
  const io = new FakeIo({ cwd });
  const started: Parameters<RunnerServices['runJob']>[1][] = [];
  const plans: PreparedJob[] = [];
  const services = fakeServices({
    prepareJob: (request, vars) => prepareJob({ ...request, vars: loadVars(vars).vars }),
    runJob: (prepared, options) => {
      started.push(options);
      plans.push(prepared);
      const put = { ...step, id: 'put:image', kind: 'put', name: 'image' } as const;
      const events: JobEvent[] = [
        { type: 'step-started', time: 0, step, artifacts: new Map(), vars: new Map() },
        { type: 'step-ended', time: 0, step, result: 'failed', exit: 3 },
        { type: 'held-back', time: 0, step: put, params: { tag: 'v1' }, inputs: ['repo'] },
      ];
      options.onEvent(events[0] as JobEvent);
      options.onRunEvent(step, output('one\ntw'));
      options.onRunEvent(step, output('o'));
      options.onRunEvent(step, event({ type: 'warning', message: 'careful' }));
      for (const each of events.slice(1)) options.onEvent(each);
      options.onId?.('unit-1');
      return Promise.resolve({ id: 'unit-1', status, heldBack: ['image'], exit: 3 });
    },
  });
  const code = await tarmac([command, '-c', 'ci.yml', ...argv], services, io);
  return { code, io, started, plans };
}

describe('tarmac job --dry-run', () => {
  it('prints the plan as a tree and asks no cluster', async () => {
    const { code, io, started } = await call(['-j', 'unit', '-i', 'repo=.', '-v', 'a=1', '--dry-run']);
    expect(io.stderr.text).toBe('');
    expect(io.stdout.text).toBe(
      [
        'job unit',
        `├─ get repo  (folder ${cwd})`,
        '├─ task test  (config in the pipeline)',
        '└─ put image  (held back; runs with --put image)',
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
    expect(started).toEqual([]);
  });

  it('says with exit code 1 what is missing', async () => {
    const { code, io } = await call(['-j', 'remote', '--dry-run']);
    expect(io.stdout.text).toContain('get far  (resource far of type nobody)');
    expect(io.stderr.text).toContain(
      "get far: no image is known for the resource type 'nobody'. Name one with --resource-type nobody=IMAGE, or give a folder with -i far=DIR.",
    );
    expect(code).toBe(1);
  });

  it('lists all vars without a value, with how to give them', async () => {
    const { code, io, started } = await call(['-j', 'unit', '-i', 'repo=.']);
    expect(io.stderr.text).toContain(
      '((a)) has no value, and task:test needs it: give it with -v a=VALUE, or in a file of vars with -l FILE.',
    );
    expect(code).toBe(1);
    expect(started).toEqual([]);
  });

  it('a get that nothing local stands for runs by its resource type', async () => {
    const { code, io } = await call(['-j', 'unit', '--dry-run', '-v', 'a=1', '--version', 'repo=ref:a:b']);
    expect(io.stderr.text).toBe('');
    expect(io.stdout.text).toContain('get repo  (resource repo of type git; version ref:a:b)');
    expect(code).toBe(0);
    const flags = ['--resource-type', 'nobody=r.example.com/x', '--dry-run'];
    expect((await call(['-j', 'remote', ...flags])).code).toBe(0);
  });
});

describe('tarmac execute --job JOB --step STEP', () => {
  it('runs one task step as the pipeline says it, with its exit code', async () => {
    const { code, started, plans } = await call(
      ['--job', 'unit', '--step', 'test', '-i', 'repo=.', '-v', 'a=1'],
      'failed',
      'execute',
    );
    expect(code).toBe(3);
    expect(started).toHaveLength(1);
    expect(plans[0]?.tree).toEqual(['job unit', '└─ task test  (config in the pipeline)']);
  });

  it('has the exit code of the task where a try around it lets the job succeed', async () => {
    const { code } = await call(['--job', 'tried', '--step', 'test'], 'succeeded', 'execute');
    expect(code).toBe(3);
  });

  it('finds a task step inside of other steps, too', async () => {
    const { code, started } = await call(['--job', 'nested', '--step', 'inner'], 'failed', 'execute');
    expect(code).toBe(3);
    expect(started).toHaveLength(1);
  });

  it('names a vars file that is not there', async () => {
    const { code, io } = await call(['-j', 'unit', '-i', 'repo=.', '-l', 'none.yml']);
    expect(io.stderr.text).toContain("path 'none.yml' does not exist");
    expect(code).toBe(1);
  });

  it.each<[readonly string[], string]>([
    [['--job', 'unit'], '--job and --step go together'],
    [['--job', 'unit', '--step', 'tset', '-i', 'repo=.'], "The job has no step 'tset'. Did you mean 'test'?"],
    [
      ['--job', 'unit', '--step', 'test', '-i', 'repo=.', '-p', '--', 'x'],
      '--privileged, ARGS: a step of a pipeline has these from the pipeline',
    ],
    [['--job', 'unit', '--step', 'image', '-i', 'repo=.'], "the step 'image' is not a task"],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, io, started } = await call(argv, 'succeeded', 'execute');
    expect(io.stderr.text).toContain(message);
    expect(code).toBe(1);
    expect(started).toEqual([]);
  });
});

describe('tarmac job', () => {
  it.each([
    ['succeeded', 0],
    ['failed', 1],
    ['errored', 2],
    ['aborted', 3],
  ] as const)('a job that %s ends with %i', async (status, code) => {
    expect((await call(['-j', 'unit', '-i', 'repo=.', '-v', 'a=1'], status)).code).toBe(code);
  });

  it('prints each line with its step, and what was held back', async () => {
    const { io, started } = await call(['-j', 'unit', '-i', 'repo=.', '-v', 'a=1', '--pods', '2']);
    expect(io.stdout.text).toBe('[task:test] one\n[task:test] two\n');
    expect(io.stderr.text).toContain('[task:test] failed (exit code 3)');
    expect(io.stderr.text).toContain('[put:image] held back; it would put {"tag":"v1"} of repo');
    expect(io.stderr.text).toContain('job unit-1 succeeded; held back: image');
    expect(started[0]).toMatchObject({ podLimit: 2, pipelineFile: join(cwd, 'ci.yml') });
  });

  it.each<[readonly string[], string]>([
    [[], "the required flag '-j, --job' was not specified"],
    [['-j', 'uint'], "The pipeline has no job 'uint'. Did you mean 'unit'?"],
    [['-j', 'unit', '--pods', '0'], "invalid value '0' for --pods"],
    [['-j', 'unit', '--version', 'repo=abc'], "invalid value 'repo=abc' for --version: must be name=key:value"],
    [['-j', 'unit', '--version', 'rep=ref:a'], "The job has no get 'rep' to give a version to. Its gets: repo."],
    [['-j', 'unit', '--put', 'imgae', '-i', 'repo=.'], "The job has no put 'imgae'. Its puts: image."],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, io, started } = await call(argv);
    expect(io.stderr.text).toContain(message);
    expect(code).toBe(1);
    expect(started).toEqual([]);
  });
});
