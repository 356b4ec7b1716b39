/**
 * The plan of a job: a tree of steps, pure data, in which what stands around a step is a node around it. What `across`
 * repeats is kept as text, a template, as upstream does (atc/plan.go).
 */
import type { HookName } from '#concourse';
import { parseJson, type Value, type ValueMap } from '../values/values.ts';

/** The leaves of a plan: what does something. */
export type LeafKind = 'get' | 'put' | 'task' | 'load_var' | 'set_pipeline';

interface Leaf {
  /** Where the step stands: `unit/do[2]/task:test`. */
  readonly address: string;
  readonly name: string;
  /** The innermost hook that the step is in. */
  readonly hook?: HookName;
  /** BUILD_STATUS in the environment of a get or put. */
  readonly build_status?: string;
  readonly tags?: readonly string[];
  /** A Go duration; of get, put and task only: the others have a node around them. */
  readonly timeout?: string;
}

/** Fetches a version of a resource; with `of_put` the version that the put of the same name has made. */
export interface GetNode extends Leaf {
  readonly kind: 'get';
  readonly resource: string;
  readonly type: string;
  readonly source: ValueMap;
  readonly params?: ValueMap;
  /** As written: a pinned version, `latest`, `every`. */
  readonly version?: Value;
  readonly of_put?: true;
  /** Told, not enforced. */
  readonly passed?: readonly string[];
}

/** Makes a version of a resource. */
export interface PutNode extends Leaf {
  readonly kind: 'put';
  readonly resource: string;
  readonly type: string;
  readonly source: ValueMap;
  readonly params?: ValueMap;
  /** `all`, `detect`, or a list of artifacts. */
  readonly inputs: Value;
  /** The implicit get; absent with `no_get`. */
  readonly get?: GetNode;
}

/** Runs a task. */
export interface TaskNode extends Leaf {
  readonly kind: 'task';
  readonly file?: string;
  readonly config?: ValueMap;
  readonly image?: string;
  readonly vars?: ValueMap;
  readonly params?: ValueMap;
  readonly input_mapping?: ValueMap;
  readonly output_mapping?: ValueMap;
  readonly container_limits?: ValueMap;
  readonly privileged?: boolean;
  readonly hermetic?: boolean;
}

/** Reads a file of an artifact into a local var. */
export interface LoadVarNode extends Leaf {
  readonly kind: 'load_var';
  readonly file: string;
  readonly format?: string;
  readonly reveal?: boolean;
}

/** Sets a pipeline from a file of an artifact. */
export interface SetPipelineNode extends Leaf {
  readonly kind: 'set_pipeline';
  readonly file: string;
  readonly team?: string;
  readonly vars?: ValueMap;
  readonly var_files?: readonly string[];
  readonly instance_vars?: ValueMap;
}

/** A step that does something. */
export type LeafNode = GetNode | PutNode | TaskNode | LoadVarNode | SetPipelineNode;

/** One variable of an `across`. */
export interface AcrossVarNode {
  readonly var: string;
  readonly values: Value;
  /** 0 is no limit. */
  readonly max_in_flight: number;
}

/** Runs its step for each combination of values. */
export interface AcrossNode {
  readonly kind: 'across';
  readonly address: string;
  readonly vars: readonly AcrossVarNode[];
  /** The JSON text of the step's node, in which vars are still to be put in. */
  readonly template: string;
  readonly fail_fast: boolean;
}

/** A node of a plan. */
export type PlanNode =
  | LeafNode
  | AcrossNode
  | { readonly kind: 'do'; readonly steps: readonly PlanNode[] }
  | {
      readonly kind: 'in_parallel';
      readonly steps: readonly PlanNode[];
      /** Less than 1 is no limit. */
      readonly limit: number;
      readonly fail_fast: boolean;
    }
  | { readonly kind: 'try'; readonly step: PlanNode }
  | { readonly kind: 'attempts'; readonly count: number; readonly step: PlanNode }
  | { readonly kind: 'timeout'; readonly duration: string; readonly step: PlanNode }
  | { readonly kind: HookName; readonly step: PlanNode; readonly hook: PlanNode };

/** A job as it will run. */
export interface JobPlan {
  readonly job: string;
  readonly root: PlanNode;
  /** The puts that may run: all, or those of these names or addresses. All others are held back. */
  readonly puts: 'all' | readonly string[];
}

/** The leaf's name for its kind: `task:test`, `put:image/get`. */
export function leafName(node: LeafNode): string {
  return node.kind === 'get' && node.of_put ? `put:${node.name}/get` : `${node.kind}:${node.name}`;
}

/** The node that an `across` repeats. `planStep` has written it as text, and nobody else does. */
export function templateNode({ template }: { readonly template: string }): PlanNode {
  return parseJson(template) as unknown as PlanNode;
}

/** The nodes directly inside a node, in the order in which they would run; of an `across` its template. */
export function childrenOf(node: PlanNode): PlanNode[] {
  switch (node.kind) {
    case 'do':
    case 'in_parallel':
      return [...node.steps];
    case 'try':
    case 'attempts':
    case 'timeout':
      return [node.step];
    case 'across':
      return [templateNode(node)];
    case 'put':
      return node.get === undefined ? [] : [node.get];
    case 'get':
    case 'task':
    case 'load_var':
    case 'set_pipeline':
      return [];
    default:
      return [node.step, node.hook];
  }
}

/** All leaves of a plan in order; those inside an `across` once, with its vars still in their names. */
export function leavesOf(node: PlanNode): LeafNode[] {
  const own = 'name' in node ? [node] : [];
  return [...own, ...childrenOf(node).flatMap(leavesOf)];
}

/** The gets that a job names itself, in order; the implicit ones of its puts are not among them. */
export function ownGets(root: PlanNode): GetNode[] {
  return leavesOf(root).filter((leaf): leaf is GetNode => leaf.kind === 'get' && leaf.of_put !== true);
}

/** Whether a put may run: it has been named, by its name or by its address. */
export function putAllowed(puts: JobPlan['puts'], node: PutNode): boolean {
  return puts === 'all' || puts.includes(node.name) || puts.includes(node.address);
}
