/** The folders of a snapshot, each before what is in it. */
import { posix } from 'node:path';
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
