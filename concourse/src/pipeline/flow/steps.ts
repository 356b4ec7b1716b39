/** Reading steps: their kind, their parts, and what a subtree of them makes. */
import { STEP_KINDS, type StepKind } from '../config.ts';
import { type Bindings, filled, UNBOUND } from './bindings.ts';
import { entriesIn, entryIn, isTrue, itemsIn, textAt, type Located } from './place.ts';
import type { PipelineFacts } from './pipeline-facts.ts';
import type { Artifact, Made, Maker } from './scope.ts';
import { shapeOfConfig, shapeOfDocument, type TaskShape, UNKNOWN_TASK } from './task-shape.ts';

/** The core key of a step that counts; undefined for a mapping that is no step. */
export function kindOfStep({ node }: Located): StepKind | undefined {
  if (node.kind !== 'map') return undefined;
  let first: number = STEP_KINDS.length;
  for (const { name } of node.entries) first = Math.min(first, RANKS.get(name) ?? first);
  return (STEP_KINDS as readonly StepKind[])[first];
}

/** The kind that is looked for first counts. */
const RANKS: ReadonlyMap<string, number> = new Map(STEP_KINDS.map((kind, rank) => [kind, rank]));

/** Steps that a step holds as its core. */
export function stepsIn(step: Located, kind: StepKind): readonly Located[] {
  const core = entryIn(step, kind);
  if (!core) return [];
  if (kind === 'try') return [core];
  if (kind === 'in_parallel' && core.node.kind === 'map') return itemsIn(entryIn(core, 'steps'));
  return kind === 'do' || kind === 'in_parallel' ? itemsIn(core) : [];
}

/** `ARTIFACT/path` as its two parts; undefined when it does not say where the file lies. */
export function splitPath(text: string): { readonly artifact: string; readonly path: string } | undefined {
  const slash = text.indexOf('/');
  return slash < 0 ? undefined : { artifact: text.slice(0, slash), path: text.slice(slash + 1) };
}

/** A mapping of names. */
export interface Mapping {
  readonly entries: readonly {
    readonly key: string;
    readonly value: string | undefined;
    readonly at: Located;
    readonly keyAt: Located;
  }[];
  /** False when a variable stands for the mapping or for a key. */
  readonly whole: boolean;
}

/** `input_mapping` or `output_mapping` of a step. */
export function mappingOf(step: Located, key: string, bindings: Bindings): Mapping {
  const mapping = entryIn(step, key);
  const entries = entriesIn(mapping).map(({ entry, node, place }) => ({
    key: filled(entry.name, bindings),
    value: node.kind === 'scalar' && typeof node.value === 'string' ? filled(node.value, bindings) : undefined,
    at: { node, place },
    keyAt: { node: entry.key, place },
  }));
  const empty = mapping === undefined || (mapping.node.kind === 'scalar' && mapping.node.value === null);
  return {
    entries: entries.flatMap((entry) => (entry.key === undefined ? [] : [{ ...entry, key: entry.key }])),
    whole: empty || (mapping.node.kind === 'map' && entries.every((entry) => entry.key !== undefined)),
  };
}

/** Artifacts that a task step leaves, and whether there may be others. */
export function taskOutputs(
  step: Located,
  name: string,
  shape: TaskShape,
  bindings: Bindings,
): { readonly artifacts: Map<string, Artifact>; readonly open: boolean } {
  const maker: Maker = { kind: 'task', step: name, node: step.node };
  const mapping = mappingOf(step, 'output_mapping', bindings);
  const mapped = new Map(mapping.entries.map(({ key, value }) => [key, value]));
  const artifacts = new Map<string, Artifact>();
  let open = !shape.known || !mapping.whole;
  const add = (artifact: string | undefined): void => {
    if (artifact === undefined) open = true;
    else artifacts.set(artifact, { certainty: 'present', maker, local: false });
  };
  for (const output of shape.outputs) {
    const known = filled(output.name, bindings);
    add(known !== undefined && mapped.has(known) ? mapped.get(known) : known);
  }
  // A key that the task does not have is told there: what it would have made is not told again.
  for (const { value } of mapping.entries) add(value);
  return { artifacts, open };
}

/** The task of a step, without asking what has been made before it. */
export function likelyShape(step: Located, facts: PipelineFacts, names: JobNames, bindings: Bindings): TaskShape {
  if (bindings.size > 0) return findShape(step, facts, names, bindings);
  // Several walks ask about each step.
  const known = facts.shapesOf(names.local);
  let shape = known.get(step.node);
  if (shape === undefined) known.set(step.node, (shape = findShape(step, facts, names, bindings)));
  return shape;
}

