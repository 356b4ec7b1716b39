/** Store operations whose stream was lost are asked for again, where doing them twice does no harm. */
import { setTimeout as delay } from 'node:timers/promises';
import { isLost } from '../failures/passing.ts';

export { isLost };

/** How often an operation is begun. */
const attempts = 4;
/** Before the second attempt, in milliseconds; twice as long before each further one. */
const firstDelayMs = 250;

/**
 * Repeats `work` while its exec stream is lost. For operations that may be done twice, also while the first goes on
 * unseen: an upload to a claim or a saved output is written under a new name and renamed.
 *
 * @throws what the last attempt threw, at once for anything but a lost stream; the signal's reason when it aborts
 */
export async function repeatWhenLost<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isLost(error)) throw error;
      signal?.throwIfAborted();
      await delay(firstDelayMs * 2 ** (attempt - 1), undefined, signal ? { signal } : {});
    }
  }
}
