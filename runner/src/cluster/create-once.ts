/** Creating an object whose name is ours alone, over a connection that may break before the answer arrives. */
import { ApiError } from './errors.ts';

/** Network errors after which the server may have done what it was asked. */
const answerLost = new Set<string | number>(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'EBADBODY']);

/** How often the creation is asked for. */
const tries = 3;

/** Whether the object may be there although creating it failed: the answer was lost, or not waited for. */
export function mayHaveActed(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted || (error instanceof ApiError && answerLost.has(error.code));
}

/**
 * Creates an object, and asks again when the answer was lost. That it exists already is then the missing answer, since
 * nobody else uses the name; on the first try it is an error as any other.
 *
 * @param create asks for the object
 * @param existing what is there by its name
 */
export async function createOnce<T>(
  create: () => Promise<T>,
  existing: () => Promise<T | undefined>,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create();
    } catch (error) {
      if (attempt > 1 && error instanceof ApiError && error.code === 409) {
        const there = await existing();
        if (there !== undefined) return there;
      }
      if (attempt >= tries || signal.aborted || !mayHaveActed(error, signal)) throw error;
    }
  }
}
