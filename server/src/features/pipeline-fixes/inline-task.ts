/** The inline task of a step to a task file in the repository of one of its artifacts, and back. */
import { isAlias, isMap, visit } from 'yaml';
import {
  decodeTask,
  entryOf,
  findCheckout,
  type MapEntry,
  parseReference,
  type TaskNode,
  type VarReference,
  varNames,
} from '#concourse';
import type { OffsetEdit } from '../fixes/edits.ts';
import { nestedLines, scalarSource, startOf } from '../fixes/layout.ts';
import { writtenValue } from '../refactorings/block-style.ts';
import { everyStep, jobsOf, textAt, type WrittenStep } from '../pipeline/model.ts';
import { entriesOf } from '../pipeline/spots.ts';
import type { PipelineEditor } from './editor.ts';
import type { PipelineRefactoring } from './fix.ts';
import { fileName, taskFileOf } from './task-file.ts';

const EXTRACT = { title: 'Extract the task to a file', kind: 'refactor.extract', edits: [] } as const;
const INLINE = { title: 'Write the task into the pipeline', kind: 'refactor.inline', edits: [] } as const;

/** Moves `config` to a file beside the other task files of the pipeline. Undefined for a step without one. */
export function extractTask(editor: PipelineEditor, step: WrittenStep): PipelineRefactoring | undefined {
  const config = entryOf(step.node, 'config');
  if (config?.value.kind !== 'map') return undefined;
  const refused = (reason: string): PipelineRefactoring => ({ ...EXTRACT, refused: reason });
  if (config.value.written) return refused('The task is an alias: extract it where the anchor is.');
  if (entryOf(step.node, 'file')) return refused('The step names a task file already.');
  const place = placeFor(editor, step);
  if (!place) return refused('No get of this repository comes before the step: the task would find no file.');
  const lines = configLines(editor, config);
  if (!lines) return refused('The task shares parts with others by anchors: write them out first.');
  const vars = varsOf(config.value);
  if (vars === undefined) return refused('The task has a variable that cannot be read.');
  const entry = editor.layout.entryAt(config.key.range.start);
  if (!entry) return undefined;
  const { lineEnd } = editor.layout;
  const after = `${lines.join(lineEnd)}${lineEnd}`;
  const file = scalarSource(`${place.artifact}/${place.below}`);
  const given = new Set(entriesOf(step.node, 'vars').map(({ name }) => name));
  const missing = vars.filter((name) => !given.has(name));
  const values = Object.fromEntries(missing.map((name) => [scalarSource(name), `((${name}))`]));
  const edits: OffsetEdit[] = [
    ...renamed(editor, config, file),
    ...(missing.length > 0 ? editor.addTo(step.node, 'vars', values) : []),
  ];
  const title = `Extract the task to '${place.below}'`;
  return { ...EXTRACT, title, edits, others: [{ path: place.path, before: undefined, after }] };
}

/** `file: PATH` in the place of `config:` and what is behind it. */
function renamed({ layout }: PipelineEditor, { key, value }: MapEntry, file: string): OffsetEdit[] {
  const entry = layout.entryAt(key.range.start);
  const end = entry ? layout.endOf(entry) : value.range.end;
  const stop = key.range.start + layout.text.slice(key.range.start, end).trimEnd().length;
  return [{ range: { start: key.range.start, end: stop }, newText: `file: ${file}` }];
}

/** Where the file goes: the folder of another task file of the pipeline, else `tasks` beside the pipeline. */
function placeFor(
  { request, trace }: PipelineEditor,
  step: WrittenStep,
): { readonly artifact: string; readonly below: string; readonly path: string } | undefined {
  const { files, path } = request.world;
  const checkout = files && path !== undefined ? findCheckout(files, path) : undefined;
  const artifacts = [...(trace.at(step.node)?.artifacts ?? [])];
  const artifact = artifacts.find(([, { local, certainty }]) => local && certainty === 'present')?.[0];
  if (!files || !checkout || path === undefined || artifact === undefined) return undefined;
  const root = checkout.root.replaceAll('\\', '/').replace(/\/$/u, '');
  const below = (absolute: string): string => absolute.replaceAll('\\', '/').slice(root.length + 1);
  const others = jobsOf(request.source).flatMap((job) =>
    [...everyStep(job.steps)].flatMap(({ node }) => {
      const file = trace.file(node, textAt(node, 'file')?.text ?? '');
      return file?.kind === 'file' ? [below(file.path)] : [];
    }),
  );
  const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);
  const folder = others[0] === undefined ? `${folderOf(below(path))}tasks/` : folderOf(others[0]);
  const name = (textAt(step.node, 'task')?.text ?? 'task').toLowerCase().replaceAll(/[^\w.-]+/gu, '-');
  const names = [name, ...Array.from({ length: 20 }, (_, index) => `${name}-${index + 2}`)];
  const free = names.find((each) => files.stat(`${root}/${folder}${each}.yml`) === undefined);
  if (free === undefined || free === '' || free.includes('((')) return undefined;
  return { artifact, below: `${folder}${free}.yml`, path: `${root}/${folder}${free}.yml` };
}

