/** Values in a pipeline: those that the schema knows, and names of resources, jobs, types and artifacts. */
import { CompletionItemKind } from 'vscode-languageserver';
import { type Artifact, CORE_RESOURCE_TYPES, PUT_PATHS, RESOURCE_FACTS, type TaskPath } from '#concourse';
import { scalarText, slotAt, valueText, type Proposal } from '../../completion/context.ts';
import type { Opening } from '../../completion/place.ts';
import type { Slot } from '../../completion/structure.ts';
import { everyStep, jobsOf, textAt } from '../model.ts';
import type { PipelinePlace } from '../schema-at.ts';
import type { PipelineContext } from './context.ts';

/** A name, with what is known about it. */
export interface Named {
  readonly name: string;
  readonly detail?: string;
  readonly note?: string;
  /** Names with a smaller rank come first; default 1. */
  readonly rank?: number;
}

const BOOLEANS = [
  { value: 'true', documentation: 'Yes.' },
  { value: 'false', documentation: 'No.' },
];

/** Values of the schema. */
export function valueProposals(context: PipelineContext, { path }: Opening, schema: PipelinePlace): Proposal[] {
  const { field, type, below } = schema;
  if (!field || type.kind === 'object' || type.kind === 'list') return [];
  // The items of a list have the values of its key; what lies deeper is somebody else's.
  if (below.length > (typeof path.at(-1) === 'number' ? 1 : 0)) return [];
  if (field.key === 'type' && (schema.holder === 'resource' || schema.holder === 'resource type')) return [];
  const known = field.values ?? field.examples ?? (type.kind === 'boolean' ? BOOLEANS : []);
  const plain = field.values !== undefined || type.kind === 'boolean';
  return known.map(({ value, documentation }, index) => ({
    label: value,
    kind: plain ? CompletionItemKind.EnumMember : CompletionItemKind.Value,
    text: plain ? value : scalarText(value, context.place),
    sort: `0${String(index).padStart(2, '0')}`,
    documentation,
  }));
}

/** Names that fit a place. */
export function nameProposals(context: PipelineContext, opening: Opening, schema: PipelinePlace): Proposal[] {
  const { field, type, below, holder, base } = schema;
  if (!field) return [];
  if (base !== undefined && holder === `put of ${base}`) return pathArtifacts(context, schema);
  const key = `${holder}.${field.key}`;
  const list = LISTS.has(key) && below.length === 0;
  if (type.kind === 'object' || type.kind === 'map' || (type.kind === 'list' && !list)) return [];
  if (below.length > 1 || (below.length === 1 && !ITEMS.has(key))) return [];
  const bare = !list || context.place.word.quote !== '';
  const named = namesAt(context, key, opening.path, list ? opening.path : opening.path.slice(0, -1), schema);
  return named.map(({ name, detail, note, rank = 1 }, index) => {
    const text = scalarText(name, context.place);
    return {
      label: name,
      kind: CompletionItemKind.Reference,
      text: bare ? text : `[${text}]`,
      sort: `${rank}${String(index).padStart(4, '0')}`,
      ...(detail === undefined ? {} : { detail }),
      ...(note === undefined ? {} : { note }),
    };
  });
}

/** Names for new items of a list. */
export function listedNames(context: PipelineContext, path: TaskPath, schema: PipelinePlace): readonly Named[] {
  const key = `${schema.holder}.${schema.field?.key ?? ''}`;
  if (!LISTS.has(key) || schema.below.length > 0) return [];
  const named = namesAt(context, key, path, path, schema);
  return named.toSorted((a, b) => (a.rank ?? 1) - (b.rank ?? 1));
}

/** Names for a place, without those that its list has already. */
function namesAt(
  context: PipelineContext,
  key: string,
  path: TaskPath,
  list: TaskPath,
  schema: PipelinePlace,
): readonly Named[] {
  const present = LISTS.has(key) ? itemsAt(context, list) : new Set<string>();
  return namesFor(context, key, path, schema).filter(({ name }) => !present.has(name));
}

/** Lists of names. */
const LISTS: ReadonlySet<string> = new Set([
  'get step.passed',
  'put step.inputs',
  'group.jobs',
  'group.resources',
  'job.serial_groups',
  'job.tags',
  'resource.tags',
  'get step.tags',
  'put step.tags',
  'task step.tags',
]);
/** Keys whose parts are names: lists, and mappings of artifacts. */
const ITEMS: ReadonlySet<string> = new Set([...LISTS, 'task step.input_mapping', 'task step.output_mapping']);

function namesFor(context: PipelineContext, key: string, path: TaskPath, schema: PipelinePlace): readonly Named[] {
  switch (key) {
    case 'get step.get':
    case 'put step.put':
    case 'get step.resource':
    case 'put step.resource':
    case 'group.resources':
      return resourceNames(context, key, path);
    case 'get step.passed':
      return passedJobs(context, path, schema);
    case 'group.jobs':
      return context.names.jobs.map((name) => ({ name }));
    case 'resource.type':
    case 'resource type.type':
    case 'prototype.type':
      return typeNames(context);
    case 'run step.type':
      return [...context.names.prototypes.keys()].map((name) => ({ name, detail: 'prototype' }));
    case 'task step.image':
      return artifactNames(context, schema, { image: true });
    case 'task step.input_mapping':
    case 'input.name':
    case 'put step.inputs':
      return artifactNames(context, schema);
    case 'set_pipeline step.set_pipeline':
      return [{ name: 'self', detail: 'the pipeline that the step is in', rank: 0 }];
    case 'job.serial_groups':
      return wordsAt(context, 'serial_groups');
    case 'job.tags':
    case 'resource.tags':
    case 'get step.tags':
    case 'put step.tags':
    case 'task step.tags':
      return wordsAt(context, 'tags');
    default:
      return [];
  }
}

