/**
 * `buildPod`: from a plan to the pod that runs it. Pure. The shape is JetBridge's (`main` paused, `artifact-helper`,
 * `fetch-input-N`), without its known faults: see docs/architecture/run.md.
 */
import type { V1Container, V1EnvVar, V1Pod, V1PodSpec, V1Secret, V1VolumeMount } from '../cluster/types.ts';
import { startLimitMs } from '../plan/start-limit.ts';
import type { Plan, PlannedInput, SidecarConfig } from '../model/plan.ts';
import type { ContainerProgram } from '../store/programs.ts';
import { ARTIFACTS_ROOT, escapeForPodSpec, TARMAC_ROOT } from '../supervisor/layout.ts';
import { mainTarmacMounts, ownTarmacMounts, podUidEnv, tarmacVolumes, volumesMount } from './mounts.ts';
import { annotations, labelValue, podLabels, podName, pullSecretName } from './names.ts';
import { helperSecurity, mainSecurity, podSecurity, type EffectiveProfile } from './security.ts';
import { helperPullPolicy, helperResources, identityOf, mainResources, placeOf, pullPolicy } from './shape-pod.ts';
import type { Resources } from './shape.ts';

/** The pod lives at most this much longer than its start and the task may take, for pulling, unpacking and saving. */
const deadlineSlackSeconds = 15 * 60;

/** The programs of the pod's own containers. */
export interface PodPrograms {
  /** One per input that is unpacked by an init container, in order. Empty when nothing is. */
  readonly fetchInputs: readonly { readonly input: PlannedInput; readonly program: ContainerProgram }[];
  /** Installs our files when there is no `fetch-input-0` to do it. */
  readonly install: ContainerProgram;
  readonly main: ContainerProgram;
  readonly helper: ContainerProgram;
  /**
   * The postStart hook of a helper that does the init containers' work itself: then there are none, and the helper
   * comes first, because the kubelet starts containers in order and waits for each one's hook. An init container costs
   * up to a second more: the kubelet looks for containers that have ended once a second.
   */
  readonly helperHook?: readonly string[];
}

export interface PodOptions {
  readonly namespace: string;
  readonly profile: EffectiveProfile;
  readonly programs: PodPrograms;
  /** The claim can be mounted by one node at a time: prefer the node where other pods of this claim run. */
  readonly singleNode?: boolean;
  readonly startedAt: string;
  /** Which attempt to start the run this pod is; 1 when absent. */
  readonly attempt?: number;
  /** The run's record as JSON: lets another machine take the run up. */
  readonly record?: string;
  /** Take the node's own copy of the task's image: its registry does not answer. */
  readonly nodeImage?: boolean;
  /** It is a spare, and waits so long for a run. */
  readonly spareSeconds?: number;
  /** Size of our own containers, where their usual one was refused. */
  readonly helperSize?: Resources;
}

/** The pod of a run. No param is in it: they travel with the command's specification. */
export function buildPod(plan: Plan, options: PodOptions): V1Pod {
  const name = podName(plan.run, options.attempt);
  const labels = podLabels(plan.run, plan.task, 'task');
  const taskMounts: V1VolumeMount[] = plan.volumes.map(({ name: volume, mountPath }) => ({ name: volume, mountPath }));
  const { helperHook } = options.programs;
  const initContainers = helperHook ? [] : initContainersOf(plan, options);
  const main = mainContainer(plan, options, [...mainTarmacMounts(), ...taskMounts]);
  const helper = helperContainer(plan, options);
  const spec: V1PodSpec = {
    restartPolicy: 'Never',
    ...identityOf(plan.pod, 'task'),
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 10,
    activeDeadlineSeconds: deadlineSeconds(plan, options.spareSeconds),
    securityContext: podSecurity(options.profile, plan.command.user),
    ...placeOf(plan.pod, plan.image.architecture),
    ...pullSecretsOf(plan, options.attempt),
    ...(options.singleNode && plan.store.kind === 'claim' ? { affinity: sameNodeAffinity(plan.store.claim) } : {}),
    ...(initContainers.length > 0 ? { initContainers } : {}),
    containers: [
      // The kubelet expands `$(NAME)` in a command, but not in a hook: that one stands as it is.
      ...(helperHook
        ? [{ ...helper, lifecycle: { postStart: { exec: { command: [...helperHook] } } } }, main]
        : [main, helper]),
      ...plan.sidecars.map((sidecar) => sidecarContainer(sidecar, plan, options, taskMounts)),
    ],
    volumes: [
      ...tarmacVolumes({ main: true }),
      ...plan.volumes.map((volume) => ({ name: volume.name, emptyDir: {} })),
      ...(plan.store.kind === 'claim'
        ? [{ name: 'artifact-store', persistentVolumeClaim: { claimName: plan.store.claim } }]
        : []),
    ],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: options.namespace,
      labels: {
        ...plan.pod.labels,
        ...labels,
        ...(plan.store.kind === 'claim' ? { [claimLabel]: labelValue(plan.store.claim) } : {}),
      },
      annotations: {
        ...plan.pod.annotations,
        [annotations.taskFile]: plan.taskFile,
        [annotations.startedAt]: options.startedAt,
        [annotations.keepSeconds]: String(Math.ceil(plan.keepMs / 1000)),
        [annotations.defaultContainer]: 'main',
        ...(options.spareSeconds === undefined ? {} : { [annotations.spareSeconds]: String(options.spareSeconds) }),
        ...(options.record === undefined ? {} : { [annotations.record]: options.record }),
      },
    },
    spec,
  };
}

