/** Items of the lists at the top of a file, through the versions of the file. */
import type { TaskNode } from './nodes.ts';

/** What an item was copied from. */
const originals = new WeakMap<TaskNode, TaskNode>();

/**
 * The item of an earlier version that an item has the text of: what was found out about that one holds for this one, at
 * another place. Of an item that was parsed it is the item itself.
 */
export function originalOf(item: TaskNode): TaskNode {
  return originals.get(item) ?? item;
}

/** Notes that an item is a copy of another one, at another place. */
export function noteCopy(copy: TaskNode, item: TaskNode): void {
  originals.set(copy, originalOf(item));
}

/** Remembers in which items there is nothing that somebody looks for. It holds for the next versions of a file, too. */
export class QuietItems {
  readonly #quiet = new WeakSet<TaskNode>();

  /**
   * Visits the values at the top of a file, but not the items in which nothing was found before.
   *
   * @param visit looks at a node and all below it, and tells whether something is there
   */
  visit(root: TaskNode, visit: (node: TaskNode) => boolean): void {
    if (root.kind !== 'map') {
      visit(root);
      return;
    }
    for (const { value } of root.entries) {
      if (value.kind !== 'list') {
        visit(value);
        continue;
      }
      for (const item of value.items) {
        const original = originalOf(item);
        if (!this.#quiet.has(original) && !visit(item)) this.#quiet.add(original);
      }
    }
  }
}
