/**
 * The facade over the Kubernetes API. `@kubernetes/client-node` gives its types, not its code: its REST client hands
 * every fetch of the process to its own copy of undici, its watch swallows errors and its exec loses data.
 */
import { systemClock, type Clock } from './clock.ts';
import { openConnection, type ApiConnection } from './auth/connection.ts';
import { ApiError } from './errors.ts';
import { execStream, type ExecTuning } from './exec/exec.ts';
import { selectCluster, type KubeconfigOptions } from './auth/kubeconfig.ts';
import type { PodList } from './pod-state.ts';
import { RestClient } from './rest.ts';
import type { RestCall } from './transport.ts';
import type { LoginNotice } from './login-output.ts';
import type {
  AccessAnswer,
  AccessQuestion,
  ByteSink,
  Cluster,
  ClusterTarget,
  CoreV1Event,
  DeleteOptions,
  ExecRequest,
  ExecResult,
  PodChange,
  V1PersistentVolumeClaim,
  V1Pod,
  V1Secret,
} from './types.ts';
import { watchPods, type PodSource } from './watch.ts';

/** Which cluster to open, and how. */
export interface OpenClusterOptions extends KubeconfigOptions {
  /**
   * False in a workspace that the user has not trusted: a kubeconfig that starts a program is refused. Default true.
   */
  readonly trusted?: boolean | undefined;
  /** Told what a login program says to a person (a page to open, a code to enter), line by line as it comes. */
  readonly onLogin?: ((notice: LoginNotice) => void) | undefined;
  /** Closes the cluster's connections when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Milliseconds for one REST call; default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** How exec streams are paced and when a silent one counts as dead; the defaults suit real networks. */
  readonly exec?: Partial<ExecTuning> | undefined;
}

/**
 * Opens the cluster that kubectl would talk to with the same kubeconfig and environment. Nothing is sent yet:
 * `version()` proves that it works.
 * @throws {KubeconfigError} when the kubeconfig does not lead to a cluster
 * @throws {CredentialError} when its user cannot be logged in, as far as that can be known without asking
 */
export async function openCluster(options: OpenClusterOptions = {}): Promise<Cluster> {
  options.signal?.throwIfAborted();
  const clock = options.clock ?? systemClock;
  const selected = await selectCluster(options);
  const connection = await openConnection(selected, {
    env: options.env ?? process.env,
    trusted: options.trusted ?? true,
    clock,
    onLogin: options.onLogin,
  });
  const rest = new RestClient(connection, { clock, timeoutMs: options.timeoutMs });
  return new KubeCluster(connection, rest, clock, options.exec ?? {}, options.signal);
}

class KubeCluster implements Cluster {
  readonly target: ClusterTarget;
  readonly #connection: ApiConnection;
  readonly #rest: RestClient;
  readonly #clock: Clock;
  readonly #tuning: Partial<ExecTuning>;
  readonly #signal: AbortSignal | undefined;

  constructor(
    connection: ApiConnection,
    rest: RestClient,
    clock: Clock,
    tuning: Partial<ExecTuning>,
    signal: AbortSignal | undefined,
  ) {
    this.target = connection.target;
    this.#connection = connection;
    this.#rest = rest;
    this.#clock = clock;
    this.#tuning = tuning;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#close, { once: true });
  }

  async version(signal?: AbortSignal): Promise<string> {
    const call: RestCall = { method: 'GET', path: '/version', verb: 'get', resource: 'version' };
    const { gitVersion } = await this.#rest.json<{ gitVersion?: unknown }>(withSignal(call, signal));
    if (typeof gitVersion === 'string') return gitVersion;
    const message = `${this.target.server} answered without a version. Is it the address of an API server?`;
    throw new ApiError({ code: 'EBADBODY', message, verb: 'get', resource: 'version' });
  }

  async createPod(pod: V1Pod, signal?: AbortSignal): Promise<V1Pod> {
    return await this.#create('pods', 'Pod', pod, signal);
  }

  async getPod(name: string, signal?: AbortSignal): Promise<V1Pod | undefined> {
    return await this.#get('pods', name, signal);
  }

  async listPods(labelSelector: string, signal?: AbortSignal): Promise<V1Pod[]> {
    const { items } = await this.#list<V1Pod>('pods', { labelSelector }, signal);
    return items;
  }

  async deletePod(name: string, options: DeleteOptions = {}): Promise<void> {
    const { gracePeriodSeconds, uid, signal } = options;
    const preconditions = uid === undefined ? undefined : { uid };
    // A conflict with the precondition: the name belongs to another pod by now, so ours is gone.
    const gone = uid === undefined ? [404] : [404, 409];
    await this.#delete('pods', name, { gracePeriodSeconds, preconditions }, gone, signal);
  }

  async createSecret(secret: V1Secret, signal?: AbortSignal): Promise<V1Secret> {
    return await this.#create('secrets', 'Secret', secret, signal);
  }

  async deleteSecret(name: string, signal?: AbortSignal): Promise<void> {
    await this.#delete('secrets', name, {}, [404], signal);
  }

  async getClaim(name: string, signal?: AbortSignal): Promise<V1PersistentVolumeClaim | undefined> {
    return await this.#get('persistentvolumeclaims', name, signal);
  }

  async createClaim(claim: V1PersistentVolumeClaim, signal?: AbortSignal): Promise<V1PersistentVolumeClaim> {
    return await this.#create('persistentvolumeclaims', 'PersistentVolumeClaim', claim, signal);
  }

