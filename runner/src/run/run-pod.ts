/** The pod of a run and its Secrets: made, and removed again, by one owner. */
import type { Cluster, V1Pod } from '../cluster/types.ts';
import type { Plan } from '../plan/types.ts';
import { podName } from '../pod/names.ts';
import { buildPod, podSecrets, type PodOptions } from '../pod/pod.ts';
import type { EffectiveProfile } from '../pod/security.ts';
import { createAs, profileNote } from '../pod/create-as.ts';
import { createOnce, mayHaveActed } from '../cluster/create-once.ts';
import { keepFor } from './keep-pod.ts';
import type { RunEmitter } from './emitter.ts';

/** How long a deletion may take when the run itself was aborted: it has a signal of its own. */
const deleteTimeoutMs = 30_000;

/** How long telling a pod that it is kept may take. */
const keepTimeoutMs = 10_000;

/** The pod of a run; whoever has it deletes it, by disposing of it, unless it is to be kept. */
export class RunPod implements AsyncDisposable {
  readonly name: string;
  readonly uid: string;
  readonly #cluster: Cluster;
  #keep = false;
  #gone = false;
  readonly #secrets: readonly string[];

  constructor(cluster: Cluster, name: string, uid: string, secrets: readonly string[] = []) {
    this.#cluster = cluster;
    this.#secrets = secrets;
    this.name = name;
    this.uid = uid;
  }

  /**
   * Creates the pod, then its Secrets, which the garbage collector removes with it. The init containers need none of
   * them, so they are there before `main` is made. With profile `auto`, the pod becomes what the cluster accepts.
   *
   * @param own takes what was made, as soon as it may be there: its receiver deletes it, also when this rejects
   */
  static async create(
    cluster: Cluster,
    plan: Plan,
    options: Omit<PodOptions, 'profile' | 'namespace'>,
    emitter: RunEmitter,
    signal: AbortSignal,
    own: (pod: RunPod) => void,
  ): Promise<RunPod> {
    const namespace = cluster.target.namespace;
    const build = (profile: EffectiveProfile): V1Pod => buildPod(plan, { ...options, namespace, profile });
    let created: V1Pod;
    try {
      created = await createAs(
        cluster,
        plan.profile,
        (profile) =>
          createOnce(
            () => cluster.createPod(build(profile), signal),
            () => cluster.getPod(podName(plan.run), signal),
            signal,
          ),
        (profile) => emitter.note(profileNote(profile, namespace)),
      );
    } catch (error) {
      // Its name is this run's alone, so that what may be there can be deleted without knowing its uid.
      if (mayHaveActed(error, signal)) own(new RunPod(cluster, podName(plan.run), ''));
      throw error;
    }
    const name = created.metadata?.name ?? podName(plan.run);
    const uid = created.metadata?.uid ?? '';
    const secrets = podSecrets(plan, namespace, uid);
    const names = secrets.map((secret) => secret.metadata?.name ?? '');
    const pod = new RunPod(cluster, name, uid, names);
    own(pod);
    await Promise.all(
      secrets.map((secret) =>
        createOnce(
          () => cluster.createSecret(secret, signal),
          () => Promise.resolve(secret),
          signal,
        ),
      ),
    );
    await emitter.emit({ type: 'pod-created', pod: name, namespace, uid: pod.uid });
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
    await keepFor(this.#cluster, this.name, ms, AbortSignal.timeout(keepTimeoutMs)).catch(() => undefined);
    return new Date(Date.now() + ms);
  }

  /** Delete it after all. */
  force(): void {
    this.#keep = false;
  }

  /**
   * Deletes pod and Secrets. Without grace: the command has ended or is to end at once, the pauses have nothing to save,
   * and the pod is then really gone when this client exits.
   */
  async delete(): Promise<void> {
    if (this.#gone) return;
    const signal = AbortSignal.timeout(deleteTimeoutMs);
    await this.#cluster.deletePod(this.name, {
      gracePeriodSeconds: 0,
      ...(this.uid === '' ? {} : { uid: this.uid }),
      signal,
    });
    // The garbage collector would remove them too, a little later.
    await Promise.all(this.#secrets.map((name) => this.#cluster.deleteSecret(name, signal)));
    this.#gone = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#keep) await this.delete();
  }
}
