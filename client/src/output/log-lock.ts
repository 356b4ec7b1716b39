/**
 * One writer for one log: the logs of all windows lie in the same folder, and two windows may follow the same run. The
 * lock is a file with the id of the process that writes; that of a process which has ended counts no more.
 */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';

/** A lock without a process id is one that is being written, or was left by a crash in that moment; in milliseconds. */
const unreadableMs = 10_000;

/** Held until it is disposed of. */
export class LogLock implements AsyncDisposable {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Undefined while another living process of this machine holds it. @param log path of the log; its folder is there */
  static async take(log: string): Promise<LogLock | undefined> {
    const file = lockOf(log);
    for (let tries = 0; tries < 2; tries++) {
      try {
        await writeFile(file, String(process.pid), { flag: 'wx', mode: 0o600 });
        return new LogLock(file);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      if (await isLocked(log)) return undefined;
      await rm(file, { force: true });
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

/** Whether another living process of this machine writes this log. */
export async function isLocked(log: string): Promise<boolean> {
  const file = lockOf(log);
  try {
    const pid = Number(await readFile(file, 'utf8'));
    if (pid > 0) return pid !== process.pid && isAlive(pid);
    return Date.now() - (await stat(file)).mtimeMs < unreadableMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function lockOf(log: string): string {
  return `${log}.lock`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
