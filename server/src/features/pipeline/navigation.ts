/** Ways through a pipeline: definition, references, highlights and links of resources, jobs, artifacts and files. */
import {
  DocumentHighlightKind,
  type DocumentHighlight,
  type DocumentLink,
  type Location,
  type LocationLink,
} from 'vscode-languageserver';
import {
  entryOf,
  type FlowTrace,
  type Maker,
  type TaskNode,
  type TaskShape,
  type TextRange,
  traceFlow,
} from '#concourse';
import { lspRange } from '../facts/feature.ts';
import { FILE_START, fileUri, rangesIn } from '../facts/places.ts';
import { holds } from '../facts/text-ranges.ts';
import { everyStep, itemsOf, jobsOf, textAt, textNode } from './model.ts';
import type { PipelinePlaceRequest, PipelineRequest } from './request.ts';
import { entriesOf, firstPart, spotAt, type Spot, spotsOf, stepAt, wordRange } from './spots.ts';

/** Where the thing at a place of a pipeline comes from: empty where nothing is known. */
export function pipelineDefinition(request: PipelinePlaceRequest): LocationLink[] {
  const { source, world, offset } = request;
  const local = localVar(request);
  if (local) return local;
  const spot = spotAt(source, offset);
  if (!spot) return [];
  const origin = lspRange(source, spot.range);
  const links = (targets: readonly Target[]): LocationLink[] =>
    targets.map((target) => ({ originSelectionRange: origin, ...target }));
  if (spot.kind === 'resource' || spot.kind === 'job' || spot.kind === 'type') {
    return links(declarationsOf(request, spot).map(({ range }) => here(request, range)));
  }
  const step = spot.step?.node;
  if (!step) return [];
  const trace = traceFlow(source, world);
  if (spot.kind === 'artifact') {
    return spot.declaration && spot.step.kind !== 'task' ? [] : links(makerOf(request, trace, step, spot.name));
  }
  if (spot.kind === 'file') {
    const file = trace.file(step, spot.name);
    const open = file?.kind === 'file' ? [fileTarget(file.path)] : [];
    const name = firstPart(spot.name);
    const onName = offset <= spot.range.start + name.length;
    return links([...open, ...(onName || open.length === 0 ? makerOf(request, trace, step, name) : [])]);
  }
  return links(portOf(request, trace.task(step), trace.file(step, textAt(step, 'file')?.text ?? ''), spot));
}

/** All places of the resource, job or type at a place. */
export function pipelineReferences(
  request: PipelinePlaceRequest,
  { includeDeclaration = true }: { readonly includeDeclaration?: boolean } = {},
): Location[] {
  return sameName(request)
    .filter(({ declaration }) => includeDeclaration || !declaration)
    .map(({ range }) => ({ uri: request.uri, range: lspRange(request.source, range) }));
}

/** The places of the resource, job or type at a place; its declaration is a write. */
export function pipelineHighlights(request: PipelinePlaceRequest): DocumentHighlight[] {
  return sameName(request).map(({ range, declaration }) => ({
    range: lspRange(request.source, range),
    kind: declaration ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }));
}

/** Links of paths that lead to files of this checkout. */
export function pipelineLinks({ source, world }: PipelineRequest): DocumentLink[] {
  const spots = spotsOf(source).filter(({ kind }) => kind === 'file');
  if (spots.length === 0) return [];
  const trace = traceFlow(source, world);
  return spots.flatMap(({ name, range, step }): DocumentLink[] => {
    const file = step && trace.file(step.node, name);
    if (file?.kind !== 'file') return [];
    return [{ range: lspRange(source, range), target: fileUri(file.path), tooltip: 'Open the local file' }];
  });
}

/** The places of what the word at an offset names; none for words that are no names of the whole pipeline. */
export function sameName({ source, offset }: PipelinePlaceRequest): readonly Spot[] {
  const at = spotAt(source, offset);
  if (at?.kind !== 'resource' && at?.kind !== 'job' && at?.kind !== 'type') return [];
  return spotsOf(source).filter(({ kind, name }) => kind === at.kind && name === at.name);
}

