/** Rename of the artifact that get and put steps make: within their job. Their resource keeps its name. */
import type { WorkspaceEdit } from 'vscode-languageserver';
import { entryOf, type FlowTrace, PUT_PATHS, type ScalarNode, type TaskNode, type TextRange } from '#concourse';
import { textEdits } from '../facts/text-edits.ts';
import type { OffsetEdit } from '../fixes/edits.ts';
import { scalarSource } from '../fixes/layout.ts';
import { PipelineEditor } from '../pipeline-fixes/editor.ts';
import type { RenameRefusal } from '../symbols/rename.ts';
import {
  everyStep,
  itemsOf,
  jobsOf,
  scalarsBelow,
  textAt,
  textNode,
  type WrittenJob,
  type WrittenStep,
} from './model.ts';
import type { PipelinePlaceRequest } from './request.ts';
import { entriesOf, firstPart, type Spot, spotsOf, wordRange } from './spots.ts';
import { withResource } from './step-name.ts';

/**
 * The edit that gives the artifact of a step another name in its job: the get and put steps that make it, paths and
 * mappings, inputs and path params of puts, and local vars. A step that had its resource's name gets `resource`; a task
 * that takes the artifact by its name gets an input mapping.
 */
export function renameStep(
  request: PipelinePlaceRequest,
  at: Spot,
  job: WrittenJob,
  newName: string,
): WorkspaceEdit | RenameRefusal {
  const { source, uri } = request;
  const artifact = at.name;
  const steps = [...everyStep(job.steps)];
  if (madeBy(steps, newName).length > 0) {
    return { refused: `A step of the job makes the artifact '${newName}' already. Choose another name.` };
  }
  const makers = madeBy(steps, artifact);
  const task = makers.find(({ kind }) => kind === 'task');
  if (task) {
    return { refused: `The task in line ${lineOf(request, task)} makes an artifact '${artifact}', too.` };
  }
  const editor = new PipelineEditor(request);
  const edits: OffsetEdit[] = [];
  for (const step of makers) {
    const own = editsOfMaker(editor, step, artifact, newName);
    if (!own) {
      return { refused: `The step in line ${lineOf(request, step)} cannot be changed here. Give it a resource first.` };
    }
    edits.push(...own);
  }
  for (const step of steps) {
    const mapped = mappingOf(editor, step, artifact, newName);
    if (!mapped) {
      return { refused: `The task in line ${lineOf(request, step)} needs an input mapping. Write it first.` };
    }
    edits.push(...mapped);
  }
  const word = (range: TextRange): void => {
    edits.push({ range: { start: range.start, end: range.start + artifact.length }, newText: newName });
  };
  for (const spot of spotsOf(source)) if (spot.job === job && uses(spot, artifact)) word(spot.range);
  for (const range of pathsOfPuts(editor.trace, source.text, steps, artifact)) word(range);
  if (!hasVar(steps, artifact)) for (const range of localVars(source.text, job.node, artifact)) word(range);
  const elsewhere = edits.find(({ range }) => isElsewhere(source, job, range));
  if (elsewhere) {
    const { line } = source.positionAt(elsewhere.range.start);
    return {
      refused: `Line ${line + 1} is in another job, too, by an alias. Write the step in each job, then rename.`,
    };
  }
  return { documentChanges: [{ textDocument: { uri, version: null }, edits: textEdits(source, [...unique(edits)]) }] };
}

function lineOf({ source }: PipelinePlaceRequest, { node }: WrittenStep): number {
  return source.positionAt(node.range.start).line + 1;
}

/** A place that is not in this job's own text, or that another job has by an alias. */
function isElsewhere(source: PipelinePlaceRequest['source'], job: WrittenJob, place: TextRange): boolean {
  if (place.start < job.node.range.start || place.end > job.node.range.end) return true;
  const touches = ({ range, written = range }: ScalarNode): boolean =>
    written.start <= place.start && place.end <= written.end;
  return jobsOf(source).some((other) => other !== job && scalarsBelow(other.node).some(touches));
}

/** The steps that make an artifact of this name. */
function madeBy(steps: readonly WrittenStep[], artifact: string): WrittenStep[] {
  return steps.filter(({ kind, core, node }) => {
    if (kind === 'get' || kind === 'put') return textNode(core?.value)?.text === artifact;
    if (kind !== 'task') return false;
    const outputs = entriesOf(node, 'output_mapping');
    if (outputs.some(({ value }) => textNode(value)?.text === artifact)) return true;
    const config = entryOf(node, 'config')?.value;
    const mapped = new Set(outputs.map(({ name }) => name));
    return itemsOf(config && entryOf(config, 'outputs')?.value).some((output) => {
      const name = textAt(output, 'name')?.text;
      return name === artifact && !mapped.has(name);
    });
  });
}

