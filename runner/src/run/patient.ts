/** Work that must not be lost with the connection: what brings a command to its start, and what saves what it has made. */
import { systemClock, type Clock } from '../cluster/clock.ts';
import { errorText } from '../model/format.ts';
import { isUnreached, passingOf } from '../failures/passing.ts';
import { retry } from '../failures/retry.ts';
import { RunFailureError, type RunFailure } from '../model/failure.ts';
import { StoreError } from '../store/errors.ts';
import type { RunEmitter } from './emitter.ts';

export interface PatienceOptions {
  /** Why the pod that is asked has ended; undefined while it lives. Rejects while the API does not answer. */
  readonly trouble?: (signal: AbortSignal) => Promise<RunFailure | undefined>;
  /** Hears of the first loss; what belongs to no run has nobody to tell. */
  readonly emitter?: RunEmitter;
  readonly signal: AbortSignal;
  /** No try begins after this time, by the clock. Absent: the pod's own end is the limit. */
  readonly until?: number;
  /** Nothing of the cluster has answered yet: where no connection comes about, that is told at once. */
  readonly isFirstContact?: boolean;
  readonly clock?: Clock;
}

/** How often a transfer is begun that arrives damaged: servers are known to cut a stream and call it a success. */
const damagedTries = 3;
/** How often a container is asked that answers with what hardly changes, such as that our program is not in it. */
const doubtfulTries = 8;
/** Before the second try, and the longest pause between two, in milliseconds. */
const pauses = { first: 250, most: 10_000 };

/**
 * Repeats `work`, which may be done twice, for as long as the connection is away and the pod lives: an API server that
 * restarts or a VPN that drops must cost nothing. What may pass at all is said in `failures/passing.ts`; what the container
 * itself answers is asked for a few times only. A loss is told once, as `reconnecting`.
 *
 * @throws RunFailureError when the pod has ended; the signal's reason when it is aborted; any other error of `work` at once
 */
export async function patiently<T>(work: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { trouble, emitter, signal, until, isFirstContact, clock = systemClock } = options;
  let isTold = false;
  return await retry(work, {
    signal,
    clock,
    pauses,
    doubtfulTries: (error) => (error instanceof StoreError && error.kind === 'DAMAGED' ? damagedTries : doubtfulTries),
    passing: (error) => (isFirstContact && isUnreached(error) ? undefined : passingOf(error)),
    async onLoss({ error, passing }) {
      if (until !== undefined && clock.now() >= until) throw error;
      // Without an answer nothing is known of the pod: the next try tells.
      const ended = await trouble?.(signal).catch(() => undefined);
      if (ended) throw new RunFailureError(ended, { cause: error });
      signal.throwIfAborted();
      // That a container is not there yet is what starting means.
      if (passing === 'absent') return;
      if (!isTold) void emitter?.emit({ type: 'reconnecting', attempt: 1, reason: errorText(error) });
      isTold = true;
    },
  });
}
