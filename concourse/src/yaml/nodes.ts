/** The tree that Concourse sees: aliases followed, merge keys applied, scalars resolved, each node with its place. */
import type { GoScalar } from './go-scalar.ts';
import type { TextRange } from '../text/problem.ts';

/** A single value. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: GoScalar;
  /** The content as written: folded and unescaped, not yet resolved. */
  readonly text: string;
  /** Written without quotes, block indicator or tag. */
  readonly plain: boolean;
  readonly range: TextRange;
  /** Where the value itself is written, when an alias stands at `range`. */
  readonly written?: TextRange;
  /** Name of the anchor on the value; of an alias, that of its target. */
  readonly anchor?: string;
}

/** A sequence. */
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly TaskNode[];
  readonly range: TextRange;
  /** Where the value itself is written, when an alias stands at `range`. */
  readonly written?: TextRange;
  /** Name of the anchor on the value; of an alias, that of its target. */
  readonly anchor?: string;
}

/** One key with its value. */
export interface MapEntry {
  /** The key as JSON text; see `keyText`. */
  readonly name: string;
  readonly key: ScalarNode;
  readonly value: TaskNode;
}

/** A mapping. Keys are unique; the entries stand in the order of the text. */
export interface MapNode {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
  readonly range: TextRange;
  /** Where the value itself is written, when an alias stands at `range`. */
  readonly written?: TextRange;
  /** Name of the anchor on the value; of an alias, that of its target. */
  readonly anchor?: string;
}

/** Any node of the tree. */
export type TaskNode = ScalarNode | ListNode | MapNode;

/** The node of a plain null at a place. */
export function nullNode(at: number): ScalarNode {
  return { kind: 'scalar', value: null, text: '', plain: true, range: { start: at, end: at } };
}
