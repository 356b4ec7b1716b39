/** Progress on the terminal and failures that say what to do next. */

/** A failure that the user can act on. */
export class ScriptError extends Error {
  /** What to do about it, one step. */
  readonly next: string | undefined;
  /** A log file that tells more; its end is shown. */
  readonly log: string | undefined;

  constructor(message: string, options: { next?: string; log?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ScriptError';
    this.next = options.next;
    this.log = options.log;
  }
}

/**
 * Runs one step and prints one line for it: what, and how long it took. On a terminal the line is there while the
 * step runs; in a log (CI) the start of a step is a line of its own, so that a hanging step can be seen.
 *
 * @param what an imperative, such as `Start etcd`
 * @param run returns what is to be said after the duration, or nothing
 */
export async function step<T>(what: string, run: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const terminal = process.stdout.isTTY;
  process.stdout.write(terminal ? `  … ${what}` : `  … ${what}\n`);
  const finish = (mark: string): void => {
    process.stdout.write(
      `${terminal ? '\r\u001b[K' : ''}  ${mark} ${what} (${duration(performance.now() - started)})\n`,
    );
  };
  try {
    const result = await run();
    finish('✓');
    return result;
  } catch (error) {
    finish('✗');
    throw error;
  }
}

/** One line that is no step. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * A duration as people read it.
 *
 * @param milliseconds not negative
 */
export function duration(milliseconds: number): string {
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * The last lines of a text.
 *
 * @param count how many at most
 */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
