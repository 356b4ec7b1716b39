/** Runs a Node script as a child that leaves nothing behind. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** How a child process ended. */
export interface ChildEnd {
  /** As a shell reports it: 128 + n after signal n. */
  readonly exitCode: number;
  readonly timedOut: boolean;
}

/** What to run. */
export interface ChildRequest {
  /** Script and arguments for this process' own Node. */
  readonly script: readonly string[];
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly limitMs: number;
  /** An open file for its output. Default: this process' own stdout and stderr. It has no stdin. */
  readonly output?: number | undefined;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a child may take to end itself after TERM: `tarmac execute` gives its task ten seconds of it. */
const graceMs = 20_000;

/**
 * Runs a Node script in a process group of its own, so that nothing that it started is left when it is stopped:
 * by `signal` or when its time is over, the group gets TERM, and KILL when it has not ended in time.
 */
export async function runChild({ script, cwd, signal, limitMs, env, output }: ChildRequest): Promise<ChildEnd> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, script, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', output ?? 'inherit', output ?? 'inherit'],
    detached: true,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) => resolve(by === null ? (code ?? 1) : 128 + constants.signals[by]));
  });

  const toGroup = (name: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      // Nobody of the group is left: that is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const limit = AbortSignal.timeout(limitMs);
  const stop = AbortSignal.any([signal, limit]);
  let kill: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    toGroup('SIGTERM');
    kill = setTimeout(toGroup, graceMs, 'SIGKILL');
  };
  stop.addEventListener('abort', onStop, { once: true });
  try {
    return { exitCode: await ended, timedOut: limit.aborted };
  } finally {
    stop.removeEventListener('abort', onStop);
    clearTimeout(kill);
    // What the script left behind when it was stopped ends with it. What it meant to stay has left the group.
    if (stop.aborted) toGroup('SIGKILL');
  }
}