/** The lines of the task at the left margin; undefined when it names anchors elsewhere, or is named from there. */
function configLines({ layout }: PipelineEditor, { value }: MapEntry): string[] | undefined {
  const map = layout.mapAt(value.range.start);
  const holder = map && layout.holderOf(map);
  const first = startOf(map?.items[0]?.key);
  if (!map || !holder || first === undefined) return undefined;
  const end = layout.endOf(holder);
  if (map.anchor !== undefined || layout.isNeeded([map], { start: value.range.start, end })) return undefined;
  const shared = new Set<string>();
  visit(map, {
    Node(_key, node) {
      if (isAlias(node)) shared.add(node.source);
      else if (node.anchor !== undefined) shared.add(node.anchor);
    },
  });
  if (shared.size > 0) return undefined;
  if (map.flow === true) {
    const written = writtenValue(map, layout.text);
    return written === undefined ? undefined : nestedLines(written);
  }
  const indent = ' '.repeat(layout.column(first));
  const text = layout.text.slice(layout.lineStart(first), end).trimEnd();
  // The first key may stand behind something else, e.g. `- `.
  if (!layout.isFirstOnLine(first)) return undefined;
  return text.split(/\r?\n/u).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()));
}

/** Names that the step must give as `vars`: a task file does not get those of the pipeline. */
function varsOf(node: TaskNode): string[] | undefined {
  const names = new Set<string>();
  const unreadable: string[] = [];
  const visitNode = (each: TaskNode): void => {
    if (each.kind === 'list') {
      each.items.forEach(visitNode);
    } else if (each.kind === 'map') {
      each.entries.forEach(({ value }) => visitNode(value));
    } else {
      for (const name of varNames(each.text)) {
        const reference = referenceOf(name);
        if (!reference) unreadable.push(name);
        else if (reference.source === '') names.add(reference.path);
      }
    }
  };
  visitNode(node);
  return unreadable.length > 0 ? undefined : [...names];
}

function referenceOf(name: string): VarReference | undefined {
  const parsed = parseReference(name);
  return parsed.ok ? parsed.reference : undefined;
}

/** Writes the task of a file into the step; the file stays, for others may use it. Undefined for a step without one. */
export function inlineTask(editor: PipelineEditor, step: WrittenStep): PipelineRefactoring | undefined {
  const file = entryOf(step.node, 'file');
  if (!file || entryOf(step.node, 'config')) return undefined;
  const refused = (reason: string): PipelineRefactoring => ({ ...INLINE, refused: reason });
  const task = taskFileOf(editor, step);
  if (!task) return refused('The task file is not in this repository.');
  const { document } = task;
  const { text, root, syntax } = document;
  if (!decodeTask(text).valid) return refused('The task file has errors.');
  if (entryOf(step.node, 'vars')) return refused("The step gives 'vars', which only a task file gets.");
  if (document.vars.some(({ reference }) => reference?.source === '')) {
    return refused('The task file has variables, which are those of the pipeline when it is written there.');
  }
  const contents = syntax?.contents;
  const first = isMap(contents) ? startOf(contents.items[0]?.key) : undefined;
  const block = isMap(contents) && contents.flow !== true && first !== undefined;
  const column = first === undefined ? 0 : first - (text.lastIndexOf('\n', first - 1) + 1);
  if (!block || column !== 0 || /^(?:---|\.\.\.|%)/mu.test(text.slice(first))) {
    return refused('The task file is written in braces, or holds several documents.');
  }
  if (file.value.written || root.kind !== 'map') return undefined;
  const { layout } = editor;
  const key = startOf(editor.layout.entryAt(file.key.range.start)?.pair.key);
  const map = editor.mapOf(step.node);
  if (key === undefined || !map) return undefined;
  if (map.flow === true) return refused('The step is written in braces: write it over several lines first.');
  const indent = ' '.repeat(layout.column(key) + 2);
  const lines = text
    .slice(first)
    .trimEnd()
    .split(/\r?\n/u)
    .map((line) => (line === '' ? '' : `${indent}${line}`));
  const stop = key + layout.text.slice(key, file.value.range.end).trimEnd().length;
  const newText = ['config:', ...lines].join(layout.lineEnd);
  const title = `Write the task of ${fileName(task.path)} into the pipeline`;
  return { ...INLINE, title, edits: [{ range: { start: key, end: stop }, newText }] };
}
