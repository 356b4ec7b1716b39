/** The process that follows a run and will finish it, as far as this machine can know it. */
import { readFileSync } from 'node:fs';
import { hostname, uptime, userInfo } from 'node:os';

/** A process, as a record names it. */
export interface Client {
  readonly host: string;
  readonly pid: number;
  /** Login name of whoever started it: tells people who share a namespace whose run it is. */
  readonly user?: string;
  /** When it took the run up, ISO 8601. */
  readonly since?: string;
  /** When the process began, by the kernel's own count; tells it from a later one with its pid. */
  readonly startTime?: string;
}

/** This process, as a record names it. */
export function thisClient(): Client {
  const startTime = startTimeOf(process.pid);
  const user = userName();
  return {
    host: hostname(),
    pid: process.pid,
    ...(user === undefined ? {} : { user }),
    since: new Date().toISOString(),
    ...(startTime === undefined ? {} : { startTime }),
  };
}

/** Undefined where the system has no entry for the user, as in containers with a random one. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** When a process began, in the kernel's ticks since it was booted; undefined where there is no /proc (proc(5), `starttime`). */
function startTimeOf(pid: number): string | undefined {
  try {
    // The name in parentheses may hold anything, blanks and parentheses too.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Clocks are set, and a machine's uptime is told in whole seconds on some systems. */
const clockSlackMs = 60_000;

/** A process with the client's pid is there; whether it is the client: numbers are given again, surely after a restart. */
function isSame({ pid, since, startTime }: Client): boolean {
  const now = startTimeOf(pid);
  if (startTime !== undefined && now !== undefined && startTime !== now) return false;
  const bootedAt = Date.now() - uptime() * 1000;
  return since === undefined || Date.parse(since) > bootedAt - clockSlackMs;
}

/** Runs that this process follows and will finish. A record cannot tell them from those of a dead process with our pid. */
const followed = new Set<string>();

/** Says that this process will finish the run, until the result is disposed of. */
export function claimRun(run: string): Disposable {
  followed.add(run);
  return { [Symbol.dispose]: () => followed.delete(run) };
}

/** Somebody on this machine, be it in this process, follows the run and will finish it. */
export function hasLivingClient(record: { readonly run: string; readonly client?: Client }): boolean {
  const { client } = record;
  if (client?.host !== hostname()) return false;
  if (client.pid === process.pid) return followed.has(record.run);
  try {
    process.kill(client.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return isSame(client);
}

/** The client of this run was a process of this machine, and has ended. */
export function isOrphan(record: { readonly run: string; readonly client?: Client }): boolean {
  return record.client?.host === hostname() && !hasLivingClient(record);
}
