/** What a pod's status and events say about a run that does not get on. */
import type { CoreV1Event, V1ContainerStatus, V1Pod } from '../cluster/types.ts';
import { neverRan, terminatedTrouble, waitingTrouble } from './containers.ts';
import { containerSpec, describePod, failure, type FailureContext } from './context.ts';
import { eventTrouble } from './pod-events.ts';
import type { PodTrouble } from './pod-trouble.ts';
import { schedulingTrouble } from './scheduling.ts';
import type { RunFailure } from '../model/failure.ts';

/**
 * What is wrong with a pod, or what it waits for; undefined when all is in order. Looks at the end of the pod
 * (eviction, deadline, lost node), then its init containers and containers, then scheduling, then deletion, then
 * `events` (those of this pod, oldest first). Once the task's container has ended its state only says that the run is
 * over: then the others are not looked at.
 */
export function failureFromPod(
  pod: V1Pod,
  events: readonly CoreV1Event[],
  context: FailureContext,
): PodTrouble | undefined {
  const known: FailureContext = {
    ...context,
    ...(context.pod === undefined && pod.metadata?.name !== undefined ? { pod: pod.metadata.name } : {}),
    ...(context.namespace === undefined && pod.metadata?.namespace !== undefined
      ? { namespace: pod.metadata.namespace }
      : {}),
  };
  const end = endOfPod(pod);
  if (end !== undefined) return { failure: end };
  const trouble = containerTrouble(pod, events, known);
  if (trouble !== undefined && 'failure' in trouble) return trouble;
  if (pod.metadata?.deletionTimestamp !== undefined) return { failure: podDeleted(known) };
  if (pod.status?.phase === 'Failed') {
    return {
      failure: failure('internal', `Pod ${known.pod ?? ''} failed`, {
        evidence: [pod.status.reason, pod.status.message],
        nextStep: `See ${describePod(known)}, and run it again.`,
        retryable: true,
      }),
    };
  }
  return trouble ?? schedulingTrouble(pod, events, known) ?? eventTrouble(pod, events, known);
}

/** The pod was deleted by somebody else. */
export function podDeleted(context: FailureContext): RunFailure {
  return failure('pod-deleted', `Pod ${context.pod ?? ''} was deleted while the task needed it`.replace('  ', ' '), {
    nextStep: 'Run the task again. Who deleted it is in the audit log of the API server.',
    retryable: true,
  });
}

function containerTrouble(pod: V1Pod, events: readonly CoreV1Event[], context: FailureContext): PodTrouble | undefined {
  const statuses = (pod.status?.containerStatuses ?? []).filter(
    ({ name }) => context.containers?.includes(name) ?? true,
  );
  // A native sidecar is begun anew whenever it ends, and its end says nothing of the run.
  const native = (name: string): boolean => containerSpec(pod, name)?.restartPolicy === 'Always';
  const inits = (pod.status?.initContainerStatuses ?? []).filter(({ name }) => !native(name));
  const rest = inits.map((status) => ({ status, init: true }));
  const main = statuses.find((status) => status.name === (context.main ?? 'main'));
  const helper = statuses.find((status) => status.name === 'artifact-helper');
  if (neverRan(main) && helper) {
    // `main` starts with the tools that the helper brings. Where the helper has no image yet, that is the cause.
    const cause = waitingTrouble(pod, helper, context, pullError(helper, events));
    const known = cause && ('failure' in cause ? cause.failure : cause.waiting.becomes);
    if (known) return { failure: known };
  }
  const ordered: { readonly status: V1ContainerStatus; readonly init: boolean }[] = [
    ...rest,
    ...(main?.state?.terminated === undefined ? statuses : [main]).map((status) => ({ status, init: false })),
  ];
  let waiting: PodTrouble | undefined;
  for (const { status, init } of ordered) {
    const ended = terminatedTrouble(pod, status, init, context);
    if (ended !== undefined) return { failure: ended };
    const trouble = waitingTrouble(pod, status, context, pullError(status, events));
    if (trouble !== undefined && 'failure' in trouble) return trouble;
    waiting ??= trouble;
  }
  return waiting;
}

