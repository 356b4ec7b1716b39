/** Finding the tasks inside a pipeline: the `config:` of each task step, wherever steps nest (concourse docs, steps). */
import { HOOKS } from './config.ts';
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
  /** What the step gives it; of a task that several steps have by an anchor, what any of them gives. */
  readonly params: StepParams;
  /** What the step calls it; of a name that is there before, `unit-2`. */
  readonly name: string;
}

/** Names of the params that a step gives its task; `unknown` where a variable stands for them. */
export type StepParams = ReadonlySet<string> | 'unknown';

/** A task step that takes its task from a file. */
export interface FileTask {
  readonly name: string;
  /** As the step has it: the first segment is an artifact, the rest a path in it. */
  readonly file: string;
}

interface Found {
  /** By offset: an anchor makes several steps of one place. */
  readonly inline: Map<number, InlineTask>;
  readonly files: FileTask[];
}

/**
 * The tasks in a pipeline, each place once, in the order of the steps. Empty for everything that is no pipeline: a
 * mapping whose `jobs` is a list of mappings with a `plan` (GitHub's jobs are a mapping, Azure's have no plan).
 */
export function findInlineTasks(root: TaskNode): InlineTask[] {
  const names = new Map<string, number>();
  return [...visitJobs(root).inline.values()].map((task) => {
    const count = (names.get(task.name) ?? 0) + 1;
    names.set(task.name, count);
    return count === 1 ? task : { ...task, name: `${task.name}-${count}` };
  });
}

/** The steps whose task is in a file, each file once, in the order of the steps. */
export function findFileTasks(root: TaskNode): FileTask[] {
  return [...new Map(visitJobs(root).files.map((task) => [task.file, task])).values()];
}

function visitJobs(root: TaskNode): Found {
  const found: Found = { inline: new Map(), files: [] };
  const jobs = entryOf(root, 'jobs')?.value;
  if (jobs?.kind !== 'list') return found;
  for (const job of jobs.items) {
    const plan = entryOf(job, 'plan')?.value;
    if (job.kind !== 'map' || plan?.kind !== 'list') continue;
    plan.items.forEach((step) => visitStep(step, found));
    visitHooks(job, found);
  }
  return found;
}

function visitStep(step: TaskNode, found: Found): void {
  if (step.kind !== 'map') return;
  for (const { name, value, key } of step.entries) {
    if (name === 'do' || name === 'aggregate' || name === 'in_parallel') {
      const steps = name === 'in_parallel' && value.kind === 'map' ? entryOf(value, 'steps')?.value : value;
      if (steps?.kind === 'list') steps.items.forEach((each) => visitStep(each, found));
    } else if (name === 'try') {
      visitStep(value, found);
    } else if (name === 'config' && isTaskStep(step, value)) {
      const range = value.written ?? value.range;
      const known = found.inline.get(range.start);
      const params = paramsOf(step, known?.params);
      const task = known ?? { root: value, range, key: key.range, name: textAt(step, 'task') ?? 'task' };
      found.inline.set(range.start, { ...task, params });
    }
  }
  const [name, file] = [textAt(step, 'task'), textAt(step, 'file')];
  if (name !== undefined && file !== undefined && !entryOf(step, 'config')) found.files.push({ name, file });
  visitHooks(step, found);
}

function visitHooks(holder: MapNode, found: Found): void {
  for (const hook of HOOKS) {
    const step = entryOf(holder, hook)?.value;
    if (step) visitStep(step, found);
  }
}

function paramsOf(step: MapNode, others: StepParams = new Set()): StepParams {
  const params = entryOf(step, 'params')?.value;
  if (others === 'unknown') return 'unknown';
  if (params === undefined || (params.kind === 'scalar' && params.value === null)) return others;
  if (params.kind !== 'map') return 'unknown';
  const names = params.entries.map(({ name }) => name);
  return names.some((name) => name.includes('((')) ? 'unknown' : new Set([...others, ...names]);
}

function textAt(step: MapNode, key: string): string | undefined {
  const value = entryOf(step, key)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' && value.value !== '' ? value.value : undefined;
}

/** A `config:` that is still empty is a task in the making, unless the step takes its task from a file. */
function isTaskStep(step: MapNode, config: TaskNode): boolean {
  if (!entryOf(step, 'task')) return false;
  return config.kind === 'map' || (config.kind === 'scalar' && config.value === null && !entryOf(step, 'file'));
}