function findShape(step: Located, facts: PipelineFacts, names: JobNames, bindings: Bindings): TaskShape {
  const config = entryIn(step, 'config');
  if (config?.node.kind === 'map') return shapeOfConfig(config);
  const text = textAt(step, 'file')?.text;
  const file = text === undefined ? undefined : splitPath(filled(text, bindings) ?? '');
  if (!file || !names.local.has(file.artifact)) return UNKNOWN_TASK;
  const found = facts.local.at(file.path);
  const task = found.kind === 'file' ? facts.local.task(found.path) : undefined;
  return task ? shapeOfDocument(task.document) : UNKNOWN_TASK;
}

/** Everything that the steps of a subtree register outside of it, in the order of the file. */
export function madeBy(steps: readonly Located[], facts: PipelineFacts, names: JobNames, bindings: Bindings): Made {
  const artifacts = new Map<string, Artifact>();
  const vars = new Set<string>();
  let open = false;
  let openVars = false;
  const visit = (step: Located): void => {
    for (const hook of ['on_success', 'on_failure', 'on_abort', 'on_error', 'ensure']) {
      const inner = entryIn(step, hook);
      if (inner) visit(inner);
    }
    if (entryIn(step, 'across')) return;
    const kind = kindOfStep(step);
    if (kind === undefined) {
      open ||= step.node.kind === 'map';
      openVars ||= step.node.kind === 'map';
      return;
    }
    const written = textAt(step, kind)?.text;
    const name = written === undefined ? undefined : filled(written, bindings);
    if (kind === 'get' || (kind === 'put' && !isTrue(step, 'no_get'))) {
      if (name === undefined) {
        open = openVars = true;
      } else {
        artifacts.set(name, fetched(step, kind, name, facts));
        vars.add(name);
      }
    } else if (kind === 'load_var') {
      if (name === undefined) openVars = true;
      else vars.add(name);
    } else if (kind === 'task') {
      const left = taskOutputs(step, name ?? 'task', likelyShape(step, facts, names, bindings), bindings);
      for (const [artifact, value] of left.artifacts) artifacts.set(artifact, value);
      open ||= left.open && !cannotStart(step, names, bindings);
    }
    for (const inner of stepsIn(step, kind)) visit(inner);
  };
  for (const step of steps) visit(step);
  return { artifacts, vars, open, openVars };
}

/** What a get leaves, or the get behind a put. */
export function fetched(step: Located, kind: 'get' | 'put', name: string, facts: PipelineFacts): Artifact {
  const resource = facts.resources.get(textAt(step, 'resource')?.text ?? name);
  const params = entryIn(step, kind === 'get' ? 'params' : 'get_params')?.node;
  const pinned = entryIn(step, 'version')?.node.kind === 'map';
  const maker: Maker = { kind, step: name, node: step.node, resource, params };
  return { certainty: 'present', maker, local: kind === 'get' && resource?.local === true && !pinned };
}

/** Names of a job that are known before it is walked. */
export interface JobNames {
  /** Gets that fetch the checkout. */
  readonly local: ReadonlySet<string>;
  /** All artifacts that its steps may make; undefined when there may be others. */
  readonly all: ReadonlySet<string> | undefined;
}

/** True for a task whose file lies in an artifact that nothing makes: it leaves nothing, whatever it would have left. */
function cannotStart(step: Located, { all }: JobNames, bindings: Bindings): boolean {
  const text = textAt(step, 'file')?.text;
  const file = text === undefined ? undefined : splitPath(filled(text, bindings) ?? '');
  return file !== undefined && all?.has(file.artifact) === false;
}

/** Reads the names of a job. */
export function namesOf(steps: readonly Located[], facts: PipelineFacts): JobNames {
  const local = new Set<string>();
  const unknown: (string | undefined)[] = [];
  const collect = (step: Located): void => {
    const kind = kindOfStep(step);
    const name = kind === 'get' ? textAt(step, 'get')?.text : undefined;
    if (name !== undefined && fetched(step, 'get', name, facts).local) local.add(name);
    if (kind !== undefined) stepsIn(step, kind).forEach(collect);
  };
  steps.forEach(collect);
  const { artifacts } = madeBy(steps, facts, { local, all: undefined }, UNBOUND);
  const tasks = (step: Located): void => {
    const kind = kindOfStep(step);
    if (kind === undefined) {
      unknown.push(undefined);
    } else if (kind === 'task' && !likelyShape(step, facts, { local, all: undefined }, UNBOUND).known) {
      unknown.push(splitPath(filled(textAt(step, 'file')?.text ?? '', UNBOUND) ?? '')?.artifact);
    }
    if (kind !== undefined) stepsIn(step, kind).forEach(tasks);
  };
  steps.forEach(tasks);
  const open = unknown.some((artifact) => artifact === undefined || artifacts.has(artifact));
  return { local, all: open ? undefined : new Set(artifacts.keys()) };
}
