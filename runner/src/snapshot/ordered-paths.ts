/** The listed paths with the folders above them, in order. */
import { posix } from 'node:path';
import type { PathList } from './path-list.ts';

/** A listed path, or a folder that something listed is below. */
const LISTED = 1;
const ABOVE = 2;

/**
 * The listed paths and the folders above them, each once, in the order of `comparePaths`: a folder comes before what is in
 * it.
 */
export class OrderedPaths {
  readonly #paths: PathList;
  /** The index of each in `paths`. */
  readonly #order: Uint32Array;
  readonly #flags: Uint8Array;

  /** Takes the list over: the folders are added to it. */
  constructor(paths: PathList) {
    const listed = paths.length;
    for (const folder of foldersOf(paths)) paths.add(folder);
    const order = paths.order();
    const flags = new Uint8Array(order.length);
    let length = 0;
    for (const [place, index] of order.entries()) {
      const before = length - 1;
      const known = place > 0 && paths.same(order[before] ?? 0, index);
      const at = known ? before : length++;
      // What was listed last says the mode; a folder comes after all that is listed.
      if (!known || index < listed) order[at] = index;
      flags[at] = (known ? (flags[at] ?? 0) : 0) | (index < listed ? LISTED : ABOVE);
    }
    this.#paths = paths;
    this.#order = order.subarray(0, length);
    this.#flags = flags.subarray(0, length);
  }

  get length(): number {
    return this.#order.length;
  }

  /** The path at a place; empty beyond the end. */
  at(place: number): string {
    return this.#paths.at(this.#order[place] ?? this.#paths.length);
  }

  /** False for a folder that is only on the way to a listed path. */
  listed(place: number): boolean {
    return ((this.#flags[place] ?? 0) & LISTED) !== 0;
  }

  /** Whether a listed path lies below this one. */
  above(place: number): boolean {
    return ((this.#flags[place] ?? 0) & ABOVE) !== 0;
  }

  /** Mode in git's index, where the path has one. */
  indexMode(place: number): number | undefined {
    return this.#paths.mode(this.#order[place] ?? this.#paths.length);
  }
}

function foldersOf(paths: PathList): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let parent = posix.dirname(path); parent !== '.' && !folders.has(parent); parent = posix.dirname(parent)) {
      folders.add(parent);
    }
  }
  return folders;
}
