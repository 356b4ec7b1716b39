/** Hover in a pipeline: what a resource, job, step, artifact, variable or key is, outside of the tasks written into it. */
import type { Hover } from 'vscode-languageserver';
import { nodeAt, type PipelineDocument, type TaskNode, type TextRange } from '#concourse';
import { lspRange } from '../../facts/feature.ts';
import { keyDetail, keyDocumentation } from '../../facts/key-documentation.ts';
import { locate, type Located } from '../../facts/locate.ts';
import { code } from '../../facts/spelled-out.ts';
import { holds } from '../../facts/text-ranges.ts';
import { PipelineNames } from '../names.ts';
import type { PipelinePlaceRequest } from '../request.ts';
import { type PipelineOutline, type PipelinePlace, pageOf, pipelineSchemaAt } from '../schema-at.ts';
import { type Spot, spotAt, stepAt } from '../spots.ts';
import { jobFacts } from './jobs.ts';
import { resourceFacts, typeFacts } from './resources.ts';
import { artifactFacts, fileFacts, portFacts, stepFacts } from './steps.ts';
import { pipelineVarFacts } from './vars.ts';

/** What is known about a place of a pipeline; undefined where a task in it may know more. */
export function pipelineHover(request: PipelinePlaceRequest): Hover | undefined {
  const { source, tasks, offset } = request;
  const variable = pipelineVarFacts(request);
  if (variable) return shown(source, variable.range, variable.paragraphs);
  if (tasks.some(({ range }) => holds(range, offset))) return undefined;
  const found = locate(source.root, offset);
  const spot = spotAt(source, offset);
  const facts = spot ? spotFacts(request, spot) : [];
  if (spot && facts.length > 0) return shown(source, spot.range, facts);
  if (!found) return undefined;
  return shown(source, found.range, placeFacts(request, found));
}

function shown(source: PipelineDocument, range: TextRange, paragraphs: readonly string[]): Hover | undefined {
  if (paragraphs.length === 0) return undefined;
  return { contents: { kind: 'markdown', value: paragraphs.join('\n\n') }, range: lspRange(source, range) };
}

/** About a word that names something. */
function spotFacts(request: PipelinePlaceRequest, spot: Spot): string[] {
  const { step, job, name } = spot;
  const isCore = step?.core?.value.kind === 'scalar' && holds(step.core.value.range, request.offset);
  if (isCore && (step.kind === 'get' || step.kind === 'put')) return stepFacts(request, step);
  switch (spot.kind) {
    case 'resource':
      return resourceFacts(request, name);
    case 'job':
      return jobFacts(request, name, step);
    case 'type':
      return typeFacts(request, name);
    case 'artifact':
      return step ? artifactFacts(request, step, name, spot.declaration) : [];
    case 'file':
      return step ? fileFacts(request, step, name) : [];
    case 'input':
    case 'output':
    case 'param':
      return step && job ? portFacts(request, step, spot.kind, name) : [];
  }
}

/** About a key, or a value that names nothing. */
function placeFacts(request: PipelinePlaceRequest, found: Located): string[] {
  const { source } = request;
  const schema = pipelineSchemaAt(found.path, outlineOf(source.root), new PipelineNames(source));
  if (!schema?.field || schema.below.length > 0) return [];
  const { field } = schema;
  const { step } = stepAt(source, request.offset) ?? {};
  const isCore = step?.core !== undefined && step.core === found.entry;
  if (found.part === 'value') {
    const text = found.value.kind === 'scalar' ? found.value.text : undefined;
    const known = field.values?.find(({ value }) => value === text);
    if (isCore) return stepFacts(request, step);
    return known ? [`**${field.key}: ${known.value}**`, known.documentation] : [];
  }
  const detail = keyDetail({ type: declaredType(schema), field });
  const passed = field.key === 'passed' && step ? passedFacts(request, found, step) : [];
  return [
    `**${field.key}** (${detail})`,
    keyDocumentation(field, pageOf(schema, field)),
    ...passed,
    ...(isCore && step.kind !== undefined ? stepFacts(request, step).slice(1) : []),
  ];
}

function declaredType({ field, type }: PipelinePlace): PipelinePlace['type'] {
  return field?.type.kind === 'custom' ? field.type : type;
}

function passedFacts(
  request: PipelinePlaceRequest,
  { value }: Located,
  step: NonNullable<ReturnType<typeof stepAt>>['step'],
): string[] {
  const items = value.kind === 'list' ? value.items : [];
  return items.flatMap((item) => {
    const name = item.kind === 'scalar' ? item.text : '';
    const [, told] = name === '' ? [] : jobFacts(request, name, step);
    return told === undefined ? [] : [`- ${code(name)}: ${told}`];
  });
}

function outlineOf(root: TaskNode): PipelineOutline {
  return {
    keys: (path) => {
      const node = nodeAt(root, path);
      return node?.kind === 'map' ? node.entries.map(({ name }) => name) : [];
    },
    text: (path) => {
      const node = nodeAt(root, path);
      return node?.kind === 'scalar' ? node.text : undefined;
    },
  };
}
