/** What the schema says about a place of a pipeline: also about keys whose table depends on a resource type or a kind of step. */
import {
  BUILD_LOG_RETENTION,
  type Field,
  fieldNamed,
  type FieldType,
  IN_PARALLEL,
  MODIFIERS,
  type ObjectType,
  PIPELINE,
  RESOURCE_FACTS,
  type SourceKey,
  STEP_KINDS,
  STEP_TYPES,
  type StepKind,
  type TaskPath,
} from '#concourse';
import { imagePart, objectOf } from '../facts/schema-at.ts';
import { pageOfType, type Page } from '../facts/key-documentation.ts';
import type { PipelineNames } from './names.ts';
import { MANAGER_CONFIGS } from './var-sources.ts';

/** What the walk asks about the text: of a tree, or of words where there is no tree. */
export interface PipelineOutline {
  /** The keys of the mapping at a path. */
  keys(path: TaskPath): readonly string[];
  /** The text of the scalar at a path. */
  text(path: TaskPath): string | undefined;
}

/** A step around a place. */
export interface PlacedStep {
  readonly path: TaskPath;
  readonly kind: StepKind | undefined;
}

/** A place of a pipeline. */
export interface PipelinePlace {
  readonly type: FieldType;
  /** The keys that a mapping at the place may have. */
  readonly mapping?: ObjectType;
  /** Name of the table that `field` is of. */
  readonly holder: string;
  /** The key that the place belongs to; absent at the root and at steps. */
  readonly field?: Field;
  /** Parts of the path below `field`. */
  readonly below: TaskPath;
  /** The innermost step. */
  readonly step?: PlacedStep;
  /** The core resource type that gives the place its meaning. */
  readonly base?: string;
}

const STEP: FieldType = { kind: 'custom', name: 'step' };
const STEPS: FieldType = { kind: 'list', of: STEP };
const ANY: FieldType = { kind: 'any' };

const stepTypes = new Map<StepKind | undefined, ObjectType>();

/** The keys of a step: of its kind and those that any step has; of a step without a kind those that make one. */
export function stepType(kind: StepKind | undefined): ObjectType {
  const known = stepTypes.get(kind);
  if (known) return known;
  const own = kind ? STEP_TYPES[kind].fields : STEP_KINDS.flatMap((each) => STEP_TYPES[each].fields.slice(0, 1));
  const names = new Set(own.map(({ key }) => key));
  const cores = kind ? own : own.map(optional);
  const fields = [...cores, ...MODIFIERS.fields.filter(({ key }) => !names.has(key))];
  const type: ObjectType = { kind: 'object', name: kind ? STEP_TYPES[kind].name : 'step', fields };
  stepTypes.set(kind, type);
  return type;
}

/** A key that need not be there: a step has one of several. */
function optional(field: Field): Field {
  const { required, ...others } = field;
  return required ? others : field;
}

/** The kind that the keys of a step make it; keys of steps are not found in other spellings. */
export function stepKindOf(keys: readonly string[]): StepKind | undefined {
  return STEP_KINDS.find((kind) => keys.includes(kind));
}

/** The schema at a path of a pipeline; undefined where it knows nothing. */
export function pipelineSchemaAt(
  path: TaskPath,
  outline: PipelineOutline,
  names: PipelineNames,
): PipelinePlace | undefined {
  const walk = new Walk(outline, names);
  for (const [index, part] of path.entries()) if (!walk.into(part, path.slice(0, index))) return undefined;
  return walk.end(path);
}

class Walk {
  readonly #outline: PipelineOutline;
  readonly #names: PipelineNames;
  #type: FieldType = PIPELINE;
  #holder = PIPELINE.name;
  #field: Field | undefined;
  #below: (string | number)[] = [];
  #step: PlacedStep | undefined;
  #base: string | undefined;

  constructor(outline: PipelineOutline, names: PipelineNames) {
    this.#outline = outline;
    this.#names = names;
  }

  /** Goes into a key or an item of what is at `here`; false where nothing is known of it. */
  into(part: string | number, here: TaskPath): boolean {
    const type = this.#resolved(here, part);
    if (type.kind === 'object' && typeof part === 'string') {
      const field = fieldNamed(type, part);
      if (!field) return false;
      this.#holder = type.name;
      this.#field = field;
      this.#below = [];
      this.#type = this.#special(type.name, field.key, here) ?? field.type;
      return true;
    }
    this.#below.push(part);
    if (type.kind === 'list' && typeof part === 'number') this.#type = type.of;
    else if (type.kind === 'map' && typeof part === 'string') this.#type = type.of;
    else if ((type.kind === 'env' && typeof part === 'string') || type.kind === 'any') this.#type = ANY;
    else return false;
    return true;
  }

