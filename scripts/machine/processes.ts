/** Long-running processes: starting them so that they outlive us, and finding them again. */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { basicEnvironment, isErrno, readIfThere, until } from './command.ts';

/**
 * The environment variable that marks every process which we start for a folder. What such a process starts itself
 * (containerd's shims, the builds' compilers) inherits it, so that everything can be found even when every parent
 * was killed and no pid file was written.
 */
export const OWNER = 'TARMAC_CLUSTER_OWNER';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  readonly pid: number;
  /** Start time in clock ticks since boot: field 22 of /proc/PID/stat (proc(5)). */
  readonly started: string;
}

/**
 * Starts a daemon in a session of its own, without our stdin, stdout or stderr, and records its process id in
 * `<state>/run/<name>.json`.
 *
 * @param logs folder for `<name>.log`, which is appended to
 */
export async function startDaemon(
  name: string,
  command: readonly [string, ...string[]],
  options: { state: string; logs: string; env?: Record<string, string> },
): Promise<ProcessId> {
  await mkdir(options.logs, { recursive: true });
  await mkdir(join(options.state, 'run'), { recursive: true });
  await using log = await open(join(options.logs, `${name}.log`), 'a');
  const [program, ...args] = command;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: options.state,
    env: { ...basicEnvironment(), ...options.env, [OWNER]: options.state },
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      if (child.pid === undefined) reject(new Error(`${program} has no process id`));
      else resolve(child.pid);
    });
  });
  child.unref();
  const id = { pid, started: (await startTime(pid)) ?? 'gone' };
  await writeFile(join(options.state, 'run', `${name}.json`), JSON.stringify(id));
  return id;
}

/** The daemons that were started for a state folder, by name, whether they still run or not. */
export async function recordedDaemons(state: string): Promise<Map<string, ProcessId>> {
  const found = new Map<string, ProcessId>();
  for (const file of await listIfThere(join(state, 'run'))) {
    const id = parseProcessId(await readFile(join(state, 'run', file), 'utf8'));
    if (id !== undefined) found.set(file.replace(/\.json$/, ''), id);
  }
  return found;
}

/** Whether this very process still runs. */
export async function isRunning(id: ProcessId): Promise<boolean> {
  return (await startTime(id.pid)) === id.started;
}

/** The processes that carry {@link OWNER} with this value. Other users' processes are only seen by root. */
export async function processesOwnedBy(owner: string): Promise<number[]> {
  const mark = `${OWNER}=${owner}`;
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = await readIfThere(`/proc/${pid}/environ`);
    if (environment?.split('\0').includes(mark) === true) found.push(pid);
  }
  return found;
}

/**
 * Sends a signal to processes and waits until none is left.
 *
 * @param list gives those that are still there
 * @param timeout milliseconds
 * @returns those that remained, normally none
 */
export async function stopProcesses(
  list: () => Promise<readonly number[]>,
  signal: 'SIGTERM' | 'SIGKILL',
  timeout: number,
): Promise<readonly number[]> {
  const signalled = new Set<number>();
  let remaining: readonly number[] = [];
  const end = performance.now() + timeout;
  await until('processes to end', timeout + 5000, async () => {
    remaining = await list();
    for (const pid of remaining) {
      // Processes may appear while others end, so that each round may find new ones to signal.
      if (!signalled.has(pid)) signalTo(pid, signal);
      signalled.add(pid);
    }
    return remaining.length === 0 || performance.now() > end ? true : undefined;
  });
  return remaining;
}

/**
 * Field 22 of a `/proc/PID/stat` line. The second field, the command's name in parentheses, may hold anything.
 *
 * @returns undefined for a zombie, which is gone but for its parent's taking note
 */
export function parseStartTime(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** A folder's entries, or none when there is no such folder. */
export async function listIfThere(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** The start time of a process, or undefined when it does not run. */
export async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseStartTime(stat);
}

function signalTo(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

/** A record that was cut short by a crash is as good as none: the mark in the environment finds the process. */
function parseProcessId(json: string): ProcessId | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value)) return undefined;
    return typeof value.pid === 'number' && typeof value.started === 'string'
      ? { pid: value.pid, started: value.started }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