/** The API takes a 32 bit number of seconds. */
const longestDeadlineSeconds = 2 ** 31 - 1;

function deadlineSeconds(plan: Plan, spareSeconds = 0): number {
  const { timeoutMs, keepMs } = plan;
  return Math.min(
    Math.ceil((startLimitMs(plan) + timeoutMs + keepMs) / 1000) + deadlineSlackSeconds + spareSeconds,
    longestDeadlineSeconds,
  );
}

/** Label that lets pods of one claim find the same node. */
const claimLabel = 'tarmac/claim';

/** Preferred, not required: with no other pod around, any node will do (kubernetes.io docs, "ReadWriteOnce"). */
function sameNodeAffinity(claim: string): NonNullable<V1PodSpec['affinity']> {
  return {
    podAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: { matchLabels: { [claimLabel]: labelValue(claim) } },
          },
        },
      ],
    },
  };
}

function pullSecretsOf(plan: Plan, attempt: number | undefined): Pick<V1PodSpec, 'imagePullSecrets'> {
  const names = [...plan.pullSecrets, ...(plan.image.credentials ? [pullSecretName(plan.run, attempt)] : [])];
  return names.length === 0 ? {} : { imagePullSecrets: [...new Set(names)].map((name) => ({ name })) };
}

/** An env value that Kubernetes leaves as it is: `$(NAME)` is expanded in values as it is in commands. */
function literalEnv(name: string, value: string): V1EnvVar {
  return { name, value: escapeForPodSpec([value])[0] ?? '' };
}

/** @param installs it puts the tools in place, and writes down which pod this is */
function programOf(program: ContainerProgram, installs = false): Pick<V1Container, 'command' | 'env'> {
  const env = Object.entries(program.env ?? {}).map(([name, value]) => literalEnv(name, value));
  if (installs) env.unshift(podUidEnv);
  return { command: escapeForPodSpec(program.command), ...(env.length > 0 ? { env } : {}) };
}

/** The helper shares the task's quality of service: with no limits none, with both limits Guaranteed stays possible. */
function helperSizeOf(plan: Plan, options: PodOptions): Pick<V1Container, 'resources'> {
  return helperResources(
    options.helperSize ?? {
      ...(plan.limits.cpuMillis === undefined ? {} : { cpu: '500m' }),
      ...(plan.limits.memoryBytes === undefined ? {} : { memory: '128Mi' }),
      ...plan.pod.helperResources,
    },
  );
}

function initContainersOf(plan: Plan, options: PodOptions): V1Container[] {
  const { programs } = options;
  const common = (name: string, program: ContainerProgram, installs: boolean): V1Container => ({
    name,
    image: plan.helperImage,
    imagePullPolicy: helperPullPolicy(plan.pod),
    ...programOf(program, installs),
    ...helperSizeOf(plan, options),
    securityContext: helperSecurity(options.profile),
    volumeMounts: ownTarmacMounts({ installs, main: false, volumes: programs.fetchInputs.length > 0 }),
  });
  if (programs.fetchInputs.length === 0) return [common('install-helper', programs.install, true)];
  return programs.fetchInputs.map(({ input, program }, index) => {
    const container = common(`fetch-input-${index}`, program, index === 0);
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      ...(plan.store.kind === 'claim' ? [{ name: 'artifact-store', mountPath: ARTIFACTS_ROOT }] : []),
      { name: input.volume, mountPath: `${volumesMount}/${input.volume}` },
    ];
    return container;
  });
}

