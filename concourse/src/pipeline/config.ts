/**
 * What a pipeline says, in the shape of the JSON that `fly format-pipeline` works with (concourse/concourse
 * atc/config.go, atc/job_config.go, atc/steps.go). Empty fields are left out.
 */
import type { ContainerLimits, JsonObject, JsonValue, TaskConfig } from '../task/config.ts';

/** Generations for pipelines: `current` is the newest release (8.2.5), `next` the development head, `7.14` is 7.14.3. */
export type PipelineTarget = 'current' | 'next' | '7.14';

/** All generations, newest first. */
export const PIPELINE_TARGETS: readonly PipelineTarget[] = ['next', 'current', '7.14'];

/** A resource: something outside that has versions. */
export interface ResourceConfig {
  readonly name: string;
  readonly type: string;
  readonly source: JsonObject | null;
  readonly old_name?: string;
  readonly public?: boolean;
  readonly webhook_token?: string;
  /** A Go duration as Go prints it, `never`, or empty. */
  readonly check_every?: string;
  /** As written: upstream reads it at run time only. */
  readonly check_timeout?: string;
  readonly tags?: readonly string[];
  /** Pins the resource. */
  readonly version?: Readonly<Record<string, string>>;
  readonly icon?: string;
  readonly expose_build_created_by?: boolean;
}

/** A resource type of the pipeline's own. */
export interface ResourceTypeConfig {
  readonly name: string;
  readonly type: string;
  readonly source: JsonObject | null;
  readonly defaults?: JsonObject;
  readonly privileged?: boolean;
  readonly check_every?: string;
  readonly tags?: readonly string[];
  readonly params?: JsonObject;
}

/** A prototype, for `run` steps. */
export type PrototypeConfig = ResourceTypeConfig;

/** Jobs and resources that are shown together. */
export interface GroupConfig {
  readonly name: string;
  /** Globs of job names. */
  readonly jobs?: readonly string[];
  readonly resources?: readonly string[];
}

/** Where `((source:var))` comes from. */
export interface VarSourceConfig {
  readonly name: string;
  readonly type: string;
  readonly config: JsonValue;
}

/** How the pipeline looks. */
export interface DisplayConfig {
  readonly background_image?: string;
  readonly background_filter?: string;
}

/** How many logs of a job are kept. */
export interface BuildLogRetention {
  readonly builds?: number;
  readonly days?: number;
  readonly minimum_succeeded_builds?: number;
}

/** Steps around a step or a job. */
export interface Hooks {
  readonly on_success?: StepConfig;
  readonly on_failure?: StepConfig;
  readonly on_abort?: StepConfig;
  readonly on_error?: StepConfig;
  readonly ensure?: StepConfig;
}

/** A job. `plan` is null where the file has none. */
export interface JobConfig extends Hooks {
  readonly name: string;
  readonly plan: readonly StepConfig[] | null;
  readonly old_name?: string;
  readonly public?: boolean;
  readonly disable_manual_trigger?: boolean;
  readonly disable_reruns?: boolean;
  readonly serial?: boolean;
  readonly interruptible?: boolean;
  readonly serial_groups?: readonly string[];
  readonly max_in_flight?: number;
  readonly tags?: readonly string[];
  readonly build_logs_to_retain?: number;
  readonly build_log_retention?: BuildLogRetention;
}

/** One variable of an `across`. */
export interface AcrossVar {
  readonly var: string;
  /** A list; a text with a variable until the step runs. */
  readonly values?: JsonValue;
  readonly max_in_flight?: number | 'all';
}

/**
 * What every step may have around its core. From the inside outwards: timeout, attempts, across, on_success,
 * on_failure, on_abort, on_error, ensure.
 */
export interface StepModifiers extends Hooks {
  readonly across?: readonly AcrossVar[];
  /** Of `across`. */
  readonly fail_fast?: boolean;
  readonly attempts?: number;
  /** A Go duration; on get, put, task and run it is not checked before the step runs. */
  readonly timeout?: string;
}

/** Fetches a version of a resource. */
export interface GetStep extends StepModifiers {
  readonly get: string;
  /** Default: the step's name. */
  readonly resource?: string;
  /** `latest`, `every`, a pinned version, or empty for any other word, which means the latest. */
  readonly version?: string | Readonly<Record<string, string>>;
  readonly params?: JsonObject;
  readonly passed?: readonly string[];
  readonly trigger?: boolean;
  readonly tags?: readonly string[];
}

/** Makes a version of a resource. */
export interface PutStep extends StepModifiers {
  readonly put: string;
  readonly resource?: string;
  readonly params?: JsonObject;
  /** `all`, `detect`, a list, or empty for any other word, which means none. */
  readonly inputs?: string | readonly string[];
  readonly tags?: readonly string[];
  readonly get_params?: JsonObject;
  readonly no_get?: boolean;
}

/** Runs a task. */
export interface TaskStep extends StepModifiers {
  readonly task: string;
  /** `ARTIFACT/path` of a task file. */
  readonly file?: string;
  readonly config?: TaskConfig;
  readonly privileged?: boolean;
  readonly hermetic?: boolean;
  readonly container_limits?: ContainerLimits;
  readonly params?: Readonly<Record<string, string>>;
  readonly vars?: JsonObject;
  readonly tags?: readonly string[];
  readonly input_mapping?: Readonly<Record<string, string>>;
  readonly output_mapping?: Readonly<Record<string, string>>;
  /** Artifact that is the image. */
  readonly image?: string;
}

