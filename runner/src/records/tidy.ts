/** What runs leave behind, removed in passing: pods that ended by themselves, and old records on this machine's disk. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasLivingClient } from './client.ts';
import { sweepPods } from './list.ts';
import { readRecord, removeRecord } from './record.ts';
import type { RunnerContext } from '../model/run.ts';

/** Records beyond this many, or older than this, are forgotten. */
const mostRecords = 200;
const oldestMs = 30 * 24 * 60 * 60 * 1000;
/** However many there are, what is younger than this is kept: its run may still go on. */
const youngestMs = 24 * 60 * 60 * 1000;
/** Tidying is a courtesy: it does not hold anybody up for longer. */
const patienceMs = 5000;

/** Sweeps pods and forgets old records. Never rejects: what it could not do, the next call does. */
export async function tidy(context: RunnerContext): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs);
  await Promise.allSettled([sweepPods(context, [], signal), pruneRecords(context.stateDir)]);
}

/**
 * Forgets the oldest runs of this machine, with their logs.
 *
 * @param now milliseconds since the epoch
 * @returns how many were forgotten
 */
export async function pruneRecords(stateDir: string, now = Date.now()): Promise<number> {
  const runs = join(stateDir, 'runs');
  const found: { readonly run: string; readonly ageMs: number }[] = [];
  for (const run of (await readdir(runs)).filter((name) => /^[a-z0-9][a-z0-9-]*$/.test(name))) {
    const { mtimeMs } = await stat(join(runs, run));
    found.push({ run, ageMs: now - mtimeMs });
  }
  found.sort((a, b) => a.ageMs - b.ageMs);
  const old = found.filter(({ ageMs }, index) => ageMs > oldestMs || (index >= mostRecords && ageMs > youngestMs));
  let forgotten = 0;
  for (const { run } of old) {
    const record = await readRecord(stateDir, run);
    if (record && hasLivingClient(record)) continue;
    await removeRecord(stateDir, run);
    forgotten += 1;
  }
  return forgotten;
}
