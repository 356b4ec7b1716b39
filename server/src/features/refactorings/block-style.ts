/** A mapping or list in braces or brackets, written out line by line. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { TextRange } from '#concourse';
import type { FeatureRequest } from '../facts/feature.ts';
import { Layout, type NewValue } from '../fixes/layout.ts';
import type { Refactoring } from './refactoring.ts';

/** The value as written; undefined when it holds a comment, an anchor or a tag. */
export function writtenValue(node: unknown, text: string): NewValue | undefined {
  if (node === null) return '';
  if (isAlias(node)) return `*${node.source}`;
  if (isScalar(node)) {
    if (!node.range || node.anchor !== undefined || node.tag !== undefined || node.comment || node.commentBefore) {
      return undefined;
    }
    const source = text.slice(node.range[0], node.range[1]);
    return source.includes('\n') ? undefined : source;
  }
  if (isSeq(node) && node.anchor === undefined && node.tag === undefined && !node.comment) {
    const items = node.items.map((item) => writtenValue(item, text));
    // An empty list or mapping has no form without its brackets.
    return items.length === 0 ? '[]' : items.some((item) => item === undefined) ? undefined : (items as NewValue[]);
  }
  if (!isMap(node) || node.anchor !== undefined || node.tag !== undefined || node.comment) return undefined;
  const entries: [string, NewValue][] = [];
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? writtenValue(key, text) : undefined;
    const inner = writtenValue(value, text);
    if (typeof name !== 'string' || name === '' || inner === undefined) return undefined;
    entries.push([name, inner]);
  }
  return entries.length === 0 ? '{}' : Object.fromEntries(entries);
}

/** Writes the braces or brackets around a place out; undefined when there are none that can be. */
export function blockStyle(
  { task }: FeatureRequest,
  range: TextRange,
  layout: Layout = new Layout(task),
): Refactoring | undefined {
  const entry = layout.flowEntryAround(range);
  const value = entry && writtenValue(entry.pair.value, task.text);
  if (!entry || value === undefined || typeof value === 'string') return undefined;
  const key = isScalar(entry.pair.key) ? (entry.pair.key.source ?? '') : '';
  return { title: `Write '${key}' line by line`, kind: 'refactor.rewrite', edits: layout.fill(entry, value) };
}
