/** `tarmac execute --watch` with real files and the real watch; the runs are doubles. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchTask } from '#runner';
import type { PlanDraft, PlannedInput, RunnerContext } from '#runner/model';
import type { RunnerServices } from '../services.ts';
import { FakeIo, FakeRun, fakeServices, output, tarmac } from '../testing/doubles.ts';

const times = { quietMs: 30, restlessMs: 5000, busyEveryMs: 20, busyLimitMs: 30_000 };

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'tarmac-watch-'));
  save('task.yml', 'platform: linux\n');
  save('a.txt', 'a');
});
afterEach(() => rmSync(cwd, { recursive: true }));

function save(name: string, content: string): void {
  writeFileSync(join(cwd, name), content);
}

/** The command as it goes on, with the runs that it has started. A task file with `error` in it has one. */
class Watch {
  readonly io: FakeIo;
  readonly runs: { readonly run: FakeRun; readonly context: RunnerContext }[] = [];
  readonly code: Promise<number>;

  constructor(argv: readonly string[] = [], tty = false, runner: Partial<RunnerServices> = {}) {
    // Where people start it in their home directory, our own state is below it.
    this.io = new FakeIo({ cwd, tty, env: { XDG_STATE_HOME: join(cwd, '.state') } });
    const source = { kind: 'directory', directory: cwd } as const;
    const input: PlannedInput = { name: 'src', path: '/src', volume: '', source };
    const services = fakeServices(
      {
        plan: ({ document }) =>
          // What these services decode a task to is its text.
          (document as unknown as string).includes('error')
            ? { problems: [{ code: 'x', message: 'unknown key', line: 3, column: 1 }] }
            : { plan: { run: 'unit-1f6d20aa', inputs: [input] } as Partial<PlanDraft> as PlanDraft, warnings: [] },
        startRun: (_plan, context) => {
          const run = new FakeRun();
          this.runs.push({ run, context });
          return run;
        },
        watchTask: (options) => watchTask({ ...options, times }),
        ...runner,
      },
      { decode: (text) => ({ document: text as never }) },
    );
    this.code = tarmac(['execute', '-c', 'task.yml', '--watch', ...argv], services, this.io);
  }

  /** Waits for what the files, and nobody here, bring about; fails when the command ends before. */
  async until(condition: () => boolean): Promise<void> {
    const ended = this.code.then(() => 'ended');
    while (!condition()) {
      const next = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5))]);
      if (next === 'ended') throw new Error(`it has ended: ${this.io.log.join('')}`);
    }
  }

  /** The run with this number, when it goes on. */
  async run(number: number): Promise<FakeRun> {
    await this.until(() => this.runs.length >= number);
    return this.runs[number - 1]?.run ?? new FakeRun();
  }

  says(text: string): Promise<void> {
    return this.until(() => this.io.log.join('').includes(text));
  }

  /** Ctrl-C while nothing runs. */
  async end(): Promise<number> {
    await this.until(() => this.io.stdout.text.endsWith('waiting for changes\n'));
    this.io.stop('SIGINT');
    return this.code;
  }
}

it('runs again after a change, and says what changed, how it ended and how long it took', async () => {
  const watch = new Watch();
  const first = await watch.run(1);
  await watch.runs[0]?.context.onEvent(output('one\n'));
  watch.io.time = 1200;
  first.finish({ status: 'failed', exitCode: 2 });
  await watch.says('waiting for changes');
  save('a.txt', 'b');
  const second = await watch.run(2);
  watch.io.time = 1600;
  second.finish({});
  await watch.says('succeeded');
  watch.io.stop('SIGINT');
  expect(await watch.code).toBe(130);
  expect(watch.io.stdout.text).toBe(
    'watch: run 1, 2 files\none\nwatch: failed (exit code 2) in 1.2s, 2 files; waiting for changes\n' +
      'watch: run 2, 1 file changed: a.txt\nwatch: succeeded in 400ms, 1 file changed: a.txt; waiting for changes\n',
  );
  expect(watch.io.stderr.text).toBe('');
  expect([...first.calls, ...second.calls]).toEqual(['dispose', 'dispose']);
  expect(watch.io.stop('SIGINT')).toBe(false);
});

it('shows one run per screen in a terminal', async () => {
  const watch = new Watch([], true);
  (await watch.run(1)).finish({});
  await watch.says('waiting');
  expect(watch.io.stdout.text).not.toContain('\u001b[2J');
  save('a.txt', 'b');
  (await watch.run(2)).finish({});
  await watch.says('\u001b[2J\u001b[H');
  await watch.end();
});

it('aborts the run that goes on, waits for its end and starts again', async () => {
  const watch = new Watch();
  const first = await watch.run(1);
  save('a.txt', 'b');
  await watch.until(() => first.calls.includes('abort'));
  expect(watch.runs).toHaveLength(1);
  first.finish({ status: 'aborted' });
  (await watch.run(2)).finish({});
  expect(await watch.end()).toBe(130);
  expect(watch.io.stderr.text).toBe('watch: files have changed: this run is aborted\n');
  expect(watch.io.stdout.text).toContain('watch: aborted in 0ms, 2 files; files have changed\n');
});

