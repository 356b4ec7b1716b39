/** Where a vars file gives a value to a variable. */
import type { MapEntry, TaskNode, VarReference } from '#concourse';

/** The entry of a vars file that a reference leads to, as deep as the file has it; undefined when it lacks the name. */
export function entryNamed(root: TaskNode, reference: VarReference): MapEntry | undefined {
  let node: TaskNode = root;
  let found: MapEntry | undefined;
  for (const part of [reference.path, ...reference.fields]) {
    const entry: MapEntry | undefined =
      node.kind === 'map' ? node.entries.findLast(({ name }) => name === part) : undefined;
    if (!entry) return found;
    found = entry;
    node = entry.value;
  }
  return found;
}