  async listEvents(uid: string, signal?: AbortSignal): Promise<CoreV1Event[]> {
    const query = { fieldSelector: `involvedObject.uid=${uid}` };
    const list = await unless([403], () => this.#list<CoreV1Event>('events', query, signal));
    return (list?.items ?? []).toSorted((a, b) => eventTime(a) - eventTime(b));
  }

  async podLog(
    pod: string,
    container: string,
    options: { readonly tailLines?: number; readonly previous?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<string> {
    const { tailLines, previous, signal } = options;
    const path = `${this.#path('pods', pod)}/log`;
    const call: RestCall = {
      method: 'GET',
      path,
      query: { container, tailLines, previous },
      verb: 'get',
      resource: 'pods/log',
    };
    return await this.#rest.text(withSignal(call, signal));
  }

  async followLog(pod: string, container: string, sink: ByteSink, signal: AbortSignal): Promise<void> {
    const path = `${this.#path('pods', pod)}/log`;
    const query = { container, follow: true };
    const response = await this.#rest.open({ method: 'GET', path, query, verb: 'get', resource: 'pods/log', signal });
    for await (const chunk of response as AsyncIterable<Uint8Array>) await sink(chunk);
    signal.throwIfAborted();
  }

  async accessReview(questions: readonly AccessQuestion[], signal?: AbortSignal): Promise<AccessAnswer[]> {
    return await Promise.all(questions.map((question) => this.#review(question, signal)));
  }

  watchPod(name: string, signal?: AbortSignal): AsyncIterable<PodChange> {
    return this.#watch({ fieldSelector: `metadata.name=${name}` }, true, signal);
  }

  watchPods(labelSelector: string, signal?: AbortSignal): AsyncIterable<PodChange> {
    return this.#watch({ labelSelector }, false, signal);
  }

  async exec(request: ExecRequest): Promise<ExecResult> {
    return await execStream(this.#connection, { ...request, namespace: this.target.namespace }, this.#tuning);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    return Promise.resolve();
  }

  readonly #close = () => {
    this.#signal?.removeEventListener('abort', this.#close);
    this.#rest[Symbol.dispose]();
    this.#connection[Symbol.dispose]();
  };

  #path(resource: string, name?: string): string {
    const collection = `/api/v1/namespaces/${encodeURIComponent(this.target.namespace)}/${resource}`;
    return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
  }

  async #get<T>(resource: string, name: string, signal: AbortSignal | undefined): Promise<T | undefined> {
    const call: RestCall = { method: 'GET', path: this.#path(resource, name), verb: 'get', resource };
    return await unless([404], () => this.#rest.json<T>(withSignal(call, signal)));
  }

  async #create<T extends object>(
    resource: string,
    kind: string,
    object: T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const body = Object.assign({ apiVersion: 'v1', kind }, object);
    const call: RestCall = { method: 'POST', path: this.#path(resource), body, verb: 'create', resource };
    return await this.#rest.json<T>(withSignal(call, signal));
  }

  async #list<T>(
    resource: string,
    query: NonNullable<RestCall['query']>,
    signal: AbortSignal | undefined,
  ): Promise<ObjectList<T>> {
    const call: RestCall = { method: 'GET', path: this.#path(resource), query, verb: 'list', resource };
    return await this.#rest.json<ObjectList<T>>(withSignal(call, signal));
  }

  async #delete(
    resource: string,
    name: string,
    options: object,
    gone: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options };
    const call: RestCall = { method: 'DELETE', path: this.#path(resource, name), body, verb: 'delete', resource };
    await unless(gone, () => this.#rest.text(withSignal(call, signal)));
  }

  async #review(question: AccessQuestion, signal: AbortSignal | undefined): Promise<AccessAnswer> {
    const [resource, subresource] = question.resource.split('/');
    const { verb, group } = question;
    const attributes = { namespace: this.target.namespace, verb, group, resource, subresource };
    const call: RestCall = {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: attributes },
      },
      verb: 'create',
      resource: 'selfsubjectaccessreviews',
    };
    // A question changes nothing: it may be asked again.
    const { status } = await this.#rest.json<{ status?: { allowed?: boolean; reason?: string } }>(
      withSignal(call, signal),
      true,
    );
    return { ...question, allowed: status?.allowed === true, ...(status?.reason ? { reason: status.reason } : {}) };
  }

  #watch(query: NonNullable<RestCall['query']>, single: boolean, signal?: AbortSignal): AsyncIterable<PodChange> {
    const source: PodSource = {
      list: async (ends): Promise<PodList> => {
        const { items, metadata } = await this.#list<V1Pod>('pods', query, ends);
        return { items, resourceVersion: metadata?.resourceVersion ?? '' };
      },
      stream: async (resourceVersion, timeoutSeconds, ends) => {
        const watch = { ...query, watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
        return await this.#rest.open({
          method: 'GET',
          path: this.#path('pods'),
          query: watch,
          verb: 'watch',
          resource: 'pods',
          signal: ends,
        });
      },
    };
    return watchPods(source, { clock: this.#clock, single, ...(signal === undefined ? {} : { signal }) });
  }
}

/** The answer of a list call, as far as it is used. */
interface ObjectList<T> {
  readonly items: T[];
  readonly metadata?: { readonly resourceVersion?: string };
}

function withSignal(call: RestCall, signal: AbortSignal | undefined): RestCall {
  return signal === undefined ? call : { ...call, signal };
}

/** Undefined instead of an error, where the server's answer is one of these. */
async function unless<T>(codes: readonly number[], call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ApiError && codes.some((code) => code === error.code)) return undefined;
    throw error;
  }
}

/** Milliseconds since the epoch. Events of the older kind have `lastTimestamp`, those of the newer one `eventTime`. */
function eventTime(event: CoreV1Event): number {
  const time = event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? event.metadata.creationTimestamp;
  return time === undefined ? 0 : Date.parse(time);
}
