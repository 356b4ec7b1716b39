/** Which task files the steps of a pipeline name, and what each step gives its task. */
import type { TextRange } from '../../text/problem.ts';
import type { TaskNode } from '../../yaml/nodes.ts';
import { filled } from './bindings.ts';
import type { JobContext, TaskVisit } from './job-context.ts';
import { entriesIn, entryIn, textAt, type Located } from './place.ts';
import { mappingOf, splitPath } from './steps.ts';
import { shapeOfDocument } from './task-shape.ts';

/** One step that names a task file of the checkout. */
export interface TaskUse {
  /** The task file; absolute. */
  readonly path: string;
  readonly job: string;
  readonly step: string;
  /** Where the step names the file; behind an alias, where that is written. */
  readonly range: TextRange;
  /** Names of the params that the step gives; undefined where a variable stands for them. */
  readonly params: readonly string[] | undefined;
  /** Names of the vars that the step gives; undefined where a variable stands for them. */
  readonly vars: readonly string[] | undefined;
  /** The step brings the image. */
  readonly image: boolean;
  /** Inputs of the task that are the checkout itself. */
  readonly checkouts: readonly string[];
}

/** The uses of task files in one job that has been walked. */
export function usesIn(job: JobContext, visits: readonly TaskVisit[]): TaskUse[] {
  const seen = new Set<string>();
  return visits.flatMap(({ step, scope, bindings }) => {
    const written = entryIn(step, 'config') ? undefined : textAt(step, 'file');
    const file = written && splitPath(filled(written.text, bindings) ?? '');
    if (!written || !file || scope.artifacts.get(file.artifact)?.local !== true) return [];
    const found = job.facts.local.at(file.path);
    if (found.kind !== 'file') return [];
    // A step that is walked several times, in hooks or behind aliases, uses its file once.
    const range = written.node.written ?? written.node.range;
    const mark = `${range.start} ${found.path}`;
    if (seen.has(mark)) return [];
    seen.add(mark);
    const mapping = new Map(mappingOf(step, 'input_mapping', bindings).entries.map(({ key, value }) => [key, value]));
    const task = job.facts.local.task(found.path);
    const inputs = task ? shapeOfDocument(task.document).inputs : [];
    const checkouts = inputs.flatMap(({ name }) => {
      const artifact = mapping.has(name) ? mapping.get(name) : name;
      return artifact !== undefined && scope.artifacts.get(artifact)?.local === true ? [name] : [];
    });
    const use: TaskUse = {
      path: found.path,
      job: job.name,
      step: textAt(step, 'task')?.text ?? 'task',
      range,
      params: namesIn(step, 'params'),
      vars: namesIn(step, 'vars'),
      image: entryIn(step, 'image') !== undefined,
      checkouts,
    };
    return [use];
  });
}

function namesIn(step: Located, key: string): string[] | undefined {
  const node = entryIn(step, key)?.node;
  if (node === undefined || isNull(node)) return [];
  if (node.kind !== 'map') return undefined;
  const names = entriesIn(entryIn(step, key)).map(({ entry }) => entry.name);
  return names.some((name) => name.includes('((')) ? undefined : names;
}

function isNull(node: TaskNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}
