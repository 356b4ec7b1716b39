import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mapConcurrent } from './concurrency.ts';
import { comparePaths, treeDigest } from './digest.ts';
import { isMissing, SnapshotError, systemCode, unreadable } from './errors.ts';
import { listFiles } from './file-list.ts';
import { statPath } from './file-io.ts';
import { hashFile, type HashedFile } from './hash-file.ts';
import { inspect, type Inspected } from './inspect.ts';
import { Pace } from './pace.ts';
import { CLOCK_TICK_NS, settleTime, StatCache, type KnownContent } from './stat-cache.ts';
import type { Snapshot, SnapshotEntry, SnapshotNote, SnapshotOptions } from './types.ts';

const CONCURRENCY = 16;
const PROGRESS_EVERY_FILES = 64;
const PROGRESS_EVERY_BYTES = 8 << 20;
/** A file that is gone is looked for once more after so many milliseconds. */
const vanishedMs = 20;

/**
 * Lists and hashes the files of a local directory as a run would send them. Which files: see `listFiles`. With a
 * cache folder, files whose status has not changed since an earlier snapshot are not read again.
 *
 * @param root the directory; relative to the process's current directory if not absolute
 * @throws SnapshotError naming the path at fault; the signal's reason when aborted
 */
export async function takeSnapshot(root: string, options: SnapshotOptions = {}): Promise<Snapshot> {
  const { signal } = options;
  signal?.throwIfAborted();
  const absolute = resolve(root);
  await requireDirectory(absolute);
  const list = await listFiles(absolute, options);
  const items = (await inspect(absolute, list, signal)).sort((a, b) => comparePaths(a.path, b.path));
  const notes = list.notes;
  const cache = options.cacheDir === undefined ? undefined : await StatCache.open(options.cacheDir, absolute);
  const contents = await readContents(absolute, items, cache, notes, options);
  const entries = items
    .filter((item) => item.type !== 'file' || contents.read.has(item.path))
    .map((item) => entryOf(item, contents.read.get(item.path)));
  await cache?.save();
  let files = 0;
  let bytes = 0;
  for (const entry of entries) {
    if (entry.type === 'file') files++;
    bytes += entry.size;
  }
  return {
    root: absolute,
    entries,
    files,
    bytes,
    digest: treeDigest(entries),
    notes: notes.sort((a, b) => comparePaths(a.path, b.path)),
    source: list.source,
    hashed: contents.hashed,
  };
}

async function requireDirectory(root: string): Promise<void> {
  try {
    if ((await stat(root)).isDirectory()) return;
  } catch (error) {
    if (!isMissing(error) && systemCode(error) !== 'ELOOP') throw unreadable(root, error);
    const message = `The directory ${JSON.stringify(root)} does not exist. Give the path of an existing directory.`;
    throw new SnapshotError('NOT_A_DIRECTORY', root, message, { cause: error });
  }
  const message = `${JSON.stringify(root)} is not a directory. An input is a directory: give the one that holds the file.`;
  throw new SnapshotError('NOT_A_DIRECTORY', root, message);
}

interface Contents {
  readonly read: ReadonlyMap<string, KnownContent & { readonly size: number }>;
  readonly hashed: number;
}

async function readContents(
  root: string,
  items: readonly Inspected[],
  cache: StatCache | undefined,
  notes: SnapshotNote[],
  options: SnapshotOptions,
): Promise<Contents> {
  const read = new Map<string, KnownContent & { readonly size: number }>();
  const unknown: Inspected[] = [];
  for (const item of items) {
    if (item.type !== 'file') continue;
    const known = cache?.get(item.path, item.stats);
    if (known === undefined) unknown.push(item);
    else read.set(item.path, { ...known, size: Number(item.stats.size) });
  }
  const keepable = cache === undefined ? new Set<Inspected>() : await settle(unknown, options.signal);

  const pace = new Pace();
  const progress = { files: 0, bytes: 0 };
  let reportedFiles = 0;
  let reportedBytes = 0;
  const report = (): void => {
    ({ files: reportedFiles, bytes: reportedBytes } = progress);
    options.onProgress?.({ ...progress });
  };
  await mapConcurrent(
    unknown,
    CONCURRENCY,
    async (item) => {
      const content = await readOne(root, item, pace, options.signal);
      if (content === undefined) {
        const message = `${item.path} was removed while the directory was being read; it is not sent.`;
        notes.push({ path: item.path, reason: 'deleted', message });
        return;
      }
      read.set(item.path, content);
      if (!content.steady) {
        const message = `${item.path} is being written to: it is sent as it was at ${content.size} bytes.`;
        notes.push({ path: item.path, reason: 'changed', message });
      } else if (keepable.has(item) && content.stats === item.stats) {
        cache?.set(item.path, content.stats, content);
      }
      progress.files++;
      progress.bytes += content.size;
      const due = progress.files - reportedFiles >= PROGRESS_EVERY_FILES;
      if (due || progress.bytes - reportedBytes >= PROGRESS_EVERY_BYTES) report();
    },
    options.signal,
  );
  if (progress.files > reportedFiles) report();
  return { read, hashed: unknown.length };
}

/** Waits, once and no longer than a clock tick, until a later change of these files must show; says for which it does. */
async function settle(items: readonly Inspected[], signal?: AbortSignal): Promise<Set<Inspected>> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const keepable = new Set<Inspected>();
  let wait = 0n;
  for (const item of items) {
    const time = settleTime(item.stats, now);
    if (time === undefined) continue;
    keepable.add(item);
    if (time > wait) wait = time;
  }
  if (wait > 0n) {
    // Date.now() is cut to a millisecond, hence one more.
    const milliseconds = Number((wait > CLOCK_TICK_NS ? CLOCK_TICK_NS : wait) / 1_000_000n) + 1;
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  }
  return keepable;
}

/** Editors and builds remove files and make them anew at any time: one that stays away is undefined, and no failure. */
async function readOne(
  root: string,
  item: Inspected,
  pace: Pace,
  signal?: AbortSignal,
): Promise<HashedFile | undefined> {
  const path = join(root, item.path);
  let stats = item.stats;
  for (let tries = 0; ; tries++) {
    try {
      if (tries > 0) stats = await statPath(path, pace);
      return stats.isFile() ? await hashFile(path, stats, pace, signal) : undefined;
    } catch (error) {
      if (signal?.aborted === true || error instanceof SnapshotError) throw error;
      if (!isMissing(error)) throw unreadable(path, error);
      if (tries > 0) return undefined;
      await delay(vanishedMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}

function entryOf(item: Inspected, content: (KnownContent & { readonly size: number }) | undefined): SnapshotEntry {
  const mtimeMs = Number(item.stats.mtimeMs);
  const base = { path: item.path, type: item.type, mtimeMs };
  if (content !== undefined) {
    const mode = isExecutable(item, content) ? 0o755 : 0o644;
    return { ...base, mode, size: content.size, sha256: content.sha256 };
  }
  if (item.target !== undefined) {
    return { ...base, mode: 0o777, size: 0, target: item.target, sha256: hash('sha256', item.target, 'hex') };
  }
  return { ...base, mode: 0o755, size: 0 };
}

/**
 * Windows has no executable bit: there the index of git says, and for a file it does not know the first two bytes do
 * (a script without the bit fails in the container with "permission denied").
 */
export function isExecutable(
  item: Pick<Inspected, 'stats' | 'indexMode'>,
  content: Pick<KnownContent, 'script'>,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform !== 'win32') return (item.stats.mode & 0o111n) !== 0n;
  return item.indexMode === undefined ? content.script : (item.indexMode & 0o111) !== 0;
}
