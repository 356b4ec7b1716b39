/** What one container's status says: why it waits, why it ended. */
import { formatBytes } from '../model/format.ts';
import type { V1ContainerStatus, V1Pod } from '../cluster/types.ts';
import { containerRole, containerSpec, dashN, describePod, failure, logTail, type FailureContext } from './context.ts';
import { invalidImageName, pulledImage, pullFailure, type PulledImage } from './images.ts';
import type { PodTrouble } from './pod-trouble.ts';
import type { RunFailure } from '../model/failure.ts';

/**
 * Why a waiting container waits; undefined for the ordinary reasons (`ContainerCreating`, `PodInitializing`).
 * `pullError` is the text of the container's last failed pull, where an event tells it.
 */
export function waitingTrouble(
  pod: V1Pod,
  status: V1ContainerStatus,
  context: FailureContext,
  pullError?: string,
): PodTrouble | undefined {
  const waiting = status.state?.waiting;
  const reason = waiting?.reason ?? '';
  const text = waiting?.message ?? '';
  const pulled = pulledImage(pod, status, context);
  const { image, role: where } = pulled;
  switch (reason) {
    case 'InvalidImageName':
      return { failure: invalidImageName(pulled, text) };
    case 'ErrImageNeverPull':
      return {
        failure: failure('image-not-found', `Image ${image} is not on the node, and may not be pulled`, {
          evidence: [text, where],
          nextStep:
            'Load the image onto the node, choose the node that has it with `--node-selector`, or another pull policy with `--pull-policy` (setting `tarmac.pod`, `imagePullPolicy`).',
          detail: { container: status.name, image },
        }),
      };
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ImageInspectError':
    case 'RegistryUnavailable':
    case 'SignatureValidationFailed': {
      // `Back-off pulling image "x"` (before 1.32) does not say why.
      const mute = text === '' || /^back-off pulling image "[^"]*"$/i.test(text.trim());
      const cause = mute ? (pullError ?? (text === '' ? reason : text)) : text;
      const becomes = pullFailure(pulled, cause, context);
      const definite = becomes.kind === 'image-not-found' || becomes.kind === 'image-wrong-architecture';
      return definite ? { failure: becomes } : { waiting: { reason, message: cause, patience: 'pull', becomes } };
    }
    case 'CreateContainerConfigError':
    case 'CreateContainerError':
      return configTrouble(where, reason, text, context);
    case 'RunContainerError':
    case 'PostStartHookError':
      return { failure: startFailure(pulled, reason, text, context) };
    case 'CrashLoopBackOff': {
      const last = status.lastState?.terminated;
      if (last?.reason === 'OOMKilled') return { failure: outOfMemory(pod, status.name, context) };
      return { failure: ended(where, status.name, last?.exitCode, [text, last?.message], context) };
    }
    default:
      return undefined;
  }
}

function configTrouble(where: string, reason: string, text: string, context: FailureContext): PodTrouble {
  const rootUser = /runAsNonRoot|image will run as root|non-numeric user/.test(text);
  const becomes = failure('config-error', `The kubelet cannot set up ${where}`, {
    evidence: [`${reason}: ${text}`],
    nextStep: rootUser
      ? 'The image runs as root, which the pod does not allow: give `run.user` a numeric user, or use an image with one.'
      : `The Secret, ConfigMap or path named above is missing: create it, or see ${describePod(context)}.`,
    detail: { reason },
  });
  // A Secret made right after the pod, or a busy container runtime, mend themselves.
  const passing =
    !rootUser && (/not found|timed? ?out|deadline exceeded|failed to sync|is reserved for/.test(text) || text === '');
  return passing ? { waiting: { reason, message: text, patience: 'pull', becomes } } : { failure: becomes };
}

/** A container whose program did not start. */
export function startFailure(pulled: PulledImage, reason: string, text: string, context: FailureContext): RunFailure {
  const { image, role: where } = pulled;
  if (/exec format error/i.test(text)) return pullFailure(pulled, text, context);
  const missing = /exec: "?([^":]+)"?: (?:executable file not found|stat .*no such file)/.exec(text)?.[1];
  return failure(
    'container-start-error',
    missing === undefined ? `${capital(where)} could not be started` : `${missing} does not exist in image ${image}`,
    {
      evidence: [`${reason}: ${text}`],
      nextStep:
        missing === undefined
          ? `See the details: ${describePod(context)}.`
          : `Choose an image that has ${missing}, or correct the command.`,
      detail: { reason },
    },
  );
}

