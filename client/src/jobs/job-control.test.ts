/** Jobs that run in this window, with runs that say what the test has them say: output, tree, abort, reload. */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Plan, Run, RunEventBody, RunResult, RunStatus } from '#runner';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { Secrets } from '../choices/secrets.ts';
import type { Runner } from '../cluster/runner-host.ts';
import { localCandidates } from '../output/links.ts';
import { OutputPanel } from '../output/output-panel.ts';
import { RunStore } from '../runs/run-store.ts';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { JobControl, type JobControlParts, type JobStart } from './job-control.ts';
import { JobMemory } from './job-memory.ts';
import { StepPaths } from './step-paths.ts';
import { JobStore } from './job-store.ts';

const runner = await import('#runner');
const ref = { kubeconfig: '', context: 'kind', namespace: 'ci' };
const task = (name: string, more = ''): string =>
  `{task: ${name}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: busybox}}, run: {path: x}${more}}}`;
const pipeline = `resources: [{name: site, type: s3, source: {token: ((token))}}, {name: repo, type: git, source: {uri: u}}]
jobs:
- name: unit
  plan:
  - ${task('build', ', outputs: [{name: bin}]')}
  - ${task('test', ', inputs: [{name: bin}]')}
  - {put: site, params: {token: ((token))}}
  ensure: ${task('report')}
- name: checked
  plan:
  - get: repo
  - ${task('lint', ', inputs: [{name: repo}]')}
`;

/** A run of a step: it goes on until the test ends it, or it is aborted. */
class StepRun implements Run {
  readonly id: string;
  readonly #ended = Promise.withResolvers<RunResult>();
  readonly done = this.#ended.promise;
  readonly started = Promise.resolve();
  readonly #tell: (body: RunEventBody) => void;

  constructor(plan: Pick<Plan, 'run' | 'task' | 'taskFile'>, tell: (body: RunEventBody) => void) {
    this.id = plan.run;
    this.#tell = tell;
    const { task: name, taskFile } = plan;
    tell({ type: 'run-created', task: name, taskFile, context: 'kind', namespace: 'ci' });
    tell({ type: 'command-started', command: ['x'] });
  }

  print(text: string): void {
    this.#tell({ type: 'output', stream: 'stdout', offset: 0, data: Buffer.from(text) });
  }

  end(status: RunStatus, exitCode?: number): void {
    const exit = exitCode === undefined ? {} : { exitCode };
    if (status === 'succeeded') this.#tell({ type: 'output-saved', output: 'bin', bytes: 3, files: 1, kept: true });
    this.#tell({ type: 'finished', status, durationMs: 5, ...exit });
    this.#ended.resolve({ run: this.id, status, phases: [], sent: 0, ...exit });
  }

  abort(): void {
    this.end('aborted');
  }

  keep(): void {
    return;
  }

