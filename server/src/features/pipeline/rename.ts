/** Rename of resources, jobs and steps within a pipeline. */
import type { WorkspaceEdit } from 'vscode-languageserver';
import { entryOf, resolveScalar, type TaskNode, traceFlow } from '#concourse';
import { lspRange } from '../facts/feature.ts';
import { textEdits } from '../facts/text-edits.ts';
import type { OffsetEdit } from '../fixes/edits.ts';
import type { RenameRefusal, RenameStart } from '../symbols/rename.ts';
import { everyStep, jobsOf, scalarsBelow, textNode, type WrittenJob, type WrittenStep } from './model.ts';
import { sameName } from './navigation.ts';
import type { PipelinePlaceRequest, PipelineRequest } from './request.ts';
import { renameStep } from './rename-step.ts';
import { entriesOf, firstPart, spotAt, type Spot, spotsOf } from './spots.ts';
import { isArtifact, namesStep, withResource } from './step-name.ts';

const IDENTIFIER = /^[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d][\p{Ll}\p{Lt}\p{Lm}\p{Lo}\d\-_.]*$/u;

/** Whether the word at a place of a pipeline can be renamed; undefined where no resource or job is named. */
export function preparePipelineRename(request: PipelinePlaceRequest): RenameStart | undefined {
  const at = renamed(request);
  return at && { range: lspRange(request.source, at.range), placeholder: at.name };
}

/**
 * The edit that gives a resource, a job, or what a get or put step makes another name. At the name of a step, it is the
 * step's: see {@link renameStep}.
 */
export function renameInPipeline(
  request: PipelinePlaceRequest,
  newName: string,
): WorkspaceEdit | RenameRefusal | undefined {
  const at = renamed(request);
  if (!at?.job || !namesStep(at)) return renameEverywhere(request, newName);
  const reason = objection(request, at, newName);
  return reason === undefined ? renameStep(request, at, at.job, newName) : { refused: reason };
}

/**
 * The edit that gives a resource or job another name. A get without `resource` names an artifact too: it is renamed with
 * everything that names the artifact, or keeps its name and gets `resource` where a task takes it by its name.
 */
export function renameEverywhere(
  request: PipelinePlaceRequest,
  newName: string,
): WorkspaceEdit | RenameRefusal | undefined {
  const { source, uri } = request;
  const at = renamed(request);
  if (!at || at.kind === 'artifact') return undefined;
  const reason = objection(request, at, newName);
  if (reason !== undefined) return { refused: reason };
  const edits: OffsetEdit[] = [];
  const jobs = new Set<WrittenJob>();
  for (const spot of sameName(request)) {
    if (spot.job && isArtifact(spot)) jobs.add(spot.job);
    else edits.push({ range: spot.range, newText: newName });
  }
  const trace = jobs.size > 0 ? traceFlow(source, request.world) : undefined;
  for (const job of jobs) {
    const own = spotsOf(source).filter((spot) => spot.job === job);
    const gets = own.filter((spot) => spot.kind === 'resource' && spot.name === at.name && isArtifact(spot));
    const takes = (step: WrittenStep): boolean => takesUnseen(step, at.name, (node) => trace?.task(node));
    const steps = [...everyStep(job.steps)];
    const clash = steps.some(({ core }) => textNode(core?.value)?.text === newName);
    const shared = gets.some((spot) => isShared(request, spot, job));
    if (shared || clash || steps.some(takes)) {
      for (const spot of gets) {
        const edit = spot.step && withResource(source.text, spot.step, newName);
        if (!edit) {
          const { line } = source.positionAt(spot.range.start);
          return {
            refused: `The step in line ${line + 1} names the artifact of the resource, too. Write the step over several lines, then rename.`,
          };
        }
        edits.push(edit);
      }
      continue;
    }
    for (const spot of [...gets, ...own.filter((each) => namesArtifact(each, at.name))]) {
      edits.push({ range: { start: spot.range.start, end: spot.range.start + at.name.length }, newText: newName });
    }
  }
  return { documentChanges: [{ textDocument: { uri, version: null }, edits: textEdits(source, edits) }] };
}

function renamed({ source, offset }: PipelinePlaceRequest): Spot | undefined {
  const at = spotAt(source, offset);
  return at && (at.kind === 'resource' || at.kind === 'job' || namesStep(at)) ? at : undefined;
}

function objection({ source }: PipelineRequest, at: Spot, newName: string): string | undefined {
  const { kind, name } = at;
  const called = namesStep(at) ? 'step' : kind;
  const resolved = resolveScalar(newName, '', true);
  if (!IDENTIFIER.test(newName)) {
    return `'${newName}' cannot be the name of a ${called}: Concourse wants a lowercase letter or digit first, then lowercase letters, digits, -, _ and dots.`;
  }
  if (!resolved.ok || typeof resolved.value !== 'string') {
    return `YAML does not read '${newName}' as a text but as a number, a truth value or null. Choose another name.`;
  }
  // The name of a step is its job's own affair.
  if (called === 'step') return undefined;
  const taken = spotsOf(source).some((spot) => spot.declaration && spot.kind === kind && spot.name === newName);
  return taken && newName !== name ? `There is a ${kind} '${newName}' already. Choose another name.` : undefined;
}

/** The step is used by another job, too, through an anchor. */
function isShared({ source }: PipelineRequest, spot: Spot, job: WrittenJob): boolean {
  return jobsOf(source).some(
    (other) => other !== job && [...everyStep(other.steps)].some((step) => isArtifact({ ...spot, step })),
  );
}

/** The word names an artifact where it can be renamed. */
function namesArtifact({ kind, name, declaration, step }: Spot, artifact: string): boolean {
  if (kind === 'file') return firstPart(name) === artifact;
  return kind === 'artifact' && name === artifact && !(declaration && step?.kind !== 'task');
}

/** A step takes an artifact by a name that is not written in the step, or that is not known. */
function takesUnseen(
  { node, kind }: WrittenStep,
  artifact: string,
  taskOf: (
    node: TaskNode,
  ) => { readonly known: boolean; readonly inputs: readonly { readonly name: string }[] } | undefined,
): boolean {
  const own = textsBelow(node, kind === 'task' ? ['config', 'params', 'vars'] : ['params', 'get_params', 'vars']);
  if (own.some((text) => text.includes(`((.:${artifact}`))) return true;
  if (kind === 'put') {
    return textsBelow(node, ['params']).some((text) => firstPart(text.replace(/^\.\//u, '')) === artifact);
  }
  if (kind !== 'task') return false;
  const task = taskOf(node);
  if (task?.known !== true) return true;
  const mapped = new Set(entriesOf(node, 'input_mapping').map(({ name }) => name));
  return task.inputs.some(({ name }) => name === artifact && !mapped.has(name));
}

function textsBelow(node: TaskNode, keys: readonly string[]): string[] {
  return keys.flatMap((key) => scalarsBelow(entryOf(node, key)?.value).map(({ text }) => text));
}
