/** The jobs and steps of a pipeline with their nodes, read from the tree: also of a file that is not valid yet. */
import {
  entryOf,
  HOOKS,
  type HookName,
  type MapEntry,
  type MapNode,
  type PipelineDocument,
  type ScalarNode,
  STEP_KINDS,
  type StepKind,
  type TaskNode,
} from '#concourse';

/** One step. */
export interface WrittenStep {
  readonly node: MapNode;
  /** Undefined for a mapping that is no step yet. */
  readonly kind: StepKind | undefined;
  /** The key that makes the kind, with its value. */
  readonly core: MapEntry | undefined;
  /** The hook of the step or job around it that it is. */
  readonly hook: HookName | undefined;
  /** Steps that it holds: those of its core, then its hooks. */
  readonly steps: readonly WrittenStep[];
}

/** One job. */
export interface WrittenJob {
  readonly node: MapNode;
  readonly name: ScalarNode | undefined;
  readonly steps: readonly WrittenStep[];
}

const known = new WeakMap<PipelineDocument, readonly WrittenJob[]>();

/** The jobs of a pipeline in the order of the text. */
export function jobsOf(source: PipelineDocument): readonly WrittenJob[] {
  const before = known.get(source);
  if (before) return before;
  const jobs = mappingsIn(source.root, 'jobs').map((node) => ({
    node,
    name: textAt(node, 'name'),
    steps: [...itemsOf(entryOf(node, 'plan')?.value).flatMap((item) => stepOf(item)), ...hooksIn(node)],
  }));
  known.set(source, jobs);
  return jobs;
}

/** The items of a list at the top that are mappings. */
export function mappingsIn(root: TaskNode, key: string): MapNode[] {
  return itemsOf(entryOf(root, key)?.value).filter((item) => item.kind === 'map');
}

/** All steps below some steps, themselves included, in the order of the text. */
export function* everyStep(steps: readonly WrittenStep[]): Generator<WrittenStep> {
  for (const step of steps) {
    yield step;
    yield* everyStep(step.steps);
  }
}

/** The scalar behind a key, if it is a text that is not empty. */
export function textAt(node: TaskNode, key: string): ScalarNode | undefined {
  return textNode(entryOf(node, key)?.value);
}

/** A node if it is a text that is not empty. */
export function textNode(node: TaskNode | undefined): ScalarNode | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' && node.value !== '' ? node : undefined;
}

/** The items of a list; none of anything else. */
export function itemsOf(node: TaskNode | undefined): readonly TaskNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** The scalars of a node, keys left out. */
export function scalarsBelow(node: TaskNode | undefined): ScalarNode[] {
  if (node === undefined) return [];
  if (node.kind === 'scalar') return [node];
  return node.kind === 'list'
    ? node.items.flatMap(scalarsBelow)
    : node.entries.flatMap(({ value }) => scalarsBelow(value));
}

function stepOf(node: TaskNode, hook?: HookName): WrittenStep[] {
  if (node.kind !== 'map') return [];
  const kind = STEP_KINDS.find((each) => exact(node, each) !== undefined);
  const core = kind === undefined ? exact(node, 'aggregate') : exact(node, kind);
  return [{ node, kind, core, hook, steps: [...innerOf(kind, core?.value), ...hooksIn(node)] }];
}

function innerOf(kind: StepKind | undefined, core: TaskNode | undefined): WrittenStep[] {
  if (core === undefined) return [];
  if (kind === 'try') return stepOf(core);
  if (kind !== undefined && kind !== 'do' && kind !== 'in_parallel') return [];
  const list = kind === 'in_parallel' && core.kind === 'map' ? entryOf(core, 'steps')?.value : core;
  return itemsOf(list).flatMap((item) => stepOf(item));
}

function hooksIn(node: MapNode): WrittenStep[] {
  return HOOKS.flatMap((hook) => {
    const value = exact(node, hook)?.value;
    return value === undefined ? [] : stepOf(value, hook);
  });
}

/** Keys of steps are not found in other spellings. */
function exact(node: MapNode, key: string): MapEntry | undefined {
  return node.entries.findLast(({ name }) => name === key);
}
