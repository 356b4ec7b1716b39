/** What stop signals (an interrupt, a reader who leaves) do: to a command that follows a run, and to one that runs a job. */
import type { Run } from '#runner/model';
import { secondInterruptExitCode } from './exit-code.ts';
import { signalExitCode, type Io, type StopSignal } from './io.ts';

/** How long the second interrupt waits for the pod's deletion to reach the API server. */
const deletionMs = 2000;

/**
 * What stop signals do while a command starts and follows a run. Before there is a run the first signal cancels the
 * command. Then, as with fly: the first aborts the run, the second ends the process with exit code 2 and has the pod
 * deleted; we give that request two seconds, and a third signal none. A reader who leaves (`| head`) aborts the run too.
 */
export class RunStop implements Disposable {
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

  /** True when a signal came at any time. */
  wasAsked(): boolean {
    return this.#signals > 0;
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
    const timer = setTimeout(leave, deletionMs);
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

/** What stop signals do while a job runs: the first aborts the job, its hooks run; the second leaves at once. */
export class JobStop implements Disposable {
  readonly #abort = new AbortController();
  readonly #handler: Disposable;

  constructor(io: Io) {
    this.#handler = io.onStop((signal) => {
      if (this.#abort.signal.aborted) {
        io.exit(secondInterruptExitCode);
        return;
      }
      if (signal !== 'SIGPIPE') {
        void io.stderr.write('\naborting: on_abort and ensure hooks still run... (once more leaves at once)\n');
      }
      this.#abort.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  [Symbol.dispose](): void {
    this.#handler[Symbol.dispose]();
  }
}