/** `Back-off pulling image` hides why: the last `Failed` event of the container tells. */
function pullError(status: V1ContainerStatus, events: readonly CoreV1Event[]): string | undefined {
  return events.findLast(
    (event) =>
      event.reason === 'Failed' &&
      (event.message ?? '').startsWith('Failed to pull image') &&
      (event.involvedObject.fieldPath ?? '').includes(`{${status.name}}`),
  )?.message;
}

/** Reasons of a `DisruptionTarget` condition (Kubernetes 1.26 and later) and what they mean. */
const disruptions: Readonly<Record<string, 'evicted' | 'preempted' | 'node-lost'>> = {
  PreemptionByScheduler: 'preempted',
  EvictionByEvictionAPI: 'evicted',
  TerminationByKubelet: 'evicted',
  DeletionByTaintManager: 'node-lost',
  DeletionByPodGC: 'node-lost',
};

/** `status.reason` of pods that the kubelet or the node controller has ended. */
const reasons: Readonly<Record<string, 'evicted' | 'preempted' | 'node-lost' | 'unschedulable'>> = {
  Evicted: 'evicted',
  Preempting: 'preempted',
  NodeLost: 'node-lost',
  Shutdown: 'node-lost',
  NodeShutdown: 'node-lost',
  Terminated: 'node-lost',
  OutOfcpu: 'unschedulable',
  OutOfmemory: 'unschedulable',
  'OutOfephemeral-storage': 'unschedulable',
  OutOfpods: 'unschedulable',
  NodeAffinity: 'unschedulable',
  UnexpectedAdmissionError: 'unschedulable',
};

function endOfPod(pod: V1Pod): RunFailure | undefined {
  const reason = pod.status?.reason ?? '';
  const message = pod.status?.message;
  if (reason === 'DeadlineExceeded') {
    const seconds = pod.spec?.activeDeadlineSeconds;
    return failure(
      'deadline-exceeded',
      `The pod was stopped after its deadline${seconds === undefined ? '' : ` of ${seconds} s`}`,
      {
        evidence: [message],
        nextStep: 'Give the task more time (`--timeout`), or find out what it waits for.',
        detail: { deadlineSeconds: seconds ?? null },
      },
    );
  }
  const disruption = pod.status?.conditions?.find((each) => each.type === 'DisruptionTarget' && each.status === 'True');
  const kind = reasons[reason] ?? disruptions[disruption?.reason ?? ''];
  if (kind === undefined) return undefined;
  const node = pod.spec?.nodeName === undefined ? 'its node' : `node ${pod.spec.nodeName}`;
  const resource = /low on resource: ([\w-]+)/.exec(message ?? '')?.[1];
  const texts: Readonly<Record<typeof kind, readonly [title: string, nextStep: string]>> = {
    evicted: [
      resource === undefined
        ? `The pod was evicted from ${node}`
        : `The pod was evicted: ${node} ran out of ${resource}`,
      'Run it again. If it happens often, state `container_limits.memory`, and write less to the container’s disk.',
    ],
    preempted: [`A more important pod took the place on ${node}`, 'Run it again when the cluster has room.'],
    'node-lost': [
      `${node === 'its node' ? 'The node' : capitalNode(node)} went away while the task ran`,
      'Run it again. Spot and preemptible nodes go away at any time.',
    ],
    unschedulable: [
      `${capitalNode(node)} could not take the pod after all`,
      'Run it again: the scheduler then chooses a node again.',
    ],
  };
  const [title, nextStep] = texts[kind];
  return failure(kind, title, {
    evidence: [message, disruption?.message],
    nextStep,
    retryable: true,
    detail: { reason: reason === '' ? (disruption?.reason ?? null) : reason, node: pod.spec?.nodeName ?? null },
  });
}

function capitalNode(node: string): string {
  return node.slice(0, 1).toUpperCase() + node.slice(1);
}
