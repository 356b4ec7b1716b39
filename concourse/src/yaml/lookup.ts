/** Finding nodes by the name of their key. */
import type { MapEntry, TaskNode } from './nodes.ts';
import type { TaskPath, TextRange } from '../text/problem.ts';

/** The entry of a mapping that Concourse takes for a key: the exact spelling, else one that differs in case. */
export function entryOf(node: TaskNode, key: string): MapEntry | undefined {
  if (node.kind !== 'map') return undefined;
  const exact = node.entries.findLast((entry) => entry.name === key);
  return exact ?? node.entries.findLast((entry) => entry.name.toLowerCase() === key);
}

/** The place for a message about something missing: the first key of a mapping, else the node itself. */
export function firstKeyRange(node: TaskNode): TextRange {
  return (node.kind === 'map' ? node.entries[0]?.key.range : undefined) ?? node.range;
}

/** The node at a path; undefined when there is none. */
export function nodeAt(root: TaskNode, path: TaskPath): TaskNode | undefined {
  let node: TaskNode | undefined = root;
  for (const part of path) {
    if (node?.kind === 'list' && typeof part === 'number') node = node.items[part];
    else if (node?.kind === 'map') node = entryOf(node, String(part))?.value;
    else return undefined;
  }
  return node;
}
