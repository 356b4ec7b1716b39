/** The pod of one attempt to start a run, and the Secret of its image: made, and removed again, by one owner. */
import { backoff, systemClock } from '../../cluster/clock.ts';
import { createOnce, mayHaveActed } from '../../cluster/create-once.ts';
import { ApiError } from '../../cluster/errors.ts';
import type { Cluster, V1Pod } from '../../cluster/types.ts';
import { failureFromApi } from '../../failures/index.ts';
import { retry } from '../../failures/retry.ts';
import type { Plan, PlannedSpare } from '../../model/plan.ts';
import { createFitting } from '../../pod/fit.ts';
import { meshNote } from '../../pod/injected.ts';
import { labels, labelValue, podName } from '../../pod/names.ts';
import { buildPod, pullSecret, type PodOptions } from '../../pod/pod.ts';
import type { PodRef } from '../../pod/pod-shell.ts';
import type { EffectiveProfile } from '../../pod/security.ts';
import { createAs, profileNote } from '../../pod/create-as.ts';
import type { Resources } from '../../pod/shape.ts';
import { keepFor } from '../../pod/keep-pod.ts';
import type { RunEmitter } from '../emitter.ts';
import { patiently } from '../patient.ts';

/** How long a deletion is tried when the API does not answer. It has a signal of its own: the run may be aborted. */
const deleteTimeoutMs = 60_000;
/** Between two tries of a deletion, at first and at most. */
const deletePauseMs = { first: 250, most: 5000 };

/** How long telling a pod that it is kept may take. */
const keepTimeoutMs = 10_000;

/** The quota of a namespace goes on counting a pod that was just deleted, for so long at most. */
const quotaLagMs = 20_000;

export interface CreateOptions {
  readonly emitter: RunEmitter;
  readonly signal: AbortSignal;
  /** No try begins after this time (milliseconds since the epoch). */
  readonly until: number;
  /** Nothing of the cluster has answered yet. */
  readonly isFirstContact: boolean;
  /** Takes what was made, as soon as it may be there: its receiver deletes it, also when the creation rejects. */
  readonly own: (pod: RunPod) => void;
}

/** The pod of an attempt; whoever has it deletes it, by disposing of it, unless it is to be kept. */
export class RunPod implements PodRef, AsyncDisposable {
  readonly name: string;
  /** Empty when its creation was never answered: nobody else uses the name. */
  readonly uid: string;
  readonly #cluster: Cluster;
  #keep = false;
  #gone = false;
  readonly #secret: string | undefined;

  /** When the API server made it, by its own clock. */
  createdAt?: string;

  constructor(cluster: Cluster, name: string, uid: string, secret?: string) {
    this.#cluster = cluster;
    this.#secret = secret;
    this.name = name;
    this.uid = uid;
  }

