/** Removing what a run has in the cluster, and saying what could not be removed. */
import type { Cluster } from '../cluster/types.ts';
import { RunFailureError } from '../model/failure.ts';
import { asFailure } from './as-failure.ts';
import { findRunPods } from '../records/list.ts';
import { RunPod } from './start/run-pod.ts';

/**
 * Deletes the pods of a run, each for as long as its connection may come back.
 *
 * @throws RunFailureError that names the pods which are left; its kind is that of the first reason
 */
export async function removePods(pods: readonly RunPod[], run: string, cluster: Cluster): Promise<void> {
  const { namespace } = cluster.target;
  const ends = await Promise.allSettled(pods.map((pod) => pod[Symbol.asyncDispose]()));
  const left = ends.flatMap((end, index) =>
    end.status === 'rejected' ? [{ name: pods[index]?.name ?? '', reason: end.reason as unknown }] : [],
  );
  const [first] = left;
  if (!first) return;
  const names = left.map(({ name }) => name).join(', ');
  const why = asFailure(first.reason, undefined, { namespace, pod: first.name });
  throw new RunFailureError(
    {
      ...why,
      title: `${left.length > 1 ? 'Pods' : 'Pod'} ${names} could not be deleted: ${why.title}`,
      nextStep: `It is left in namespace ${namespace}, and ends by itself at its deadline. \`tarmac abort ${run}\` or \`kubectl -n ${namespace} delete pod ${left.map(({ name }) => name).join(' ')}\` removes it now. ${why.nextStep}`,
    },
    { cause: first.reason },
  );
}

/** The pods of a run that are there beside the one that is known: those of attempts whose client died between two. */
export async function otherPods(run: string, known: string, cluster: Cluster, signal: AbortSignal): Promise<RunPod[]> {
  const pods = await findRunPods(run, cluster, signal);
  return pods.flatMap(({ metadata }) =>
    metadata?.name === undefined || metadata.name === known
      ? []
      : [new RunPod(cluster, metadata.name, metadata.uid ?? '')],
  );
}
