/**
 * Watches the pod of a run from its creation to its end: tells each phase once, fails a start that cannot succeed, and
 * notices when the pod is taken away while the command runs.
 */
import { failureFromPod } from '../failures/index.ts';
import { RunFailureError, type RunFailure } from '../model/failure.ts';
import type { Cluster, V1Pod } from '../cluster/types.ts';

/** The containers without which a run cannot go on. */
const essential = ['main', 'artifact-helper'];

/** What has become of a pod that was running; undefined while all is well. */
export async function podTrouble(
  cluster: Cluster,
  pod: V1Pod | undefined,
  name: string,
): Promise<RunFailure | undefined> {
  if (!pod) return podDeleted(name);
  const phase = pod.status?.phase;
  const stopped = (pod.status?.containerStatuses ?? []).some(
    (container) => essential.includes(container.name) && container.state?.terminated !== undefined,
  );
  if (phase !== 'Failed' && phase !== 'Succeeded' && !stopped && pod.metadata?.deletionTimestamp === undefined) {
    return undefined;
  }
  const uid = pod.metadata?.uid;
  const events = uid === undefined ? [] : await cluster.listEvents(uid).catch(() => []);
  const verdict = failureFromPod(pod, events, {});
  if (verdict && 'failure' in verdict) return verdict.failure;
  if (pod.metadata?.deletionTimestamp !== undefined) return podDeleted(name);
  return stopped || phase === 'Failed' || phase === 'Succeeded' ? podStopped(name, pod) : undefined;
}

function podDeleted(name: string): RunFailure {
  return {
    kind: 'pod-deleted',
    title: `Pod ${name} was deleted while the task ran`,
    evidence: [],
    nextStep: 'Run the task again. If it happens again, ask who or what deletes pods in this namespace.',
    retryable: true,
  };
}

function podStopped(name: string, pod: V1Pod): RunFailure {
  const evidence = (pod.status?.containerStatuses ?? [])
    .filter((container) => container.state?.terminated)
    .map(
      (container) =>
        `container ${container.name} ended: ${container.state?.terminated?.reason ?? ''} (exit code ${container.state?.terminated?.exitCode ?? '?'})`,
    );
  return {
    kind: 'supervisor-lost',
    title: `Pod ${name} ended while the task ran`,
    evidence,
    nextStep: 'Run the task again; if it used much memory, raise container_limits.memory.',
    retryable: true,
  };
}

/**
 * Follows a running pod until `signal` aborts. Resolves with the failure that ended it, or with undefined when the
 * caller stopped looking.
 */
export async function watchForTrouble(
  cluster: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<RunFailure | undefined> {
  try {
    for await (const change of cluster.watchPod(name, signal)) {
      const trouble = await podTrouble(cluster, change.type === 'DELETED' ? undefined : change.pod, name);
      if (trouble) return trouble;
    }
    return signal.aborted ? undefined : podDeleted(name);
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof RunFailureError) return error.failure;
    // Without a watch the attach loop still finds out, a little later: it is the one that must not fail.
    return undefined;
  }
}