it('queues the next run where that is wished', async () => {
  const watch = new Watch(['--while-running', 'queue']);
  const first = await watch.run(1);
  save('a.txt', 'b');
  await watch.says('watch: files have changed: they run when this run has ended\n');
  expect(first.calls).toEqual([]);
  first.finish({});
  (await watch.run(2)).finish({});
  expect(await watch.end()).toBe(130);
});

it('starts nothing while the task file has an error, or a merge is unfinished', async () => {
  save('task.yml', 'error\n');
  const watch = new Watch();
  await watch.says('watch: nothing starts until this is put right:\n       task.yml:3:1: unknown key\n');
  save('a.txt', '<<<<<<< HEAD\n=======\n>>>>>>> x\n');
  await watch.says('       a.txt:1: merge conflict, finish the merge first\n');
  save('task.yml', 'platform: linux\n');
  save('a.txt', 'merged\n');
  (await watch.run(1)).finish({});
  expect(await watch.end()).toBe(130);
  expect(watch.runs).toHaveLength(1);
});

it('goes on when a run cannot start, and ends on a fault of its own', async () => {
  const failure = { kind: 'unreachable', title: 'No route', evidence: [], nextStep: 'VPN?', retryable: true } as const;
  let fault: Error | undefined = new Error('ECONNRESET');
  const watch = new Watch([], false, {
    withStore: (draft, store) => {
      if (fault) throw fault;
      return { plan: { ...draft, store }, warnings: [] };
    },
    failureOf: (error) => ((error as Error).message === 'ECONNRESET' ? failure : undefined),
  });
  await watch.says('error: No route\n');
  fault = undefined;
  save('a.txt', 'b');
  (await watch.run(1)).finish({});
  await watch.says('waiting for changes');
  fault = new Error('a fault');
  save('a.txt', 'c');
  expect(await watch.code).toBe(1);
  expect(watch.io.stderr.text).toContain('a fault');
});

describe('stopping', () => {
  it('ends with the run that goes on: aborted, as without --watch', async () => {
    const watch = new Watch();
    const run = await watch.run(1);
    watch.io.stop('SIGINT');
    expect(run.calls).toEqual(['abort']);
    run.finish({ status: 'aborted' });
    expect(await watch.code).toBe(3);
    expect(run.calls).toEqual(['abort', 'dispose']);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)('ends at %s when nothing runs', async (signal) => {
    const watch = new Watch();
    (await watch.run(1)).finish({});
    await watch.says('waiting for changes');
    watch.io.stop(signal);
    expect(await watch.code).toBe(signal === 'SIGTERM' ? 143 : 129);
  });
});

it.each<[readonly string[], number]>([
  [[], 600_000],
  [['--spare', '2m'], 120_000],
  [['--spare', 'off'], 0],
])('%o keeps a pod ready for the next run, and removes it at the end', async (argv, expected) => {
  const asked: (number | undefined)[] = [];
  const removed: string[] = [];
  const watch = new Watch(argv, false, {
    withSpare(plan, _context, ms) {
      asked.push(ms);
      return Promise.resolve({ ...plan, run: `unit-${asked.length}` });
    },
    removeSpareOf: ({ run }) => Promise.resolve(void removed.push(run)),
  });
  (await watch.run(1)).finish({});
  await watch.says('waiting for changes');
  save('a.txt', 'b');
  (await watch.run(2)).finish({});
  await watch.says('run 2');
  expect(removed).toEqual([]);
  await watch.end();
  expect(asked).toEqual([expected, expected]);
  // By the plan as it was: all that a spare depends on is in it.
  expect(removed).toEqual(['unit-1f6d20aa']);
});

describe('wrong usage', () => {
  it.each<[readonly string[], string]>([
    [['-c', '-'], 'error: --watch needs a task file: standard input is read only once\n'],
    [['-b'], 'error: --watch follows its runs: leave --background out\n'],
    [['--dry-run'], 'error: --watch runs the task: leave --dry-run out\n'],
    [['--while-running', 'wait'], "error: invalid value 'wait' for --while-running: must be restart or queue\n"],
    [['-c', 'none.yml'], "error: path 'none.yml' does not exist"],
    [['-o', 'bin=.'], "error: --watch: the output 'bin' is written to ., which is watched"],
    [['-o', 'bin=..'], "error: --watch: the output 'bin' is written to .., which is watched"],
  ])('%o', async (argv, error) => {
    const watch = new Watch(argv);
    expect(await watch.code).toBe(1);
    expect(watch.io.stderr.text).toContain(error);
    expect(watch.runs).toEqual([]);
  });

  it('--while-running alone', async () => {
    const io = new FakeIo({ cwd });
    expect(await tarmac(['execute', '-c', 'task.yml', '--while-running', 'queue'], fakeServices(), io)).toBe(1);
    expect(io.stderr.text).toBe('error: --while-running needs --watch\n');
  });
});
