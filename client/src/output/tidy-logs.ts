/** Logs of runs that nobody will read any more, removed in passing: as long as the runner keeps its records, and no longer. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isLocked } from './log-lock.ts';

/** Logs beyond this many, or older than this, are removed. */
const mostLogs = 200;
const dayMs = 24 * 60 * 60 * 1000;
const oldestMs = 30 * dayMs;

/** The log of a run in its folder: named after the run, so that several open logs can be told apart. */
export function logName(run: string): string {
  return `${run}.log`;
}

/**
 * Removes the oldest logs.
 *
 * @param folder with a folder for each run; may be missing
 * @param keep ids of runs whose log stays in any case: their end was not seen yet
 * @param now milliseconds since the epoch
 * @returns ids of the runs whose log was removed
 */
export async function tidyLogs(folder: string, keep: ReadonlySet<string>, now = Date.now()): Promise<string[]> {
  const found: { readonly run: string; readonly ageMs: number }[] = [];
  for (const run of await readdir(folder).catch(() => [])) {
    const log = await stat(join(folder, run, logName(run))).catch(() => stat(join(folder, run)));
    found.push({ run, ageMs: now - log.mtimeMs });
  }
  found.sort((a, b) => a.ageMs - b.ageMs);
  const removed: string[] = [];
  for (const [index, { run, ageMs }] of found.entries()) {
    // However many there are, what is younger than a day is somebody's work of today.
    const old = ageMs > oldestMs || (index >= mostLogs && ageMs > dayMs);
    if (!old || keep.has(run) || (await isLocked(join(folder, run, logName(run))))) continue;
    await rm(join(folder, run), { recursive: true, force: true });
    removed.push(run);
  }
  return removed;
}
