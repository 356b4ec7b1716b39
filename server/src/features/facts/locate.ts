/** The key or value of a task that stands at an offset. */
import type { MapEntry, TaskNode, TaskPath, TextRange } from '#concourse';

/** A key or value in the tree. */
export interface Located {
  readonly part: 'key' | 'value';
  /** Of the value. */
  readonly path: TaskPath;
  readonly value: TaskNode;
  /** The entry whose key it is, or whose value. */
  readonly entry: MapEntry | undefined;
  /** Of the key or the value. */
  readonly range: TextRange;
}

/** Finds the innermost key or scalar that an offset touches; keys that a merge brought count where they are written. */
export function locate(root: TaskNode, offset: number): Located | undefined {
  return find(root, undefined, [], offset);
}

function touches({ start, end }: TextRange, offset: number): boolean {
  return start <= offset && offset <= end && start < end;
}

function find(value: TaskNode, entry: MapEntry | undefined, path: TaskPath, offset: number): Located | undefined {
  const { range } = value;
  // What an alias stands for is written elsewhere; there it is found for itself.
  if (value.kind === 'scalar' || value.written) {
    return touches(range, offset) ? { part: 'value', path, value, entry, range } : undefined;
  }
  if (!touches(range, offset)) return undefined;
  if (value.kind === 'list') {
    for (const [index, item] of value.items.entries()) {
      const found = find(item, undefined, [...path, index], offset);
      if (found) return found;
    }
    return undefined;
  }
  for (const inner of value.entries) {
    const innerPath = [...path, inner.name];
    if (touches(inner.key.range, offset)) {
      return { part: 'key', path: innerPath, value: inner.value, entry: inner, range: inner.key.range };
    }
    const found = find(inner.value, inner, innerPath, offset);
    if (found) return found;
  }
  return undefined;
}
