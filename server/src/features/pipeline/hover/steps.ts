/** What a step finds, takes and leaves, and what its task file is. */
import {
  type Artifact,
  entryOf,
  type FlowTrace,
  nodeAt,
  resolveImage,
  type StepFinds,
  type TaskDocument,
  type TaskShape,
  traceFlow,
} from '#concourse';
import { fullReference } from '../../facts/image-facts.ts';
import { fileUri } from '../../facts/places.ts';
import { code } from '../../facts/spelled-out.ts';
import { makerText } from '../completion/values.ts';
import { textAt, textNode, type WrittenStep } from '../model.ts';
import type { PipelineRequest } from '../request.ts';
import { entriesOf, firstPart } from '../spots.ts';
import { listed, resourceOf } from './jobs.ts';
import { resourceFacts } from './resources.ts';

/** Markdown paragraphs about a step; the first one names it. */
export function stepFacts(request: PipelineRequest, step: WrittenStep): string[] {
  const { kind, node, core } = step;
  const name = textNode(core?.value)?.text;
  if (kind === undefined) return [];
  const title = name === undefined ? `**${kind}** (step)` : `**${name}** (${kind} step)`;
  const trace = traceFlow(request.source, request.world);
  const finds = trace.at(node);
  switch (kind) {
    case 'get':
    case 'put':
      return [title, ...exchangeFacts(request, step, finds)];
    case 'task':
      return [title, ...taskFacts(request, trace, step, finds)];
    case 'load_var':
    case 'set_pipeline': {
      const file = textAt(node, 'file')?.text;
      const set = kind === 'load_var' && name !== undefined ? [`Sets ${code(`((.:${name}))`)}.`] : [];
      return [title, ...(file === undefined ? [] : fileText(trace, node, file, finds)), ...set, ...findsText(finds)];
    }
    default:
      return [title, ...findsText(finds)];
  }
}

function exchangeFacts(request: PipelineRequest, step: WrittenStep, finds: StepFinds | undefined): string[] {
  const { kind, node, core } = step;
  const resource = resourceOf(step) ?? '';
  const name = textNode(core?.value)?.text ?? '';
  const [title = '', ...rest] = resourceFacts(request, resource);
  const noGet = nodeAt(node, ['no_get']);
  const silent = kind === 'put' && noGet?.kind === 'scalar' && noGet.value === true;
  const leaves = silent ? 'Leaves nothing: it has `no_get`.' : `Leaves the artifact ${code(name)}.`;
  return [
    `${kind === 'get' ? 'Fetches' : 'Puts'} ${title}`,
    ...rest,
    leaves,
    ...(kind === 'put' ? findsText(finds) : []),
  ];
}

function taskFacts(
  request: PipelineRequest,
  trace: FlowTrace,
  { node }: WrittenStep,
  finds: StepFinds | undefined,
): string[] {
  const shape = trace.task(node);
  const file = textAt(node, 'file')?.text;
  const facts: string[] = [];
  if (file !== undefined) facts.push(...fileText(trace, node, file, finds));
  const image = textAt(node, 'image')?.text;
  if (image !== undefined) facts.push(`Image: the artifact ${code(image)}${fromText(finds, image)}.`);
  else if (shape.document) facts.push(...imageText(shape.document));
  if (shape.document) facts.push(...commandText(shape.document));
  facts.push(...portsText(shape, finds, mappingOf(node, 'input_mapping'), mappingOf(node, 'output_mapping')));
  const params = [...shape.params].filter(([name, needed]) => needed && !hasKey(node, 'params', name));
  if (params.length > 0) facts.push(`Params without a value: ${listed(params.map(([name]) => name))}.`);
  if (!shape.known && shape.inputs.length === 0) facts.push(...findsText(finds));
  return facts;
}

function mappingOf(node: WrittenStep['node'], key: string): ReadonlyMap<string, string> {
  return new Map(
    entriesOf(node, key).flatMap(({ name, value }) => (value.kind === 'scalar' ? [[name, value.text]] : [])),
  );
}

function hasKey(node: WrittenStep['node'], key: string, name: string): boolean {
  return entriesOf(node, key).some((entry) => entry.name === name);
}

/** Inputs with the step that makes each, and outputs with their names. */
function portsText(
  { inputs, outputs }: TaskShape,
  finds: StepFinds | undefined,
  inMap: ReadonlyMap<string, string>,
  outMap: ReadonlyMap<string, string>,
): string[] {
  const taken = inputs.map(({ name, optional }) => {
    const artifact = inMap.get(name) ?? name;
    const mapped = artifact === name ? '' : ` from ${code(artifact)}`;
    return `- input ${code(name)}${optional ? ' (optional)' : ''}${mapped}${fromText(finds, artifact)}`;
  });
  const left = outputs.map(({ name }) => {
    const artifact = outMap.get(name);
    return `- output ${code(name)}${artifact === undefined ? '' : ` as ${code(artifact)}`}`;
  });
  const lines = [...taken, ...left];
  return lines.length > 0 ? [lines.join('\n')] : [];
}

