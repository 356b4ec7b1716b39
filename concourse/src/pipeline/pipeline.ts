/** Finding the tasks inside a pipeline: the `config:` of each task step, wherever steps nest (concourse docs, steps). */
import { entryOf } from '../yaml/lookup.ts';
import type { MapNode, TaskNode } from '../yaml/nodes.ts';
import type { TextRange } from '../text/problem.ts';

/** A task written into a pipeline. */
export interface InlineTask {
  /** What Concourse decodes: aliases followed and merges applied, variables not yet put in. */
  readonly root: TaskNode;
  /** Where it is written; behind an alias, the place of the anchor. */
  readonly range: TextRange;
  /** The key `config`. */
  readonly key: TextRange;
}

/** Steps that any step and any job may have around it. */
const HOOKS = ['on_success', 'on_failure', 'on_error', 'on_abort', 'ensure'];

/**
 * The tasks in a pipeline, each place once, in the order of the steps. Empty for everything that is no pipeline: a
 * mapping whose `jobs` is a list of mappings with a `plan` (GitHub's jobs are a mapping, Azure's have no plan).
 */
export function findInlineTasks(root: TaskNode): InlineTask[] {
  const found = new Map<number, InlineTask>();
  const jobs = entryOf(root, 'jobs')?.value;
  if (jobs?.kind !== 'list') return [];
  for (const job of jobs.items) {
    const plan = entryOf(job, 'plan')?.value;
    if (job.kind !== 'map' || plan?.kind !== 'list') continue;
    plan.items.forEach((step) => visitStep(step, found));
    visitHooks(job, found);
  }
  return [...found.values()];
}

function visitStep(step: TaskNode, found: Map<number, InlineTask>): void {
  if (step.kind !== 'map') return;
  for (const { name, value, key } of step.entries) {
    if (name === 'do' || name === 'aggregate' || name === 'in_parallel') {
      const steps = name === 'in_parallel' && value.kind === 'map' ? entryOf(value, 'steps')?.value : value;
      if (steps?.kind === 'list') steps.items.forEach((each) => visitStep(each, found));
    } else if (name === 'try') {
      visitStep(value, found);
    } else if (name === 'config' && isTaskStep(step, value)) {
      const range = value.written ?? value.range;
      found.set(range.start, { root: value, range, key: key.range });
    }
  }
  visitHooks(step, found);
}

function visitHooks(holder: MapNode, found: Map<number, InlineTask>): void {
  for (const hook of HOOKS) {
    const step = entryOf(holder, hook)?.value;
    if (step) visitStep(step, found);
  }
}

/** A `config:` that is still empty is a task in the making, unless the step takes its task from a file. */
function isTaskStep(step: MapNode, config: TaskNode): boolean {
  if (!entryOf(step, 'task')) return false;
  return config.kind === 'map' || (config.kind === 'scalar' && config.value === null && !entryOf(step, 'file'));
}
