/**
 * What the rest of the runner knows of Kubernetes. Only the files of this folder talk to an API server. Of
 * `@kubernetes/client-node` only the types are used, and everybody has them from this file (docs/adr/0001-types-only-client-node.md).
 */
import type { RequestOptions } from 'node:https';
import type * as client from '@kubernetes/client-node';

/**
 * A generated class as what really crosses the wire: plain JSON, no instance with methods, and times as text
 * (RFC 3339), where client-node's types promise a `Date`.
 */
type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

export type CoreV1Event = Wire<client.CoreV1Event>;
export type V1Container = Wire<client.V1Container>;
export type V1ContainerStatus = Wire<client.V1ContainerStatus>;
export type V1EnvVar = Wire<client.V1EnvVar>;
export type V1PersistentVolumeClaim = Wire<client.V1PersistentVolumeClaim>;
export type V1Pod = Wire<client.V1Pod>;
export type V1PodSpec = Wire<client.V1PodSpec>;
export type V1Secret = Wire<client.V1Secret>;
export type V1SecurityContext = Wire<client.V1SecurityContext>;
export type V1Volume = Wire<client.V1Volume>;
export type V1VolumeMount = Wire<client.V1VolumeMount>;

/** Which cluster a call goes to, as a person names it. */
export interface ClusterTarget {
  /** Context name of the kubeconfig, or `in-cluster`. */
  readonly context: string;
  /** Base URL of the API server. */
  readonly server: string;
  readonly namespace: string;
}

/** A sink for bytes. While the returned promise is pending the sender is held back (backpressure). */
export type ByteSink = (chunk: Uint8Array) => void | Promise<void>;

/** How an object is deleted. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  /** Only this one, and no other that has its name meanwhile. */
  readonly uid?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecRequest {
  readonly pod: string;
  readonly container: string;
  /** argv. It travels in the URL: keep it below 4 KiB and free of secrets; long scripts go through stdin. */
  readonly command: readonly string[];
  /**
   * Bytes for the remote's standard input. On v5 the stream is half-closed after the last byte; v4 servers cannot,
   * so every remote script of ours reads an announced number of bytes and ends by itself.
   */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  readonly stdout?: ByteSink | undefined;
  readonly stderr?: ByteSink | undefined;
  readonly tty?: boolean | undefined;
  /** Terminal sizes, for a tty: each value is sent on the resize channel. */
  readonly resize?: AsyncIterable<{ readonly columns: number; readonly rows: number }> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ExecResult {
  /** The exit code that the server's status frame reports. A stream without that frame rejects with `ExecError` LOST. */
  readonly exitCode: number;
}

/**
 * `LOST`: the stream ended without a status. `STALLED`: no sign of life. `TIMEOUT`: no answer to the handshake.
 * `REFUSED`: the server answered with an HTTP error instead of an upgrade. `CONNECT`: no connection.
 * `ABORTED`: the caller's signal. `OTHER_POD`: it came to another pod of the same name (`pod/pod-shell.ts`).
 */
export type ExecErrorCode = 'LOST' | 'STALLED' | 'TIMEOUT' | 'REFUSED' | 'CONNECT' | 'ABORTED' | 'OTHER_POD';

export interface PodChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly pod: V1Pod;
}

/** One question of a SelfSubjectAccessReview. */
export interface AccessQuestion {
  readonly verb: string;
  /** `pods`, or with a subresource `pods/exec`. */
  readonly resource: string;
  readonly group?: string;
}

export interface AccessAnswer extends AccessQuestion {
  readonly allowed: boolean;
  readonly reason?: string;
}

/**
 * The facade over the Kubernetes API. All calls are in `target.namespace`. Failed calls reject with `ApiError`
 * (errors.ts); connection trouble, expired credentials and 429/5xx answers are retried inside where that is safe.
 */
export interface Cluster extends AsyncDisposable {
  readonly target: ClusterTarget;
  /** `gitVersion` of the server, e.g. `v1.31.2`. The cheapest call that proves address, TLS and credentials. */
  version(signal?: AbortSignal): Promise<string>;
  createPod(pod: V1Pod, signal?: AbortSignal): Promise<V1Pod>;
  /** Undefined when there is no such pod. */
  getPod(name: string, signal?: AbortSignal): Promise<V1Pod | undefined>;
  listPods(labelSelector: string, signal?: AbortSignal): Promise<V1Pod[]>;
  /** Deleting what is gone already, or what has another uid by now, is no error. */
  deletePod(name: string, options?: DeleteOptions): Promise<void>;
  createSecret(secret: V1Secret, signal?: AbortSignal): Promise<V1Secret>;
  deleteSecret(name: string, signal?: AbortSignal): Promise<void>;
  getClaim(name: string, signal?: AbortSignal): Promise<V1PersistentVolumeClaim | undefined>;
  createClaim(claim: V1PersistentVolumeClaim, signal?: AbortSignal): Promise<V1PersistentVolumeClaim>;
  /** Events about one object, oldest first; empty when the account may not read events. */
  listEvents(uid: string, signal?: AbortSignal): Promise<CoreV1Event[]>;
  podLog(
    pod: string,
    container: string,
    options?: { readonly tailLines?: number; readonly previous?: boolean; readonly signal?: AbortSignal },
  ): Promise<string>;
  /**
   * Streams a container's log from its first byte, until the container ends (resolves) or the signal (rejects). A log
   * whose connection breaks is not taken up again: its missing end can be read with `podLog`.
   */
  followLog(pod: string, container: string, sink: ByteSink, signal: AbortSignal): Promise<void>;
  accessReview(questions: readonly AccessQuestion[], signal?: AbortSignal): Promise<AccessAnswer[]>;
  /**
   * The pod as it is now, then each change, until the consumer stops or the pod is DELETED. Survives closed
   * watches, 410, silent streams (an independent GET every 30 s); ends with an error only when the API is
   * refused (401/403) or stays unreachable.
   */
  watchPod(name: string, signal?: AbortSignal): AsyncIterable<PodChange>;
  watchPods(labelSelector: string, signal?: AbortSignal): AsyncIterable<PodChange>;
  exec(request: ExecRequest): Promise<ExecResult>;
}

/**
 * An authenticated way to one API server, made from a kubeconfig. REST, watch and exec all ask it for options
 * anew for each connection, so that rotated credentials take effect at once.
 */
export interface Connection {
  readonly target: ClusterTarget;
  /**
   * Options for `node:https`/`ws`: TLS material (`ca`, `cert`, `key`, `servername`, `rejectUnauthorized`),
   * `headers` with credentials and impersonation, and an `agent` where kubeconfig or environment name a proxy.
   */
  requestOptions(signal?: AbortSignal): Promise<RequestOptions>;
  /** After a 401: forget cached credentials. True when asking again can give other ones (exec plugin, token file, OIDC). */
  refresh(): Promise<boolean>;
}