  end(path: TaskPath): PipelinePlace {
    const type = this.#type.kind === 'custom' && this.#type.name === 'step' ? this.#resolved(path, '') : this.#type;
    const isStep = this.#step?.path === path;
    const mapping = type.kind === 'custom' && type.name !== 'inputs' ? this.#resolved(path, '') : type;
    return {
      type,
      ...(mapping.kind === 'object' ? { mapping } : {}),
      holder: this.#holder,
      below: this.#below,
      ...(this.#field && !isStep ? { field: this.#field } : {}),
      ...(this.#step ? { step: this.#step } : {}),
      ...(this.#base === undefined ? {} : { base: this.#base }),
    };
  }

  /** The shape of a value that has several, by what is looked for in it. */
  #resolved(here: TaskPath, part: string | number): FieldType {
    const type = this.#type;
    if (type.kind !== 'custom') return type;
    switch (type.name) {
      case 'step': {
        const kind = stepKindOf(this.#outline.keys(here));
        this.#step = { path: here, kind };
        this.#base = undefined;
        return stepType(kind);
      }
      case 'parallel':
        return typeof part === 'number' ? STEPS : IN_PARALLEL;
      case 'version': {
        const base = this.#baseOfStep();
        return this.#table(base, 'version') ?? { kind: 'map', of: { kind: 'string' } };
      }
      case 'inputs':
        return { kind: 'list', of: { kind: 'string' } };
      default:
        return type;
    }
  }

  /** The table of a value whose keys its neighbours decide about. */
  #special(holder: string, key: string, here: TaskPath): FieldType | undefined {
    const type = (): string | undefined => this.#outline.text([...here, 'type']);
    switch (holder) {
      case 'resource':
        if (key === 'source' || key === 'version') return this.#table(this.#names.coreType(type()), key);
        return undefined;
      case 'resource type':
      case 'prototype':
        if (key === 'source') return this.#table(this.#names.coreType(type()), 'source');
        return key === 'params' ? this.#table(this.#names.coreType(type()), 'get') : undefined;
      case 'get step':
        return key === 'params' ? this.#table(this.#baseOfStep(), 'get') : undefined;
      case 'put step':
        if (key === 'params') return this.#table(this.#baseOfStep(), 'put');
        return key === 'get_params' ? this.#table(this.#baseOfStep(), 'get') : undefined;
      case 'variable source':
        return key === 'config' ? MANAGER_CONFIGS.get(type() ?? '') : undefined;
      case 'image_resource':
        return imagePart(key, type());
      default:
        return undefined;
    }
  }

  #baseOfStep(): string | undefined {
    const { path, kind } = this.#step ?? {};
    if (!path || (kind !== 'get' && kind !== 'put')) return undefined;
    return this.#names.baseOf(this.#outline.text([...path, 'resource']) ?? this.#outline.text([...path, kind]));
  }

  #table(base: string | undefined, part: 'source' | 'get' | 'put' | 'version'): ObjectType | undefined {
    if (base === undefined) return undefined;
    const found = tableOf(base, part);
    if (found) this.#base = base;
    return found;
  }
}

const tables = new Map<string, ObjectType>();

function tableOf(base: string, part: 'source' | 'get' | 'put' | 'version'): ObjectType | undefined {
  const keys: readonly SourceKey[] | undefined = RESOURCE_FACTS.get(base)?.[part];
  if (!keys || keys.length === 0) return undefined;
  const name = `${part} of ${base}`;
  const known = tables.get(name) ?? objectOf(name, keys);
  tables.set(name, known);
  return known;
}

const DOCS = 'https://concourse-ci.org/docs';
const PAGES: Readonly<Record<string, Page>> = {
  pipeline: { title: 'Concourse: pipelines', url: `${DOCS}/pipelines/` },
  display: { title: 'Concourse: pipelines', url: `${DOCS}/pipelines/` },
  group: { title: 'Concourse: groups', url: `${DOCS}/pipelines/grouping-pipelines/` },
  job: { title: 'Concourse: jobs', url: `${DOCS}/jobs/` },
  [BUILD_LOG_RETENTION.name]: { title: 'Concourse: jobs', url: `${DOCS}/jobs/` },
  resource: { title: 'Concourse: resources', url: `${DOCS}/resources/` },
  'resource type': { title: 'Concourse: resource types', url: `${DOCS}/resource-types/` },
  prototype: { title: 'Concourse: resource types', url: `${DOCS}/resource-types/` },
  'variable source': { title: 'Concourse: vars', url: `${DOCS}/vars/` },
  in_parallel: { title: 'Concourse: in_parallel', url: `${DOCS}/steps/in-parallel/` },
  'across variable': { title: 'Concourse: across', url: `${DOCS}/steps/modifier-and-hooks/across/` },
};
const STEP_PAGES: ReadonlySet<StepKind> = new Set([
  'get',
  'put',
  'task',
  'set_pipeline',
  'load_var',
  'in_parallel',
  'do',
  'try',
]);
const MODIFIER_KEYS: ReadonlySet<string> = new Set(MODIFIERS.fields.map(({ key }) => key));

/** The public page about a key. */
export function pageOf({ holder, base }: Pick<PipelinePlace, 'holder' | 'base'>, field: Field): Page {
  const ofType = base !== undefined && / of /u.test(holder) ? pageOfType(base) : undefined;
  if (ofType) return ofType;
  const known = PAGES[holder];
  if (known) return known;
  const kind = STEP_KINDS.find((each) => STEP_TYPES[each].name === holder);
  if (kind && STEP_PAGES.has(kind) && STEP_TYPES[kind].fields.some(({ key }) => key === field.key)) {
    return { title: `Concourse: ${kind}`, url: `${DOCS}/steps/${kind.replace('_', '-')}/` };
  }
  if (MODIFIER_KEYS.has(field.key) && field.key !== 'fail_fast') {
    return {
      title: `Concourse: ${field.key}`,
      url: `${DOCS}/steps/modifier-and-hooks/${field.key.replace('_', '-')}/`,
    };
  }
  return kind || holder === 'step'
    ? { title: 'Concourse: steps', url: `${DOCS}/steps/` }
    : { title: 'Concourse: tasks', url: `${DOCS}/tasks/` };
}
