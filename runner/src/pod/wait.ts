/** Waiting until a pod is where a run needs it, or knowing soon why it will not get there. */
import { backoff, systemClock, type Clock } from '../cluster/clock.ts';
import type { Cluster, CoreV1Event, V1Pod } from '../cluster/types.ts';
import {
  failure as makeFailure,
  failureFromApi,
  failureFromPod,
  podDeleted,
  RunFailureError,
  type FailureContext,
  type PodWaiting,
  type RunFailure,
} from '../failures/index.ts';
import { passingOf } from '../failures/passing.ts';
import { inspectClaim } from './claim-state.ts';
import { PhaseTeller, type PodPhase } from './phases.ts';

export type { PodPhase } from './phases.ts';

/** All times are milliseconds. */
export interface WaitOptions {
  /**
   * When the wait is over. `main-and-helper-running`: these two run, and each sidecar has been started. Containers, not
   * the pod's phase: that is `Running` as soon as any of them runs.
   */
  readonly until: ((pod: V1Pod) => boolean) | 'main-and-helper-running';
  /** From a node being found to `until`; default 10 min. */
  readonly startupTimeoutMs?: number | undefined;
  /** Until a node is found; default 15 min, so that an autoscaler can add one. */
  readonly schedulingTimeoutMs?: number | undefined;
  /** How long failing image pulls may be retried; default 60 s, and 15 s when the registry refuses. */
  readonly imagePullGraceMs?: number | undefined;
  /** The store's claim, if the pod mounts it: looked at when the pod does not get a node. */
  readonly claim?: string | undefined;
  /** Names of the pod's own containers: those that others have added are not waited for, and end nothing. */
  readonly containers?: readonly string[] | undefined;
  /** Name of the task's container, default `main`. */
  readonly main?: string | undefined;
  /** Called for each step of the pod's start, once per step, in order. */
  readonly onPhase?: ((phase: PodPhase) => void) | undefined;
  /** Called when the pod begins to wait for something, and when what it waits for changes. */
  readonly onWaiting?: ((waiting: PodWaiting) => void) | undefined;
  /** True while the pod waits for something that this client does in it: that time counts against no limit. */
  readonly isHeldBack?: (() => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** A pod that does not move for so long is looked at through its events. */
const QUIET_MS = 3_000;
/** Between two reads of the events. */
const EVENTS_EVERY_MS = 10_000;
/** A registry or the way to it may be down for a moment. */
const PULL_GRACE_MS = 60_000;
/** Who is refused twice (the kubelet tries again after 10 s) stays refused. */
const DENIED_GRACE_MS = 15_000;
const LOG_LINES = 20;

/**
 * Waits until the pod is where `until` wants it.
 *
 * @returns the pod as it is then
 * @throws {RunFailureError} as soon as it is known that it will not get there, or when a limit has passed
 * @throws the reason of `signal`, when it is aborted
 */
export async function waitForPod(cluster: Cluster, podName: string, options: WaitOptions): Promise<V1Pod> {
  options.signal?.throwIfAborted();
  const ended = new AbortController();
  const wait = new PodWait(cluster, podName, options);
  const onAbort = (): void => {
    wait.fail(options.signal?.reason);
    ended.abort(options.signal?.reason);
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    void wait.watch(ended.signal);
    return await wait.result(ended.signal);
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    ended.abort();
  }
}

/** Main and helper run, and no sidecar is still to come. */
function allStarted(pod: V1Pod, main: string, own?: readonly string[]): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  const expected = (pod.spec?.containers ?? [])
    .map((container) => container.name)
    .filter((name) => own?.includes(name) ?? true);
  return expected.every((name) => {
    const state = statuses.find((status) => status.name === name)?.state;
    const waits = name === main || name === 'artifact-helper';
    return state?.running !== undefined || (!waits && state?.terminated !== undefined);
  });
}

class PodWait {
  readonly #cluster: Cluster;
  readonly #name: string;
  readonly #options: WaitOptions;
  readonly #clock: Clock;
  readonly #phases: PhaseTeller;
  readonly #begin: number;
  readonly #context: FailureContext;
  #pod: V1Pod | undefined;
  #deleted = false;
  #broken: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  /** Counts what has changed. */
  #news = 0;
  #changedAt: number;
  #scheduledAt: number | undefined;
  #events: readonly CoreV1Event[] = [];
  #eventsAt = Number.NEGATIVE_INFINITY;
  /** Since when the pod waits for each kind of thing. */
  readonly #waitingSince = new Map<PodWaiting['patience'], number>();
  #lastWaiting: PodWaiting | undefined;
  /** What the pod waits for now; empty when it waits for nothing. */
  #told = '';
  /** Causes that `onWaiting` was told of. */
  readonly #toldCauses = new Set<string>();
  /** Why the events could not be read. */
  #lastEventError: string | undefined;

