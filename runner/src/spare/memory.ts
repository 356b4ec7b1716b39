/**
 * The spares of this user on this machine: pods that wait for the next run of a task. Only who has the file of a spare takes
 * it, and a file is taken by a rename, which succeeds for one process.
 *
 * ```
 * <stateDir>/spares/<key>.json      one spare of one task on one cluster
 *                   <key>.refused   the cluster had no room for one, at the time of its mtime
 * ```
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../make-directory.ts';
import type { RunnerContext } from '../model/run.ts';

/** A pod that waits for a run. */
export interface Spare {
  /** What the run that takes it is called. */
  readonly run: string;
  readonly pod: string;
  readonly uid: string;
  readonly server: string;
  readonly namespace: string;
  /** It ends by itself then; milliseconds since the epoch. */
  readonly until: number;
}

/** Spares that one user has at most, of all tasks. */
export const mostSpares = 3;
/** A spare that ends so soon is not taken any more. */
const marginMs = 20_000;
/** How long none is made after the cluster had no room. */
const refusedMs = 10 * 60_000;
/** How long a deletion may take. */
const deleteMs = 10_000;

function folder(stateDir: string): string {
  return join(stateDir, 'spares');
}

function file(stateDir: string, key: string): string {
  return join(folder(stateDir), `${key}.json`);
}

async function read(path: string): Promise<Spare | undefined> {
  try {
    const spare = JSON.parse(await readFile(path, 'utf8')) as Partial<Record<keyof Spare, unknown>> | null;
    const texts = [spare?.run, spare?.pod, spare?.uid, spare?.server, spare?.namespace];
    const isWhole = texts.every((text) => typeof text === 'string') && typeof spare?.until === 'number';
    return isWhole ? (spare as Spare) : undefined;
  } catch {
    // Gone, taken by another process, or cut by a full disk: none is known, and it ends by itself.
    return undefined;
  }
}

async function names(stateDir: string): Promise<string[]> {
  return await readdir(folder(stateDir)).catch(() => []);
}

/** The spares that are remembered and have not ended, by key. */
export async function knownSpares(stateDir: string, now = Date.now()): Promise<Map<string, Spare>> {
  const found = new Map<string, Spare>();
  for (const name of await names(stateDir)) {
    const [, key] = /^([0-9a-f]{64})\.json$/.exec(name) ?? [];
    const spare = key === undefined ? undefined : await read(file(stateDir, key));
    if (key === undefined || !spare) continue;
    if (spare.until > now) found.set(key, spare);
    else await rm(file(stateDir, key), { force: true });
  }
  return found;
}

/** Takes the memory of a spare away: it is the caller's then, and nobody else's. Undefined: there is none. */
export async function reserveSpare(stateDir: string, key: string, now = Date.now()): Promise<Spare | undefined> {
  const own = join(folder(stateDir), `${key}.${randomBytes(6).toString('hex')}`);
  try {
    await rename(file(stateDir, key), own);
  } catch {
    return undefined;
  }
  const spare = await read(own);
  await rm(own, { force: true });
  return spare && spare.until - marginMs > now ? spare : undefined;
}

/** Remembers a spare. False: one of this task is remembered already. */
export async function rememberSpare(stateDir: string, key: string, spare: Spare): Promise<boolean> {
  await makeDirectory(folder(stateDir), 0o700);
  try {
    await writeFile(file(stateDir, key), JSON.stringify(spare), { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

/** Remembers that the cluster had no room for a spare. */
export async function noteRefusal(stateDir: string, key: string): Promise<void> {
  await makeDirectory(folder(stateDir), 0o700);
  await writeFile(join(folder(stateDir), `${key}.refused`), '');
}

/** Whether the cluster had no room for a spare a while ago. */
export async function wasRefused(stateDir: string, key: string, now = Date.now()): Promise<boolean> {
  const path = join(folder(stateDir), `${key}.refused`);
  // No note, or none that can be read: asking the cluster once more costs one request.
  const noted = await stat(path).catch(() => undefined);
  if (noted && now - noted.mtimeMs < refusedMs) return true;
  if (noted) await rm(path, { force: true });
  return false;
}

/**
 * Deletes the spares of this user in this namespace that no run has taken. Never rejects: what is left ends by itself.
 *
 * @param only the key of one task; all when absent
 * @returns how many were deleted
 */
export async function removeSpares({ cluster, stateDir }: RunnerContext, only?: string): Promise<number> {
  const { server, namespace } = cluster.target;
  let removed = 0;
  for (const [key, spare] of await knownSpares(stateDir)) {
    if (spare.server !== server || spare.namespace !== namespace || (only ?? key) !== key) continue;
    const reserved = await reserveSpare(stateDir, key, 0);
    if (!reserved) continue;
    const { pod, uid } = reserved;
    try {
      await cluster.deletePod(pod, { gracePeriodSeconds: 0, uid, signal: AbortSignal.timeout(deleteMs) });
      removed += 1;
    } catch {
      // It ends by itself, and a later run sweeps it.
    }
  }
  return removed;
}
