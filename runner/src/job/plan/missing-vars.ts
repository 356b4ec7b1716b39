/** Vars that a job needs and nobody gives, before the first pod. */
import { parseReference, referenceText, taskConfigJson, varNames, type TaskConfig } from '#concourse';
import type { ResourceTypes } from '../../resource/types.ts';
import type { FindVar } from '../values/interpolate.ts';
import { jsonText, type Value } from '../values/values.ts';
import {
  childrenOf,
  leafName,
  leavesOf,
  putAllowed,
  type JobPlan,
  type LeafNode,
  type PlanNode,
  type TaskNode,
} from './plan.ts';

/** What is known of a job before it runs. */
export interface VarFacts {
  readonly find: FindVar;
  /** The configuration of a task whose file lies in a folder that is given. */
  readonly taskOf: (node: TaskNode) => TaskConfig | undefined;
  /** Whether something stands for the get, so that its source is not needed. */
  readonly isGiven: (get: string) => boolean;
  readonly types: ResourceTypes;
}

/**
 * What is to be said of vars without a value: one line a var, with the steps that need it. Vars of steps that do not run,
 * of puts that are held back, and of gets that a folder replaces are not needed. Local vars, `((.:x))`, come from steps.
 */
export function missingVars(plan: JobPlan, facts: VarFacts): string[] {
  return [...varsWithoutValue(plan, facts)].map(([name, steps]) => {
    const needed = [...steps].join(', ');
    return `((${name})) has no value, and ${needed} ${steps.size === 1 ? 'needs' : 'need'} it: give it with -v ${name}=VALUE, or in a file of vars with -l FILE.`;
  });
}

/** The vars of `missingVars` by name, each with the steps that need it. */
export function varsWithoutValue(plan: JobPlan, facts: VarFacts): ReadonlyMap<string, ReadonlySet<string>> {
  const missing = new Map<string, Set<string>>();
  const look = (text: string, step: string): void => {
    for (const name of varNames(text)) {
      const parsed = parseReference(name);
      if (!parsed.ok || parsed.reference.source === '.') continue;
      if (isFound(parsed.reference, facts.find)) continue;
      const shown = referenceText(parsed.reference);
      missing.set(shown, (missing.get(shown) ?? new Set()).add(step));
    }
  };
  for (const leaf of leavesOf(plan.root)) for (const text of textsOf(leaf, plan, facts)) look(text, leafName(leaf));
  for (const { values, step } of acrossOf(plan.root)) look(jsonText(values), step);
  return missing;
}

function isFound(reference: Parameters<FindVar>[0], find: FindVar): boolean {
  try {
    return find(reference) !== undefined;
  } catch {
    // It is there, and has no such field: the step says so in Concourse's words.
    return true;
  }
}

function textsOf(leaf: LeafNode, plan: JobPlan, { taskOf, isGiven, types }: VarFacts): string[] {
  const all = (...values: readonly (Value | undefined)[]): string[] =>
    values.flatMap((value) => (value === undefined ? [] : [jsonText(value)]));
  switch (leaf.kind) {
    case 'get': {
      if (leaf.of_put === true || isGiven(leaf.name)) return [];
      return all(leaf.source, leaf.params, types.written(leaf.type));
    }
    case 'put':
      return putAllowed(plan.puts, leaf)
        ? all(leaf.source, leaf.params, leaf.get?.params, types.written(leaf.type))
        : [];
    case 'task': {
      const own = new Set(Object.keys(leaf.vars ?? {}));
      const config = taskOf(leaf);
      // The step's vars go into its file first.
      const file = config === undefined ? '' : withoutVars(taskConfigJson(config), own);
      return [file, ...all(leaf.config, leaf.params, leaf.vars, leaf.file, leaf.image, leaf.container_limits)];
    }
    case 'load_var':
      return all(leaf.file, leaf.format);
    case 'set_pipeline':
      return all(leaf.file, leaf.team, leaf.vars, leaf.var_files, leaf.instance_vars);
  }
}

function withoutVars(text: string, names: ReadonlySet<string>): string {
  return text.replace(/\(\(([^()]+)\)\)/g, (whole, name: string) => {
    const parsed = parseReference(name.trim());
    return parsed.ok && parsed.reference.source === '' && names.has(parsed.reference.path) ? '' : whole;
  });
}

function acrossOf(node: PlanNode): { readonly values: Value; readonly step: string }[] {
  const own =
    node.kind === 'across' ? node.vars.map(({ var: name, values }) => ({ values, step: `across ${name}` })) : [];
  return [...own, ...childrenOf(node).flatMap(acrossOf)];
}