  constructor(cluster: Cluster, name: string, options: WaitOptions) {
    this.#cluster = cluster;
    this.#name = name;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#begin = this.#changedAt = this.#clock.now();
    this.#phases = new PhaseTeller(
      (phase) => options.onPhase?.(phase),
      () => this.#clock.now(),
    );
    const { context, server, namespace } = cluster.target;
    this.#context = {
      context,
      server,
      namespace,
      pod: name,
      claim: options.claim,
      main: options.main,
      containers: options.containers,
    };
  }

  /** Follows the pod until the signal. Never rejects: what goes wrong is found by `result`. */
  async watch(signal: AbortSignal): Promise<void> {
    for (let failures = 0; ; failures++) {
      try {
        await this.#follow(signal);
        return;
      } catch (error) {
        // A watch has been patient itself; what a further one may mend is left to the limits of the start.
        if (signal.aborted || passingOf(error) !== 'away') {
          this.fail(error);
          return;
        }
        this.#lastEventError = failureFromApi(error, this.#context).title;
      }
      await this.#clock.sleep(backoff(failures, 500, 10_000, this.#clock), signal).catch(() => undefined);
    }
  }

  /** Takes the pod's changes until it is deleted or the signal comes. */
  async #follow(signal: AbortSignal): Promise<void> {
    for await (const { type, pod } of this.#cluster.watchPod(this.#name, signal)) {
      if (signal.aborted) return;
      this.#pod = pod;
      this.#deleted = type === 'DELETED';
      this.#changedAt = this.#clock.now();
      if (pod.spec?.nodeName) this.#scheduledAt ??= this.#changedAt;
      this.#phases.state(pod);
      this.#changed();
      if (this.#deleted) return;
    }
    this.#deleted = !signal.aborted;
    this.#changed();
  }

  /** Asks for another look: at once, also when one is going on. */
  #changed(): void {
    this.#news++;
    this.#wake?.();
  }

  /** Ends the wait with an error. */
  fail(error: unknown): void {
    this.#broken ??= { error };
    this.#changed();
  }

  async result(signal: AbortSignal): Promise<V1Pod> {
    for (;;) {
      const news = this.#news;
      const pod = await this.#assess(signal);
      if (pod !== undefined) return pod;
      // What came during the look is looked at at once.
      if (this.#news === news) await this.#next(signal);
    }
  }

  /** Until the pod changes or it is time to look again. */
  async #next(signal: AbortSignal): Promise<void> {
    const timer = new AbortController();
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const look = this.#clock.sleep(1000, AbortSignal.any([signal, timer.signal])).catch((error: unknown) => {
      // The end of the sleep by our own abort is how a change wakes us.
      if (!timer.signal.aborted && !signal.aborted) throw error;
    });
    try {
      await Promise.race([changed, look]);
    } finally {
      this.#wake = undefined;
      timer.abort();
    }
  }

  async #assess(signal: AbortSignal): Promise<V1Pod | undefined> {
    this.#throwIfBroken();
    const pod = this.#pod;
    if (pod !== undefined && !this.#deleted && this.#arrived(pod)) {
      await this.#lastEvents(pod, signal);
      return pod;
    }
    if (this.#deleted) {
      const trouble = pod === undefined ? undefined : failureFromPod(pod, this.#events, this.#context);
      const known = trouble !== undefined && 'failure' in trouble ? trouble.failure : podDeleted(this.#context);
      throw new RunFailureError(known);
    }
    if (pod !== undefined) {
      await this.#readEvents(pod, signal);
      const trouble = failureFromPod(pod, this.#events, this.#context);
      if (trouble !== undefined && 'failure' in trouble) throw await this.#failed(pod, trouble.failure, signal);
      await this.#waiting(trouble?.waiting ?? (await this.#claimTrouble(pod, signal)), signal);
    }
    this.#checkTime(pod);
    return undefined;
  }

  #throwIfBroken(): void {
    if (this.#broken === undefined) return;
    const { error } = this.#broken;
    if (this.#options.signal?.aborted === true) throw error;
    throw new RunFailureError(failureFromApi(error, this.#context), { cause: error });
  }

  #arrived(pod: V1Pod): boolean {
    const { until } = this.#options;
    return until === 'main-and-helper-running'
      ? allStarted(pod, this.#options.main ?? 'main', this.#options.containers)
      : until(pod);
  }

  /** Reads the events where they can say more than the status: the pod is quiet, or waits without saying why. */
  async #readEvents(pod: V1Pod, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const backOff = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].some(
      (status) => status.state?.waiting?.reason === 'ImagePullBackOff',
    );
    if (!backOff && now - this.#changedAt < QUIET_MS) return;
    if (now - this.#eventsAt < EVENTS_EVERY_MS) return;
    await this.#fetchEvents(pod, signal);
  }

  /** A start that took its time has pulled an image: its events tell when. */
  async #lastEvents(pod: V1Pod, signal: AbortSignal): Promise<void> {
    if (this.#clock.now() - this.#begin >= QUIET_MS) await this.#fetchEvents(pod, signal);
  }

  async #fetchEvents(pod: V1Pod, signal: AbortSignal): Promise<void> {
    const uid = pod.metadata?.uid;
    if (uid === undefined) return;
    this.#eventsAt = this.#clock.now();
    try {
      this.#events = await this.#cluster.listEvents(uid, signal);
      this.#phases.events(this.#events);
    } catch (error) {
      // Events are a help, not a need; a cluster that does not answer at all is what the watch finds out.
      this.#throwIfBroken();
      this.#events = [];
      this.#lastEventError = failureFromApi(error, this.#context).title;
    }
  }

  async #claimTrouble(pod: V1Pod, signal: AbortSignal): Promise<PodWaiting | undefined> {
    const quiet = this.#clock.now() - this.#changedAt >= QUIET_MS;
    if (!quiet || this.#options.claim === undefined || pod.spec?.nodeName) return undefined;
    return await inspectClaim(this.#cluster, this.#options.claim, undefined, signal);
  }

  async #waiting(found: PodWaiting | undefined, signal: AbortSignal): Promise<void> {
    const claim = this.#options.claim;
    const waiting =
      found?.reason === 'ClaimPending' && claim !== undefined
        ? ((await inspectClaim(this.#cluster, claim, found, signal)) ?? found)
        : found;
    if (waiting === undefined) {
      this.#waitingSince.clear();
      this.#told = '';
      return;
    }
    const now = this.#clock.now();
    const since = this.#waitingSince.get(waiting.patience) ?? now;
    this.#waitingSince.set(waiting.patience, since);
    this.#lastWaiting = waiting;
    this.#told = `${waiting.reason} ${waiting.message}`;
    // `ErrImagePull` and `ImagePullBackOff` take turns, each in its own words, about one cause.
    const { becomes, patience } = waiting;
    const cause = patience === 'pull' && becomes !== undefined ? `${becomes.kind} ${becomes.title}` : this.#told;
    if (!this.#toldCauses.has(cause)) {
      this.#toldCauses.add(cause);
      this.#options.onWaiting?.(waiting);
    }
    if (patience !== 'pull' || becomes === undefined) return;
    const grace = becomes.kind === 'image-denied' ? DENIED_GRACE_MS : PULL_GRACE_MS;
    if (now - since >= (this.#options.imagePullGraceMs ?? grace)) throw new RunFailureError(becomes);
  }

  #checkTime(pod: V1Pod | undefined): void {
    if (this.#scheduledAt !== undefined && this.#options.isHeldBack?.() === true) this.#scheduledAt = this.#clock.now();
    const scheduling = this.#scheduledAt === undefined;
    const limit = scheduling
      ? (this.#options.schedulingTimeoutMs ?? 15 * 60_000)
      : (this.#options.startupTimeoutMs ?? 10 * 60_000);
    if (this.#clock.now() - (this.#scheduledAt ?? this.#begin) < limit) return;
    const becomes = this.#told === '' ? undefined : this.#lastWaiting?.becomes;
    const waited = `Waited ${Math.round(limit / 1000)} s`;
    if (becomes !== undefined) throw new RunFailureError({ ...becomes, evidence: [...becomes.evidence, waited] });
    throw new RunFailureError(
      makeFailure('startup-timeout', scheduling ? `Pod ${this.#name} got no node` : `Pod ${this.#name} did not start`, {
        evidence: [
          `${waited} (phase: ${pod?.status?.phase ?? 'unknown'})`,
          this.#told === '' ? undefined : this.#told,
          ...containerStates(pod),
          this.#lastEventError,
        ],
        nextStep: `See what it waits for: \`kubectl describe pod ${this.#name} -n ${this.#cluster.target.namespace}\`.`,
        retryable: true,
      }),
    );
  }

  /** Adds the ends of the logs of the containers that have ended. */
  async #failed(pod: V1Pod, failure: RunFailure, signal: AbortSignal): Promise<RunFailureError> {
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    const ended = statuses.filter(
      (status) => status.state?.terminated !== undefined && status.state.terminated.exitCode !== 0,
    );
    if (ended.length === 0) return new RunFailureError(failure);
    const logs: Record<string, string> = {};
    for (const { name } of ended) {
      try {
        logs[name] = await this.#cluster.podLog(this.#name, name, { tailLines: LOG_LINES, signal });
      } catch (error) {
        this.#throwIfBroken();
        logs[name] = `(its log could not be read: ${failureFromApi(error, this.#context).title})`;
      }
    }
    const again = failureFromPod(pod, this.#events, { ...this.#context, logs });
    return new RunFailureError(again !== undefined && 'failure' in again ? again.failure : failure);
  }
}

/** One line per container that does not run, as evidence. */
function containerStates(pod: V1Pod | undefined): string[] {
  const statuses = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])];
  return statuses.flatMap(({ name, state }) => {
    if (state?.waiting === undefined) return [];
    return [`Container ${name} waits: ${[state.waiting.reason, state.waiting.message].filter(Boolean).join(': ')}`];
  });
}
