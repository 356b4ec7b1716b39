/** What a job asks of the world: the one place behind which clusters, resources and files are. */
import type { HookName, TaskConfig } from '#concourse';
import type { LeafKind, SetPipelineNode, TaskNode } from '../plan/plan.ts';
import type { StepArtifact } from './scope.ts';
import type { Value, ValueMap } from '../values/values.ts';

/** A var of an `across` with one of its values. */
export interface AcrossValue {
  readonly var: string;
  readonly value: Value;
}

/** One start of a leaf. */
export interface LeafRun {
  /** Leaf name, `@` and the attempt, `{across values}`, and `#2`, `#3` for further starts of the same. */
  readonly id: string;
  /** `task:test`, `put:image/get`. */
  readonly leaf: string;
  readonly kind: LeafKind;
  readonly name: string;
  readonly address: string;
  /** `2.1`: the first inner attempt of the second outer one. Absent without `attempts`. */
  readonly attempt?: string;
  readonly across: readonly AcrossValue[];
  readonly hook?: HookName;
  readonly build_status?: string;
}

/** What a leaf is given beside its request. */
export interface LeafHandle {
  readonly run: LeafRun;
  /** Aborted when the step is to stop; the leaf then ends what it does and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** The process runs from now on: the step's own timeout begins. */
  readonly started: () => void;
  /** Shows lines of the step. */
  readonly log: (text: string) => void;
}

/** What a get is to fetch. */
export interface GetRequest {
  readonly resource: string;
  readonly type: string;
  readonly source: ValueMap;
  readonly params: ValueMap | undefined;
  /** What the put before it made; else what the step or the resource pins; else undefined. */
  readonly version: Value | undefined;
  readonly ofPut: boolean;
  /** The step's own, a Go duration. */
  readonly timeout?: string;
  /** Texts that nothing may show: values of local vars that are not revealed. */
  readonly secrets: readonly string[];
}

/** How a get ended. */
export interface GetEnd {
  readonly exit: number;
  readonly handle?: unknown;
  readonly version?: Value;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a put is to make. */
export interface PutRequest {
  readonly resource: string;
  readonly type: string;
  readonly source: ValueMap;
  readonly params: ValueMap | undefined;
  readonly inputs: ReadonlyMap<string, StepArtifact>;
  readonly timeout?: string;
  readonly secrets: readonly string[];
}

/** How a put ended. */
export interface PutEnd {
  readonly exit: number;
  readonly version?: Value;
}

/** What a task is to run. */
export interface TaskRequest {
  readonly config: TaskConfig;
  readonly node: TaskNode;
  /** By path inside the container. */
  readonly inputs: ReadonlyMap<string, StepArtifact>;
  readonly image: StepArtifact | undefined;
  /** Texts that nothing may show: values of local vars that are not revealed. */
  readonly secrets: readonly string[];
}

/** How a task ended: with an exit status, or with an error (the signal's reason when it was stopped). */
export interface TaskEnd {
  readonly exit?: number;
  readonly error?: Error;
  /** What is left of its outputs, by the names in its config; of a container that could not be made there is nothing. */
  readonly outputs: ReadonlyMap<string, unknown>;
}

/** A file of an artifact. */
export interface FileRequest {
  readonly artifact: StepArtifact;
  readonly path: string;
  readonly purpose: 'task config' | 'load_var' | 'set_pipeline' | 'var file';
}

/** What a set_pipeline step would set. */
export interface SetPipelineRequest {
  readonly node: SetPipelineNode;
  readonly config: string;
  readonly varFiles: readonly string[];
}

/** The leaves of a job. A rejection is an error of the step. */
export interface Leaves {
  get(request: GetRequest, handle: LeafHandle): Promise<GetEnd>;
  put(request: PutRequest, handle: LeafHandle): Promise<PutEnd>;
  task(request: TaskRequest, handle: LeafHandle): Promise<TaskEnd>;
  /** Undefined when there is no such file. */
  readFile(request: FileRequest, handle: LeafHandle): Promise<string | undefined>;
  /** False when the pipeline is not valid. */
  setPipeline(request: SetPipelineRequest, handle: LeafHandle): Promise<boolean>;
}
