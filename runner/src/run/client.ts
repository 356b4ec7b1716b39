/** The process that follows a run and will finish it, as far as this machine can know it. */
import { hostname } from 'node:os';
import type { RunRecord } from './record.ts';

/** This process, as a record names it. */
export function thisClient(): NonNullable<RunRecord['client']> {
  return { host: hostname(), pid: process.pid };
}

/** Runs that this process follows and will finish. A record cannot tell them from those of a dead process with our pid. */
const followed = new Set<string>();

/** Says that this process will finish the run, until the result is disposed of. */
export function claimRun(run: string): Disposable {
  followed.add(run);
  return { [Symbol.dispose]: () => followed.delete(run) };
}

/** Somebody on this machine, be it in this process, follows the run and will finish it. */
export function hasLivingClient(record: RunRecord): boolean {
  const { client } = record;
  if (client?.host !== hostname()) return false;
  if (client.pid === process.pid) return followed.has(record.run);
  try {
    process.kill(client.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
