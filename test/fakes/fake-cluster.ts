/**
 * A `Cluster` in memory, for tests of all that stands on one: it keeps objects, tells watchers of changes, records
 * every call in order, runs exec handlers instead of commands, and fails where a test wants it to.
 */
import { ApiError } from '#internal/runner/src/cluster/errors.ts';
import { otherPodExitCode, otherPodWords } from '#internal/runner/src/supervisor/other-pod.ts';
import { podOf, scriptOf } from './exec-script.ts';
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
} from '#internal/runner/src/cluster/types.ts';

/** One recorded call: the method, the object it was about, and for exec its container and argv. */
export interface FakeCall {
  readonly method: Exclude<keyof Cluster, 'target' | symbol>;
  readonly name: string;
  readonly container?: string;
  readonly command?: readonly string[];
}

/** Stands for a command: reads stdin, writes to the sinks, answers with the exit code. May throw an `ExecError`. */
export type ExecHandler = (request: ExecRequest) => number | Promise<number>;

/** Called when a pod was created; plays its life with `patchPod`. */
export type PodScript = (pod: V1Pod, cluster: FakeCluster) => void | Promise<void>;

/** A part of a pod's status, spec or metadata to put in place; statuses and conditions replace the whole list. */
export interface PodPatch {
  readonly status?: object;
  readonly spec?: object;
  readonly metadata?: object;
}

type Injected = Error | (() => Error | undefined);

export class FakeCluster implements Cluster {
  readonly target: ClusterTarget = { context: 'fake', server: 'https://fake.example:6443', namespace: 'ci' };
  readonly calls: FakeCall[] = [];
  readonly secrets = new Map<string, V1Secret>();
  readonly claims = new Map<string, V1PersistentVolumeClaim>();
  /** Questions that `accessReview` answers with no, as `verb resource`. */
  readonly denied = new Set<string>();
  podScript: PodScript | undefined;
  /** How many execs by its name the containers of a deleted pod still answer: the kubelet ends them in its own time. */
  linger = 0;
  /** Which pod each exec has come to, by uid, and what it ran there. */
  readonly reached: { readonly uid: string; readonly container: string; readonly script: string }[] = [];
  disposed = false;
  readonly #pods = new Map<string, V1Pod>();
  /** Pods whose containers run, by name, oldest first; of a deleted one, how many execs it still answers. */
  readonly #running = new Map<string, { readonly uid: string; left?: number }[]>();
  readonly #watchers = new Set<(change: PodChange) => void>();
  readonly #handlers: { readonly container: string; readonly handler: ExecHandler }[] = [];
  readonly #logs = new Map<string, string>();
  readonly #events = new Map<string, CoreV1Event[]>();
  readonly #failures = new Map<string, Injected[]>();
  #version = 0;

  /** The next call of this method fails with `error`; a function is asked for each call until it gives none. */
  failNext(method: FakeCall['method'], error: Injected): this {
    this.#failures.set(method, [...(this.#failures.get(method) ?? []), error]);
    return this;
  }

  /** Commands in this container are played by `handler`; later ones come first, `*` stands for every container. */
  onExec(container: string, handler: ExecHandler): this {
    this.#handlers.unshift({ container, handler });
    return this;
  }

  setLog(pod: string, container: string, text: string): this {
    this.#logs.set(`${pod}/${container}`, text);
    return this;
  }

  /** Adds an event about the object with this uid. */
  addEvent(uid: string, reason: string, message: string, fieldPath?: string): this {
    const event = merge<CoreV1Event>(undefined, {
      metadata: { name: `event-${++this.#version}` },
      involvedObject: { uid, ...(fieldPath === undefined ? {} : { fieldPath }) },
      reason,
      message,
    });
    this.#events.set(uid, [...(this.#events.get(uid) ?? []), event]);
    return this;
  }

