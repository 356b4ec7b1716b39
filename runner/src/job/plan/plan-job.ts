/** Plans a job: from the pipeline, the job's name and what the user chose, to the tree that runs. Pure. */
import { didYouMean } from '#concourse';
import { isList, isMap, throughYaml, type Value, type ValueMap } from '../values/values.ts';
import { leavesOf, ownGets, type JobPlan, type PutNode } from './plan.ts';
import { planStep, textField, withHooks, type PlanContext } from './plan-step.ts';
import { selectSteps, type StepChoices } from './select.ts';

/** What the user chose. */
export interface JobChoices extends StepChoices {
  /** The puts that may run, by name or address; `all` is for tests of the order of steps. Default: none. */
  readonly puts?: 'all' | readonly string[] | undefined;
  /** Versions to get, by the name of the step. Default: what the step or the resource pins. */
  readonly versions?: Readonly<Record<string, Value>> | undefined;
}

/** A plan, or why there is none. `whole` is the plan of all steps, those that were not chosen included. */
export type JobPlanResult =
  | { readonly ok: true; readonly plan: JobPlan; readonly whole: JobPlan }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Plans a job. Nothing is read and nothing is asked: the same arguments give the same plan.
 *
 * @param pipeline the pipeline in the shape that `fly format-pipeline` prints
 */
export function planJob(pipeline: ValueMap, jobName: string, choices: JobChoices = {}): JobPlanResult {
  const jobs = listOf(throughYaml(pipeline) as ValueMap, 'jobs');
  const job = jobs.find((each) => each['name'] === jobName);
  if (job === undefined) return { ok: false, problems: [noJob(jobName, jobs)] };
  const problems: string[] = [];
  const tags = isList(job['tags']) ? job['tags'].map(String) : undefined;
  const context: PlanContext = {
    address: jobName,
    resources: new Map(
      listOf(throughYaml(pipeline) as ValueMap, 'resources').map((each) => [textField(each, 'name') ?? '', each]),
    ),
    versions: choices.versions ?? {},
    problem: (message) => void problems.push(message),
    ...(tags !== undefined && { tags }),
  };
  const root = withHooks(planStep({ do: job['plan'] ?? [] }, context), job, context);
  const whole: JobPlan = { job: jobName, root, puts: choices.puts ?? [] };
  const selection = selectSteps(root, choices);
  if (!selection.ok) problems.push(...selection.problems);
  const plan: JobPlan = { ...whole, root: selection.ok ? selection.root : root };
  problems.push(...putProblems(whole, plan));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, plan, whole };
}

function listOf(map: ValueMap, key: string): ValueMap[] {
  const list = map[key];
  return isList(list) ? list.filter(isMap) : [];
}

function noJob(name: string, jobs: readonly ValueMap[]): string {
  const names = jobs.flatMap((each) => textField(each, 'name') ?? []);
  if (names.length === 0) return `The pipeline has no job '${name}': it has none at all.`;
  const meant = didYouMean(name, names);
  return `The pipeline has no job '${name}'. ${meant === undefined ? `Its jobs: ${names.join(', ')}.` : `Did you mean '${meant}'?`}`;
}

/** What is wrong with the puts that were named: there is none of the name, or one half of a lock is missing. */
function putProblems(whole: JobPlan, plan: JobPlan): string[] {
  if (plan.puts === 'all') return [];
  const puts = leavesOf(whole.root).filter((leaf): leaf is PutNode => leaf.kind === 'put');
  const chosen = new Set(leavesOf(plan.root).map(({ address }) => address));
  const named = plan.puts;
  const isNamed = (put: PutNode): boolean => named.some((name) => covers(put, name));
  const names = [...new Set(puts.map((put) => put.name))];
  const unknown = named.filter((name) => !puts.some((put) => covers(put, name)));
  const problems = unknown.map((name) =>
    names.length === 0
      ? `The job has no put '${name}': it has none at all.`
      : `The job has no put '${name}'. Its puts: ${names.join(', ')}.`,
  );
  for (const [resource, halves] of locksOf(puts)) {
    // A lock that a choice of steps would only take stays, too: a half that is left out is one that does not run.
    const runs = (put: PutNode): boolean => isNamed(put) && chosen.has(put.address);
    const running = halves.filter(runs);
    if (running.length === 0 || running.length === halves.length) continue;
    const missing = [...new Set(halves.filter((put) => !runs(put)).map((put) => put.address))];
    problems.push(
      `Who takes the lock '${resource}' must give it back: ${running.map((put) => put.name).join(', ')} cannot run without ${missing.join(', ')}. Name all of them, or none.`,
    );
  }
  return problems;
}

/** Whether a put is meant by a name or an address; inside of `across` its own may still have vars in it. */
function covers(put: PutNode, name: string): boolean {
  return [put.name, put.address].some((own) => {
    const parts = own.split(/\(\(.*?\)\)/).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's').test(name) || own === name;
  });
}

/** Versions that were given for gets that the job does not have. */
export function versionProblems(whole: JobPlan, versions: Readonly<Record<string, Value>>): string[] {
  const gets = ownGets(whole.root).map(({ name }) => name);
  return Object.keys(versions)
    .filter((name) => !gets.includes(name))
    .map((name) => `The job has no get '${name}' to give a version to. Its gets: ${gets.join(', ') || 'none'}.`);
}

const TAKES = ['acquire', 'claim'];
const GIVES_BACK = ['release', 'remove'];

function has(put: PutNode, keys: readonly string[]): boolean {
  return keys.some((key) => {
    const value = put.params?.[key];
    return value !== undefined && value !== null && value !== false && value !== '';
  });
}

/** The puts of each lock, by resource: those that take it and those that give it back, where a job has both. */
export function locksOf(puts: readonly PutNode[]): Map<string, PutNode[]> {
  const locks = new Map<string, PutNode[]>();
  for (const put of puts) {
    if (has(put, TAKES) || has(put, GIVES_BACK)) locks.set(put.resource, [...(locks.get(put.resource) ?? []), put]);
  }
  for (const [resource, halves] of locks) {
    if (!halves.some((put) => has(put, TAKES)) || !halves.some((put) => has(put, GIVES_BACK))) locks.delete(resource);
  }
  return locks;
}
