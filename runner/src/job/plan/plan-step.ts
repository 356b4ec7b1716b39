/** From a step of a pipeline to the node of a plan (upstream: atc/builds/planner.go, atc/steps.go). */
import { HOOKS, type HookName } from '#concourse';
import {
  asDoubles,
  environmentText,
  isList,
  isMap,
  jsonText,
  mapValues,
  trimSpace,
  type Value,
  type ValueMap,
} from '../values/values.ts';
import type { AcrossVarNode, GetNode, LeafNode, PlanNode } from './plan.ts';

/** What a step is planned in. */
export interface PlanContext {
  readonly address: string;
  readonly hook?: HookName;
  status?: string;
  readonly tags?: readonly string[];
  /** Resources by name. */
  readonly resources: ReadonlyMap<string, ValueMap>;
  /** Versions that were given by hand, by the step's name. */
  readonly versions: Readonly<Record<string, Value>>;
  /** Takes down what keeps the job from being planned. */
  readonly problem: (message: string) => void;
}

const STATUS: Readonly<Record<HookName, string | undefined>> = {
  on_success: 'succeeded',
  on_failure: 'failed',
  on_abort: 'aborted',
  on_error: 'errored',
  // An ensure hook keeps what is around it.
  ensure: undefined,
};

/** A field that is a text. */
export function textField(map: ValueMap, key: string): string | undefined {
  const value = map[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function mapField(map: ValueMap, key: string): ValueMap | undefined {
  const value = map[key];
  return isMap(value) ? value : undefined;
}

/** A mapping with values of any type. */
function openField(map: ValueMap, key: string): ValueMap | undefined {
  const value = mapField(map, key);
  return value && mapValues(value, asDoubles);
}

function textsField(map: ValueMap, key: string): readonly string[] | undefined {
  const value = map[key];
  return isList(value) && value.length > 0 ? value.map(environmentText) : undefined;
}

function numberField(map: ValueMap, key: string): number {
  const value = map[key];
  return typeof value === 'number' ? value : 0;
}

/** Leaves out what is undefined, so that a plan is plain JSON. */
function compact<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

function withoutStatus(context: PlanContext): PlanContext {
  const copy = { ...context };
  delete copy.status;
  return copy;
}

/** The node around which the hooks of a step or a job stand. */
export function withHooks(step: PlanNode, config: ValueMap, context: PlanContext): PlanNode {
  return HOOKS.reduce<PlanNode>((inner, kind) => {
    const hook = config[kind];
    if (!isMap(hook)) return inner;
    const status = STATUS[kind] ?? context.status;
    const inside = {
      ...withoutStatus(context),
      address: `${context.address}/${kind}`,
      hook: kind,
      ...(status && { status }),
    };
    return { kind, step: inner, hook: planStep(hook, inside) };
  }, step);
}

/**
 * Plans a step with all that stands around it. Hooks are outside of `across`, that is outside of `attempts`, that is
 * outside of `timeout`.
 */
export function planStep(step: ValueMap, context: PlanContext): PlanNode {
  const across = isList(step['across']) ? step['across'].filter(isMap) : [];
  // What across repeats is built anew by upstream, without the BUILD_STATUS of the hook around it.
  const inside = across.length > 0 ? { ...withoutStatus(context), address: `${context.address}/across` } : context;
  const { node: core, address } = planCore(step, inside);
  let node = core;
  const timeout = textField(step, 'timeout');
  if (timeout !== undefined && !['get', 'put', 'task', 'run'].includes(core.kind)) {
    node = { kind: 'timeout', duration: timeout, step: node };
  }
  const attempts = numberField(step, 'attempts');
  if (attempts > 0) node = { kind: 'attempts', count: attempts, step: node };
  if (across.length > 0) {
    node = {
      kind: 'across',
      address: inside.address,
      vars: across.map(planAcrossVar),
      // A node is plain JSON, its undefined fields left out (`compact`); the type of an interface does not say so.
      template: jsonText(node as unknown as Value),
      fail_fast: step['fail_fast'] === true,
    };
  }
  return withHooks(node, step, { ...context, address });
}

function planAcrossVar(config: ValueMap): AcrossVarNode {
  const limit = config['max_in_flight'];
  return {
    var: textField(config, 'var') ?? '',
    values: asDoubles(config['values'] ?? []),
    max_in_flight: limit === 'all' ? 0 : typeof limit === 'number' ? limit : 1,
  };
}

/** The step by itself, and the address that its hooks are below. */
function planCore(step: ValueMap, context: PlanContext): { readonly node: PlanNode; readonly address: string } {
  const tags = textsField(step, 'tags') ?? context.tags;
  const within: PlanContext = tags === undefined ? context : { ...context, tags };
  const at = (suffix: string): PlanContext => ({ ...within, address: `${context.address}/${suffix}` });
  const steps = (list: Value | undefined, kind: string): PlanNode[] =>
    isList(list) ? list.filter(isMap).map((each, index) => planStep(each, at(`${kind}[${index}]`))) : [];
  const own = { address: context.address };
  if ('do' in step) return { node: { kind: 'do', steps: steps(step['do'], 'do') }, ...own };
  if ('in_parallel' in step) {
    const config = step['in_parallel'];
    const map = isMap(config) ? config : undefined;
    const node: PlanNode = {
      kind: 'in_parallel',
      steps: steps(map === undefined ? config : map['steps'], 'in_parallel'),
      limit: map === undefined ? 0 : numberField(map, 'limit'),
      fail_fast: map?.['fail_fast'] === true,
    };
    return { node, ...own };
  }
  const tried = step['try'];
  if (isMap(tried)) return { node: { kind: 'try', step: planStep(tried, at('try')) }, ...own };
  const leaf = planLeaf(step, within);
  if (leaf !== undefined) return { node: leaf, address: leaf.address };
  context.problem(
    `${context.address} is not a step that can run here: it has ${Object.keys(step).join(', ') || 'no keys'}.`,
  );
  return { node: { kind: 'do', steps: [] }, ...own };
}

function planLeaf(step: ValueMap, context: PlanContext): LeafNode | undefined {
  const kind = (['get', 'put', 'task', 'load_var', 'set_pipeline'] as const).find((each) => each in step);
  if (kind === undefined) return undefined;
  const name = environmentText(step[kind] ?? null);
  const base = compact({
    address: `${context.address}/${kind}:${name}`,
    name,
    hook: context.hook,
    build_status: context.status,
    tags: context.tags,
  });
  const timed = compact({ ...base, timeout: textField(step, 'timeout') });
  switch (kind) {
    case 'get': {
      const resource = resourceOf(step, name, context);
      const given = Object.hasOwn(context.versions, name) ? context.versions[name] : undefined;
      const version = given ?? step['version'] ?? resource.pinned;
      return compact({
        kind,
        ...timed,
        ...resource.fields,
        params: openField(step, 'params'),
        version: version ?? undefined,
        passed: textsField(step, 'passed'),
      });
    }
    case 'put': {
      const { fields } = resourceOf(step, name, context);
      const implicit: GetNode = compact({
        kind: 'get' as const,
        ...timed,
        ...fields,
        address: `${timed.address}/get`,
        // The implicit get is planned as the put's on_success.
        build_status: 'succeeded',
        params: openField(step, 'get_params'),
        of_put: true as const,
      });
      return compact({
        kind,
        ...timed,
        ...fields,
        params: openField(step, 'params'),
        inputs: putInputs(step['inputs']),
        get: step['no_get'] === true ? undefined : implicit,
      });
    }
    case 'task': {
      const config = mapField(step, 'config');
      const params = config && mapField(config, 'params');
      const own = mapField(step, 'params');
      return compact({
        kind,
        ...timed,
        file: textField(step, 'file'),
        config: config && params ? { ...config, params: mapValues(params, environmentText) } : config,
        image: textField(step, 'image'),
        vars: openField(step, 'vars'),
        params: own && mapValues(own, environmentText),
        input_mapping: mapField(step, 'input_mapping'),
        output_mapping: mapField(step, 'output_mapping'),
        container_limits: mapField(step, 'container_limits'),
        privileged: step['privileged'] === true ? true : undefined,
        hermetic: step['hermetic'] === true ? true : undefined,
      });
    }
    case 'load_var':
      return compact({
        kind,
        ...base,
        file: textField(step, 'file') ?? '',
        format: textField(step, 'format'),
        reveal: step['reveal'] === true ? true : undefined,
      });
    case 'set_pipeline':
      return compact({
        kind,
        ...base,
        file: textField(step, 'file') ?? '',
        team: textField(step, 'team'),
        vars: openField(step, 'vars'),
        var_files: textsField(step, 'var_files'),
        instance_vars: openField(step, 'instance_vars'),
      });
  }
}

/** Which artifacts a put gets: a word that upstream does not know names none. */
function putInputs(inputs: Value | undefined): Value {
  if (isList(inputs)) return inputs.map((name) => (typeof name === 'string' ? trimSpace(name) : name));
  if (inputs === undefined || inputs === null) return 'detect';
  return inputs === 'all' || inputs === 'detect' ? inputs : [];
}

function resourceOf(step: ValueMap, name: string, context: PlanContext) {
  const resource = textField(step, 'resource') ?? name;
  const config = context.resources.get(resource);
  if (config === undefined) context.problem(`${context.address}: the pipeline has no resource '${resource}'.`);
  const fields = {
    resource,
    type: (config && textField(config, 'type')) ?? '',
    source: (config && openField(config, 'source')) ?? {},
  };
  return { fields, pinned: config && mapField(config, 'version') };
}
