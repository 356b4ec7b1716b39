import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Plan, Run, RunEventBody, RunnerContext, RunResult } from '#runner';
import type { ClusterRef, Runner, RunnerHost } from '../cluster/runner-host.ts';
import { noChoices } from '../choices/choices.ts';
import { Secrets } from '../choices/secrets.ts';
import { OutputPanel } from '../output/output-panel.ts';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { RunControl } from './run-control.ts';
import { RunMemory } from './run-memory.ts';
import { newRun } from './run-model.ts';
import { RunStore } from './run-store.ts';

const runner = await import('#runner');

const ref: ClusterRef = { kubeconfig: '', context: 'kind', namespace: 'ci' };
const plan = {
  run: 'unit-1',
  task: 'unit',
  taskFile: '/ci/unit.yml',
  image: { reference: 'busybox' },
  inputs: [],
  outputs: [],
  store: { kind: 'direct' },
} as unknown as Plan;
const remembered = {
  ...ref,
  run: plan.run,
  task: plan.task,
  taskUri: 'file:///ci/unit.yml',
  startedAt: new Date().toISOString(),
  unfinished: true,
  choices: noChoices,
  paths: { dir: '/', inputs: [] },
};

/** A run of a runner without a cluster: tells what the test has it tell. */
class ScriptedRun implements Run {
  readonly id = plan.run;
  readonly #ended = Promise.withResolvers<RunResult>();
  readonly done = this.#ended.promise;
  readonly started = Promise.resolve();
  readonly calls: string[] = [];
  readonly secrets: readonly string[] | undefined;
  readonly #context: RunnerContext;

  constructor(context: RunnerContext) {
    this.#context = context;
    this.secrets = context.secrets;
  }

  async tell(...bodies: readonly RunEventBody[]): Promise<void> {
    for (const body of bodies) await this.#context.onEvent({ ...body, run: this.id, time: new Date().toISOString() });
  }

  /** The run from its first byte: what the command printed, and perhaps its end. */
  async print(text: string, ends = false): Promise<void> {
    const { task, taskFile } = plan;
    await this.tell(
      { type: 'run-created', task, taskFile, namespace: ref.namespace, context: ref.context },
      { type: 'command-started', command: ['it'] },
      { type: 'output', stream: 'stdout', offset: 0, data: Buffer.from(text) },
    );
    if (!ends) return;
    await this.tell(
      { type: 'command-ended', exitCode: 0, durationMs: 1 },
      { type: 'finished', status: 'succeeded', exitCode: 0, durationMs: 2 },
    );
    this.end();
  }

  /** Nothing more comes: it has ended, or its connection is lost for good. */
  end(): void {
    this.#ended.resolve({ run: this.id, status: 'succeeded', phases: [], sent: 0 });
  }

  abort(): void {
    this.calls.push('abort');
  }

  keep(): void {
    this.calls.push('keep');
  }

  detach(): Promise<void> {
    this.calls.push('detach');
    this.end();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.detach();
  }
}

const unreachable = new runner.RunFailureError(
  runner.failure('unreachable', 'Cannot reach it', { nextStep: 'Wait.', retryable: true }),
);
const gone = new runner.RunFailureError(runner.failure('pod-deleted', 'There is no such run', { nextStep: 'Run it.' }));
const denied = new runner.RunFailureError(runner.failure('unauthorized', 'Not let in', { nextStep: 'Log in.' }));

let folder: string;
let memento: PlainMemory;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-control-'));
  memento = new PlainMemory();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One window; `answers` are what taking up a run meets, in order, and after them a run. */
function openWindow(answers: readonly Error[] = []) {
  const runs: ScriptedRun[] = [];
  const texts: string[] = [];
  const stuck: unknown[] = [];
  const takenUp: string[] = [];
  const left = [...answers];
  const begin = (context: RunnerContext): ScriptedRun => {
    const run = new ScriptedRun(context);
    runs.push(run);
    return run;
  };
  const double: Partial<Runner> = {
    startRun: (_plan, context) => begin(context),
    attachRun: (_run, context) => {
      const error = left.shift();
      return error ? Promise.reject(error) : Promise.resolve(begin(context));
    },
    readRecord: () => Promise.resolve(undefined),
  };
  const host: Pick<RunnerHost, 'load' | 'context'> = {
    load: () => Promise.resolve({ ...runner, ...double }),
    context: () => Promise.resolve({ stateDir: folder } as RunnerContext),
  };
  const store = new RunStore(new PlainEmitter(), new PlainEmitter());
  const memory = new RunMemory(memento);
  const panel = new OutputPanel({
    create: () => ({
      append: (text) => void texts.push(text),
      appendLine: (text) => void texts.push(`${text}\n`),
      show: () => undefined,
      dispose: () => undefined,
    }),
    isShared: () => false,
  });
  const control = new RunControl({
    host: host as RunnerHost,
    store,
    memory,
    panel,
    storageDir: folder,
    log: { debug: () => undefined, warn: () => undefined, error: () => undefined },
    secrets: new Secrets(memento.secrets),
    onStuck: (error) => stuck.push(error),
    onTakenUp: ({ run: id }) => takenUp.push(id),
  });
  const run = (): ScriptedRun => {
    const last = runs.at(-1);
    if (!last) throw new Error('no run has begun');
    return last;
  };
  return { control, store, memory, run, runs, stuck, takenUp, shown: () => texts.join('') };
}