/** The kernel killed the container for its memory. */
export function outOfMemory(pod: V1Pod, container: string, context: FailureContext): RunFailure {
  const limit = containerSpec(pod, container)?.resources?.limits?.['memory'];
  const where = containerRole(pod, container, context);
  const of =
    limit === undefined
      ? 'the memory of its node'
      : `its memory limit of ${/^\d+$/.test(limit) ? formatBytes(Number(limit)) : limit}`;
  return failure('out-of-memory', `${capital(where)} needed more than ${of}`, {
    evidence: [`Container ${container}: OOMKilled`, logTail(context.logs?.[container])],
    nextStep:
      limit === undefined
        ? 'Set `container_limits.memory` in the task file, so that the pod is placed on a node that has the memory.'
        : 'Raise `container_limits.memory` in the task file, or let the task use less (fewer parallel jobs, a smaller heap).',
    detail: { container, limit: limit ?? null },
  });
}

/** The container has ended without having begun. */
export function neverRan(status: V1ContainerStatus | undefined): boolean {
  const reason = status?.state?.terminated?.reason;
  return reason === 'StartError' || reason === 'ContainerCannotRun';
}

/** Trouble of a container that has ended; undefined when its end is in order. */
export function terminatedTrouble(
  pod: V1Pod,
  status: V1ContainerStatus,
  init: boolean,
  context: FailureContext,
): RunFailure | undefined {
  const terminated = status.state?.terminated;
  if (terminated === undefined) return undefined;
  const where = containerRole(pod, status.name, context);
  const text = terminated.message ?? '';
  const log = context.logs?.[status.name];
  if (terminated.reason === 'OOMKilled') return outOfMemory(pod, status.name, context);
  if (/exec format error/i.test(`${text}\n${log ?? ''}`)) {
    const pulled = pulledImage(pod, status, context);
    return pullFailure(pulled, `exec format error: ${text || (logTail(log, 1) ?? '')}`, context);
  }
  if (neverRan(status)) return startFailure(pulledImage(pod, status, context), terminated.reason ?? '', text, context);
  if (init) return terminated.exitCode === 0 ? undefined : initFailure(status.name, terminated.exitCode, text, context);
  const main = status.name === (context.main ?? 'main') || status.name === 'artifact-helper';
  // A sidecar may have done its work; main and helper wait until the runner lets them go.
  if (terminated.exitCode === 0 && !main) return undefined;
  return ended(where, status.name, terminated.exitCode, [terminated.reason, text], context);
}

function ended(
  where: string,
  name: string,
  exitCode: number | undefined,
  evidence: readonly (string | undefined)[],
  context: FailureContext,
): RunFailure {
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  return failure('crash-loop', `${capital(where)} ended${code} before it should`, {
    evidence: [...evidence, logTail(context.logs?.[name])],
    nextStep: `Read its log: \`kubectl logs ${context.pod ?? ''} -c ${name}${dashN(context)}\`.`,
    detail: { container: name, exitCode: exitCode ?? null },
  });
}

/**
 * Exit codes of the init containers that unpack inputs from the store: 44 the store has not the tree, 45 its bytes do
 * not have its digest, 46 no space. They are this project's own contract (runner/src/store).
 */
export const FETCH_EXIT = { missing: 44, corrupt: 45, noSpace: 46 } as const;

function initFailure(name: string, exitCode: number, text: string, context: FailureContext): RunFailure {
  const store = context.claim === undefined ? 'the store' : `store ${context.claim}`;
  const titles: Readonly<Record<number, readonly [title: string, next: string, retryable: boolean]>> = {
    [FETCH_EXIT.missing]: [
      `An input is no longer in ${store}`,
      'Run it again: the input is then sent once more.',
      true,
    ],
    [FETCH_EXIT.corrupt]: [
      `An input in ${store} is damaged`,
      'Run it again: the input is then sent once more. If it happens twice, check the volume, or prune the store with `tarmac store prune`.',
      true,
    ],
    [FETCH_EXIT.noSpace]: [
      'The node has no space to unpack the inputs',
      'Send less (ignored files are left out), or have the ephemeral storage of the nodes enlarged.',
      true,
    ],
  };
  const [title, nextStep, retryable] = titles[exitCode] ?? [
    `Init container ${name} ended with exit code ${exitCode}`,
    `Read its log: \`kubectl logs ${context.pod ?? ''} -c ${name}${dashN(context)}\`.`,
    false,
  ];
  return failure('init-failed', title, {
    evidence: [`${name}: exit code ${exitCode}`, text, logTail(context.logs?.[name])],
    nextStep,
    retryable,
    detail: { container: name, exitCode },
  });
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
