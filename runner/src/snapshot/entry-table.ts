/** A snapshot's entries in little memory. */
import type { OrderedPaths } from './ordered-paths.ts';
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
  readonly #paths: OrderedPaths;
  /** The place of each entry's path. */
  readonly #places: Uint32Array;
  readonly #kinds: Uint8Array;
  readonly #sizes: Float64Array;
  readonly #times: Float64Array;
  readonly #digests: Uint8Array;
  #length = 0;
  readonly #targets = new Map<number, string>();

  /** A table for entries of these paths, or for at most so many of them. Room that is not used takes no memory. */
  constructor(paths: OrderedPaths, capacity = paths.length) {
    this.#paths = paths;
    this.#places = new Uint32Array(capacity);
    this.#kinds = new Uint8Array(capacity);
    this.#sizes = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#digests = new Uint8Array(capacity * DIGEST);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds an entry, whose path is at this place; the caller sees to the order. Returns its index. */
  add(entry: SnapshotEntry, place: number): number {
    const index = this.#length++;
    this.#places[index] = place;
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
    if (index >= this.length) return undefined;
    const path = this.#paths.at(this.#places[index] ?? 0);
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
    const table = new EntryTable(this.#paths, kept);
    for (let index = 0; index < this.length; index++) {
      if (keep(index)) table.add(this.at(index) as SnapshotEntry, this.#places[index] ?? 0);
    }
    return table;
  }

  #bytes(index: number): Buffer {
    return Buffer.from(this.#digests.buffer, index * DIGEST, DIGEST);
  }
}
