/** Following a command that runs under the supervisor: its output, its end, its abort, its time limit. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/types.ts';
import { failure, neverStarted, supervisorLost, type RunFailure } from '../failures/index.ts';
import { passingOf } from '../failures/passing.ts';
import { RunFailureError } from '../model/failure.ts';
import type { CancelReason, ExitRecord } from '../supervisor/frames.ts';
import type { CommandSpec } from '../supervisor/command.ts';
import { storeExitCodes } from '../store/errors.ts';
import { Supervised, SupervisorError, type AttachOptions } from '../supervisor/supervised.ts';
import type { StoreShell } from '../store/types.ts';
import type { RunEmitter } from './emitter.ts';
import { podTrouble, watchForTrouble } from './monitor.ts';

/** Between TERM and KILL, as Concourse waits (`atc/worker/gardenruntime`, graceful stop). */
export const killGraceSeconds = 10;

/** Between the first two tries to start the command in a container that is still being made. */
const startDelayMs = 50;
/** Between two tries to deliver a cancel. */
const killDelayMs = 500;
/** How often a container is asked to end the command that answers that it cannot run our script. */
const killDoubts = 4;
/** What the pod still sends after its end was noticed (an exit record that was on its way) is worth a moment. */
const exitRecordGraceMs = 3000;
/** The longest time that a timer of Node's can count; the pod's own deadline covers what is longer. */
const longestTimerMs = 2 ** 31 - 1;

export interface FollowOptions {
  readonly cluster: Cluster;
  readonly pod: string;
  readonly main: StoreShell;
  readonly emitter: RunEmitter;
  /** Start this; absent: follow what was started before. */
  readonly spec?: CommandSpec | undefined;
  /** Aborted: TERM, grace, KILL. A command that has not begun is not waited for: following rejects with the signal's reason. */
  readonly abort: AbortSignal;
  /** Aborted: stop following at once (second abort, detach). */
  readonly stop: AbortSignal;
  /** Ends the command when it runs longer. Milliseconds from the moment when we know that it runs. */
  readonly timeoutMs?: number | undefined;
  /** A command that cannot be started by then (milliseconds since the epoch) is given up. */
  readonly startBy?: number | undefined;
  /** Rejects when the pod can no longer get to where the command starts. */
  readonly waiting?: Promise<unknown> | undefined;
  readonly onStarted?: (() => void) | undefined;
  /** Awaited before the first piece of output is told. */
  readonly beforeOutput?: (() => Promise<void>) | undefined;
}

/** Follows the command to its end. Rejects with `RunFailureError` when the pod is lost, with the signal's reason when told to stop. */
export async function followCommand(options: FollowOptions): Promise<ExitRecord> {
  return new CommandFollower(options).follow();
}

