/** Fixes of what a step gives its task: mappings, params, vars. */
import { entryOf, type Problem } from '#concourse';
import { scalarSource } from '../fixes/layout.ts';
import type { WrittenStep } from '../pipeline/model.ts';
import { entriesOf } from '../pipeline/spots.ts';
import type { PipelineEditor } from './editor.ts';
import { fix, replace, type OtherFile, type PipelineFix, type PipelineFixMaker } from './fix.ts';
import { fileName, taskFileOf, withParams, withPort } from './task-file.ts';

/** The key that is meant, where the mapping does not have it yet. */
function renameKey({ range, data }: Problem, editor: PipelineEditor): PipelineFix[] {
  const { replacement } = data ?? {};
  const entry = editor.entryAt(range);
  if (replacement === undefined || !entry) return [];
  const source = scalarSource(replacement);
  const old = editor.text.slice(range.start, range.end);
  return replace(`Rename ${old} to ${source}`, range, source, { preferred: true });
}

function removeEntry({ range }: Problem, editor: PipelineEditor, what: string): PipelineFix[] {
  const entry = editor.entryAt(range);
  return entry ? fix(`Remove ${what}`, editor.removeEntry(entry)) : [];
}

/** Other files of a fix; none where it could not be made. */
function inFile(title: string, other: OtherFile | undefined, flags: Partial<PipelineFix> = {}): PipelineFix[] {
  return other ? fix(title, [], { ...flags, others: [other] }) : [];
}

/** A mapping of what the task does not have: the key that is meant, the input or output added to the task, or none. */
export const unknownMapping: PipelineFixMaker = (problem, editor) => {
  const step = editor.step(problem.range)?.step;
  const name = problem.data?.key;
  if (!step || name === undefined) return [];
  const inputs = entriesOf(step.node, 'input_mapping').some(({ key }) => key.range.start === problem.range.start);
  const kind = inputs ? 'inputs' : 'outputs';
  return [
    ...renameKey(problem, editor),
    ...addPort(editor, step, kind, name),
    ...removeEntry(problem, editor, `the mapping of '${name}'`),
  ];
};

function addPort(editor: PipelineEditor, step: WrittenStep, kind: 'inputs' | 'outputs', name: string): PipelineFix[] {
  const what = `Add the ${kind.slice(0, -1)} '${name}' to`;
  const config = entryOf(step.node, 'config')?.value;
  if (config?.kind === 'map') {
    return fix(`${what} the task`, editor.appendTo(config, kind, { name: scalarSource(name) }));
  }
  const file = taskFileOf(editor, step);
  return file ? inFile(`${what} ${fileName(file.path)}`, withPort(file, kind, scalarSource(name))) : [];
}

/** Params that the task does not declare: the name that is meant, all of them declared there, or this one removed. */
export const undeclaredParam: PipelineFixMaker = (problem, editor) => {
  const step = editor.step(problem.range)?.step;
  const name = problem.data?.key;
  if (!step || name === undefined) return [];
  const { params } = editor.trace.task(step.node);
  const meant = problem.data?.replacement !== undefined;
  const undeclared = entriesOf(step.node, 'params').flatMap((entry) => (params.has(entry.name) ? [] : [entry.name]));
  const names = meant ? [name] : undeclared;
  const file = taskFileOf(editor, step);
  const what = names.length === 1 ? `'${name}'` : `${names.length} params`;
  const declare = file
    ? inFile(
        `Declare ${what} in ${fileName(file.path)}`,
        withParams(file, names.map(scalarSource)),
        meant ? {} : { preferred: true },
      )
    : [];
  const remove = names.length === 1 ? removeEntry(problem, editor, `'${name}'`) : [];
  return [...renameKey(problem, editor), ...declare, ...remove];
};

/** Params without a value: written down here, to be filled in. */
export const paramNotGiven: PipelineFixMaker = ({ range }, editor) => {
  const step = editor.step(range)?.step;
  if (!step) return [];
  const given = new Set(entriesOf(step.node, 'params').map(({ name }) => name));
  const { params } = editor.trace.task(step.node);
  const unset = [...params].flatMap(([name, empty]) => (empty && !given.has(name) ? [name] : []));
  const values = Object.fromEntries(unset.map((name) => [scalarSource(name), '""']));
  const what = unset.length === 1 ? `'${unset[0] ?? ''}'` : `${unset.length} params`;
  return fix(`Set ${what} to an empty text here`, editor.addTo(step.node, 'params', values));
};

/** A var that the task file does not use: the name that is meant, or none. */
export const undeclaredVar: PipelineFixMaker = (problem, editor) => [
  ...renameKey(problem, editor),
  ...removeEntry(problem, editor, `'${problem.data?.key ?? ''}'`),
];
