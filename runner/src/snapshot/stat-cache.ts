import { createHash, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../make-directory.ts';

const FORMAT = 'tarmac-stat-cache-1';
/** Cache files kept in one folder; the least recently written go first. A file holds one root's last snapshot. */
const MAX_ROOTS = 64;

/** What is remembered of a file's content. */
export interface KnownContent {
  /** Lower-case hex SHA-256. */
  readonly sha256: string;
  /** The content starts with `#!`; stands for the executable bit where the file system has none. */
  readonly script: boolean;
}

/** A timestamp this close to now may be given to a later change too: the clock of the kernel ticks every 1 to 10 ms. */
export const CLOCK_TICK_NS = 20_000_000n;
/** The same for file systems that store whole (FAT: even) seconds. */
const COARSE_TICK_NS = 2_000_000_000n;

/**
 * Nanoseconds to wait before the file is read so that a change after the reading shows in its status; 0 for none.
 * This is git's "racy" problem (https://git-scm.com/docs/racy-git), solved before the reading instead of after.
 * Undefined when no short wait helps: whole seconds, or a time in the future.
 */
export function settleTime(stats: BigIntStats, nowNs: bigint): bigint | undefined {
  const latest = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
  const coarse = stats.mtimeNs % 1_000_000_000n === 0n && stats.ctimeNs % 1_000_000_000n === 0n;
  const left = latest + (coarse ? COARSE_TICK_NS : CLOCK_TICK_NS) - nowNs;
  if (left <= 0n) return 0n;
  return left <= CLOCK_TICK_NS ? left : undefined;
}

function fingerprint(stats: BigIntStats): string {
  return [stats.size, stats.mtimeNs, stats.ctimeNs, stats.ino, stats.mode].map((part) => part.toString(36)).join('.');
}

type Row = [path: string, fingerprint: string, sha256: string, script: 0 | 1];

/**
 * What the content of a root's files was when they last had a given status: one file per root in the cache folder.
 * A cache is a convenience: whatever is wrong with it reads as an empty one, and a failure to write is ignored.
 */
export class StatCache {
  readonly #file: string;
  readonly #folder: string;
  readonly #root: string;
  readonly #known: ReadonlyMap<string, Row>;
  readonly #kept: Row[] = [];
  #changed = false;

  private constructor(folder: string, root: string, file: string, known: ReadonlyMap<string, Row>) {
    this.#folder = folder;
    this.#root = root;
    this.#file = file;
    this.#known = known;
  }

  /** Opens the cache of `root` (an absolute path) in `folder`, which need not exist. */
  static async open(folder: string, root: string): Promise<StatCache> {
    const file = fileOf(folder, root);
    return new StatCache(folder, root, file, await load(file, root));
  }

  /** Forgets what is known of `root`: a file was found to be another one than its status says. */
  static async forget(folder: string, root: string): Promise<void> {
    await rm(fileOf(folder, root), { force: true });
  }

  /** The content of a file whose status is the one it had when it was read; undefined when it must be read. */
  get(path: string, stats: BigIntStats): KnownContent | undefined {
    const row = this.#known.get(path);
    if (row?.[1] !== fingerprint(stats)) return undefined;
    this.#kept.push(row);
    return { sha256: row[2], script: row[3] === 1 };
  }

  /** Remembers what was read. The caller has seen to `settleTime` before it read. */
  set(path: string, stats: BigIntStats, content: KnownContent): void {
    this.#kept.push([path, fingerprint(stats), content.sha256, content.script ? 1 : 0]);
    this.#changed = true;
  }

  /** Writes what was asked or remembered since `open`; files that are gone are forgotten. Nothing new: no write. */
  async save(): Promise<void> {
    if (!this.#changed && this.#kept.length === this.#known.size) return;
    const body = JSON.stringify({ format: FORMAT, root: this.#root, rows: this.#kept });
    const temporary = `${this.#file}.${randomUUID()}.tmp`;
    try {
      await makeDirectory(this.#folder);
      await writeFile(temporary, `${checksum(body)}\n${body}`, { mode: 0o600 });
      await rename(temporary, this.#file);
      await prune(this.#folder);
    } catch {
      // A full disk or a read-only home costs time on the next run, not this one.
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }
}

function fileOf(folder: string, root: string): string {
  return join(folder, `${createHash('sha256').update(root).digest('hex').slice(0, 32)}.stat`);
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function load(file: string, root: string): Promise<Map<string, Row>> {
  try {
    const text = await readFile(file, 'utf8');
    const body = text.slice(65);
    // A flipped bit in a digest would fail every later run; the checksum makes it a cache miss.
    if (text.slice(0, 64) !== checksum(body)) return new Map();
    const content = JSON.parse(body) as { format: string; root: string; rows: Row[] };
    if (content.format !== FORMAT || content.root !== root) return new Map();
    return new Map(content.rows.map((row) => [row[0], row]));
  } catch {
    return new Map(); // Not there yet, or not ours to read: the files are read instead.
  }
}

async function prune(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.stat'));
  if (files.length <= MAX_ROOTS) return;
  const aged = await Promise.all(files.map(async (name) => ({ name, age: (await stat(join(folder, name))).mtimeMs })));
  aged.sort((a, b) => b.age - a.age);
  await Promise.all(aged.slice(MAX_ROOTS).map(({ name }) => rm(join(folder, name), { force: true })));
}
