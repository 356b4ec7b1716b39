/** Stand-ins for the process and the services, for the tests of the command line. */
import {
  type Cluster,
  type PlanDraft,
  type PlannedInput,
  podShape,
  type Run,
  type RunEvent,
  type RunEventBody,
  type RunnerContext,
  type RunResult,
} from '#runner/model';
import type { Io, OutputStream, StopSignal } from '../io.ts';
import { runCli } from '../run.ts';
import type { RunnerServices, Services, TaskServices } from '../services.ts';

/** An output that remembers what was written. */
export class FakeOutput implements OutputStream {
  readonly isTTY: boolean;
  readonly columns = 80;
  /** While set, writers are held back. */
  blocked: Promise<void> | undefined;
  readonly chunks: Buffer[] = [];
  readonly #log: string[];
  readonly #name: string;

  constructor(name: string, isTTY: boolean, log: string[]) {
    this.#name = name;
    this.isTTY = isTTY;
    this.#log = log;
  }

  write(data: string | Uint8Array): void | Promise<void> {
    const bytes = Buffer.from(data);
    this.chunks.push(bytes);
    this.#log.push(`${this.#name}: ${bytes.toString()}`);
    return this.blocked;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

export interface FakeIoOptions {
  readonly tty?: boolean;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly stdin?: string;
}

/** A process in a terminal or without one. */
export class FakeIo implements Io {
  readonly #handlers: ((signal: StopSignal) => void)[] = [];
  /** Every write in order, as `stdout: TEXT`. */
  readonly log: string[] = [];
  readonly stdout: FakeOutput;
  readonly stderr: FakeOutput;
  readonly stdin: Io['stdin'];
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly exits: number[] = [];
  time = 0;
  rawDepth = 0;

  constructor(options: FakeIoOptions = {}) {
    const tty = options.tty ?? false;
    this.stdout = new FakeOutput('stdout', tty, this.log);
    this.stderr = new FakeOutput('stderr', tty, this.log);
    // Never the state of whoever runs the tests.
    this.env = { XDG_STATE_HOME: '/no/state', ...options.env };
    this.cwd = options.cwd ?? process.cwd();
    this.stdin = {
      isTTY: tty,
      readAll: () => Promise.resolve(options.stdin ?? ''),
      // eslint-disable-next-line @typescript-eslint/require-await -- an async iterable of what is there already
      chunks: async function* () {
        yield Buffer.from(options.stdin ?? '');
      },
      raw: () => {
        this.rawDepth += 1;
        return { [Symbol.dispose]: () => (this.rawDepth -= 1) };
      },
    };
  }

  now = (): number => this.time;

  // eslint-disable-next-line @typescript-eslint/require-await -- one size, known at once
  async *sizes(): AsyncGenerator<{ columns: number; rows: number }> {
    yield { columns: 80, rows: 24 };
  }

  onStop(handler: (signal: StopSignal) => void): Disposable {
    this.#handlers.push(handler);
    return { [Symbol.dispose]: () => void this.#handlers.splice(this.#handlers.indexOf(handler), 1) };
  }

  /** Sends a signal to the newest handler; false when nobody listens. */
  stop(signal: StopSignal): boolean {
    const handler = this.#handlers.at(-1);
    handler?.(signal);
    return handler !== undefined;
  }

  exit(code: number): void {
    this.exits.push(code);
  }
}

/** A run that tests end by hand. */
export class FakeRun implements Run {
  readonly id = 'unit-1f6d20aa';
  readonly done: Promise<RunResult>;
  readonly started: Promise<void>;
  readonly calls: string[] = [];
  finish: (result: Partial<RunResult>) => void = () => undefined;
  start: () => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve) => {
      this.finish = (result) => resolve({ run: this.id, status: 'succeeded', phases: [], sent: 0, ...result });
    });
    this.started = new Promise((resolve) => (this.start = resolve));
  }

  abort(): void {
    this.calls.push('abort');
  }

  keep(): void {
    this.calls.push('keep');
  }

  detach(): Promise<void> {
    this.calls.push('detach');
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.calls.push('dispose');
    return Promise.resolve();
  }
}

/** An event of the run of `FakeRun`. */
export function event(body: RunEventBody): RunEvent {
  return { ...body, run: 'unit-1f6d20aa', time: '2026-11-23T16:45:52.000Z' };
}

/** Bytes of a task's output. */
export function output(text: string, stream: 'stdout' | 'stderr' = 'stdout'): RunEvent {
  return event({ type: 'output', stream, offset: 0, data: Buffer.from(text) });
}

/** A cluster that only can be closed. */
export function fakeCluster(onClose: () => void = () => undefined): Cluster {
  const target = { context: 'kind', server: 'https://127.0.0.1:6443', namespace: 'ci' };
  return new Proxy({} as Cluster, {
    get: (_target, key) => {
      if (key === 'target') return target;
      if (key === Symbol.asyncDispose) {
        return async () => {
          await Promise.resolve();
          onClose();
        };
      }
      return undefined;
    },
  });
}

/** Services of which a test gives those that it expects to be called; any other one is an error. */
export function fakeServices(runner: Partial<RunnerServices> = {}, task: Partial<TaskServices> = {}): Services {
  const strict = <T extends object>(name: string, given: Partial<T>): T =>
    new Proxy(given as T, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        // A promise that resolves to this object asks it for `then`.
        if (value === undefined && key !== 'then') throw new Error(`unexpected call: ${name}.${String(key)}`);
        return value;
      },
    });
  return {
    task: () => Promise.resolve(strict<TaskServices>('task', { decode: () => ({ document: {} as never }), ...task })),
    runner: () =>
      Promise.resolve(
        strict<RunnerServices>('runner', {
          defaultClaim: 'tarmac-artifacts',
          podShape,
          openCluster: () => Promise.resolve(fakeCluster()),
          chooseStore: () => Promise.resolve({ kind: 'direct' }),
          plan: () => ({
            plan: { run: 'unit-1f6d20aa', inputs: [] as readonly PlannedInput[] } as PlanDraft,
            warnings: [],
          }),
          withStore: (draft, store) => ({ plan: { ...draft, store }, warnings: [] }),
          withSpare: (plan) => Promise.resolve(plan),
          removeSpareOf: () => Promise.resolve(),
          listJobs: () => Promise.resolve([]),
          describeFailure: (failure) => `${failure.title}\n  next: ${failure.nextStep}`,
          failureOf: () => undefined,
          ...runner,
        }),
      ),
  };
}

/** Calls the command line as `main` does. */
export async function tarmac(argv: readonly string[], services: Services, io: FakeIo = new FakeIo()): Promise<number> {
  return runCli(argv, io, services, '1.2.3');
}

/** A `startRun` that hands the run and its context out. */
export function runStarter(run: FakeRun): {
  readonly startRun: RunnerServices['startRun'];
  readonly context: Promise<RunnerContext>;
} {
  let take: (context: RunnerContext) => void = () => undefined;
  const context = new Promise<RunnerContext>((resolve) => (take = resolve));
  return {
    context,
    startRun: (_plan, runnerContext) => {
      take(runnerContext);
      return run;
    },
  };
}
