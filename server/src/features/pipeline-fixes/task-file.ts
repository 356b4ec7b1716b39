/** Changes of the task file that a step names. */
import { isSeq } from 'yaml';
import { entryOf, type TaskDocument } from '#concourse';
import { applyEdits, type OffsetEdit } from '../fixes/edits.ts';
import { Layout, type NewValue } from '../fixes/layout.ts';
import { insertItem } from '../fixes/list-items.ts';
import { textAt, type WrittenStep } from '../pipeline/model.ts';
import type { PipelineEditor } from './editor.ts';
import type { OtherFile } from './fix.ts';

/** The task file of a step. */
export interface TaskFileOf {
  /** Absolute. */
  readonly path: string;
  readonly document: TaskDocument;
}

/** The task file of a step, where it is in this checkout and can be read. */
export function taskFileOf({ trace }: PipelineEditor, { node }: WrittenStep): TaskFileOf | undefined {
  const written = textAt(node, 'file')?.text;
  const file = written === undefined ? undefined : trace.file(node, written);
  const { document } = trace.task(node);
  return file?.kind === 'file' && document ? { path: file.path, document } : undefined;
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** The file with params declared, without a value. */
export function withParams(file: TaskFileOf, names: readonly string[]): OtherFile | undefined {
  const layout = new Layout(file.document);
  const { root } = file.document;
  const params = entryOf(root, 'params')?.value;
  const map = params?.kind === 'map' ? layout.mapAt(params.range.start) : undefined;
  if (params?.written) return undefined;
  if (!map || map.items.length === 0) return changed(file, set(layout, file, 'params', declared(names)));
  const edits = names.flatMap((name) => layout.insert(map, 'last', name, ''));
  const [first] = edits;
  const newText = edits.map((edit) => edit.newText).join('');
  return first ? changed(file, [{ range: first.range, newText }]) : undefined;
}

/** The file with one input or output more. */
export function withPort(file: TaskFileOf, kind: 'inputs' | 'outputs', name: string): OtherFile | undefined {
  const layout = new Layout(file.document);
  const list = entryOf(file.document.root, kind)?.value;
  if (list?.written) return undefined;
  const written = list?.kind === 'list' ? layout.collectionAt(list.range.start) : undefined;
  const item = { name };
  if (!isSeq(written)) return changed(file, set(layout, file, kind, [item]));
  return changed(file, insertItem(layout, written, written.items.length, item));
}

function declared(names: readonly string[]): NewValue {
  return Object.fromEntries(names.map((name) => [name, '']));
}

function set(layout: Layout, { document }: TaskFileOf, key: string, value: NewValue): OffsetEdit[] {
  const map = layout.mapAt(document.root.range.start);
  if (!map || map.items.length === 0) return [];
  const entry = entryOf(document.root, key);
  const known = entry && layout.entryAt(entry.key.range.start);
  return known ? layout.fill(known, value) : layout.insert(map, 'last', key, value);
}

function changed({ path, document }: TaskFileOf, edits: readonly OffsetEdit[]): OtherFile | undefined {
  return edits.length > 0 ? { path, before: document.text, after: applyEdits(document.text, edits) } : undefined;
}
