/** Which alias in the text brings a node in. */
import type { TaskNode } from '../yaml/nodes.ts';
import type { TextRange } from '../text/problem.ts';

/** The outermost alias above each node. */
export interface AliasUses {
  /** Undefined for a node that stands in the text itself. */
  of(node: TaskNode): TextRange | undefined;
}

/** Finds, once it is asked for, the aliases of a tree. */
export function aliasUses(root: TaskNode): AliasUses {
  let uses: WeakMap<TaskNode, TextRange> | undefined;
  const build = (): WeakMap<TaskNode, TextRange> => {
    const found = new WeakMap<TaskNode, TextRange>();
    const visit = (node: TaskNode, outer: TextRange | undefined): void => {
      const use = outer ?? (node.written && node.range);
      if (use) found.set(node, use);
      if (node.kind === 'list') for (const item of node.items) visit(item, use);
      if (node.kind === 'map') for (const { value } of node.entries) visit(value, use);
    };
    visit(root, undefined);
    return found;
  };
  return {
    of(node) {
      uses ??= build();
      return uses.get(node);
    },
  };
}