function mainContainer(plan: Plan, options: PodOptions, volumeMounts: V1VolumeMount[]): V1Container {
  const program = programOf(options.programs.main);
  return {
    name: 'main',
    image: plan.image.reference,
    imagePullPolicy: options.nodeImage ? 'IfNotPresent' : pullPolicy(plan.image.reference, plan.pod),
    ...program,
    workingDir: plan.workDir,
    ...mainResources(plan),
    securityContext: mainSecurity(options.profile, plan.command.user),
    volumeMounts,
  };
}

/** Tells everybody who sees the pod whether a run has taken it: no right to change pods is needed for that. */
const takenProbe: NonNullable<V1Container['readinessProbe']> = {
  exec: { command: [`${TARMAC_ROOT}/bin/busybox`, 'test', '-e', `${TARMAC_ROOT}/helper/taken`] },
  periodSeconds: 10,
  failureThreshold: 1,
};

function helperContainer(plan: Plan, options: PodOptions): V1Container {
  const installs = options.programs.helperHook !== undefined;
  return {
    name: 'artifact-helper',
    image: plan.helperImage,
    imagePullPolicy: helperPullPolicy(plan.pod),
    ...programOf(options.programs.helper, installs),
    ...(options.spareSeconds === undefined ? {} : { readinessProbe: takenProbe }),
    ...helperSizeOf(plan, options),
    securityContext: helperSecurity(options.profile),
    volumeMounts: [
      ...ownTarmacMounts({ installs, main: true, volumes: true }),
      ...plan.volumes.map((volume) => ({ name: volume.name, mountPath: `${volumesMount}/${volume.name}` })),
      ...(plan.store.kind === 'claim' ? [{ name: 'artifact-store', mountPath: ARTIFACTS_ROOT }] : []),
    ],
  };
}

function resourcesOf(resources: NonNullable<SidecarConfig['resources']>): NonNullable<V1Container['resources']> {
  const { requests, limits } = resources;
  return { ...(requests ? { requests: { ...requests } } : {}), ...(limits ? { limits: { ...limits } } : {}) };
}

/** A sidecar shares the pod's network and all of the task's mounts (JetBridge, `sidecars`). */
function sidecarContainer(
  sidecar: SidecarConfig,
  plan: Plan,
  options: PodOptions,
  volumeMounts: V1VolumeMount[],
): V1Container {
  return {
    name: sidecar.name,
    image: sidecar.image ?? '',
    imagePullPolicy: pullPolicy(sidecar.image ?? '', plan.pod),
    ...(sidecar.command ? { command: escapeForPodSpec(sidecar.command) } : {}),
    ...(sidecar.args ? { args: escapeForPodSpec(sidecar.args) } : {}),
    ...(sidecar.env ? { env: sidecar.env.map(({ name = '', value = '' }) => literalEnv(name, value)) } : {}),
    ...(sidecar.ports ? { ports: sidecar.ports.map((port) => ({ ...port })) } : {}),
    ...(sidecar.resources ? { resources: resourcesOf(sidecar.resources) } : {}),
    workingDir: sidecar.workingDir ?? plan.command.dir,
    securityContext: mainSecurity(options.profile === 'privileged' ? 'baseline' : options.profile, undefined),
    volumeMounts,
  };
}

function ownedBy(plan: Plan, namespace: string, owner: PodOwner, name: string): NonNullable<V1Secret['metadata']> {
  return {
    name,
    namespace,
    labels: podLabels(plan.run, plan.task, 'task'),
    // The garbage collector removes the Secret with its pod, whoever deletes it and however this client ends.
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName(plan.run, owner.attempt), uid: owner.uid }],
  };
}

/** The pod that owns the Secret of a run. */
export interface PodOwner {
  readonly uid: string;
  /** Which attempt to start the run it is; 1 when absent. */
  readonly attempt?: number;
}

/**
 * The Secret with the registry password of the task's image, owned by the run's pod; undefined where the task file has
 * none. It is the only Secret that Tarmac makes.
 */
export function pullSecret(plan: Plan, namespace: string, owner: PodOwner): V1Secret | undefined {
  const { credentials } = plan.image;
  if (!credentials) return undefined;
  const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  const { server, username, password } = credentials;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: ownedBy(plan, namespace, owner, pullSecretName(plan.run, owner.attempt)),
    stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [server]: { username, password, auth } } }) },
  };
}
