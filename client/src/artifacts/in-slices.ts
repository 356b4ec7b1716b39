/** Work on a hundred thousand things in slices, so that other work of the process gets its turn: a window must not stand still. */
import { setImmediate } from 'node:timers/promises';

/** A few milliseconds of work. */
const sliceSize = 2000;

/** Does something with each item, in their order. */
export async function eachInSlices<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  for (let start = 0; start < items.length; start += sliceSize) {
    if (start > 0) await setImmediate();
    for (const item of items.slice(start, start + sliceSize)) work(item);
  }
}

/** The items sorted by their keys, which are compared by code unit; those of equal keys keep their order. */
export async function sortInSlices<T>(items: readonly T[], keyOf: (item: T) => string): Promise<T[]> {
  let runs: Keyed<T>[][] = [];
  for (let start = 0; start < items.length; start += sliceSize) {
    if (start > 0) await setImmediate();
    const run = items.slice(start, start + sliceSize).map((item) => ({ item, key: keyOf(item) }));
    runs.push(run.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
  }
  while (runs.length > 1) {
    const merged: Keyed<T>[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? []));
    }
    runs = merged;
  }
  return (runs[0] ?? []).map(({ item }) => item);
}

interface Keyed<T> {
  readonly item: T;
  readonly key: string;
}

async function merge<T>(a: readonly Keyed<T>[], b: readonly Keyed<T>[]): Promise<Keyed<T>[]> {
  const merged: Keyed<T>[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [left, right] = [a[i], b[j]];
    if (left && (!right || left.key <= right.key)) {
      merged.push(left);
      i++;
    } else if (right) {
      merged.push(right);
      j++;
    } else {
      return merged;
    }
    if (merged.length % (4 * sliceSize) === 0) await setImmediate();
  }
}