/** Sends a message to a prototype. Upstream only pretends to. */
export interface RunStep extends StepModifiers {
  readonly run: string;
  readonly type?: string;
  readonly params?: JsonObject;
  readonly privileged?: boolean;
  readonly tags?: readonly string[];
  readonly container_limits?: ContainerLimits;
}

/** Sets a pipeline. */
export interface SetPipelineStep extends StepModifiers {
  readonly set_pipeline: string;
  readonly file?: string;
  readonly team?: string;
  readonly vars?: JsonObject;
  readonly var_files?: readonly string[];
  readonly instance_vars?: JsonObject;
}

/** Sets a local variable from a file. */
export interface LoadVarStep extends StepModifiers {
  readonly load_var: string;
  readonly file?: string;
  readonly format?: string;
  readonly reveal?: boolean;
}

/** A step that may fail. */
export interface TryStep extends StepModifiers {
  readonly try: StepConfig;
}

/** Steps one after the other. */
export interface DoStep extends StepModifiers {
  readonly do: readonly StepConfig[] | null;
  readonly tags?: readonly string[];
}

/** Steps beside each other. */
export interface InParallelStep extends StepModifiers {
  readonly in_parallel: InParallelConfig;
  readonly tags?: readonly string[];
}

/** The branches of an `in_parallel`; a plain list is read as `steps`. */
export interface InParallelConfig {
  readonly steps?: readonly StepConfig[];
  readonly limit?: number;
  readonly fail_fast?: boolean;
}

/** What is left of a step that upstream refuses to decode. A valid pipeline has none. */
export interface UnknownStep extends StepModifiers {
  readonly unknown: true;
}

/**
 * A step: exactly one of its core keys is there, so `'get' in step` tells the kinds apart, as does `stepKind`.
 */
export type StepConfig =
  | GetStep
  | PutStep
  | TaskStep
  | RunStep
  | SetPipelineStep
  | LoadVarStep
  | TryStep
  | DoStep
  | InParallelStep
  | UnknownStep;

/** A decoded pipeline. Parts that are wrong have their zero value; empty parts are left out. */
export interface PipelineConfig {
  readonly jobs?: readonly JobConfig[];
  readonly resources?: readonly ResourceConfig[];
  readonly resource_types?: readonly ResourceTypeConfig[];
  readonly prototypes?: readonly PrototypeConfig[];
  readonly groups?: readonly GroupConfig[];
  readonly var_sources?: readonly VarSourceConfig[];
  readonly display?: DisplayConfig;
  readonly user_data?: JsonValue;
}

/** The core keys of steps, in the order in which upstream looks for them: the first that is there makes the kind. */
export const STEP_KINDS = [
  'run',
  'task',
  'put',
  'get',
  'set_pipeline',
  'load_var',
  'try',
  'do',
  'in_parallel',
] as const;

/** The kind of a step. */
export type StepKind = (typeof STEP_KINDS)[number];

/** Hooks of steps and jobs, the innermost first. */
export const HOOKS = ['on_success', 'on_failure', 'on_abort', 'on_error', 'ensure'] as const;

/** The name of a hook. */
export type HookName = (typeof HOOKS)[number];

/** The kind of a step; `unknown` for one that could not be decoded. */
export function stepKind(step: StepConfig): StepKind | 'unknown' {
  return STEP_KINDS.find((kind) => kind in step) ?? 'unknown';
}

/** The name that a step gives itself; undefined for steps that only hold others. */
export function stepName(step: StepConfig): string | undefined {
  if ('run' in step) return step.run;
  if ('task' in step) return step.task;
  if ('put' in step) return step.put;
  if ('get' in step) return step.get;
  if ('set_pipeline' in step) return step.set_pipeline;
  return 'load_var' in step ? step.load_var : undefined;
}

/** The steps that a step holds as its core, in order: of do, in_parallel and try. Hooks are not among them. */
export function innerSteps(step: StepConfig): readonly StepConfig[] {
  if ('do' in step) return step.do ?? [];
  if ('in_parallel' in step) return step.in_parallel.steps ?? [];
  return 'try' in step ? [step.try] : [];
}

/** The hooks of a step or a job that are there, the innermost first. */
export function hooksOf(holder: Hooks): readonly { readonly name: HookName; readonly step: StepConfig }[] {
  return HOOKS.flatMap((name) => {
    const step = holder[name];
    return step === undefined ? [] : [{ name, step }];
  });
}

/** Every step below a step or a job, itself included: depth first, a step before what it holds, hooks behind it. */
export function allSteps(holder: StepConfig | JobConfig): readonly StepConfig[] {
  const found: StepConfig[] = [];
  collectSteps(holder, found);
  return found;
}

function collectSteps(holder: StepConfig | JobConfig, found: StepConfig[]): void {
  if ('plan' in holder) {
    for (const step of holder.plan ?? []) collectSteps(step, found);
  } else {
    found.push(holder);
    for (const step of innerSteps(holder)) collectSteps(step, found);
  }
  for (const name of HOOKS) {
    const step = holder[name];
    if (step !== undefined) collectSteps(step, found);
  }
}
