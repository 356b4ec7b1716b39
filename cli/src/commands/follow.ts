/** Following one run in the terminal: its events to the report, signals to the run, its result to an exit code. */
import { eventToJson, Report, type Run, type RunEventSink } from '#runner/model';
import { paintOf } from '../context.ts';
import { runExitCode, secondInterruptExitCode } from '../exit-code.ts';
import { signalExitCode, type Io, type StopSignal } from '../io.ts';
import { Screen } from '../screen.ts';
import type { RunnerServices } from '../services.ts';

/** How long the second interrupt waits for the pod's deletion to reach the API server. */
const farewellMs = 2000;

export interface FollowFlags {
  /** RunEvents as JSON lines on stdout, and nothing else there. */
  readonly events?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
}

/** The consumer of a run's events that the flags ask for. */
export function eventSink(io: Io, flags: FollowFlags, runner: Pick<RunnerServices, 'describeFailure'>): RunEventSink {
  if (flags.events) return (event) => io.stdout.write(`${eventToJson(event)}\n`);
  const report = new Report({
    screen: new Screen(io.stdout, io.stderr, io.now),
    paint: paintOf(io, flags),
    now: io.now,
    quiet: flags.quiet ?? false,
    verbose: flags.verbose ?? false,
    describe: (failure) => runner.describeFailure(failure),
    shellHint: (run) => `tarmac shell ${run}`,
  });
  return (event) => report.handle(event);
}

/**
 * What stop signals do while a command starts and follows a run. Before there is a run the first signal cancels the
 * command. Then, as with fly: the first aborts the run, the second ends the process with exit code 2 and has the pod
 * deleted; we give that request two seconds, and a third signal none. A reader who leaves (`| head`) aborts the run too.
 */
export class StopHandling implements Disposable {
  readonly #io: Io;
  readonly #cancel = new AbortController();
  readonly #handler: Disposable;
  #run: Run | undefined;
  #stopped: StopSignal | undefined;
  #signals = 0;

  constructor(io: Io) {
    this.#io = io;
    this.#handler = io.onStop((signal) => this.#on(signal));
  }

  /** Aborts when a signal came before there was a run. */
  get signal(): AbortSignal {
    return this.#cancel.signal;
  }

  /** The exit code when a signal came before there was a run. */
  get cancelledExitCode(): number | undefined {
    return this.#stopped && !this.#run ? signalExitCode(this.#stopped) : undefined;
  }

  /** From now on signals go to this run. */
  follow(run: Run): void {
    this.#run = run;
  }

  [Symbol.dispose](): void {
    this.#handler[Symbol.dispose]();
  }

  #on(signal: StopSignal): void {
    if (signal === 'SIGPIPE' && this.#signals > 0) return;
    this.#signals += 1;
    if (!this.#run) {
      this.#beforeRun(signal);
      return;
    }
    // The words come first: what the run says of its abort is about them.
    if (this.#signals === 1) {
      if (signal !== 'SIGPIPE') void this.#io.stderr.write('\naborting... (once more leaves at once)\n');
      this.#run.abort();
      return;
    }
    const leave = (): void => this.#io.exit(secondInterruptExitCode);
    if (this.#signals > 2) {
      leave();
      return;
    }
    void this.#io.stderr.write('exiting immediately\n');
    this.#run.abort();
    const timer = setTimeout(leave, farewellMs);
    void this.#run.done.then(() => {
      clearTimeout(timer);
      leave();
    });
  }

  #beforeRun(signal: StopSignal): void {
    if (this.#stopped) this.#io.exit(signalExitCode(signal));
    this.#stopped ??= signal;
    this.#cancel.abort();
  }
}

/** Waits for the run's end. */
export async function followRun(run: Run, stop: StopHandling): Promise<number> {
  stop.follow(run);
  return runExitCode(await run.done);
}
