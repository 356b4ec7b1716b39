/**
 * Takes a snapshot of a local directory: the list of its files with their digests. What is remembered of unchanged
 * files is not read again.
 */
import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mapConcurrent } from './concurrency.ts';
import { comparePaths, treeDigest } from './digest.ts';
import { isMissing, isReplaced, SnapshotError, systemCode, unreadable } from './errors.ts';
import { listFiles, type FileList } from './file-list.ts';
import { statPath } from './file-io.ts';
import { hashFile, type HashedFile } from './hash-file.ts';
import { EntryTable } from './entry-table.ts';
import { Folders } from './folders.ts';
import { deleted, inspect, removed, type Inspected } from './inspect.ts';
import { OrderedPaths } from './ordered-paths.ts';
import { Pace } from './pace.ts';
import { CLOCK_TICK_NS, settleTime, StatCache, type KnownContent } from './stat-cache.ts';
import type { Snapshot, SnapshotEntry, SnapshotNote, SnapshotOptions } from './types.ts';

/**
 * Paths that are looked at and read before the next ones; and how many of them at once. What is alive at once decides
 * how far JavaScript's heap grows: with 512 paths it took 70 MB more.
 */
const BATCH = 64;
const LOOKS = 32;
const CONCURRENCY = 16;
const PROGRESS_EVERY_FILES = 32;
const PROGRESS_EVERY_BYTES = 8 << 20;
/** A file that is gone is looked for once more after so many milliseconds. */
const vanishedMs = 20;
/** So often a file that changes under the reading is read; the pauses double. */
const changedTries = 5;

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
  const { ordered, notes, source } = await orderedList(absolute, options);
  using cache = options.cacheDir === undefined ? undefined : await StatCache.open(options.cacheDir, absolute);
  const reading = new Reading(absolute, ordered, cache, notes, options);
  const entries = await reading.run();
  await cache?.save((place) => ordered.at(place));
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
    source,
    hashed: reading.hashed,
  };
}

