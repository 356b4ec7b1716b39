/** What a task says, in the shape of upstream's JSON (concourse/concourse atc/task.go). */
import { configJson } from '../text/config-json.ts';

/** Any JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A mapping of JSON values. */
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Generations of Concourse's decoder: `current` is 8.1 and later, `8.0`, `5.5` stands for 5.5 to 7.x. */
export type Target = 'current' | '8.0' | '5.5';

/** All generations, newest first. */
export const TARGETS: readonly Target[] = ['current', '8.0', '5.5'];

/** Where the image of a task comes from. */
export interface ImageResource {
  readonly name: string;
  readonly type: string;
  readonly source: JsonObject | null;
  readonly params?: JsonObject;
  readonly version?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/** Limits as upstream's uint64; see `taskLimits` for what they mean on Kubernetes. */
export interface ContainerLimits {
  /** CPU shares. */
  readonly cpu?: bigint;
  /** Bytes. */
  readonly memory?: bigint;
}

/** The command. An empty `path` means the image's entrypoint. */
export interface RunConfig {
  readonly path: string;
  readonly args?: readonly string[];
  readonly dir?: string;
  readonly user?: string;
}

/** An artifact that the task needs. */
export interface InputConfig {
  readonly name: string;
  readonly path?: string;
  readonly optional?: boolean;
}

/** A directory that the task fills. */
export interface OutputConfig {
  readonly name: string;
  readonly path?: string;
}

/** A directory kept between runs. */
export interface CacheConfig {
  readonly path?: string;
  /** Go duration of at least one second. */
  readonly ttl?: string;
}

/** A decoded task. Parts that are wrong have their zero value; empty parts are left out. */
export interface TaskConfig {
  readonly platform?: string;
  readonly rootfs_uri?: string;
  readonly image_resource?: ImageResource;
  readonly container_limits?: ContainerLimits;
  readonly params?: Readonly<Record<string, string>>;
  readonly run: RunConfig;
  readonly inputs?: readonly InputConfig[];
  readonly outputs?: readonly OutputConfig[];
  readonly caches?: readonly CacheConfig[];
}

/**
 * A task as the JSON text that upstream's `json.Marshal` gives; uint64 limits keep every digit.
 */
export function taskConfigJson(config: TaskConfig): string {
  return configJson(config);
}