type Target = Omit<LocationLink, 'originSelectionRange'>;

function here({ source, uri }: PipelineRequest, selection: TextRange, whole = selection): Target {
  return { targetUri: uri, targetRange: lspRange(source, whole), targetSelectionRange: lspRange(source, selection) };
}

function fileTarget(path: string): Target {
  return { targetUri: fileUri(path), targetRange: FILE_START, targetSelectionRange: FILE_START };
}

function declarationsOf({ source }: PipelineRequest, { kind, name }: Spot): Spot[] {
  return spotsOf(source).filter((other) => other.declaration && other.kind === kind && other.name === name);
}

/** The step that has made an artifact before another step. */
function makerOf(request: PipelineRequest, trace: FlowTrace, step: TaskNode, name: string): Target[] {
  const maker = trace.at(step)?.artifacts.get(name)?.maker;
  const range = maker && makerRange(request, maker, name);
  return range ? [here(request, range)] : [];
}

/** Where a step names what it makes: the mapping or the output of an inline task, else the name of the step. */
function makerRange({ source }: PipelineRequest, { kind, node }: Maker, name: string): TextRange | undefined {
  const config = entryOf(node, 'config')?.value;
  const outputs = itemsOf(config && entryOf(config, 'outputs')?.value).map((output) => textAt(output, 'name'));
  const candidates =
    kind === 'task'
      ? [...entriesOf(node, 'output_mapping').map(({ value }) => textNode(value)), ...outputs].filter(
          (each) => each?.text === name,
        )
      : [];
  const named = candidates[0] ?? textAt(node, kind);
  return named && wordRange(source.text, named);
}

/** Where a task declares an input, output or param. */
function portOf(request: PipelineRequest, shape: TaskShape, file: ReturnType<FlowTrace['file']>, spot: Spot): Target[] {
  const config = shape.document?.root ?? (spot.step && entryOf(spot.step.node, 'config')?.value);
  if (!config) return [];
  const declared =
    spot.kind === 'param'
      ? entriesOf(config, 'params').find(({ name }) => name === spot.name)?.key
      : itemsOf(entryOf(config, spot.kind === 'input' ? 'inputs' : 'outputs')?.value)
          .map((port) => textAt(port, 'name'))
          .find((name) => name?.text === spot.name);
  if (!declared) return [];
  const text = shape.document?.text ?? request.source.text;
  const range = wordRange(text, declared);
  if (!range) return [];
  if (!shape.document) return [here(request, range)];
  if (file?.kind !== 'file') return [];
  const place = rangesIn(text)(range);
  return [{ targetUri: fileUri(file.path), targetRange: place, targetSelectionRange: place }];
}

/** `((.:name))`: the steps of the job that set it. Undefined for a place that is no local variable. */
function localVar(request: PipelinePlaceRequest): LocationLink[] | undefined {
  const { source, offset } = request;
  const use = source.vars.find(({ range, reference }) => reference?.source === '.' && holds(range, offset));
  if (!use?.reference) return undefined;
  const { path } = use.reference;
  const job = stepAt(source, offset)?.job ?? jobsOf(source).find(({ node }) => holds(node.range, offset));
  return [...everyStep(job?.steps ?? [])].flatMap(({ kind, core, node }): LocationLink[] => {
    const across = itemsOf(entryOf(node, 'across')?.value).map((item) => textAt(item, 'var'));
    const setter = kind === 'load_var' || kind === 'get' || kind === 'put' ? [textNode(core?.value)] : [];
    return [...setter, ...across].flatMap((named) => {
      const range = named?.text === path ? wordRange(source.text, named) : undefined;
      return range ? [{ originSelectionRange: lspRange(source, use.range), ...here(request, range) }] : [];
    });
  });
}
