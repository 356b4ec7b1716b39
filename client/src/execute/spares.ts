/** When a pod is kept ready for the next run of a task: where the next run is likely to come soon. */
import type { Plan, RunnerContext } from '#runner';
import type { ClusterRef, RunnerHost } from '../cluster/runner-host.ts';

/** What is asked of the spares of a window. */
export interface SpareRequest {
  /** Under which name the task is remembered. */
  readonly name: string;
  readonly place: ClusterRef;
  /** For how long a pod waits, in milliseconds; 0 where that is switched off. */
  readonly ms: number;
  /** The next run is sure to come: the task is executed on each save. */
  readonly isWatched: boolean;
}

/** The spares of this window. */
export class Spares {
  readonly #host: Pick<RunnerHost, 'load' | 'context'>;
  /** When each task was last executed, in milliseconds since the epoch. */
  readonly #last = new Map<string, number>();
  /** Where a pod may wait. */
  readonly #places = new Map<string, ClusterRef>();

  constructor(host: Pick<RunnerHost, 'load' | 'context'>) {
    this.#host = host;
  }

  /**
   * The plan with the pod that waits for this task, if there is one. Another one is made for the next run where the task is
   * executed on each save, or was executed already within the time that a pod waits. Where it is switched off, the plan stays
   * as it is, and the pod that waits for this task is removed.
   */
  async take(plan: Plan, request: SpareRequest, now = Date.now()): Promise<Plan> {
    const { name, place, ms, isWatched } = request;
    const key = `${placeKey(place)} ${name}`;
    const last = this.#last.get(key);
    this.#last.set(key, now);
    const isLikely = isWatched || (last !== undefined && now - last <= ms);
    if (ms === 0) {
      // Those of other tasks are none of this one's: a folder may have a setting of its own. The run does not wait for it.
      void this.removeOf(plan, place);
      return plan;
    }
    const [runner, context] = await Promise.all([this.#host.load(), this.#host.context(place)]);
    if (isLikely) this.#places.set(placeKey(place), place);
    return await runner.withSpare(plan, context, isLikely ? ms : undefined);
  }

  /** Gives up the pod that `take` took for a run that does not begin after all. Never rejects. */
  async leave(plan: Plan, place: ClusterRef): Promise<void> {
    if (plan.spare) await this.#with(place, (runner, context) => runner.leaveSpare(plan, context));
  }

  /** Removes the pod that waits for this task: no more runs come. Never rejects; what is left ends by itself. */
  async removeOf(plan: Plan, place: ClusterRef): Promise<void> {
    await this.#with(place, (runner, context) => runner.removeSpareOf(plan, context));
  }

  /** Removes all that this window may have brought about: they were switched off. Never rejects. */
  async removeAll(): Promise<void> {
    const places = [...this.#places.values()];
    this.#places.clear();
    await Promise.all(places.map((place) => this.#with(place, (runner, context) => runner.removeSpares(context))));
  }

  async #with(
    place: ClusterRef,
    work: (runner: Awaited<ReturnType<RunnerHost['load']>>, context: RunnerContext) => Promise<unknown>,
  ): Promise<void> {
    try {
      const [runner, context] = await Promise.all([this.#host.load(), this.#host.context(place)]);
      await work(runner, context);
    } catch {
      // The kubeconfig does not lead to this cluster any more: the pod ends by itself.
    }
  }
}

function placeKey({ kubeconfig, context, namespace }: ClusterRef): string {
  return JSON.stringify([kubeconfig, context, namespace]);
}
