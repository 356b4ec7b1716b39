/** Time and chance as values, so that tests of back-off and polling need neither to wait nor to guess. */
import { setTimeout as delay } from 'node:timers/promises';

/** What retries, polls and expiry ask for the time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1), for jitter. */
  random(): number;
}

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
  random: () => Math.random(),
};

/**
 * Milliseconds to wait before try number `attempt` (0 is the first repetition): exponential from `first` up to `most`,
 * of which a random half is taken off, so that clients that failed together do not come back together.
 */
export function backoff(attempt: number, first: number, most: number, clock: Clock): number {
  return Math.min(most, first * 2 ** attempt) * (0.5 + clock.random() / 2);
}