  /** Changes a pod and tells the watchers. */
  patchPod(name: string, patch: PodPatch): V1Pod {
    const old = this.#pods.get(name);
    if (old === undefined) throw new Error(`the fake cluster has no pod ${name}`);
    const pod = this.#versioned(
      merge(old, {
        metadata: merge(old.metadata, patch.metadata),
        spec: merge(old.spec, patch.spec),
        status: merge(old.status, patch.status),
      }),
    );
    this.#pods.set(name, pod);
    this.#notify({ type: 'MODIFIED', pod });
    return pod;
  }

  /** Takes a pod away as somebody else's `kubectl delete` would. */
  removePod(name: string): void {
    const pod = this.#pods.get(name);
    if (pod === undefined) return;
    this.#pods.delete(name);
    const running = this.#running.get(name)?.find(({ uid }) => uid === pod.metadata?.uid);
    if (running) running.left = this.linger;
    this.#notify({ type: 'DELETED', pod });
  }

  /** Puts a pod on a node and its containers into the running state. */
  startPod(name: string, node = 'node-1'): V1Pod {
    const pod = this.#pods.get(name);
    const startedAt = new Date(0);
    const running = (pod?.spec?.containers ?? []).map((container) => ({
      name: container.name,
      image: container.image ?? '',
      imageID: '',
      ready: true,
      restartCount: 0,
      state: { running: { startedAt } },
    }));
    const init = (pod?.spec?.initContainers ?? []).map((container) => ({
      name: container.name,
      image: container.image ?? '',
      imageID: '',
      ready: true,
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed', startedAt, finishedAt: startedAt } },
    }));
    return this.patchPod(name, {
      spec: { nodeName: node },
      status: { phase: 'Running', initContainerStatuses: init, containerStatuses: running },
    });
  }

  /** Names of the pods that are there. */
  get podNames(): string[] {
    return [...this.#pods.keys()];
  }

  /** Watches that are open. */
  get watching(): number {
    return this.#watchers.size;
  }

  async version(signal?: AbortSignal): Promise<string> {
    this.#call('version', '', signal);
    return await Promise.resolve('v1.31.0');
  }

  async createPod(pod: V1Pod, signal?: AbortSignal): Promise<V1Pod> {
    const name = pod.metadata?.name ?? `${pod.metadata?.generateName ?? 'pod-'}${++this.#version}`;
    this.#call('createPod', name, signal);
    if (this.#pods.has(name)) {
      throw this.#answer(409, 'AlreadyExists', `pods "${name}" already exists`, 'create', 'pods');
    }
    const before = this.#running.get(name) ?? [];
    const uid = before.length === 0 ? `uid-${name}` : `uid-${name}-${before.length + 1}`;
    this.#running.set(name, [...before, { uid }]);
    const metadata = merge(pod.metadata, { name, namespace: this.target.namespace, uid });
    const created = this.#versioned(merge(pod, { metadata, status: { phase: 'Pending' } }));
    this.#pods.set(name, created);
    this.#notify({ type: 'ADDED', pod: created });
    await this.podScript?.(created, this);
    return created;
  }

  async getPod(name: string, signal?: AbortSignal): Promise<V1Pod | undefined> {
    this.#call('getPod', name, signal);
    return await Promise.resolve(this.#pods.get(name));
  }

  async listPods(labelSelector: string, signal?: AbortSignal): Promise<V1Pod[]> {
    this.#call('listPods', labelSelector, signal);
    return await Promise.resolve([...this.#pods.values()].filter((pod) => matches(pod, labelSelector)));
  }

  async deletePod(name: string, options: DeleteOptions = {}): Promise<void> {
    this.#call('deletePod', name, options.signal);
    const uid = this.#pods.get(name)?.metadata?.uid;
    if (options.uid === undefined || options.uid === uid) this.removePod(name);
    await Promise.resolve();
  }

  async createSecret(secret: V1Secret, signal?: AbortSignal): Promise<V1Secret> {
    const name = secret.metadata?.name ?? '';
    this.#call('createSecret', name, signal);
    this.secrets.set(name, secret);
    return await Promise.resolve(secret);
  }

  async deleteSecret(name: string, signal?: AbortSignal): Promise<void> {
    this.#call('deleteSecret', name, signal);
    this.secrets.delete(name);
    await Promise.resolve();
  }

  async getClaim(name: string, signal?: AbortSignal): Promise<V1PersistentVolumeClaim | undefined> {
    this.#call('getClaim', name, signal);
    return await Promise.resolve(this.claims.get(name));
  }

  async createClaim(claim: V1PersistentVolumeClaim, signal?: AbortSignal): Promise<V1PersistentVolumeClaim> {
    const name = claim.metadata?.name ?? '';
    this.#call('createClaim', name, signal);
    this.claims.set(name, claim);
    return await Promise.resolve(claim);
  }

  async listEvents(uid: string, signal?: AbortSignal): Promise<CoreV1Event[]> {
    this.#call('listEvents', uid, signal);
    return await Promise.resolve(this.#events.get(uid) ?? []);
  }

  async podLog(
    pod: string,
    container: string,
    options: { readonly tailLines?: number; readonly previous?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<string> {
    this.#call('podLog', pod, options.signal, { container });
    const lines = (this.#logs.get(`${pod}/${container}`) ?? '').split('\n');
    return await Promise.resolve(lines.slice(-(options.tailLines ?? lines.length)).join('\n'));
  }

  /** The log that `setLog` put there, as a container that has ended has it. */
  async followLog(pod: string, container: string, sink: ByteSink, signal: AbortSignal): Promise<void> {
    this.#call('followLog', pod, signal, { container });
    const text = this.#logs.get(`${pod}/${container}`);
    if (text !== undefined) await sink(Buffer.from(text));
  }

  async accessReview(questions: readonly AccessQuestion[], signal?: AbortSignal): Promise<AccessAnswer[]> {
    this.#call('accessReview', '', signal);
    return await Promise.resolve(
      questions.map((question) => ({
        ...question,
        allowed: !this.denied.has(`${question.verb} ${question.resource}`),
      })),
    );
  }

  watchPod(name: string, signal?: AbortSignal): AsyncIterable<PodChange> {
    this.#call('watchPod', name, signal);
    return this.#watch((pod) => pod.metadata?.name === name, true, signal);
  }

  watchPods(labelSelector: string, signal?: AbortSignal): AsyncIterable<PodChange> {
    this.#call('watchPods', labelSelector, signal);
    return this.#watch((pod) => matches(pod, labelSelector), false, signal);
  }

  async exec(request: ExecRequest): Promise<ExecResult> {
    this.#call('exec', request.pod, request.signal, { container: request.container, command: request.command });
    const found = this.#handlers.find(({ container }) => container === '*' || container === request.container);
    if (found === undefined) throw new Error(`the fake cluster has no exec handler for container ${request.container}`);
    const uid = this.#oldest(request.pod);
    const wanted = podOf(request.command);
    if (uid !== undefined && wanted !== undefined && wanted !== uid) {
      await (request.tty ? request.stdout : request.stderr)?.(
        Buffer.from(`${otherPodWords}this is ${uid}, not ${wanted}\n`),
      );
      return { exitCode: otherPodExitCode };
    }
    const [script = 'probe'] = scriptOf(request.command);
    this.reached.push({ uid: uid ?? '', container: request.container, script });
    return { exitCode: await found.handler(request) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    await Promise.resolve();
  }

  /** As the kubelet finds it: the oldest pod of this name whose containers have not ended. Undefined: none was ever made. */
  #oldest(name: string): string | undefined {
    const living = this.#running.get(name)?.find(({ left }) => left === undefined || left > 0);
    if (living?.left !== undefined) living.left -= 1;
    return living?.uid;
  }

  #call(method: FakeCall['method'], name: string, signal?: AbortSignal, more: Partial<FakeCall> = {}): void {
    signal?.throwIfAborted();
    this.calls.push({ method, name, ...more });
    const [next, ...rest] = this.#failures.get(method) ?? [];
    if (next === undefined) return;
    const error = typeof next === 'function' ? next() : next;
    if (typeof next !== 'function' || error === undefined) this.#failures.set(method, rest);
    if (error !== undefined) throw error;
  }

  #answer(code: number, reason: string, message: string, verb: string, resource: string): ApiError {
    return new ApiError({ code, reason, message, verb, resource });
  }

  #versioned(pod: V1Pod): V1Pod {
    return merge(pod, { metadata: merge(pod.metadata, { resourceVersion: String(++this.#version) }) });
  }

  #notify(change: PodChange): void {
    for (const watcher of this.#watchers) watcher(change);
  }

  async *#watch(wanted: (pod: V1Pod) => boolean, one: boolean, signal?: AbortSignal): AsyncGenerator<PodChange> {
    const queue: PodChange[] = [...this.#pods.values()].filter(wanted).map((pod) => ({ type: 'ADDED', pod }));
    let wake: (() => void) | undefined;
    const watcher = (change: PodChange): void => {
      if (!wanted(change.pod)) return;
      queue.push(change);
      wake?.();
    };
    const onAbort = (): void => wake?.();
    this.#watchers.add(watcher);
    signal?.addEventListener('abort', onAbort);
    try {
      for (;;) {
        const change = queue.shift();
        if (signal?.aborted === true) return;
        if (change !== undefined) {
          yield change;
          if (one && change.type === 'DELETED') return;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.#watchers.delete(watcher);
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

/** A copy of `base` with the fields of `patch` put in place. The library's types are classes; its objects are plain. */
function merge<T extends object>(base: T | undefined, patch: object | undefined): T {
  return Object.assign(structuredClone(base ?? {}), patch) as T;
}

/** Equality selectors only: `a=b,c=d`, `a`. */
function matches(pod: V1Pod, selector: string): boolean {
  const labels = pod.metadata?.labels ?? {};
  return selector.split(',').every((term) => {
    const [name = '', value] = term.split('=');
    return value === undefined ? name in labels : labels[name] === value;
  });
}