/** Resources; in a plan those first that the job does not fetch yet. */
function resourceNames({ names, source }: PipelineContext, key: string, path: TaskPath): Named[] {
  const inPlan = path[0] === 'jobs';
  const job = inPlan ? jobsOf(source)[Number(path[1])] : undefined;
  const used = new Set(
    [...everyStep(key === 'get step.get' ? (job?.steps ?? []) : [])].flatMap(({ kind, node }) =>
      kind === 'get' ? ((textAt(node, 'resource') ?? textAt(node, 'get'))?.text ?? []) : [],
    ),
  );
  return [...names.resources].map(([name, type]) => ({ name, detail: type, rank: used.has(name) ? 2 : 1 }));
}

function typeNames({ names }: PipelineContext): Named[] {
  const own = [...names.types.keys()].map((name) => ({ name, detail: 'resource type of this pipeline', rank: 0 }));
  const core = CORE_RESOURCE_TYPES.filter((name) => !names.types.has(name)).map((name) => ({
    name,
    detail: RESOURCE_FACTS.get(name)?.summary ?? 'core resource type',
  }));
  return [...own, ...core];
}

/** Jobs; those first that get or put the resource, the step's own job left out. */
function passedJobs(context: PipelineContext, path: TaskPath, { step }: PipelinePlace): Named[] {
  const { source, names } = context;
  const of = step && (context.textAt([...step.path, 'resource']) ?? context.textAt([...step.path, 'get']));
  const own = context.textAt([...path.slice(0, 2), 'name']);
  const passing = new Set(
    jobsOf(source).flatMap(({ name, steps }) =>
      [...everyStep(steps)].some(
        ({ kind, node }) =>
          (kind === 'get' || kind === 'put') && (textAt(node, 'resource') ?? textAt(node, kind))?.text === of,
      )
        ? (name?.text ?? [])
        : [],
    ),
  );
  return names.jobs
    .filter((name) => name !== own)
    .map((name) =>
      passing.has(name)
        ? { name, detail: `gets or puts ${of ?? 'it'}`, rank: 1 }
        : { name, detail: `never gets or puts ${of ?? 'it'}`, rank: 5 },
    );
}

/** Words in the lists of a key anywhere in the pipeline. */
function wordsAt({ place, source }: PipelineContext, key: string): Named[] {
  const found = new Set<string>();
  const waiting: Slot[] = place.roots.toReversed();
  for (let slot = waiting.pop(); slot; slot = waiting.pop()) {
    waiting.push(...slot.children.toReversed());
    if (slot.name !== key) continue;
    for (const item of slot.children) {
      const { start = 0, end = -1 } = item.value?.range ?? {};
      const typed = start <= place.offset && place.offset <= end;
      const text = typed ? undefined : valueText(source, item);
      if (text !== undefined && text !== '') found.add(text);
    }
  }
  return [...found].map((name) => ({ name }));
}

function itemsAt(context: PipelineContext, path: TaskPath): Set<string> {
  const slot = slotAt(context.place, path);
  const { offset } = context.place;
  return new Set(
    (slot?.children ?? []).flatMap(({ value, index }) => {
      const here = value !== undefined && value.range.start <= offset && offset <= value.range.end;
      return here ? [] : (context.textAt([...path, index]) ?? []);
    }),
  );
}

/** Artifacts that are there for a step, those that were made last first. */
function artifactNames(context: PipelineContext, { step }: PipelinePlace, { image = false } = {}): Named[] {
  const finds = step && context.viewOf(step)?.finds;
  return [...(finds?.artifacts ?? [])]
    .filter(([, artifact]) => isOffered(artifact))
    .map(([name, artifact]) => ({
      name,
      detail: makerText(artifact),
      ...(artifact.certainty === 'maybe' ? { note: 'may be missing' } : {}),
      rank: image ? (mayBeImage(name, artifact) ? 1 : 2) : 1,
    }));
}

/** A sibling in `in_parallel` may not have made it yet: nobody means that. */
export function isOffered({ doubt }: Artifact): boolean {
  return doubt !== 'sibling';
}

function mayBeImage(name: string, { maker }: Artifact): boolean {
  const type = maker.resource?.baseType;
  return maker.kind === 'task' ? /image/u.test(name) : type === 'registry-image' || type === 'docker-image';
}

/** Who made an artifact, in a few words. */
export function makerText({ maker }: Artifact): string {
  const { kind, step, resource } = maker;
  if (kind === 'task') return `output of task ${step}`;
  const of = resource && resource.name !== step ? ` of ${resource.name}` : '';
  const type = resource && resource.baseType !== '' ? ` (${resource.baseType})` : '';
  return `${kind}${of}${type}`;
}

/** Params of a put that name a folder of an artifact; of those that name a file `files.ts` speaks. */
function pathArtifacts(context: PipelineContext, schema: PipelinePlace): Proposal[] {
  const { field, base } = schema;
  if (PUT_PATHS[base ?? '']?.[field?.key ?? ''] !== 'folder') return [];
  return artifactNames(context, schema).map(({ name, detail }, index) => ({
    label: name,
    kind: CompletionItemKind.Folder,
    text: scalarText(name, context.place),
    sort: `1${String(index).padStart(4, '0')}`,
    ...(detail === undefined ? {} : { detail }),
  }));
}
