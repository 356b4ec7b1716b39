/** Why a pod that mounts a claim has no node yet, as far as the claim can tell. */
import type { Cluster } from '../cluster/types.ts';
import { failureFromApi, RunFailureError, type PodWaiting } from '../failures/index.ts';

/** Set by the scheduler when it has chosen a node for a claim that waits for its first pod. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/**
 * What the claim's state adds to `found`: a `WaitForFirstConsumer` claim binds by itself once the pod has a node, so
 * that waiting for it is in order; a provisioner's error goes into the evidence. Undefined when the claim is bound.
 *
 * @throws {RunFailureError} `claim-missing`
 */
export async function inspectClaim(
  cluster: Cluster,
  name: string,
  found: PodWaiting | undefined,
  signal: AbortSignal,
): Promise<PodWaiting | undefined> {
  try {
    const claim = await cluster.getClaim(name, signal);
    if (claim?.status?.phase !== 'Pending') return undefined;
    const uid = claim.metadata?.uid;
    const events = uid === undefined ? [] : await cluster.listEvents(uid, signal);
    const last = events.findLast((event) => event.reason !== undefined);
    const failed = last?.reason === 'ProvisioningFailed' || last?.reason === 'FailedBinding' ? last.message : undefined;
    if (failed !== undefined && found !== undefined) {
      const becomes = found.becomes;
      return {
        ...found,
        message: `claim ${name} has no volume yet: ${failed}`,
        ...(becomes === undefined ? {} : { becomes: { ...becomes, evidence: [failed, ...becomes.evidence] } }),
      };
    }
    const node = claim.metadata?.annotations?.[SELECTED_NODE];
    if (node === undefined && last?.reason !== 'WaitForFirstConsumer') return found;
    const message =
      node === undefined
        ? `claim ${name} gets its volume when the pod has a node`
        : `the volume of claim ${name} is being made on node ${node}`;
    return { ...(found ?? { patience: 'scheduling' }), reason: 'WaitForFirstConsumer', message };
  } catch (error) {
    signal.throwIfAborted();
    // Without the right to read claims the pod's own status has to do; other errors are for the watch to find.
    const failure = failureFromApi(error, { claim: name, namespace: cluster.target.namespace });
    if (failure.kind === 'claim-missing') throw new RunFailureError(failure, { cause: error });
    return found;
  }
}
