/** The one loop that asks again after a loss. What may pass is said in `passing.ts`; how long to try is its caller's to say. */
import { backoff, systemClock, type Clock } from '../cluster/clock.ts';
import { passingOf, type Passing } from './passing.ts';

/** A try that ended with an error that may pass. */
export interface Loss {
  readonly error: unknown;
  readonly passing: Passing;
  /** Failed tries since something came through; 1 is the first. */
  readonly attempt: number;
  /** Milliseconds until the next try. */
  readonly delayMs: number;
}

export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Before the second try, and the longest pause between two, in milliseconds. */
  readonly pauses: { readonly first: number; readonly most: number };
  /** How often a doubtful answer is taken; then it is believed, and thrown. */
  readonly doubtfulTries: number | ((error: unknown) => number);
  /** Only doubtful answers in a row count, for work that other losses interrupt all the time. Default: all of them. */
  readonly inARow?: boolean;
  /** How an error may pass; default `passingOf`. */
  readonly passing?: (error: unknown) => Passing | undefined;
  /** Whether the last try has brought something: then all counting begins anew. */
  readonly hasProgressed?: () => boolean;
  /** Another pause than the usual one, by the number of failed tries before. */
  readonly pause?: (loss: Omit<Loss, 'delayMs'>) => number | undefined;
  /** Hears of each loss before the pause. What it throws ends the trying. */
  readonly onLoss?: (loss: Loss) => void | Promise<void>;
}

/**
 * Repeats `work`, which may be done twice, while what it throws may pass.
 *
 * @throws the error of `work` that stands; what `onLoss` throws; the signal's reason when it is aborted
 */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, clock = systemClock, pauses, doubtfulTries, passing: passes = passingOf } = options;
  let [attempt, doubts] = [0, 0];
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const passing = passes(error);
      if (passing === undefined) throw error;
      if (options.hasProgressed?.()) attempt = doubts = 0;
      attempt += 1;
      if (passing === 'doubtful') doubts += 1;
      else if (options.inARow) doubts = 0;
      if (doubts >= (typeof doubtfulTries === 'number' ? doubtfulTries : doubtfulTries(error))) throw error;
      const loss = { error, passing, attempt };
      const delayMs = options.pause?.(loss) ?? backoff(attempt - 1, pauses.first, pauses.most, clock);
      await options.onLoss?.({ ...loss, delayMs });
      await clock.sleep(delayMs, signal);
    }
  }
}
