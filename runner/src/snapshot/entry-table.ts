/** A snapshot's entries in little memory. */
import type { SnapshotEntries, SnapshotEntry } from './types.ts';

const DIGEST = 32;
const FILE = 0;
const EXECUTABLE = 1;
const DIRECTORY = 2;
const SYMLINK = 3;

/**
 * The entries of a snapshot in columns: about a hundred bytes for each, so that a tree of many files fits into memory.
 * An entry is made when it is asked for, and is the caller's alone.
 */
export class EntryTable implements SnapshotEntries {
  readonly #paths: string[] = [];
  readonly #kinds: Uint8Array;
  readonly #sizes: Float64Array;
  readonly #times: Float64Array;
  readonly #digests: Uint8Array;
  readonly #targets = new Map<number, string>();

  /** A table for at most `capacity` entries. Room that is not used takes no memory. */
  constructor(capacity: number) {
    this.#kinds = new Uint8Array(capacity);
    this.#sizes = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#digests = new Uint8Array(capacity * DIGEST);
  }

  get length(): number {
    return this.#paths.length;
  }

  /** Adds an entry; the caller sees to the order. Returns its index. */
  add(entry: SnapshotEntry): number {
    const index = this.#paths.push(entry.path) - 1;
    this.#kinds[index] =
      entry.type === 'directory'
        ? DIRECTORY
        : entry.type === 'symlink'
          ? SYMLINK
          : (entry.mode & 0o111) === 0
            ? FILE
            : EXECUTABLE;
    this.#sizes[index] = entry.size;
    this.#times[index] = entry.mtimeMs;
    if (entry.sha256 !== undefined) this.#bytes(index).write(entry.sha256, 'hex');
    if (entry.target !== undefined) this.#targets.set(index, entry.target);
    return index;
  }

  at(index: number): SnapshotEntry | undefined {
    const path = this.#paths[index];
    if (path === undefined) return undefined;
    const kind = this.#kinds[index];
    const [size = 0, mtimeMs = 0] = [this.#sizes[index], this.#times[index]];
    if (kind === DIRECTORY) return { path, type: 'directory', mode: 0o755, size, mtimeMs };
    const sha256 = this.#bytes(index).toString('hex');
    const target = this.#targets.get(index);
    if (target !== undefined) return { path, type: 'symlink', mode: 0o777, size, mtimeMs, sha256, target };
    return { path, type: 'file', mode: kind === EXECUTABLE ? 0o755 : 0o644, size, mtimeMs, sha256 };
  }

  *[Symbol.iterator](): IterableIterator<SnapshotEntry> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as SnapshotEntry;
  }

  map<T>(make: (entry: SnapshotEntry, index: number) => T): T[] {
    return Array.from(this, make);
  }

  /** The table without the entries that `keep` refuses; itself when it refuses none. */
  filter(keep: (index: number) => boolean): EntryTable {
    let kept = 0;
    for (let index = 0; index < this.length; index++) if (keep(index)) kept++;
    if (kept === this.length) return this;
    const table = new EntryTable(kept);
    for (let index = 0; index < this.length; index++) if (keep(index)) table.add(this.at(index) as SnapshotEntry);
    return table;
  }

  #bytes(index: number): Buffer {
    return Buffer.from(this.#digests.buffer, index * DIGEST, DIGEST);
  }
}