/** The list in its order; apart, so that nothing holds the list as it came. */
async function orderedList(
  root: string,
  options: SnapshotOptions,
): Promise<Pick<FileList, 'notes' | 'source'> & { readonly ordered: OrderedPaths }> {
  const { paths, notes, source } = await listFiles(root, options);
  return { ordered: new OrderedPaths(paths), notes, source };
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

/** What is known of a file's content: read just now, or remembered. */
type Content = KnownContent & { readonly size: number };

/** Looks at the paths and reads the files, so many at a time: what is known of a path goes into the table and is let go. */
class Reading {
  readonly #root: string;
  readonly #ordered: OrderedPaths;
  readonly #cache: StatCache | undefined;
  readonly #notes: SnapshotNote[];
  readonly #options: SnapshotOptions;
  readonly #pace = new Pace();
  readonly #table: EntryTable;
  readonly #folders = new Folders();
  readonly #progress = { files: 0, bytes: 0 };
  #reported = { files: 0, bytes: 0 };
  /** Files that the cache did not know. */
  hashed = 0;

  constructor(
    root: string,
    ordered: OrderedPaths,
    cache: StatCache | undefined,
    notes: SnapshotNote[],
    options: SnapshotOptions,
  ) {
    this.#root = root;
    this.#ordered = ordered;
    this.#cache = cache;
    this.#notes = notes;
    this.#options = options;
    this.#table = new EntryTable(ordered);
  }

  async run(): Promise<EntryTable> {
    const { length } = this.#ordered;
    for (let start = 0; start < length; start += BATCH) {
      const indexes = Array.from({ length: Math.min(BATCH, length - start) }, (_, index) => start + index);
      const items = await mapConcurrent(indexes, LOOKS, (index) => this.#look(index), this.#options.signal);
      await this.#take(start, items);
    }
    if (this.#progress.files > this.#reported.files) this.#report();
    return this.#folders.sent(this.#table);
  }

  async #look(index: number): Promise<Inspected | undefined> {
    const listed = this.#ordered.listed(index);
    const path = {
      path: this.#ordered.at(index),
      indexMode: this.#ordered.indexMode(index),
      above: this.#ordered.above(index),
    };
    const item = await inspect(this.#root, path, listed ? this.#notes : [], this.#pace);
    // What is no folder (any more) shows at the paths below it.
    return listed || item?.type === 'directory' ? item : undefined;
  }

  /** Reads the files among the items and adds all to the table. */
  async #take(start: number, items: readonly (Inspected | undefined)[]): Promise<void> {
    const contents = new Map<Inspected, Content>();
    /** Files whose content the cache may remember. */
    const kept = new Set<Inspected>();
    const unknown: Inspected[] = [];
    for (const item of items) {
      if (item?.type !== 'file') continue;
      const known = this.#cache?.get(item.path, item.stats);
      if (known === undefined) {
        unknown.push(item);
      } else {
        contents.set(item, { ...known, size: Number(item.stats.size) });
        kept.add(item);
      }
    }
    this.hashed += unknown.length;
    const keepable = this.#cache === undefined ? undefined : await settle(unknown, this.#options.signal);
    const readItem = async (item: Inspected): Promise<void> => {
      const content = await this.#read(item);
      if (content === undefined) return;
      contents.set(item, content);
      if (content.steady && keepable?.has(item) === true && content.stats === item.stats) kept.add(item);
    };
    await mapConcurrent(unknown, CONCURRENCY, readItem, this.#options.signal);
    for (const [offset, item] of items.entries()) {
      if (item !== undefined) this.#add(item, start + offset, contents.get(item), kept.has(item));
    }
  }

  async #read(item: Inspected): Promise<HashedFile | undefined> {
    const { path } = item;
    const content = await readOne(this.#root, item, this.#pace, this.#options.signal);
    if (content === undefined) {
      this.#notes.push(removed(path));
      return undefined;
    }
    if (!content.steady) {
      const message = `${path} is being written to: it is sent as it was at ${content.size} bytes.`;
      this.#notes.push({ path, reason: 'changed', message });
    }
    this.#progress.files++;
    this.#progress.bytes += content.size;
    const due = this.#progress.files - this.#reported.files >= PROGRESS_EVERY_FILES;
    if (due || this.#progress.bytes - this.#reported.bytes >= PROGRESS_EVERY_BYTES) this.#report();
    return content;
  }

  #report(): void {
    this.#reported = { ...this.#progress };
    this.#options.onProgress?.({ ...this.#progress });
  }

  #add(item: Inspected, index: number, content: Content | undefined, kept: boolean): void {
    const { path, type } = item;
    // Gone since it was looked at.
    if (type === 'file' && content === undefined) return;
    if (!this.#folders.holds(path)) {
      if (this.#ordered.listed(index)) this.#notes.push(deleted(path));
      return;
    }
    if (content !== undefined && kept) this.#cache?.keep(index, item.stats, content);
    const row = this.#table.add(entryOf(item, content), index);
    const listed = this.#ordered.listed(index) && this.#ordered.indexMode(index) === undefined;
    if (type === 'directory') this.#folders.add(path, row, listed);
    else this.#folders.use(path);
  }
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

/**
 * Editors and builds remove files and make them anew at any time: one that stays away, or is no file any more, is
 * undefined, and no failure. One that is rewritten all the time is tried for a while.
 */
async function readOne(
  root: string,
  item: Inspected,
  pace: Pace,
  signal?: AbortSignal,
): Promise<HashedFile | undefined> {
  const path = join(root, item.path);
  let stats = item.stats;
  for (let tries = 1; ; tries++) {
    try {
      if (tries > 1) {
        const now = await statPath(path, pace);
        if (!now.isFile()) return undefined;
        stats = now;
      }
      return await hashFile(path, stats, pace, signal);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const changed = error instanceof SnapshotError && error.code === 'CHANGED';
      if (!changed && !isReplaced(error)) throw error instanceof SnapshotError ? error : unreadable(path, error);
      if (!changed && tries > 1) return undefined;
      if (tries >= changedTries) throw error;
      await delay(vanishedMs * 2 ** (tries - 1), undefined, signal === undefined ? {} : { signal });
    }
  }
}

function entryOf(item: Inspected, content: (KnownContent & { readonly size: number }) | undefined): SnapshotEntry {
  const mtimeMs = Number(item.stats.mtimeNs / 1_000_000n);
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
