/** Nodes together with the place at which something is said about them: behind an alias that is the alias. */
import type { MapEntry, MapNode, ScalarNode, TaskNode } from '../../yaml/nodes.ts';
import type { TextRange } from '../../text/problem.ts';

/** A node, and the alias or merge through which it got where it is used. */
export interface Located<N extends TaskNode = TaskNode> {
  readonly node: N;
  /** Undefined: the node is written where it is used. */
  readonly place: TextRange | undefined;
}

/** Where something is said about a range inside of a node; `related` is where it is written, when that is elsewhere. */
export function placeOf({ place }: Located, range: TextRange): { range: TextRange; related?: TextRange } {
  return place === undefined ? { range } : { range: place, related: range };
}

function isInside(inner: TextRange, outer: TextRange): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

/** The root of a file. */
export function rootOf(node: TaskNode): Located {
  return { node, place: undefined };
}

/** An item of a list or another part that stands directly in a node. */
export function partOf(holder: Located, node: TaskNode): Located {
  return { node, place: holder.place ?? (node.written === undefined ? undefined : node.range) };
}

/** The entry of a key, exactly as it is spelt; what a merge brings in is placed at the first key of the mapping itself. */
export function entryIn(holder: Located, key: string): (Located & { readonly entry: MapEntry }) | undefined {
  const { node } = holder;
  if (node.kind !== 'map') return undefined;
  // The walk asks this more often than anything else, mostly for keys that are not there.
  for (let index = node.entries.length - 1; index >= 0; index--) {
    const entry = node.entries[index];
    if (entry?.name !== key) continue;
    const value = valueOf(holder, node, entry);
    return { node: value.node, place: value.place, entry };
  }
  return undefined;
}

/** The value of an entry of a mapping. */
export function valueOf(holder: Located, node: MapNode, entry: MapEntry): Located {
  if (holder.place !== undefined) return { node: entry.value, place: holder.place };
  if (!isInside(entry.key.range, node.range)) {
    const own = node.entries.find(({ key }) => isInside(key.range, node.range));
    return { node: entry.value, place: own?.key.range ?? node.range };
  }
  return partOf(holder, entry.value);
}

/** All entries of a mapping with their places; none for anything else. */
export function entriesIn(holder: Located | undefined): readonly (Located & { readonly entry: MapEntry })[] {
  if (holder?.node.kind !== 'map') return [];
  const { node } = holder;
  return node.entries.map((entry) => ({ ...valueOf(holder, node, entry), entry }));
}

/** The items of a list; none for anything else. */
export function itemsIn(holder: Located | undefined): readonly Located[] {
  return holder?.node.kind === 'list' ? holder.node.items.map((item) => partOf(holder, item)) : [];
}

/** A located text; undefined for anything else. */
export function textIn(located: Located | undefined): (Located<ScalarNode> & { readonly text: string }) | undefined {
  const node = located?.node;
  if (node?.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
  return { node, place: located?.place, text: node.value };
}

/** The text behind a key. */
export function textAt(holder: Located, key: string): ReturnType<typeof textIn> {
  return textIn(entryIn(holder, key));
}

/** True for a key that holds `true`. */
export function isTrue(holder: Located, key: string): boolean {
  const node = entryIn(holder, key)?.node;
  return node?.kind === 'scalar' && node.value === true;
}

/** All texts below a node, keys left out. */
export function* textsBelow(located: Located | undefined): Generator<NonNullable<ReturnType<typeof textIn>>> {
  if (!located) return;
  const text = textIn(located);
  if (text) yield text;
  for (const item of itemsIn(located)) yield* textsBelow(item);
  for (const entry of entriesIn(located)) yield* textsBelow(entry);
}
