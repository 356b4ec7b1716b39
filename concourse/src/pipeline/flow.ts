/**
 * The artifact flow: a walk of each job's steps in the order in which they run, with what is there before each step, what
 * it takes and what it leaves (concourse/concourse atc/exec). Pure: files are handed in.
 */
import type { Problem } from '../text/problem.ts';
import type { TaskNode } from '../yaml/nodes.ts';
import { UNBOUND } from './flow/bindings.ts';
import { Findings } from './flow/findings.ts';
import { JobContext, type TaskVisit } from './flow/job-context.ts';
import { knownFlow } from './flow/known-flow.ts';
import { PipelineFacts } from './flow/pipeline-facts.ts';
import { entryIn, itemsIn, textAt, type Located } from './flow/place.ts';
import { Scope } from './flow/scope.ts';
import { madeBy, namesOf } from './flow/steps.ts';
import { FlowTrace, type StepsBefore } from './flow/trace.ts';
import { pipelineTemplate } from './text.ts';
import { type TaskUse, usesIn } from './flow/task-uses.ts';
import { checkUnusedGets, checkUnusedTypes, taskTypesOf, type TaskTypes } from './flow/unused.ts';
import { afterFailure, walkHooks, walkInOrder } from './flow/walk.ts';
import type { PipelineWorld } from './flow/world.ts';

export { TaskFileCache } from './flow/world.ts';
export type { PipelineWorld } from './flow/world.ts';

/** The parts of a read pipeline that the flow looks at. */
export interface FlowSource {
  readonly text: string;
  /** Aliases followed, merges applied. */
  readonly root: TaskNode;
  /** The syntax is broken from here on: nothing is said then. */
  readonly brokenFrom: number | undefined;
  readonly problems: readonly Problem[];
}

/**
 * What is wrong between the steps of a pipeline, its task files and their scripts. Unknown is silent: task files of other
 * repositories, values of variables, what a task writes.
 *
 * @returns in the order of the text
 */
export function checkFlow(source: FlowSource, world: PipelineWorld): Problem[] {
  const { text, root, brokenFrom, problems } = source;
  if (brokenFrom !== undefined || pipelineTemplate({ text, problems })) return [];
  const facts = new PipelineFacts(root, world);
  const findings = new Findings();
  const jobs = facts.list('jobs').map((job) => {
    const { findings: own, types, by } = knownFlow(job, facts, (found) => flowOfJob(job, facts, found, text));
    findings.addAll(own, by);
    return types;
  });
  checkUnusedTypes(facts, findings, jobs);
  return findings.sorted();
}

/**
 * What each step finds, for an editor that asks about one: also of a pipeline whose text is not whole. Of a step that
 * several jobs share through an anchor it is what the first of them finds.
 */
export function traceFlow({ text, root }: Pick<FlowSource, 'text' | 'root'>, world: PipelineWorld): FlowTrace {
  const facts = new PipelineFacts(root, world);
  const before: StepsBefore = new Map();
  for (const job of facts.list('jobs')) walkJob(job, facts, new Findings(), text, before);
  return new FlowTrace(facts, before);
}

/** The task files of the checkout that a pipeline uses, step by step. */
export function taskUses({ text, root }: Pick<FlowSource, 'text' | 'root'>, world: PipelineWorld): TaskUse[] {
  const facts = new PipelineFacts(root, world);
  return facts.list('jobs').flatMap((job) => {
    const visits: TaskVisit[] = [];
    return usesIn(walkJob(job, facts, new Findings(), text, undefined, visits), visits);
  });
}

/** Walks a job; the types of its tasks, where somebody asks for them. */
function flowOfJob(job: Located, facts: PipelineFacts, findings: Findings, text: string): TaskTypes {
  const { names } = walkJob(job, facts, findings, text);
  return facts.list('resource_types').length > 0 ? taskTypesOf(job, facts, names) : NO_TYPES;
}

const NO_TYPES: TaskTypes = { types: new Set(), unknown: false };

function walkJob(
  job: Located,
  facts: PipelineFacts,
  findings: Findings,
  text: string,
  before?: StepsBefore,
  visits?: TaskVisit[],
): JobContext {
  const plan = itemsIn(entryIn(job, 'plan'));
  const names = namesOf(plan, facts);
  const made = madeBy(plan, facts, names, UNBOUND);
  const context = new JobContext(facts, findings, text, textAt(job, 'name')?.text ?? '', names, made, before, visits);
  const ok = walkInOrder(plan, new Scope(), UNBOUND, context);
  const failed = (): Scope => afterFailure(plan, new Scope(), UNBOUND, context);
  walkHooks(job, { ok: ok.hushed(), failed }, UNBOUND, context);
  checkUnusedGets(plan, context);
  return context;
}
