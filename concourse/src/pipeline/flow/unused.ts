/** What a pipeline fetches or defines and nobody uses. */
import { UNBOUND } from './bindings.ts';
import type { Findings } from './findings.ts';
import type { JobContext } from './job-context.ts';
import type { PipelineFacts } from './pipeline-facts.ts';
import { entriesIn, entryIn, isTrue, itemsIn, textAt, type Located } from './place.ts';
import { type JobNames, kindOfStep, likelyShape, stepsIn } from './steps.ts';

/** Gets whose artifact no step of the job takes. A get that triggers, or that waits for other jobs, has its use in that. */
export function checkUnusedGets(plan: readonly Located[], job: JobContext): void {
  if (job.usesAnything) return;
  const visit = (step: Located): void => {
    const kind = kindOfStep(step);
    if (kind === undefined || entryIn(step, 'across')) return;
    for (const inner of stepsIn(step, kind)) visit(inner);
    if (kind !== 'get') return;
    const name = textAt(step, 'get');
    if (!name || name.text.includes('((') || job.used.has(name.text)) return;
    if (isTrue(step, 'trigger') || entryIn(step, 'passed') || entryIn(step, 'trigger')) return;
    const resource = job.facts.resources.get(textAt(step, 'resource')?.text ?? name.text);
    if (!resource || resource.baseType === 'time') return;
    const message = `No step of the job '${job.name}' uses '${name.text}'. Remove the get, or add trigger or passed if that is what it is for.`;
    job.findings.add('hint', 'unused-get', name, message, { key: name.text });
  };
  plan.forEach(visit);
}

/** The types of the images of a job's tasks. */
export interface TaskTypes {
  readonly types: ReadonlySet<string>;
  /** The file of a task is not here: it may use any type. */
  readonly unknown: boolean;
}

/** Reads the types that the tasks of a job use. */
export function taskTypesOf(job: Located, facts: PipelineFacts, names: JobNames): TaskTypes {
  const types = new Set<string>();
  let unknown = false;
  const visit = (step: Located): void => {
    const kind = kindOfStep(step);
    if (kind === 'task') {
      const shape = likelyShape(step, facts, names, UNBOUND);
      unknown ||= !shape.known;
      if (shape.imageType !== undefined) types.add(shape.imageType);
    }
    for (const { entry, node, place } of entriesIn(step)) {
      if (/^(?:on_.*|ensure)$/u.test(entry.name)) visit({ node, place });
    }
    if (kind !== undefined) for (const inner of stepsIn(step, kind)) visit(inner);
  };
  for (const step of itemsIn(entryIn(job, 'plan'))) visit(step);
  visit(job);
  return { types, unknown };
}

/** Resource types that no resource, no other type and no task has. Silent when a task file is not here. */
export function checkUnusedTypes(facts: PipelineFacts, findings: Findings, jobs: readonly TaskTypes[]): void {
  const types = facts.list('resource_types');
  if (types.length === 0) return;
  const used = new Set<string>();
  let unknown = false;
  for (const key of ['resources', 'resource_types', 'prototypes']) {
    for (const item of facts.list(key)) {
      const type = textAt(item, 'type')?.text ?? '';
      // A type may be built on the core type of its own name.
      if (key !== 'resource_types' || type !== textAt(item, 'name')?.text) used.add(type);
      unknown ||= type.includes('((');
    }
  }
  for (const job of jobs) {
    for (const type of job.types) used.add(type);
    unknown ||= job.unknown;
  }
  if (unknown) return;
  for (const type of types) {
    const name = textAt(type, 'name');
    if (!name || used.has(name.text) || name.text.includes('((')) continue;
    const message = `No resource, type or task is of the type '${name.text}'. Remove it.`;
    findings.add('hint', 'unused-resource-type', name, message, { key: name.text });
  }
}