  detach(): Promise<void> {
    this.#ended.resolve({ run: this.id, status: 'aborted', phases: [], sent: 0 });
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

let folder: string;
let memento: PlainMemory;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tarmac-job-control-')));
  memento = new PlainMemory();
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'));
  await writeFile(join(folder, 'pipeline.yml'), pipeline);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** One window over the same memory and the same records. */
function openWindow() {
  const runs: StepRun[] = [];
  const calls: string[] = [];
  const texts: string[] = [];
  const stuck: unknown[] = [];
  const ended: string[] = [];
  const tellOf = (run: string, onEvent: (event: never) => void) => (body: RunEventBody) =>
    onEvent({ ...body, run, time: new Date().toISOString() } as never);
  const services = {
    startRun: (plan: Plan, onEvent: (event: never) => void) => {
      calls.push(`start ${plan.task}`);
      const run = new StepRun(plan, tellOf(plan.run, onEvent));
      runs.push(run);
      return run;
    },
    attachRun: (id: string, onEvent: (event: never) => void) => {
      calls.push(`attach ${id.replace(/-[^-]*$/u, '')}`);
      const run = new StepRun({ run: id, task: id, taskFile: '' }, tellOf(id, onEvent));
      runs.push(run);
      return Promise.resolve(run as Run);
    },
    readArtifact: () => Promise.reject(new Error('nothing is read')),
  };
  const double: Partial<Runner> = {
    runJob: (job, options) => runner.runJob(job, { ...options, services }),
    takeUpJob: async (id, request, stateDir) => {
      const taken = await runner.takeUpJob(id, request, stateDir);
      return 'wrong' in taken ? taken : { goOn: (options) => taken.goOn({ ...options, services }) };
    },
    listRuns: () => Promise.resolve([]),
  };
  const cluster = new FakeCluster();
  const stateDir = runner.stateDir(process.env);
  const host: JobControlParts['host'] = {
    load: () => Promise.resolve({ ...runner, ...double }),
    context: () => Promise.resolve({ cluster, stateDir, onEvent: () => undefined }),
  };
  const panel = new OutputPanel({
    create: () => ({
      append: (text) => void texts.push(text),
      appendLine: (text) => void texts.push(`${text}\n`),
      show: () => undefined,
      dispose: () => undefined,
    }),
    isShared: () => false,
  });
  const jobs = new JobStore(new PlainEmitter());
  const runStore = new RunStore(new PlainEmitter(), new PlainEmitter());
  const memory = new JobMemory(memento);
  const stepPaths = new StepPaths(memento);
  const secrets = new Secrets(memento.secrets);
  const control = new JobControl({
    ...{ host, jobs, runs: runStore, memory, stepPaths, panel, secrets, storageDir: folder },
    log: { warn: () => undefined, error: (error) => void stuck.push(error) },
    askVar: () => Promise.resolve(undefined),
    onStuck: (error) => void stuck.push(error),
    onEnded: (id) => void ended.push(id),
  });
  return {
    control,
    jobs,
    runStore,
    memory,
    stepPaths,
    calls,
    stuck,
    ended,
    stateDir,
    shown: () => texts.join(''),
    run: async (index: number) => {
      // A busy machine takes its time.
      await vi.waitFor(() => expect(runs.length).toBeGreaterThan(index), { timeout: 20_000 });
      return runs[index] as StepRun;
    },
  };
}

interface StartOptions {
  readonly token?: string;
  readonly job?: string;
  readonly inputs?: Readonly<Record<string, string>>;
}

/** The job as its page would hand it on. */
async function aStart(
  stateDir: string,
  { token = 's3cr3t-token', job = 'unit', inputs = {} }: StartOptions = {},
): Promise<JobStart> {
  const { vars } = runner.loadVars({ strings: [`token=${token}`] });
  const prepared = await runner.prepareJob({
    ...{ text: pipeline, file: join(folder, 'pipeline.yml'), job, vars, cwd: folder, stateDir },
    ...{ inputs, choices: {}, varNames: { names: ['token'], files: [] } },
  });
  if ('wrong' in prepared) throw new Error(prepared.wrong.join('\n'));
  return {
    ...{ prepared, ref, uri: `file://${folder}/pipeline.yml`, pipelineFile: join(folder, 'pipeline.yml'), podLimit: 4 },
    base: { cwd: folder, store: { kind: 'claim', claim: 'c' }, secretValues: [token] },
    choices: { vars: { token }, secretVars: [] },
  };
}

const log = (window: ReturnType<typeof openWindow>, id: string): Promise<string> =>
  readFile(window.control.logFile(id), 'utf8');

describe('a job that runs', () => {
  test('shows its steps with their states, each line with its step, and what is held back', async () => {
    const window = openWindow();
    const { id, done } = await window.control.start(await aStart(window.stateDir));
    const build = await window.run(0);
    build.print('compiled\nall of');
    await vi.waitFor(() => expect(window.jobs.get(id)?.steps[0]?.runs).toEqual([build.id]), { timeout: 20_000 });
    expect(window.jobs.get(id)).toMatchObject({ job: 'unit', state: 'running', following: true });
    expect(window.jobs.jobOf(build.id)).toBe(id);
    build.end('succeeded', 0);
    (await window.run(1)).end('failed', 3);
    (await window.run(2)).end('succeeded', 0);
    expect(await done).toBe('failed');
    const { steps, state, following, heldBack } = window.jobs.get(id) ?? { steps: [] };
    expect({ state, following, heldBack }).toEqual({ state: 'failed', following: false, heldBack: [] });
    expect(steps.map((step) => [step.id, step.state, step.exitCode])).toEqual([
      ['task:build', 'succeeded', 0],
      ['task:test', 'failed', 3],
      ['task:report', 'succeeded', 0],
    ]);
    expect(steps[0]?.artifacts).toEqual([{ name: 'bin', run: build.id, output: 'bin' }]);
    expect((await log(window, id)).split('\n')).toEqual([
      '[task:build] started',
      '[task:build] compiled',
      '[task:build] all of',
      '[task:build] succeeded',
      '[task:test] started',
      '[task:test] failed (exit code 3)',
      '[task:report] started',
      '[task:report] succeeded',
      `job ${id} failed`,
      '',
    ]);
    expect(window.shown()).toContain('[task:build] compiled\n');
    // The run of a step is a run like any other: its own output, its outputs.
    expect(await log(window, build.id)).toContain('compiled\nall of');
    expect(window.runStore.get(build.id)).toMatchObject({
      job: id,
      state: 'succeeded',
      outputs: [{ name: 'bin', kept: true }],
    });
    expect([window.ended, window.stuck, window.memory.get(id)?.unfinished]).toEqual([[id], [], false]);
  });

  test('shows no secret, also not in what a put would have put', async () => {
    const window = openWindow();
    const { id, done } = await window.control.start(await aStart(window.stateDir));
    for (const index of [0, 1, 2]) (await window.run(index)).end('succeeded', 0);
    expect(await done).toBe('succeeded');
    const text = await log(window, id);
    expect(text).toContain('[put:site] held back; it would put {"token":"((redacted))"} of no artifact\n');
    expect(text).toContain(`job ${id} succeeded; held back: site\n`);
    expect(text).not.toContain('s3cr3t');
  });

  test('the output of one of its steps can be looked at while it runs', async () => {
    const window = openWindow();
    const { done } = await window.control.start(await aStart(window.stateDir));
    const build = await window.run(0);
    build.print('early\n');
    expect(await window.control.showStep('another-1')).toBe(false);
    await vi.waitFor(async () => expect(await window.control.showStep(build.id)).toBe(true));
    expect(window.shown()).toMatch(/── build(?: · \S+)? ──\n(?:.*\n)*early\n/u);
    build.end('failed', 1);
    (await window.run(1)).end('succeeded', 0);
    await done;
  });

  test('knows where the inputs of its steps are on this machine, also in the next window', async () => {
    const window = openWindow();
    const start = await aStart(window.stateDir, { job: 'checked', inputs: { repo: folder } });
    const { done } = await window.control.start(start);
    const lint = await window.run(0);
    lint.print('repo/main.go:7: oops\n');
    lint.end('failed', 1);
    await done;
    for (const { stepPaths } of [window, openWindow()]) {
      const [paths] = stepPaths.pathsFor('Tarmac: checked', 'task:lint');
      expect(paths && localCandidates('repo/main.go', paths)[0]).toBe(join(folder, 'main.go'));
      expect(stepPaths.get(lint.id)).toEqual(paths);
    }
  });

  test('that is aborted runs its hooks', async () => {
    const window = openWindow();
    const { id, done } = await window.control.start(await aStart(window.stateDir));
    await window.run(0);
    await window.control.abort(id, ref);
    expect(window.jobs.get(id)?.aborting).toBe(true);
    (await window.run(1)).end('succeeded', 0);
    expect(await done).toBe('aborted');
    expect(window.calls).toEqual(['start build', 'start report']);
    expect(window.jobs.get(id)).toMatchObject({ state: 'aborted', following: false });
  });
});

describe('after a reload of the window', () => {
  test('the job continues: what ran is not run again, what runs is followed, no line comes twice', async () => {
    const first = openWindow();
    const { id, done } = await first.control.start(await aStart(first.stateDir));
    (await first.run(0)).end('succeeded', 0);
    (await first.run(1)).print('one\n');
    await vi.waitFor(async () => expect(await log(first, id)).toContain('[task:test] one'));
    await first.control[Symbol.asyncDispose]();
    expect(await done).toBe('left');
    expect(first.jobs.get(id)).toMatchObject({ state: 'left', following: false });

    const second = openWindow();
    await second.control.resume();
    const again = await second.run(0);
    again.print('one\ntwo\n');
    again.end('succeeded', 0);
    (await second.run(1)).end('succeeded', 0);
    await vi.waitFor(() => expect(second.ended).toEqual([id]), { timeout: 20_000 });
    expect(second.calls).toEqual(['attach test', 'start report']);
    expect(second.jobs.get(id)).toMatchObject({ state: 'succeeded' });
    const lines = (await log(second, id)).split('\n');
    expect(lines.filter((line) => line.startsWith('[task:test] ') && !line.endsWith('started'))).toEqual([
      '[task:test] one',
      '[task:test] two',
      '[task:test] succeeded',
    ]);
    expect([second.memory.get(id)?.unfinished, second.stuck]).toEqual([false, []]);
  });

  test('a job whose pipeline has changed says so, and waits', async () => {
    const first = openWindow();
    const { id } = await first.control.start(await aStart(first.stateDir));
    await first.run(0);
    await first.control[Symbol.asyncDispose]();
    await writeFile(join(folder, 'pipeline.yml'), pipeline.replace('path: x', 'path: y'));
    const second = openWindow();
    await second.control.resume();
    expect(second.stuck).toMatchObject([{ name: 'JobError', job: 'unit' }]);
    expect(second.jobs.get(id)).toMatchObject({ state: 'left' });
    expect(second.jobs.get(id)?.waiting).toContain('is not the one that');
    expect(second.calls).toEqual([]);
  });

  test('a job that is forgotten is nowhere any more', async () => {
    const window = openWindow();
    const { id, done } = await window.control.start(await aStart(window.stateDir));
    (await window.run(0)).end('failed', 1);
    (await window.run(1)).end('succeeded', 0);
    await done;
    await window.control.remove(id);
    expect([window.jobs.get(id), window.memory.get(id)]).toEqual([undefined, undefined]);
    expect(await runner.readJobs(window.stateDir)).toEqual([]);
  });
});