class CommandFollower {
  readonly #options: FollowOptions;
  readonly #supervised: Supervised;
  /** Ended by the pod's death, so that following does not wait for a stream that cannot come back. */
  readonly #dead = new AbortController();
  /** Following has ended: ends all that was started for it. */
  readonly #over = new AbortController();
  #trouble: RunFailure | undefined;
  #started = false;
  /** Why the command is to end; the first reason counts. */
  #cancel: CancelReason | undefined;
  /** The loss that goes on was told: once is enough, however many tries it takes. */
  #isTold = false;
  readonly #offsets = { stdout: 0, stderr: 0 };

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#supervised = new Supervised(options.main);
  }

  async follow(): Promise<ExitRecord> {
    const { abort, stop, spec, waiting } = this.#options;
    waiting?.catch((error: unknown) => {
      if (error instanceof RunFailureError) this.#fail(error.failure);
      // Of a command that runs, the wait's own end (an abort of the run) says nothing.
      else if (!this.#started) this.#dead.abort(error);
    });
    const onAbort = (): void => this.#end('abort');
    abort.addEventListener('abort', onAbort, { once: true });
    if (abort.aborted) onAbort();
    try {
      const sinks = { stdout: this.#sink('stdout'), stderr: this.#sink('stderr') };
      const attach = this.#attachOptions();
      return await (spec ? this.#supervised.run(spec, sinks, attach) : this.#supervised.attach(sinks, attach));
    } catch (error) {
      stop.throwIfAborted();
      if (this.#trouble) throw new RunFailureError(this.#trouble, { cause: error });
      this.#dead.signal.throwIfAborted();
      if (error instanceof SupervisorError) throw new RunFailureError(await this.#explain(error), { cause: error });
      throw error;
    } finally {
      this.#over.abort();
      abort.removeEventListener('abort', onAbort);
    }
  }

  #attachOptions(): AttachOptions {
    const { cluster, pod, emitter, spec, startBy } = this.#options;
    return {
      signal: AbortSignal.any([this.#options.stop, this.#dead.signal]),
      startDelayMs,
      startBy,
      onStarted: () => this.#onStarted(),
      onReconnect: ({ attempt, cause }) => {
        // The first try after something has come through: another loss than the one before.
        if (attempt === 1) this.#isTold = false;
        // That the container is not there yet is what starting means.
        if (this.#isTold || (!this.#started && passingOf(cause) !== 'away')) return;
        this.#isTold = true;
        void emitter.emit({
          type: 'reconnecting',
          attempt,
          reason: cause instanceof Error ? cause.message : String(cause),
        });
      },
      isPodAlive: async (signal) => {
        if (this.#trouble) return false;
        if (!this.#started && spec) return true; // `waiting` tells when it cannot start.
        try {
          this.#trouble = await podTrouble(cluster, await cluster.getPod(pod, signal), pod);
          return this.#trouble === undefined;
        } catch {
          return true; // The API does not answer: the network is away, which says nothing about the pod.
        }
      },
    };
  }

  #onStarted(): void {
    this.#started = true;
    this.#options.onStarted?.();
    const { cluster, pod, timeoutMs } = this.#options;
    void watchForTrouble(cluster, pod, AbortSignal.any([this.#over.signal, this.#dead.signal])).then((found) => {
      if (found && !this.#over.signal.aborted) this.#failSoon(found);
    });
    if (timeoutMs !== undefined && timeoutMs <= longestTimerMs) this.#after(timeoutMs, () => this.#end('timeout'));
    // An abort that came while the command was being started.
    if (this.#cancel) void this.#kill(this.#cancel);
  }

  #sink(stream: 'stdout' | 'stderr') {
    return async (data: Uint8Array): Promise<void> => {
      await this.#options.beforeOutput?.();
      const offset = this.#offsets[stream];
      this.#offsets[stream] += data.length;
      // The exec client may reuse its buffer; consumers may keep what they got.
      await this.#options.emitter.emit({ type: 'output', stream, offset, data: Uint8Array.from(data) });
    };
  }

  #fail(found: RunFailure): void {
    this.#trouble ??= found;
    this.#dead.abort(new RunFailureError(found));
  }

  #failSoon(found: RunFailure): void {
    this.#trouble ??= found;
    this.#after(exitRecordGraceMs, () => this.#fail(found));
  }

  /** Does `work` after this time, unless following is over by then. */
  #after(ms: number, work: () => void): void {
    const timer = setTimeout(work, ms);
    this.#over.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  #end(reason: CancelReason): void {
    if (this.#cancel) return;
    this.#cancel = reason;
    if (this.#started) void this.#kill(reason);
    // Nothing runs yet, so there is nothing to end gently: whoever owns the pod deletes it.
    else if (this.#options.spec) this.#dead.abort(this.#options.abort.reason);
  }

  /** TERM, grace, KILL. A cancel that cannot be delivered is tried again until following is over. */
  async #kill(reason: CancelReason): Promise<void> {
    const { emitter, stop } = this.#options;
    const graceMs = killGraceSeconds * 1000;
    void emitter.emit({ type: 'aborting', stage: 'terminate', graceMs });
    this.#after(graceMs, () => void emitter.emit({ type: 'aborting', stage: 'kill' }));
    const signal = AbortSignal.any([stop, this.#over.signal, this.#dead.signal]);
    for (let doubts = 0; !signal.aborted;) {
      try {
        if (await this.#supervised.kill(killGraceSeconds, reason, signal)) return;
        this.#endPod(reason);
        return;
      } catch (error) {
        // The connection is away, or following has ended: the loop tells which. A container that answers, but cannot run
        // our script, will not do so later either.
        if (passingOf(error) !== 'away' && passingOf(error) !== 'absent') doubts += 1;
        if (doubts >= killDoubts) this.#endPod(reason);
        else await delay(killDelayMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Something survived KILL, or cannot be told: only the end of its container is left. */
  #endPod(reason: CancelReason): void {
    void this.#options.emitter.emit({ type: 'aborting', stage: 'delete' });
    if (reason === 'timeout') this.#fail(timeoutFailure(this.#options.timeoutMs ?? 0));
    else this.#dead.abort(this.#options.abort.reason);
  }

  /** The pod's own state says more than the supervisor's silence, if it says anything. */
  async #explain(error: SupervisorError): Promise<RunFailure> {
    const { cluster, pod } = this.#options;
    try {
      const trouble = await podTrouble(cluster, await cluster.getPod(pod), pod);
      if (trouble) return trouble;
    } catch {
      // The API does not answer either; what the supervisor said is all there is.
    }
    if (error.code === 'START_FAILED' && error.exitCode !== undefined && error.exitCode in storeExitCodes)
    // The helper could not unpack the inputs; as an init container it would have said the same by its exit code.
    {
      return failure('init-failed', 'An input could not be taken from the store', {
        evidence: [error.message],
        nextStep: 'Run it again: the input is then sent once more.',
        retryable: true,
        detail: { container: 'artifact-helper', exitCode: error.exitCode },
      });
    }
    if (error.code === 'START_FAILED') {
      return failure('container-start-error', 'The command could not be started', {
        evidence: [error.message],
        nextStep: 'Check the image and run.user; `tarmac doctor` checks the helper image.',
      });
    }
    if (error.code === 'NOT_STARTED') return neverStarted();
    return supervisorLost(error.message, { pod });
  }
}

/** The command was ended because it ran longer than it may. */
export function timeoutFailure(timeoutMs: number): RunFailure {
  return failure(
    'deadline-exceeded',
    `The task ran longer than its time limit of ${Math.round(timeoutMs / 1000)} s and was stopped`,
    {
      nextStep:
        'Give it more time with --timeout, or find out why it hangs: `tarmac shell` opens a shell in a running task.',
    },
  );
}
