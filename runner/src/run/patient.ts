/** Work in a pod that must not be lost with the connection: what a command has made, when the command has ended. */
import { backoff, systemClock, type Clock } from '../cluster/clock.ts';
import { errorText } from '../cluster/errors.ts';
import { ExecError } from '../cluster/exec-error.ts';
import { RunFailureError, type RunFailure } from '../failures/types.ts';
import { StoreError } from '../store/errors.ts';
import { isLost } from '../store/repeat.ts';
import type { RunEmitter } from './emitter.ts';

export interface PatienceOptions {
  /** Why the pod that is asked has ended; undefined while it lives. Rejects while the API does not answer. */
  readonly trouble: (signal: AbortSignal) => Promise<RunFailure | undefined>;
  readonly emitter: RunEmitter;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** How often a transfer is begun that arrives damaged: servers are known to cut a stream and call it a success. */
const damagedTries = 3;
/** Before the second try, and the longest pause between two, in milliseconds. */
const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Repeats `work`, which may be done twice, for as long as the connection is away and the pod lives: an API server that
 * restarts or a VPN that drops after an hour of work must not cost what the work has made. The pod ends by itself some
 * time after it has last heard of us, so this ends too. What arrives damaged is asked for again, twice.
 *
 * @throws RunFailureError when the pod has ended; the signal's reason when it is aborted; any other error of `work` at once
 */
export async function patiently<T>(work: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { trouble, emitter, signal, clock = systemClock } = options;
  let damaged = 0;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StoreError && error.kind === 'DAMAGED') damaged += 1;
      else if (!mayPass(error)) throw error;
      if (damaged >= damagedTries) throw error;
      // Without an answer nothing is known of the pod: the next try tells.
      const ended = await trouble(signal).catch(() => undefined);
      if (ended) throw new RunFailureError(ended, { cause: error });
      signal.throwIfAborted();
      void emitter.emit({ type: 'reconnecting', attempt: attempt + 1, reason: errorText(error) });
      await clock.sleep(backoff(attempt, firstPauseMs, longestPauseMs, clock), signal);
    }
  }
}

/** The stream was lost, or the way to the container was not there. */
function mayPass(error: unknown): boolean {
  if (isLost(error)) return true;
  if (!(error instanceof ExecError)) return false;
  return error.neverStarted || (error.code === 'REFUSED' && error.status !== undefined && error.status >= 500);
}
