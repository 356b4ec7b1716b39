/** Store operations whose stream was lost are asked for again, where doing them twice does no harm. */
import { isLost } from '../failures/passing.ts';
import { retry } from '../failures/retry.ts';

export { isLost };

/** How often an operation is begun. */
const attempts = 4;
/** Before the second attempt, and the longest pause between two, in milliseconds. */
const pauses = { first: 250, most: 2000 };

/**
 * Repeats `work` while its exec stream is lost. For operations that may be done twice, also while the first goes on
 * unseen: an upload to a claim or a saved output is written under a new name and renamed.
 *
 * @throws what the last attempt threw, at once for anything but a lost stream; the signal's reason when it aborts
 */
export async function repeatWhenLost<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return await retry(work, {
    signal,
    pauses,
    doubtfulTries: attempts,
    passing: (error) => (isLost(error) ? 'doubtful' : undefined),
  });
}
