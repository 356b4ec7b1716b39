/** For editor tests: waiting for a condition. */
import { AssertionError } from 'node:assert';

/** How long a condition may take to come true, and how often it is looked at. */
const [limitMs, intervalMs] = [80_000, 50];

/**
 * Looks again until `look` does not throw, and gives what it returned.
 *
 * @param look asserts what is to come true
 * @throws what `look` threw last, when it has not come true in eighty seconds
 */
export async function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof AssertionError) || performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
