/** Short ways through a task's tree for rules. All are linear in what they return: no rule walks from the root in a loop. */
import { entryOf } from '../yaml/lookup.ts';
import type { MapEntry, ScalarNode, TaskNode } from '../yaml/nodes.ts';
import type { TextRange } from '../text/problem.ts';

/** The entry below some keys of a mapping. */
export function entryAt(node: TaskNode, ...keys: readonly string[]): MapEntry | undefined {
  let entry: MapEntry | undefined;
  for (const key of keys) {
    entry = entryOf(entry?.value ?? node, key);
    if (!entry) return undefined;
  }
  return entry;
}

/** The entries of a mapping; none for anything else. */
export function entriesOf(node: TaskNode | undefined): readonly MapEntry[] {
  return node?.kind === 'map' ? node.entries : [];
}

/** The items of a list; none for anything else. */
export function itemsOf(node: TaskNode | undefined): readonly TaskNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** A node that is a text for Concourse. */
export function isText(node: TaskNode | undefined): node is ScalarNode & { readonly value: string } {
  return node?.kind === 'scalar' && typeof node.value === 'string';
}

/** True where variables still have to be put in: nothing can be said about the value. */
export function hasVar(text: string): boolean {
  return text.includes('((');
}

/** The value of an entry, or its key where the value is empty. */
export function valueRange(entry: MapEntry): TextRange {
  return entry.value.range.end > entry.value.range.start ? entry.value.range : entry.key.range;
}
