/** Remembers the digests of files whose status has not changed since, safe against git's "racy" problem. */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../make-directory.ts';
import type { FileStatus } from './file-io.ts';
import { CacheReader, writeCache, type Row } from './stat-cache-file.ts';

const FORMAT = 'tarmac-stat-cache-2';
/** Cache files kept in one folder; the least recently written go first. A file holds one root's last snapshot. */
const MAX_ROOTS = 64;

/** Bytes of a fingerprint, of a row in memory (with a SHA-256, a flag and the place of its path), and rows of one buffer. */
const FINGERPRINT = 36;
const ROW = FINGERPRINT + 37;
const SCRIPT = FINGERPRINT + 32;
const PLACE = SCRIPT + 1;
const BLOCK_ROWS = 4096;

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
export function settleTime(stats: FileStatus, nowNs: bigint): bigint | undefined {
  const latest = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
  const coarse = stats.mtimeNs % 1_000_000_000n === 0n && stats.ctimeNs % 1_000_000_000n === 0n;
  const left = latest + (coarse ? COARSE_TICK_NS : CLOCK_TICK_NS) - nowNs;
  if (left <= 0n) return 0n;
  return left <= CLOCK_TICK_NS ? left : undefined;
}

/** What makes up a status, in 36 bytes. */
function fingerprint({ size, mtimeNs, ctimeNs, ino, mode }: FileStatus): Buffer {
  const bytes = Buffer.allocUnsafe(FINGERPRINT);
  for (const [index, part] of [size, mtimeNs, ctimeNs, ino].entries()) {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, part), 8 * index);
  }
  bytes.writeUInt32LE(Number(mode & 0xffff_ffffn), 32);
  return bytes;
}

/**
 * What the content of a root's files was when they last had a given status: one file per root in the cache folder.
 * A cache is a convenience: whatever is wrong with it reads as an empty one, and a failure to write is ignored.
 *
 * The file is read as the questions come, and what is to be remembered is held in a few bytes: so both come in the order
 * of `comparePaths`. Dispose of it in the end.
 */
export class StatCache implements Disposable {
  readonly #file: string;
  readonly #folder: string;
  readonly #root: string;
  readonly #rows: CacheReader | undefined;
  readonly #kept: KeptRows = new KeptRows();
  #hits = 0;

  private constructor(folder: string, root: string, file: string, rows: CacheReader | undefined) {
    this.#folder = folder;
    this.#root = root;
    this.#file = file;
    this.#rows = rows;
  }

  /** Opens the cache of `root` (an absolute path) in `folder`, which need not exist. */
  static async open(folder: string, root: string): Promise<StatCache> {
    const file = fileOf(folder, root);
    return new StatCache(folder, root, file, await CacheReader.open(file, { format: FORMAT, root }));
  }

  /** Forgets what is known of `root`: a file was found to be another one than its status says. */
  static async forget(folder: string, root: string): Promise<void> {
    await rm(fileOf(folder, root), { force: true });
  }

  [Symbol.dispose](): void {
    this.#rows?.[Symbol.dispose]();
  }

  /** The content of a file whose status is the one it had when it was read; undefined when it must be read. */
  get(path: string, stats: FileStatus): KnownContent | undefined {
    const row = this.#rows?.find(path);
    if (row?.[1] !== fingerprint(stats).toString('base64')) return undefined;
    this.#hits++;
    return { sha256: row[2], script: row[3] === 1 };
  }

  /** Remembers what was read, or known, of the path at a place. The caller has seen to `settleTime` before it read. */
  keep(place: number, stats: FileStatus, content: KnownContent): void {
    this.#kept.add(place, fingerprint(stats), content);
  }

  /**
   * Writes what is to be remembered; files that are gone are forgotten. Nothing new: no write.
   *
   * @param pathAt the path at a place
   */
  async save(pathAt: (place: number) => string): Promise<void> {
    const { length } = this.#kept;
    if (length === this.#hits && length === (this.#rows?.count ?? 0)) return;
    // An open file cannot be replaced everywhere.
    this[Symbol.dispose]();
    const temporary = `${this.#file}.${randomUUID()}.tmp`;
    try {
      await makeDirectory(this.#folder);
      await writeCache(
        temporary,
        { format: FORMAT, root: this.#root },
        { length, [Symbol.iterator]: () => this.#kept.rows(pathAt) },
      );
      await rename(temporary, this.#file);
      await prune(this.#folder);
    } catch {
      // A full disk or a read-only home costs time on the next run, not this one.
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }
}

/** Rows to be written: the bytes of many in one buffer. */
class KeptRows {
  #length = 0;
  readonly #blocks: Buffer[] = [];

  get length(): number {
    return this.#length;
  }

  add(place: number, status: Buffer, { sha256, script }: KnownContent): void {
    const index = this.#length++;
    if (index % BLOCK_ROWS === 0) this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_ROWS * ROW));
    const block = this.#blocks.at(-1) as Buffer;
    const at = (index % BLOCK_ROWS) * ROW;
    status.copy(block, at);
    block.write(sha256, at + FINGERPRINT, 'hex');
    block[at + SCRIPT] = script ? 1 : 0;
    block.writeUInt32LE(place, at + PLACE);
  }

  *rows(pathAt: (place: number) => string): IterableIterator<Row> {
    for (let index = 0; index < this.length; index++) {
      const block = this.#blocks[Math.floor(index / BLOCK_ROWS)] as Buffer;
      const at = (index % BLOCK_ROWS) * ROW;
      const sha256 = block.toString('hex', at + FINGERPRINT, at + SCRIPT);
      const path = pathAt(block.readUInt32LE(at + PLACE));
      yield [path, block.toString('base64', at, at + FINGERPRINT), sha256, block[at + SCRIPT] === 1 ? 1 : 0];
    }
  }
}

function fileOf(folder: string, root: string): string {
  return join(folder, `${createHash('sha256').update(root).digest('hex').slice(0, 32)}.stat`);
}

async function prune(folder: string): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.stat'));
  if (files.length <= MAX_ROOTS) return;
  const aged = await Promise.all(files.map(async (name) => ({ name, age: (await stat(join(folder, name))).mtimeMs })));
  aged.sort((a, b) => b.age - a.age);
  await Promise.all(aged.slice(MAX_ROOTS).map(({ name }) => rm(join(folder, name), { force: true })));
}
