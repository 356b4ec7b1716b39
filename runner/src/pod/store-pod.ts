/**
 * A short-lived pod that mounts the claim, for looking into the store when no task's pod is there: listing artifacts,
 * downloading from a finished run, pruning. Runs themselves never need one.
 */
import { randomBytes } from 'node:crypto';
import type { Cluster, V1Pod } from '../cluster/types.ts';
import { createOnce, mayHaveActed } from '../cluster/create-once.ts';
import { describeWaiting } from '../failures/index.ts';
import { RunFailureError } from '../model/failure.ts';
import type { SecurityProfile } from '../model/plan.ts';
import { storePodProgram } from '../store/programs.ts';
import { ARTIFACTS_ROOT, escapeForPodSpec } from '../supervisor/layout.ts';
import { createAs } from './create-as.ts';
import { createFitting } from './fit.ts';
import { ownTarmacMounts, podUidEnv, tarmacVolumes } from './mounts.ts';
import { podLabels } from './names.ts';
import { refOf, shellIn } from './pod-shell.ts';
import { helperSecurity, podSecurity, type EffectiveProfile } from './security.ts';
import { helperPullPolicy, helperResources, identityOf, placeOf } from './shape-pod.ts';
import { plainShape, type PodShape, type Resources } from './shape.ts';
import type { StoreShell } from '../store/types.ts';
import { waitForPod } from './wait.ts';

/** The pod ends by itself after this time, however its client ended. */
const deadlineSeconds = 60 * 60;
/** And so long after the last time that anything was asked of it. */
const idleSeconds = 5 * 60;

export interface StorePodOptions {
  readonly claim?: string | undefined;
  readonly helperImage: string;
  readonly profile: SecurityProfile;
  readonly pullSecrets?: readonly string[] | undefined;
  readonly pod?: PodShape | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWaiting?: ((message: string) => void) | undefined;
  /** Give up at the first sign that the image cannot be had, rather than wait for its registry to recover. */
  readonly impatient?: boolean | undefined;
}

/** The pod; pure. It idles until it is deleted, and ends at once on TERM. */
export function buildStorePod(
  name: string,
  namespace: string,
  options: StorePodOptions,
  profile: EffectiveProfile,
  size?: Resources,
): V1Pod {
  const shape = options.pod ?? plainShape;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { ...shape.labels, ...podLabels(name, 'store', 'store') },
      ...(Object.keys(shape.annotations).length === 0 ? {} : { annotations: { ...shape.annotations } }),
    },
    spec: {
      restartPolicy: 'Never',
      ...identityOf(shape, 'store'),
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 5,
      activeDeadlineSeconds: deadlineSeconds,
      securityContext: podSecurity(profile, undefined),
      ...placeOf(shape),
      ...(options.pullSecrets && options.pullSecrets.length > 0
        ? { imagePullSecrets: options.pullSecrets.map((secret) => ({ name: secret })) }
        : {}),
      containers: [
        {
          name: 'artifact-helper',
          image: options.helperImage,
          imagePullPolicy: helperPullPolicy(shape),
          ...helperResources(size ?? shape.helperResources),
          command: escapeForPodSpec(storePodProgram(idleSeconds).command),
          env: [podUidEnv],
          securityContext: helperSecurity(profile),
          volumeMounts: [
            ...ownTarmacMounts({ installs: true, main: false, volumes: false }),
            ...(options.claim === undefined ? [] : [{ name: 'artifact-store', mountPath: ARTIFACTS_ROOT }]),
          ],
        },
      ],
      volumes: [
        ...tarmacVolumes({ main: false }),
        ...(options.claim === undefined
          ? []
          : [{ name: 'artifact-store', persistentVolumeClaim: { claimName: options.claim } }]),
      ],
    },
  };
}

/** A running store pod and a shell in it; disposing deletes it. */
export interface StorePod extends AsyncDisposable {
  readonly name: string;
  readonly shell: StoreShell;
}

/** Creates the pod and waits until it runs. Rejects with `RunFailureError` when it cannot. */
export async function openStorePod(cluster: Cluster, options: StorePodOptions): Promise<StorePod> {
  const name = `store-${randomBytes(4).toString('hex')}`;
  const signal = options.signal ?? new AbortController().signal;
  // The name is this pod's alone, so that it can be deleted whether its creation was answered or not.
  const close = (): Promise<void> => cluster.deletePod(name, { gracePeriodSeconds: 0 });
  let pod: V1Pod;
  try {
    pod = await createAs(cluster, options.profile, (profile) =>
      createFitting(
        (size) => buildStorePod(name, cluster.target.namespace, options, profile, size),
        (wanted) =>
          createOnce(
            () => cluster.createPod(wanted, signal),
            () => cluster.getPod(name, signal),
            signal,
          ),
        options.pod?.helperResources ?? {},
        cluster.target,
      ),
    );
  } catch (error) {
    // Why it was not created says more than that nothing could be deleted; a pod that is there has its own deadline.
    if (mayHaveActed(error, signal)) await close().catch(() => undefined);
    throw error;
  }
  const hopeless = new AbortController();
  try {
    await waitForPod(cluster, name, {
      // A webhook may have put its own containers before ours.
      until: (pod) =>
        pod.status?.containerStatuses?.find((status) => status.name === 'artifact-helper')?.state?.running !==
        undefined,
      signal: AbortSignal.any([signal, hopeless.signal]),
      claim: options.claim,
      onWaiting(waiting) {
        const { becomes } = waiting;
        if (options.impatient && becomes?.kind.startsWith('image-')) hopeless.abort(new RunFailureError(becomes));
        else options.onWaiting?.(describeWaiting(waiting));
      },
    });
  } catch (error) {
    // Why it did not start says more than that it could not be deleted; its own deadline ends it then.
    await close().catch(() => undefined);
    throw error;
  }
  return {
    name,
    shell: shellIn(cluster, refOf(pod), 'artifact-helper', { installing: true }),
    [Symbol.asyncDispose]: close,
  };
}