/** The step under its new name, of the same resource; undefined where its text cannot be changed. */
function editsOfMaker(
  editor: PipelineEditor,
  step: WrittenStep,
  artifact: string,
  newName: string,
): OffsetEdit[] | undefined {
  const { node, core } = step;
  const name = textNode(core?.value);
  const range = name && !name.written ? wordRange(editor.text, name) : undefined;
  if (!range) return undefined;
  const renamed = { range, newText: newName };
  if (textAt(node, 'resource')) return [renamed];
  const added = withResource(editor.text, step, artifact);
  return added && [renamed, added];
}

/**
 * The input mapping of a task that takes the artifact by its name, or that may: its file is not known. Undefined where
 * there is no place for it.
 */
function mappingOf(
  editor: PipelineEditor,
  step: WrittenStep,
  artifact: string,
  newName: string,
): OffsetEdit[] | undefined {
  if (step.kind !== 'task' || entriesOf(step.node, 'input_mapping').some(({ name }) => name === artifact)) return [];
  const { known, inputs } = editor.trace.task(step.node);
  if (known && !inputs.some(({ name }) => name === artifact)) return [];
  const edits = editor.addTo(step.node, 'input_mapping', { [scalarSource(artifact)]: scalarSource(newName) });
  return edits.length > 0 ? edits : undefined;
}

/** A word that names the artifact, outside of the config of a task, where it names an input. */
function uses({ kind, name, declaration, step, range }: Spot, artifact: string): boolean {
  if (kind === 'file') return firstPart(name) === artifact;
  if (kind !== 'artifact' || name !== artifact || declaration) return false;
  const config = step && entryOf(step.node, 'config')?.value;
  const within = config && (config.written ?? config.range);
  return !within || range.end <= within.start || within.end <= range.start;
}

/** Where paths in the params of puts begin with the artifact. Of a type that is not known, words with a slash are paths. */
function pathsOfPuts(trace: FlowTrace, text: string, steps: readonly WrittenStep[], artifact: string): TextRange[] {
  return steps.flatMap(({ kind, core, node }) => {
    if (kind !== 'put') return [];
    const resource = (textAt(node, 'resource') ?? textNode(core?.value))?.text ?? '';
    const paths = PUT_PATHS[trace.resource(resource)?.baseType ?? ''];
    return entriesOf(node, 'params').flatMap(({ name, value }) => {
      if (paths && !(name in paths)) return [];
      return scalarsBelow(value).flatMap((scalar) => {
        const range = wordRange(text, scalar);
        const [, before = ''] = /^((?:\.\/)*)/u.exec(scalar.text) ?? [];
        const path = scalar.text.slice(before.length);
        if (!range || !(path.startsWith(`${artifact}/`) || (paths !== undefined && path === artifact))) return [];
        return [{ start: range.start + before.length, end: range.end }];
      });
    });
  });
}

/** A `load_var` or an `across` gives a local var this name: then it is not the one of the artifact. */
function hasVar(steps: readonly WrittenStep[], name: string): boolean {
  return steps.some(
    ({ kind, core, node }) =>
      (kind === 'load_var' && textNode(core?.value)?.text === name) ||
      itemsOf(entryOf(node, 'across')?.value).some((each) => textAt(each, 'var')?.text === name),
  );
}

/** Where `((.:ARTIFACT…))` names what the artifact's version has. */
function localVars(text: string, job: TaskNode, artifact: string): TextRange[] {
  const escaped = artifact.replaceAll(/[.-]/gu, String.raw`\$&`);
  const pattern = new RegExp(String.raw`\(\(\s*\.:${escaped}(?=[.\s)])`, 'gu');
  return scalarsBelow(job).flatMap(({ range, written }) => {
    const { start, end } = written ?? range;
    return [...text.slice(start, end).matchAll(pattern)].map((match) => {
      const last = start + match.index + match[0].length;
      return { start: last - artifact.length, end: last };
    });
  });
}

function unique(edits: readonly OffsetEdit[]): Iterable<OffsetEdit> {
  return new Map(edits.map((edit) => [`${edit.range.start} ${edit.range.end} ${edit.newText}`, edit])).values();
}