/** Who made an artifact, or that nobody has. */
function fromText(finds: StepFinds | undefined, name: string): string {
  if (!finds || name.includes('((')) return '';
  const artifact = finds.artifacts.get(name);
  if (!artifact) return finds.open ? '' : ': nothing here makes it';
  return `: ${makerText(artifact)}${doubtText(artifact)}`;
}

function doubtText({ certainty, doubt }: Artifact): string {
  if (certainty !== 'maybe') return '';
  return doubt === 'sibling' ? ', which runs beside it' : ', which may not have made it';
}

function imageText({ config }: TaskDocument): string[] {
  const image = resolveImage(config);
  return 'unresolved' in image ? [] : [`Image: ${code(fullReference(image.reference))}.`];
}

function commandText({ config }: TaskDocument): string[] {
  const { path, args = [] } = config.run;
  return path === '' ? [] : [`Runs ${code([path, ...args].join(' '))}`];
}

/** What is there for a step. */
function findsText(finds: StepFinds | undefined): string[] {
  if (!finds) return [];
  const { artifacts, open } = finds;
  if (artifacts.size === 0) return [open ? 'What it finds is not known.' : 'It finds no artifact.'];
  const lines = [...artifacts].map(
    ([name, artifact]) => `- ${code(name)}: ${makerText(artifact)}${doubtText(artifact)}`,
  );
  return [`It finds${open ? ', perhaps among others' : ''}:`, lines.join('\n')];
}

/** Where the file of a step lies. */
function fileText(trace: FlowTrace, node: WrittenStep['node'], path: string, finds: StepFinds | undefined): string[] {
  const file = trace.file(node, path);
  const from = `File ${code(path)}${fromText(finds, firstPart(path))}`;
  if (file?.kind === 'file') return [`${from}. Here it is [${file.path.split('/').at(-1)}](${fileUri(file.path)}).`];
  if (file?.kind === 'missing') return [`${from}. There is no such file here.`];
  return [`${from}.`];
}

/** About a path of an artifact. */
export function fileFacts(request: PipelineRequest, { node, kind }: WrittenStep, path: string): string[] {
  const trace = traceFlow(request.source, request.world);
  const facts = [`**${path}**`, ...fileText(trace, node, path, trace.at(node))];
  if (kind !== 'task' || textAt(node, 'file')?.text !== path) return facts;
  const { document, inputs, outputs, params } = trace.task(node);
  if (!document) return facts;
  const names = (label: string, all: readonly string[]): string[] =>
    all.length > 0 ? [`${label} ${listed(all)}.`] : [];
  return [
    ...facts,
    ...imageText(document),
    ...commandText(document),
    ...names(
      'Inputs:',
      inputs.map(({ name }) => name),
    ),
    ...names(
      'Outputs:',
      outputs.map(({ name }) => name),
    ),
    ...names('Params:', [...params.keys()]),
  ];
}

/** About an artifact that a step takes, or that its task leaves. */
export function artifactFacts(
  request: PipelineRequest,
  { node, kind, core }: WrittenStep,
  name: string,
  declared: boolean,
): string[] {
  const title = `**${name}** (artifact)`;
  if (declared) return [title, `Made by the ${kind ?? ''} step ${code(textNode(core?.value)?.text ?? '')}.`];
  const finds = traceFlow(request.source, request.world).at(node);
  const artifact = finds?.artifacts.get(name);
  if (!artifact) return [title, finds?.open === true ? 'Not known.' : 'Nothing here makes it.'];
  const { maker } = artifact;
  const from =
    maker.kind === 'task' ? `Made by task ${code(maker.step)}` : `From the ${maker.kind} ${code(maker.step)}`;
  const type = maker.resource ? resourceFacts(request, maker.resource.name).slice(1, 2) : [];
  return [title, `${from}${doubtText(artifact)}.`, ...type];
}

/** About a key of a mapping or of params: what the task declares. */
export function portFacts(
  request: PipelineRequest,
  { node }: WrittenStep,
  kind: 'input' | 'output' | 'param',
  name: string,
): string[] {
  const shape = traceFlow(request.source, request.world).task(node);
  const title = `**${name}** (${kind} of the task)`;
  const lacks = shape.known ? [`The task declares no ${kind} ${code(name)}.`] : [];
  if (kind === 'param') {
    const needed = shape.params.get(name);
    if (needed === undefined) return [title, ...lacks];
    return [title, needed ? 'The task gives it no value.' : 'The step wins over the value of the task.'];
  }
  const port = (kind === 'input' ? shape.inputs : shape.outputs).find((each) => each.name === name);
  if (!port) return [title, ...lacks];
  const entry = entryOf(node, kind === 'input' ? 'input_mapping' : 'output_mapping')?.value;
  const value = entry && nodeAt(entry, [name]);
  const artifact = value?.kind === 'scalar' ? value.text : name;
  if (kind === 'output') return [title, `Becomes the artifact ${code(artifact)}.`];
  return [title, `${port.optional ? 'Optional. ' : ''}Takes the artifact ${code(artifact)}.`];
}