  /**
   * Creates the pod, then the Secret of its image if it has one, which the garbage collector removes with it. The init
   * containers do not need it, so it is there before `main` is made. With profile `auto`, the pod becomes what the cluster accepts. A
   * creation whose answer was lost is asked for again until it is known.
   */
  static async create(
    cluster: Cluster,
    plan: Plan,
    options: Omit<PodOptions, 'profile' | 'namespace'>,
    { emitter, signal, until, isFirstContact, own }: CreateOptions,
  ): Promise<RunPod> {
    const { namespace } = cluster.target;
    const name = podName(plan.run, options.attempt);
    const build = (profile: EffectiveProfile, size: Resources | undefined): V1Pod =>
      buildPod(plan, { ...options, namespace, profile, ...(size === undefined ? {} : { helperSize: size }) });
    const again = <T>(work: () => Promise<T>): Promise<T> =>
      patiently(work, { emitter, signal, until, isFirstContact });
    let created: V1Pod;
    // A pod of ours is there by this name: the answer that was lost. A stranger's is not taken for it.
    const existing = async (): Promise<V1Pod | undefined> => {
      const there = await again(() => cluster.getPod(name, signal));
      return there?.metadata?.labels?.[labels.run] === labelValue(plan.run) ? there : undefined;
    };
    try {
      created = await createAs(
        cluster,
        plan.profile,
        async (profile) => {
          const began = Date.now();
          for (let attempt = 0; ; attempt++) {
            try {
              return await createFitting(
                (size) => build(profile, size),
                (pod) => createOnce(() => cluster.createPod(pod, signal), existing, signal, again),
                plan.pod.helperResources,
                cluster.target,
              );
            } catch (error) {
              // The pod of the attempt before this one is gone, but still counted.
              const counted = (options.attempt ?? 1) > 1 && failureFromApi(error, {}).kind === 'quota';
              if (!counted || Date.now() - began > quotaLagMs) throw error;
              await systemClock.sleep(backoff(attempt, 500, 4000, systemClock), signal);
            }
          }
        },
        (profile) => emitter.note(profileNote(profile, namespace)),
      );
    } catch (error) {
      // Its name is this attempt's alone, so that what may be there can be deleted without knowing its uid.
      if (mayHaveActed(error, signal)) own(new RunPod(cluster, name, ''));
      throw error;
    }
    const uid = created.metadata?.uid ?? '';
    const owner = { uid, ...(options.attempt === undefined ? {} : { attempt: options.attempt }) };
    const secret = pullSecret(plan, namespace, owner);
    const pod = new RunPod(cluster, created.metadata?.name ?? name, uid, secret?.metadata?.name);
    const { creationTimestamp } = created.metadata ?? {};
    if (creationTimestamp !== undefined) pod.createdAt = new Date(creationTimestamp).toISOString();
    own(pod);
    if (secret) {
      await createOnce(
        () => cluster.createSecret(secret, signal),
        () => Promise.resolve(secret),
        signal,
        again,
      );
    }
    const mesh = meshNote(created);
    if (mesh !== undefined) emitter.note(mesh);
    await emitter.emit({ type: 'pod-created', pod: pod.name, namespace, uid });
    return pod;
  }

  /** The pod that waited for this run. It is this run's as soon as its helper says so. */
  static async adopt(cluster: Cluster, spare: PlannedSpare, { emitter, own }: CreateOptions): Promise<RunPod> {
    const pod = new RunPod(cluster, spare.pod, spare.uid);
    own(pod);
    emitter.note('a pod that was kept ready is taken');
    const { namespace } = cluster.target;
    await emitter.emit({ type: 'pod-created', pod: pod.name, namespace, uid: pod.uid });
    return pod;
  }

  /**
   * The pod stays behind for so long: its idle loop ends it, the sweep deletes it. When it cannot be told, its dead-man
   * switch ends it a little later.
   *
   * @returns until when it is kept
   */
  async keep(ms: number): Promise<Date> {
    this.#keep = true;
    await keepFor(this.#cluster, this, ms, AbortSignal.timeout(keepTimeoutMs)).catch(() => undefined);
    return new Date(Date.now() + ms);
  }

  /** Delete it after all. */
  force(): void {
    this.#keep = false;
  }

  /** Whether it was deleted. */
  get isGone(): boolean {
    return this.#gone;
  }

  /**
   * Deletes pod and Secret, and tries for a minute where the connection is away. Without grace: the command has ended or
   * is to end at once, the pauses have nothing to save, and the pod is then really gone when this client exits.
   */
  async delete(): Promise<void> {
    if (this.#gone) return;
    const signal = AbortSignal.timeout(deleteTimeoutMs);
    await repeatedly(async () => {
      await this.#cluster.deletePod(this.name, {
        gracePeriodSeconds: 0,
        uid: this.uid === '' ? undefined : this.uid,
        signal,
      });
      // The garbage collector would remove it too, a little later.
      if (this.#secret !== undefined) await this.#deleteSecret(this.#secret, signal);
    }, signal);
    this.#gone = true;
  }

  async #deleteSecret(name: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#cluster.deleteSecret(name, signal);
    } catch (error) {
      // It goes with the pod that owns it: who may not delete Secrets has nothing to do about it.
      if (!(error instanceof ApiError) || error.code !== 403) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#keep) await this.delete();
  }
}

/** Does what may be done twice until it is done, the answer is a no, or the time is over. */
async function repeatedly(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  let last: { readonly error: unknown } | undefined;
  try {
    await retry(work, {
      signal,
      pauses: deletePauseMs,
      doubtfulTries: Infinity,
      onLoss({ error }) {
        last = { error };
      },
    });
  } catch (error) {
    // The time is over: why it was not done says more than that.
    throw signal.aborted && last ? last.error : error;
  }
}
