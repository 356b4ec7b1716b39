/** Trouble that only events tell of: volumes that do not come, networks that are not set up, nodes that fall silent. */
import type { CoreV1Event, V1Pod } from '../cluster/types.ts';
import { dashN, describeClaim, failure, type FailureContext } from './context.ts';
import type { PodTrouble } from './pod-trouble.ts';
import { claimInUse } from './scheduling.ts';

/** What the newest telling event says, while a container of the pod still has to start. */
export function eventTrouble(
  pod: V1Pod,
  events: readonly CoreV1Event[],
  context: FailureContext,
): PodTrouble | undefined {
  if (pod.status?.phase !== undefined && pod.status.phase !== 'Pending') return undefined;
  for (const event of events.toReversed()) {
    const { reason = '' } = event;
    const message = event.message ?? '';
    // The kubelet goes on, so what was reported before is over.
    if (reason === 'Pulling' || reason === 'Started' || reason === 'SuccessfulAttachVolume') return undefined;
    if (reason === 'FailedAttachVolume' && /Multi-Attach|already (?:exclusively )?attached/i.test(message)) {
      return { waiting: { reason, message, patience: 'startup', becomes: claimInUse(message, context) } };
    }
    if (reason === 'FailedMount' || reason === 'FailedAttachVolume' || reason === 'FailedMapVolume') {
      return { waiting: { reason, message, patience: 'startup', becomes: mountFailed(message, context) } };
    }
    if (reason === 'FailedCreatePodSandBox' || reason === 'NetworkNotReady') {
      const becomes = failure('container-start-error', 'The node cannot set up the pod’s network', {
        evidence: [message],
        nextStep: 'This is trouble of the node: tell the operator of the cluster, or run it again on another node.',
        retryable: true,
      });
      return { waiting: { reason, message, patience: 'startup', becomes } };
    }
    if (reason === 'NodeNotReady') {
      const node = pod.spec?.nodeName ?? 'of the pod';
      const becomes = failure('node-lost', `Node ${node} no longer answers`, {
        evidence: [message],
        nextStep: 'Run it again: the pod then goes to another node.',
        retryable: true,
      });
      return { waiting: { reason, message, patience: 'startup', becomes } };
    }
  }
  return undefined;
}

function mountFailed(message: string, context: FailureContext): ReturnType<typeof failure> {
  const object = /(secret|configmap) "([^"]+)" not found/i.exec(message);
  if (object !== null) {
    return failure(
      'config-error',
      `${object[1] === 'configmap' ? 'ConfigMap' : 'Secret'} ${object[2] ?? ''} does not exist`,
      {
        evidence: [message],
        nextStep: `Create it, or remove what mounts it: \`kubectl get ${(object[1] ?? 'secret').toLowerCase()}s${dashN(context)}\`.`,
      },
    );
  }
  if (/failed to find the sidecar container in Pod spec/i.test(message)) {
    return failure('mount-failed', 'The volume of Cloud Storage FUSE wants an annotation on the pod', {
      evidence: [message],
      nextStep:
        'Give it with `--pod-annotation gke-gcsfuse/volumes=true` (setting `tarmac.pod`, `annotations`): GKE then adds the container that mounts it.',
    });
  }
  const volume = /volume "([^"]+)"|unmounted volumes=\[([^\]]+)\]/.exec(message);
  return failure('mount-failed', `Volume ${volume?.[1] ?? volume?.[2] ?? ''} cannot be mounted`.replace('  ', ' '), {
    evidence: [message],
    nextStep: `The text above is the storage driver's: check the volume behind it (${describeClaim(context)}).`,
    retryable: true,
  });
}
