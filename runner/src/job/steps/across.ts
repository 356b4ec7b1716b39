/** `across`: the values of its vars, and the step that is made for each combination (atc/exec/across_step.go). */
import { decodeTask, yamlAsJson } from '#concourse';
import { runParallel } from './combinators.ts';
import type { StepContext } from './context.ts';
import { fieldOf, interpolateAll, interpolateSome, type FindVar } from '../values/interpolate.ts';
import { asError, type StepOutcome } from './outcome.ts';
import { childrenOf, type AcrossNode, type AcrossVarNode, type PlanNode, type TaskNode } from '../plan/plan.ts';
import { environmentText, isList, isMap, jsonText, mapValues, parseJson, type Value } from '../values/values.ts';

/** One combination of values and the step for it. */
export interface Substep {
  readonly values: readonly Value[];
  readonly node: PlanNode;
}

/** The values of a var of an across. @throws Error when a var is not found, or the values are no list */
export function acrossValues({ values }: AcrossVarNode, find: FindVar): readonly Value[] {
  const list = interpolateAll(values, find);
  if (list === null) return [];
  if (isList(list)) return list;
  const type = isMap(list)
    ? 'object'
    : typeof list === 'string'
      ? 'string'
      : typeof list === 'boolean'
        ? 'bool'
        : 'number';
  throw new Error(
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type []interface {}`,
  );
}

/** All combinations, the last var fastest. */
export function combinations(values: readonly (readonly Value[])[]): (readonly Value[])[] {
  return values.reduce<(readonly Value[])[]>(
    (sofar, own) => sofar.flatMap((head) => own.map((value) => [...head, value])),
    [[]],
  );
}

/**
 * What the text of a template says. The text of an across inside of another has values in it as they are: where that
 * makes it no JSON, upstream reads it as YAML.
 */
function templateValue(template: string): Value {
  try {
    return parseJson(template);
  } catch {
    return parseJson(yamlAsJson(template));
  }
}

/** The steps of an across. @throws Error when a value does not fit where its var stands */
export function acrossSubsteps(node: AcrossNode, values: readonly (readonly Value[])[]): Substep[] {
  return combinations(values).map((combination) => {
    const find: FindVar = (reference) => {
      if (reference.source !== '.') return undefined;
      const index = node.vars.findLastIndex(({ var: name }) => name === reference.path);
      const value = combination[index];
      return value === undefined ? undefined : fieldOf(value, reference);
    };
    let filled: Value;
    try {
      filled = interpolateSome(templateValue(node.template), find);
    } catch (error) {
      throw new Error(`failed to interpolate template: ${asError(error).message}`, { cause: error });
    }
    // A template is a node as JSON; whether the values that are in it now fit, `fitting` says.
    return { values: combination, node: fitting(filled as unknown as PlanNode) };
  });
}

/** Runs the substeps: one executor per var, inside each other, each with its own limit. */
export function runSubsteps(
  node: AcrossNode,
  values: readonly (readonly Value[])[],
  substeps: readonly Substep[],
  runOne: (substep: Substep, context: StepContext) => Promise<StepOutcome>,
  context: StepContext,
): Promise<StepOutcome> {
  const level = (depth: number, steps: readonly Substep[], around: StepContext): Promise<StepOutcome> => {
    const last = depth === node.vars.length - 1;
    const count = last ? steps.length : (values[depth]?.length ?? 0);
    const limit = node.vars[depth]?.max_in_flight ?? 1;
    const each = count === 0 ? 0 : steps.length / count;
    return runParallel(
      { count, limit, failFast: node.fail_fast },
      (index, inside) => {
        const own = steps.slice(index * each, (index + 1) * each);
        const [only] = own;
        return last && only !== undefined ? runOne(only, inside) : level(depth + 1, own, inside);
      },
      around,
    );
  };
  return level(0, substeps, context);
}

const TEXTS = ['name', 'resource', 'type', 'file', 'image', 'timeout', 'duration', 'format', 'team'];
const TEXT_MAPS = ['input_mapping', 'output_mapping'];
const TEXT_LISTS = ['tags', 'var_files'];

function noText(key: string): Error {
  return new Error(`json: cannot unmarshal a value that is not a string into the field ${key}, which is one`);
}

/** A node whose fields have the types that upstream's plan has. @throws Error when a value made one of another type */
function fitting(node: PlanNode): PlanNode {
  // Read by name, because the values may have other types than the node's own say.
  const fields = node as unknown as Readonly<Record<string, Value | undefined>>;
  for (const key of TEXTS) {
    const value = fields[key];
    if (value !== undefined && typeof value !== 'string') throw noText(key);
  }
  const lists = [
    ...TEXT_LISTS.map((key) => [key, fields[key]] as const),
    ...TEXT_MAPS.map((key) => [key, isMap(fields[key]) ? Object.values(fields[key]) : undefined] as const),
  ];
  for (const [key, list] of lists) {
    if (isList(list) && list.some((item) => typeof item !== 'string')) throw noText(key);
  }
  if (node.kind === 'task') return fittingTask(node);
  if (node.kind === 'put') {
    const { get, inputs } = node;
    if (isList(inputs) && inputs.some((name) => typeof name !== 'string')) throw noText('inputs');
    return get === undefined ? node : { ...node, get: fitting(get) as typeof get };
  }
  if (node.kind === 'across') return node;
  if (node.kind === 'do' || node.kind === 'in_parallel') return { ...node, steps: node.steps.map(fitting) };
  if (childrenOf(node).length === 0) return node;
  const one = node as Extract<PlanNode, { step: PlanNode }>;
  return 'hook' in one && typeof one.hook === 'object'
    ? { ...one, step: fitting(one.step), hook: fitting(one.hook) }
    : { ...one, step: fitting(one.step) };
}

function fittingTask(node: TaskNode): TaskNode {
  const { params, config } = node;
  const own = params && { params: mapValues(params, environmentText) };
  if (config === undefined) return { ...node, ...own };
  const problem = decodeTask(jsonText(config)).problems.find(
    ({ severity, code }) => severity === 'error' && !code.startsWith('missing-'),
  );
  if (problem !== undefined) throw new Error(`json: the task's config does not fit: ${problem.message}`);
  const texts = config['params'];
  return { ...node, ...own, config: isMap(texts) ? { ...config, params: mapValues(texts, environmentText) } : config };
}
