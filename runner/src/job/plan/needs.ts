/** What steps need and what makes it: what is known to be missing before the first pod is told then. */
import type { TaskConfig } from '#concourse';
import { leafName, leavesOf, putAllowed, type JobPlan, type LeafNode, type TaskNode } from './plan.ts';
import { shortAddress } from './select.ts';
import { isList, isMap, type Value } from '../values/values.ts';

/** What is known about a job besides its plan. */
export interface JobFacts {
  /** The artifacts that are given: by `-i`, or by the local folder that stands for a get. */
  readonly given: ReadonlySet<string>;
  /** The configuration of a task step whose file can be read already. */
  readonly taskOf: (node: TaskNode) => TaskConfig | undefined;
}

/** The configuration of a task step as far as it is in the pipeline itself. */
export function inlineTask(node: TaskNode): Pick<TaskConfig, 'inputs' | 'outputs'> | undefined {
  if (node.config === undefined) return undefined;
  const named = (list: Value | undefined) => {
    const maps = isList(list) ? list.filter(isMap) : [];
    return maps.map((each) => ({ name: each['name'] as string, optional: each['optional'] === true }));
  };
  return { inputs: named(node.config['inputs']), outputs: named(node.config['outputs']) };
}

/** The artifacts that a leaf cannot do without, as far as it is known. */
export function neededBy(leaf: LeafNode, facts: JobFacts): string[] {
  const folder = (file: string | undefined): string[] => {
    const name = file?.split('/')[0];
    return name === undefined || file === undefined || !file.includes('/') ? [] : [name];
  };
  switch (leaf.kind) {
    case 'task': {
      const config = facts.taskOf(leaf) ?? inlineTask(leaf);
      const mapping = leaf.input_mapping ?? {};
      const inputs = (config?.inputs ?? []).filter(({ optional }) => optional !== true);
      const names = inputs.map(({ name }) => (Object.hasOwn(mapping, name) ? (mapping[name] as string) : name));
      return [...folder(leaf.file), ...(leaf.image === undefined ? [] : [leaf.image]), ...names];
    }
    case 'load_var':
      return folder(leaf.file);
    case 'set_pipeline':
      return [leaf.file, ...(leaf.var_files ?? [])].flatMap(folder);
    case 'put':
      return isList(leaf.inputs) ? leaf.inputs.map(String) : [];
    case 'get':
      return [];
  }
}

/** The artifacts that a leaf leaves, as far as it is known; undefined when it may leave any. */
function madeBy(leaf: LeafNode, facts: JobFacts): string[] | undefined {
  switch (leaf.kind) {
    case 'get':
      return [leaf.name];
    case 'put':
    case 'load_var':
    case 'set_pipeline':
      return [];
    case 'task': {
      const config = facts.taskOf(leaf) ?? inlineTask(leaf);
      if (config === undefined) return undefined;
      const mapping = leaf.output_mapping ?? {};
      return (config.outputs ?? []).map(({ name }) =>
        Object.hasOwn(mapping, name) ? (mapping[name] as string) : name,
      );
    }
  }
}

/**
 * What steps that will run lack because what makes it is held back or left out. Only what is certain is told: a task
 * whose file is not known yet may make anything.
 *
 * @param whole the plan with all of its steps
 * @param plan the plan with those that run
 * @returns what is to be said, by the name of the artifact
 */
export function missingArtifacts(whole: JobPlan, plan: JobPlan, facts: JobFacts): ReadonlyMap<string, string> {
  const running = leavesOf(plan.root);
  const runs = new Set(running.filter((leaf) => isRunning(plan, leaf, running)).map(({ address }) => address));
  const made = new Set(facts.given);
  const absent = new Map<string, string>();
  const problems = new Map<string, string>();
  let anything = false;
  for (const leaf of leavesOf(whole.root)) {
    if (runs.has(leaf.address)) {
      for (const name of neededBy(leaf, facts)) {
        const why = made.has(name) || anything ? undefined : absent.get(name);
        if (why !== undefined && !problems.has(name)) {
          problems.set(
            name,
            `${shortAddress(whole.root, leaf)} needs the artifact '${name}', which will not be there: ${why}`,
          );
        }
      }
      const own = madeBy(leaf, facts);
      if (own === undefined) anything = true;
      for (const name of own ?? []) made.add(name);
      continue;
    }
    for (const name of madeBy(leaf, facts) ?? []) {
      const held = leaf.kind === 'get' && leaf.of_put === true;
      absent.set(
        name,
        held && !plan.puts.includes(leaf.name)
          ? `its put is held back. Give -i ${name}=DIR, name the put with --put ${leaf.name}, or stop before with --until.`
          : `${leafName(leaf)} is left out. Give -i ${name}=DIR or -i ${name}=run:RUN/OUTPUT, or run that step, too.`,
      );
    }
  }
  return problems;
}

/** Whether a leaf does something: a put that is held back does not, nor does its implicit get. */
function isRunning(plan: JobPlan, leaf: LeafNode, leaves: readonly LeafNode[]): boolean {
  if (leaf.kind === 'put') return putAllowed(plan.puts, leaf);
  if (leaf.kind !== 'get' || leaf.of_put !== true) return true;
  return leaves.some((put) => put.kind === 'put' && put.get?.address === leaf.address && putAllowed(plan.puts, put));
}
