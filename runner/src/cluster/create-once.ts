/** Creating an object whose name is ours alone, over a connection that may break before the answer arrives. */
import { ApiError } from './errors.ts';

/** Network errors after which the server may have done what it was asked. */
const answerLost = new Set<string | number>(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'EBADBODY']);

/** Connections that broke in the middle of TLS tell it in OpenSSL's words. */
const brokenTls = /^(?:ERR_SSL_|EPROTO$)/;

/** How often the creation is asked for, where nobody says how long. */
const tries = 3;

/** Whether the object may be there although creating it failed: the answer was lost, or not waited for. */
export function mayHaveActed(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  if (!(error instanceof ApiError)) return false;
  const { code } = error;
  // A server that is overtaxed, or whose database is, may have done it all the same.
  if (typeof code === 'number') return code >= 500;
  return answerLost.has(code) || brokenTls.test(code);
}

/**
 * Creates an object, and asks again when the answer was lost. That it exists already is then the missing answer, since
 * nobody else uses the name; on the first try it is an error as any other.
 *
 * @param create asks for the object
 * @param existing what is there by its name
 * @param again repeats what it is given for as long as its error may pass; three tries where it is absent
 */
export async function createOnce<T>(
  create: () => Promise<T>,
  existing: () => Promise<T | undefined>,
  signal: AbortSignal,
  again: (work: () => Promise<T>) => Promise<T> = (work) => threeTimes(work, signal),
): Promise<T> {
  let acted = false;
  return await again(async () => {
    try {
      return await create();
    } catch (error) {
      if (acted && error instanceof ApiError && error.code === 409) {
        const there = await existing();
        if (there !== undefined) return there;
      }
      acted ||= mayHaveActed(error, signal);
      throw error;
    }
  });
}

async function threeTimes<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= tries || signal.aborted || !mayHaveActed(error, signal)) throw error;
    }
  }
}
