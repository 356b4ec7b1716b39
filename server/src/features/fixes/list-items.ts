/** Changes of lists in a YAML text that keep its layout. */
import { isAlias, isCollection, isScalar, type YAMLSeq } from 'yaml';
import type { OffsetEdit } from './edits.ts';
import { flowText, insertion, type Layout, nestedLines, type NewValue, startOf } from './layout.ts';

/** The item whose text holds an offset; -1 where none does. */
export function itemAt(list: YAMLSeq, offset: number): number {
  return list.items.findIndex((item) => {
    const [start, end] = rangeOf(item) ?? [0, -1];
    return start <= offset && offset < Math.max(end, start + 1);
  });
}

/**
 * Removes an item. A list that is empty then stays, as `[]`.
 *
 * @returns no edit when an alias elsewhere needs the item, or its form is too rare to handle
 */
export function removeItem(layout: Layout, list: YAMLSeq, index: number): OffsetEdit[] {
  const item = list.items[index];
  const [itemStart, end] = rangeOf(item) ?? [];
  if (itemStart === undefined || end === undefined) return [];
  if (layout.isNeeded([item], { start: itemStart, end })) return [];
  if (list.items.length === 1) {
    const holder = layout.holderOf(list);
    if (list.flow === true) return [{ range: { start: itemStart, end }, newText: '' }];
    return holder ? layout.fill(holder, '[]') : [];
  }
  if (list.flow === true) {
    const next = rangeOf(list.items[index + 1])?.[0];
    if (next !== undefined) return [{ range: { start: itemStart, end: next }, newText: '' }];
    const before = rangeOf(list.items[index - 1])?.[1];
    return before === undefined ? [] : [{ range: { start: before, end }, newText: '' }];
  }
  const dash = dashOf(list, index);
  if (dash === undefined || !layout.isFirstOnLine(dash)) return [];
  return [{ range: { start: layout.lineStart(dash), end: layout.nextLine(end) }, newText: '' }];
}

/**
 * Adds an item.
 *
 * @param index the item that it shall stand before; the number of items for the end
 */
export function insertItem(layout: Layout, list: YAMLSeq, index: number, value: NewValue): OffsetEdit[] {
  if (list.items.length === 0) {
    const holder = layout.holderOf(list);
    // A name goes between the brackets that are there; a step has more lines than one.
    const start = startOf(list);
    if (typeof value === 'string' && start !== undefined) return [insertion(start + 1, flowText(value))];
    return holder ? layout.fill(holder, [value]) : [];
  }
  const at = rangeOf(list.items[index])?.[0];
  const last = rangeOf(list.items.at(-1))?.[1];
  if (list.flow === true) {
    if (at !== undefined) return [insertion(at, `${flowText(value)}, `)];
    return last === undefined ? [] : [insertion(last, `, ${flowText(value)}`)];
  }
  const first = dashOf(list, 0);
  if (first === undefined || !layout.isFirstOnLine(first)) return [];
  const indent = ' '.repeat(layout.column(first));
  const lines = nestedLines([value]).map((line) => (line === '' ? '' : `${indent}${line}`));
  const body = lines.join(layout.lineEnd);
  const dash = at === undefined ? undefined : dashOf(list, index);
  if (dash !== undefined) return [insertion(layout.lineStart(dash), `${body}${layout.lineEnd}`)];
  if (last === undefined) return [];
  const end = layout.nextLine(last);
  const open = end === layout.text.length && !layout.text.endsWith('\n');
  return [insertion(end, open ? `${layout.lineEnd}${body}` : `${body}${layout.lineEnd}`)];
}

/** Where the `-` of an item of a block list stands. */
function dashOf(list: YAMLSeq, index: number): number | undefined {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return undefined;
  return token.items[index]?.start.find(({ type }) => type === 'seq-item-ind')?.offset;
}

function rangeOf(item: unknown): readonly [number, number] | undefined {
  if (!isScalar(item) && !isCollection(item) && !isAlias(item)) return undefined;
  const start = startOf(item);
  const end = item.range?.[1];
  return start === undefined || end === undefined ? undefined : [start, end];
}
