/** The folders of a snapshot, each before what is in it. */
import { posix } from 'node:path';
import { comparePaths } from './digest.ts';
import type { EntryTable } from './entry-table.ts';

/**
 * The folders met so far. Folders come before what is in them, so that a path whose folder is not here leads through
 * a link, or its folder is gone. A folder that nobody listed is sent only when something in it is.
 */
export class Folders {
  /** Index of each folder in the table. */
  readonly #rows = new Map<string, number>();
  readonly #unused = new Set<number>();

  /** Whether the folder of a path, and those above, are folders indeed. */
  holds(path: string): boolean {
    const parent = posix.dirname(path);
    return parent === '.' || this.#rows.has(parent);
  }

  /** Notes a folder at its row of the table; `listed`: it is sent in any case. */
  add(path: string, row: number, listed: boolean): void {
    this.#rows.set(path, row);
    this.#unused.add(row);
    if (listed) this.use(path, row);
  }

  /** Something is sent: the folders above it are, too. `row` is its own, if it is a folder. */
  use(path: string, row?: number): void {
    if (row !== undefined) this.#unused.delete(row);
    for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
      const above = this.#rows.get(parent);
      // Those above one that is sent already are, too.
      if (above === undefined || !this.#unused.delete(above)) return;
    }
  }

  /** The table without the folders that are not sent. */
  sent(table: EntryTable): EntryTable {
    return this.#unused.size === 0 ? table : table.filter((row) => !this.#unused.has(row));
  }
}

/**
 * The listed paths and the folders above them, in the order of `comparePaths`: a folder comes before what is in it. A
 * class, because functions made beside the list would keep the list.
 */
export class OrderedPaths {
  readonly paths: readonly string[];
  readonly #flags: Uint8Array;
  readonly #modes: Uint32Array;

  /** `flags`: `LISTED`, `ABOVE` or both; `modes`: 0 for none. */
  constructor(paths: readonly string[], flags: Uint8Array, modes: Uint32Array) {
    this.paths = paths;
    this.#flags = flags;
    this.#modes = modes;
  }

  /** False for a folder that is only on the way to a listed path. */
  listed(index: number): boolean {
    return ((this.#flags[index] ?? 0) & LISTED) !== 0;
  }

  /** Whether a listed path lies below this one. */
  above(index: number): boolean {
    return ((this.#flags[index] ?? 0) & ABOVE) !== 0;
  }

  /** Mode in git's index, where the path has one. */
  indexMode(index: number): number | undefined {
    const mode = this.#modes[index];
    return mode === 0 ? undefined : mode;
  }
}

const LISTED = 1;
const ABOVE = 2;

/** Orders a list of paths, each with its mode in git's index. The list itself is not needed any more. */
export function orderPaths(list: ReadonlyMap<string, number | undefined>): OrderedPaths {
  const folders = new Set<string>();
  for (const path of list.keys()) {
    for (let parent = posix.dirname(path); parent !== '.' && !folders.has(parent); parent = posix.dirname(parent)) {
      folders.add(parent);
    }
  }
  const paths = [...list.keys()];
  for (const folder of folders) if (!list.has(folder)) paths.push(folder);
  paths.sort(comparePaths);
  const flags = Uint8Array.from(paths, (path) => (list.has(path) ? LISTED : 0) + (folders.has(path) ? ABOVE : 0));
  // No mode of git's is 0.
  const modes = Uint32Array.from(paths, (path) => list.get(path) ?? 0);
  return new OrderedPaths(paths, flags, modes);
}