describe('the output of a run', () => {
  it('is in the panel once when the run is taken up again in the same window', async () => {
    const window = openWindow();
    const first = await window.control.start(plan, remembered);
    await window.run().print('one\n');
    window.run().end();
    await first.done;
    const second = await window.control.attach(plan.run, ref);
    await window.run().print('one\ntwo\n', true);
    await second.done;
    expect(window.shown().match(/^(?:one|two)$/gmu)).toEqual(['one', 'two']);
  });

  it('goes on in the panel of another window, and its log has one writer', async () => {
    const window = openWindow();
    const { done } = await window.control.start(plan, remembered);
    await window.run().print('one\n');
    const log = window.control.logFile(plan.run);
    // What another process would have written: it is this test's parent, which lives.
    await writeFile(`${log}.lock`, String(process.ppid));

    const other = openWindow();
    other.store.put(newRun({ ...ref, run: plan.run, task: plan.task, taskFile: '', state: 'running' }));
    await other.control.showOutput(plan.run, ref);
    await other.run().print('one\ntwo\n', true);
    await vi.waitFor(() => expect(other.shown().match(/^(?:one|two)$/gmu)).toEqual(['one', 'two']));
    expect(other.control.logFile(plan.run)).not.toBe(log);
    expect(await readFile(log, 'utf8')).not.toContain('two');
    window.run().end();
    await done;
  });

  it('is shown from the log when its cluster cannot be asked, and that is told', async () => {
    const window = openWindow([unreachable]);
    window.store.put(newRun({ ...ref, run: plan.run, task: plan.task, taskFile: '', state: 'running' }));
    const log = window.control.logFile(plan.run);
    await mkdir(dirname(log), { recursive: true });
    await writeFile(log, 'so far\n');
    await expect(window.control.showOutput(plan.run, ref)).rejects.toThrow('Cannot reach it');
    expect(window.shown()).toBe('── unit ──\nso far\n');
  });

  it('tells the runner after a reload, too, what is secret in it, also what was given for this run only', async () => {
    const first = openWindow();
    await first.control.start(plan, remembered, ['opensesame']);
    await first.run().print('let me in: ');
    await first.control[Symbol.asyncDispose]();
    expect(first.run().calls).toEqual(['detach']);

    const second = openWindow();
    await second.control.resume();
    // Its output comes to the front, as before the reload.
    expect([first.takenUp, second.takenUp]).toEqual([[], [plan.run]]);
    expect(second.run().secrets).toEqual(['opensesame']);
    await second.run().print('let me in: ((redacted))\n', true);
    await vi.waitFor(() => expect(second.memory.get(plan.run)?.unfinished).toBe(false));
    await vi.waitFor(() => expect(second.shown()).toContain('((redacted))\n'));
    expect(memento.secrets.size).toBe(0);
  });
});

describe('a run that cannot begin', () => {
  it('is over, and is not taken up again', async () => {
    const window = openWindow();
    await writeFile(join(folder, 'runs'), 'a file where the folder of the logs should be');
    await expect(window.control.start(plan, remembered, ['opensesame'])).rejects.toThrow(/EEXIST|ENOTDIR/u);
    expect(window.store.get(plan.run)).toMatchObject({ state: 'errored', following: false });
    expect(window.memory.get(plan.run)?.unfinished).toBe(false);
    expect(memento.secrets.size).toBe(0);
  });
});

describe('a run that is aborted', () => {
  it.each([
    [
      'by its progress',
      (window: ReturnType<typeof openWindow>) => {
        window.control.abortFollowed(plan.run);
        return Promise.resolve();
      },
    ],
    ['by a command', (window: ReturnType<typeof openWindow>) => window.control.abort(plan.run, ref)],
  ])('%s before its start has come far is aborted as soon as there is something to abort', async (_who, abort) => {
    const window = openWindow();
    const starting = window.control.start(plan, remembered);
    const aborting = abort(window);
    await starting;
    await aborting;
    expect(window.runs).toHaveLength(1);
    expect(window.run().calls).toEqual(['abort']);
  });
});

describe('runs whose end nobody saw', () => {
  beforeEach(() => new RunMemory(memento).add(remembered));

  it('are taken up as soon as their cluster answers', async () => {
    const window = openWindow([unreachable]);
    const resumed = window.control.resume();
    await vi.waitFor(() => expect(window.store.get(plan.run)?.reconnecting).toBe('Cannot reach it'));
    await vi.waitFor(() => expect(window.runs).toHaveLength(1), { timeout: 10_000 });
    await resumed;
    await window.run().print('');
    expect(window.store.get(plan.run)?.reconnecting).toBeUndefined();
    expect(window.stuck).toEqual([]);
  });

  it('are lost when nothing is left of them', async () => {
    const window = openWindow([gone]);
    await window.control.resume();
    expect(window.store.get(plan.run)?.state).toBe('lost');
    expect(window.memory.get(plan.run)?.unfinished).toBe(false);
  });

  it('wait for the user when only he can do something, who is told once', async () => {
    await new RunMemory(memento).add({ ...remembered, run: 'unit-2' });
    const window = openWindow([denied, denied]);
    await window.control.resume();
    expect(window.stuck).toEqual([denied]);
    expect(window.store.get(plan.run)?.waiting).toBe('Not let in');
    expect(window.memory.get(plan.run)?.unfinished).toBe(true);
  });

  it('do not hold up the end of the window', async () => {
    const window = openWindow(Array.from({ length: 9 }, () => unreachable));
    const resumed = window.control.resume();
    await vi.waitFor(() => expect(window.store.get(plan.run)?.reconnecting).toBeDefined());
    await window.control[Symbol.asyncDispose]();
    await resumed;
    expect(window.runs).toEqual([]);
  });
});
