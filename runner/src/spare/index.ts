/** Spares: pods that are kept ready for the next run of a task. */
import type { Plan } from '../model/plan.ts';
import type { RunnerContext } from '../model/run.ts';
import { canHaveSpare, spareKey } from './key.ts';
import { removeSpares, reserveSpare } from './memory.ts';

/** How long giving one up may take. */
const leaveMs = 10_000;

/**
 * The plan with the spare of its task, if there is one; the run then has the id of that pod.
 *
 * @param spareMs for how long a pod is kept ready for the run after this one. Zero: none is made or taken, and those that
 * wait in the namespace are removed. Undefined: none is made.
 */
export async function withSpare(plan: Plan, context: RunnerContext, spareMs: number | undefined): Promise<Plan> {
  if (spareMs === 0) {
    await removeSpares(context);
    return plan;
  }
  if (!canHaveSpare(plan)) return plan;
  const next = spareMs === undefined ? plan : { ...plan, spareMs };
  const found = await reserveSpare(context.stateDir, spareKey(plan, context.cluster.target));
  return found ? { ...next, run: found.run, spare: { pod: found.pod, uid: found.uid } } : next;
}

/** Gives up the pod that was taken for this plan, where the run does not begin after all. Never rejects: it ends by itself. */
export async function leaveSpare({ spare }: Plan, { cluster }: RunnerContext): Promise<void> {
  if (!spare) return;
  const signal = AbortSignal.timeout(leaveMs);
  // Nobody waits for it, and there is nothing to be done: what cannot be deleted now ends when its time is over.
  await cluster.deletePod(spare.pod, { gracePeriodSeconds: 0, uid: spare.uid, signal }).catch(() => undefined);
}

/** Removes the spare of this task, if one waits. Never rejects. */
export async function removeSpareOf(plan: Plan, context: RunnerContext): Promise<void> {
  if (canHaveSpare(plan)) await removeSpares(context, spareKey(plan, context.cluster.target));
}
