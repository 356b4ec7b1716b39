/** Why a pod has no node yet. */
import type { CoreV1Event, V1Pod } from '../cluster/types.ts';
import { claimMissing } from './api.ts';
import { describeClaim, failure, type FailureContext } from './context.ts';
import type { PodTrouble } from './pod-trouble.ts';
import type { RunFailure } from '../model/failure.ts';

/** What the scheduler's condition, or its last event, says; undefined once the pod has a node. */
export function schedulingTrouble(
  pod: V1Pod,
  events: readonly CoreV1Event[],
  context: FailureContext,
): PodTrouble | undefined {
  if (pod.spec?.nodeName !== undefined && pod.spec.nodeName !== '') return undefined;
  const condition = pod.status?.conditions?.find((each) => each.type === 'PodScheduled');
  if (condition?.status === 'True') return undefined;
  if (condition?.reason === 'SchedulingGated') {
    const message = condition.message ?? 'Scheduling is blocked by a scheduling gate';
    return { waiting: { reason: 'SchedulingGated', message, patience: 'scheduling' } };
  }
  const event = events.findLast((each) => each.reason === 'FailedScheduling');
  const text = condition?.message ?? event?.message;
  if (text === undefined || text === '') return undefined;

  const missing = /persistentvolumeclaim "([^"]+)" (not found|is being deleted)/.exec(text);
  if (missing !== null) return { failure: claimMissing(missing[1] ?? '', [text], context) };
  if (/unbound immediate PersistentVolumeClaims?/i.test(text)) return waitForClaim(text, context);
  if (/available persistent volumes to bind|waiting for .*volume.* to be (?:created|provisioned)/i.test(text)) {
    return waitForClaim(text, context);
  }
  if (/ReadWriteOncePod/.test(text)) {
    return {
      waiting: { reason: 'Unschedulable', message: text, patience: 'scheduling', becomes: claimInUse(text, context) },
    };
  }
  return {
    waiting: {
      reason: 'Unschedulable',
      message: translate(text).join(', ') || text,
      patience: 'scheduling',
      becomes: unschedulable(text),
    },
  };
}

/** A claim without a volume. A pod makes a `WaitForFirstConsumer` claim bind, so that waiting is in order. */
function waitForClaim(text: string, context: FailureContext): PodTrouble {
  const claim = context.claim ?? 'of the store';
  return {
    waiting: {
      reason: 'ClaimPending',
      message: `claim ${claim} has no volume yet: ${text}`,
      patience: 'scheduling',
      becomes: failure('claim-pending', `Claim ${claim} has no volume`, {
        evidence: [text],
        nextStep: `See why with ${describeClaim(context)}: no StorageClass, a provisioner that fails, or no volume of that size.`,
        retryable: true,
      }),
    },
  };
}

/** The volume is attached elsewhere and cannot be in two places. */
export function claimInUse(text: string, context: FailureContext): RunFailure {
  const claim = context.claim === undefined ? 'A volume of the pod' : `The volume of claim ${context.claim}`;
  return failure('multi-attach', `${claim} is in use on another node`, {
    evidence: [text],
    nextStep: `Wait until the pod that uses it ends, or use a claim with access mode ReadWriteMany. Who uses it: ${describeClaim(context)}.`,
    retryable: true,
  });
}

/** No node takes the pod. */
export function unschedulable(text: string): RunFailure {
  const reasons = translate(text);
  const steps = placeSteps(text);
  return failure('unschedulable', 'No node of the cluster can take the pod', {
    evidence: [...reasons, text],
    nextStep:
      steps.length > 0
        ? steps.join(' ')
        : 'Compare the reasons above with the nodes: `kubectl get nodes -o wide` and `kubectl describe nodes`.',
    retryable: true,
  });
}

/** What helps against each kind of reason. */
function placeSteps(text: string): string[] {
  const taints = [...text.matchAll(/had (?:untolerated )?taints? \{([^}:\s]+)(?:: ?([^}:]*))?\}/g)].flatMap(
    // Those that Kubernetes itself sets tell of trouble of the node, which no toleration mends.
    ([, key = '', value = '']) =>
      /^node(?:\.[a-z]+)*\.kubernetes\.io\//.test(key) ? [] : [value.trim() === '' ? key : `${key}=${value.trim()}`],
  );
  const selector = /didn't match (?:Pod's )?node (?:affinity|selector)/.test(text);
  const room = /Insufficient (?:cpu|memory)/.test(text);
  const disk = /Insufficient ephemeral-storage/.test(text);
  return [
    taints.length > 0
      ? `Let the pod go to reserved nodes, if that is meant: ${[...new Set(taints)].map((taint) => `\`--toleration ${taint}\``).join(', ')} (setting \`tarmac.pod\`, \`tolerations\`).`
      : undefined,
    selector
      ? "No node may have the labels of `--node-selector` (setting `tarmac.pod`, `nodeSelector`), or the image's architecture: `kubectl get nodes --show-labels`."
      : undefined,
    room ? 'Wait for other pods to end, or ask for less in `container_limits` of the task file.' : undefined,
    disk ? 'Ask for less with `--ephemeral-storage` (setting `tarmac.pod`, `ephemeralStorage`).' : undefined,
  ].filter((step) => step !== undefined);
}

/** Phrases of the scheduler's plug-ins (1.20 to 1.3x) in plain words. */
const phrases: readonly (readonly [RegExp, (match: RegExpMatchArray) => string])[] = [
  [/^Insufficient cpu/, () => 'have not enough free CPU'],
  [/^Insufficient memory/, () => 'have not enough free memory'],
  [/^Insufficient ephemeral-storage/, () => 'have not enough free disk'],
  [/^Insufficient (\S+)/, (match) => `have not enough ${match[1] ?? ''}`],
  [/^Too many pods/, () => 'have no room for another pod'],
  [
    /^node\(s\) had (?:untolerated )?taints? \{([^}]*)\}/,
    (match) => `are reserved by taint ${(match[1] ?? '').replace(/: ?$/, '')}`,
  ],
  [/^node\(s\) were unschedulable/, () => 'are cordoned'],
  [/^node\(s\) didn't match (?:Pod's )?node (?:affinity|selector)/, () => 'do not match the node selector'],
  [/^node\(s\) had volume node affinity conflict/, () => 'cannot reach the volume (it lies in another zone or node)'],
  [/^node\(s\) were? not ready|^node\(s\) weren't ready/, () => 'are not ready'],
];

/** `0/5 nodes are available: 3 Insufficient memory, ...` as one line per reason. */
function translate(text: string): string[] {
  const list = /nodes are available: (.*?)\.?(?: preemption:.*)?$/s.exec(text)?.[1];
  if (list === undefined) return [];
  // Commas also stand inside a phrase (`..., that the pod didn't tolerate`): a reason begins with its count.
  return list.split(/, (?=\d+ )/).flatMap((part) => {
    const [, count = '', phrase = ''] = /^(\d+) (.*)$/s.exec(part.trim()) ?? [];
    for (const [pattern, plain] of phrases) {
      const match = phrase.match(pattern);
      if (match !== null) return [`${count} ${count === '1' ? 'node' : 'nodes'}: ${plain(match)}`];
    }
    return phrase === '' ? [] : [`${count}: ${phrase.replace(/\.$/, '')}`];
  });
}
