import { describe, expect, test } from 'vitest';
import { ApiError, CredentialError } from '../cluster/errors.ts';
import { ExecError } from '../cluster/exec/error.ts';
import type { CoreV1Event, V1Pod } from '../cluster/types.ts';
import {
  describeFailure,
  describeWaiting,
  downloadFailed,
  failure,
  failureFromApi,
  failureFromPod,
  failureFromStoreText,
  failureKinds,
  RunFailureError,
  storeCorrupt,
  neverStarted,
  supervisorLost,
  uploadFailed,
  type FailureContext,
  type FailureKind,
  type PodTrouble,
  type RunFailure,
} from './index.ts';

const context: FailureContext = {
  context: 'kind',
  server: 'https://10.0.0.1:6443',
  namespace: 'ci',
  pod: 'task-unit-1',
  claim: 'store',
};

/** The kinds that a row below has shown. */
const seen = new Set<FailureKind>();

function expectKind(found: RunFailure, kind: FailureKind, title: string): void {
  seen.add(found.kind);
  expect([found.kind, found.title]).toEqual([kind, title]);
  expect(found.nextStep).not.toBe('');
}

const api = (code: number | string, message: string, resource = 'pods', verb = 'create'): ApiError =>
  new ApiError({ code, message, verb, resource });

/** A refusal, and what the next step must and must not name. */
const shapeRows: [text: string, kind: FailureKind, title: string, next: RegExp, not: RegExp][] = [
  [
    'secrets "task-unit-1-pull" is forbidden: exceeded quota: few, requested: count/secrets=1, used: count/secrets=3, limited: count/secrets=3',
    'quota',
    'Quota few in namespace ci has no room for another Secret',
    /--pull-secret/,
    /container_limits/,
  ],
  [
    'secrets "x" is forbidden: exceeded quota: few, requested: secrets=1, used: secrets=3, limited: secrets=3',
    'quota',
    'Quota few in namespace ci has no room for another Secret',
    /kubectl get secrets -n ci/,
    /container_limits/,
  ],
  [
    'persistentvolumeclaims "a" is forbidden: exceeded quota: disk, requested: requests.storage=10Gi, used: requests.storage=0, limited: requests.storage=1Gi',
    'quota',
    'Quota disk in namespace ci has no room for the claim',
    /--size/,
    /container_limits/,
  ],
  [
    'pods "x" is forbidden: exceeded quota: few, requested: count/pods=1,pods=1, used: count/pods=3,pods=3, limited: count/pods=3,pods=3',
    'quota',
    'Quota few in namespace ci has no room for another pod',
    /until other pods end/,
    /container_limits/,
  ],
  [
    'persistentvolumeclaims "a" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 10Gi',
    'limit-range',
    "A LimitRange of the namespace does not allow the claim's size",
    /--size/,
    /container_limits/,
  ],
  [
    'pods "x" is forbidden: error looking up service account ci/builder: serviceaccount "builder" not found',
    'config-error',
    'Service account builder does not exist in namespace ci',
    /--service-account/,
    /in a moment/,
  ],
  [
    'pods "x" is forbidden: error looking up service account ci/default: serviceaccount "default" not found',
    'config-error',
    "The pod's service account does not exist in namespace ci",
    /in a moment/,
    /--service-account/,
  ],
  [
    'pods "x" is forbidden: no PriorityClass with name high was found',
    'config-error',
    'Priority class high does not exist',
    /--priority-class/,
    /container_limits/,
  ],
];

test.each(shapeRows)('%s', (text, kind, title, next, not) => {
  const found = failureFromApi(api(403, text, text.split(' ')[0]), context);
  expect([found.kind, found.title]).toEqual([kind, title]);
  expect(found.nextStep).toMatch(next);
  expect(found.nextStep).not.toMatch(not);
});

test.each<[string, RegExp, RegExp]>([
  [
    "0/3 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 2 node(s) had untolerated taint {dedicated: ci}.",
    /--toleration dedicated=ci`/,
    /container_limits/,
  ],
  [
    '0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/not-ready: }. preemption: 0/3 nodes are available.',
    /kubectl describe nodes/,
    /--toleration/,
  ],
  [
    "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.",
    /--node-selector/,
    /container_limits/,
  ],
  ['0/3 nodes are available: 3 Insufficient memory.', /container_limits/, /--node-selector/],
  ['0/3 nodes are available: 3 Insufficient ephemeral-storage.', /--ephemeral-storage/, /container_limits/],
])('no node: %s', (message, next, not) => {
  const pod = {
    status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message }] },
  } as V1Pod;
  const found = failureFromPod(pod, [], context);
  const step = found && 'waiting' in found ? (found.waiting.becomes?.nextStep ?? '') : '';
  expect(step).toMatch(next);
  expect(step).not.toMatch(not);
});

const apiRows: [error: unknown, kind: FailureKind, title: string][] = [
  [
    api('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.1:6443'),
    'unreachable',
    'Cannot reach https://10.0.0.1:6443 (context kind)',
  ],
  [
    api('ENOTFOUND', 'getaddrinfo ENOTFOUND k8s.example'),
    'unreachable',
    'Cannot reach https://10.0.0.1:6443 (context kind)',
  ],
  [api(503, 'apiserver is shutting down'), 'unreachable', 'The API server could not answer (HTTP 503)'],
  [api(429, 'too many requests'), 'unreachable', 'The API server could not answer (HTTP 429)'],
  [
    api('CERT_HAS_EXPIRED', 'certificate has expired'),
    'tls',
    'The certificate of https://10.0.0.1:6443 (context kind) is not accepted',
  ],
  [
    api('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'),
    'tls',
    'The certificate of https://10.0.0.1:6443 (context kind) is not accepted',
  ],
  [
    new CredentialError('PLUGIN_NOT_FOUND', 'The program aws was not found.', 'Install it.'),
    'auth-plugin',
    'Cannot sign in to context kind',
  ],
  [api(401, 'Unauthorized'), 'unauthorized', 'Your login for context kind has expired or is invalid'],
  [
    api(403, 'pods is forbidden: User "ada" cannot create resource "pods" in API group "" in the namespace "ci"'),
    'forbidden',
    'User ada is not allowed to create pods in namespace ci',
  ],
  [
    new ExecError(
      'REFUSED',
      'refused with HTTP 403: pods "x" is forbidden: User "ada" cannot create resource "pods/exec" in API group "" in the namespace "ci"',
      { status: 403 },
    ),
    'forbidden',
    'User ada is not allowed to create pods/exec in namespace ci',
  ],
  [
    api(
      403,
      'pods "x" is forbidden: exceeded quota: compute, requested: limits.cpu=2,limits.memory=2Gi, used: limits.cpu=1,limits.memory=3Gi, limited: limits.cpu=4,limits.memory=4Gi',
    ),
    'quota',
    'Quota compute in namespace ci has no room for the pod',
  ],
  [
    api(403, 'pods "x" is forbidden: failed quota: compute: must specify limits.cpu,limits.memory'),
    'quota',
    'Quota compute in namespace ci wants every container to state limits.cpu,limits.memory',
  ],
  [
    api(
      403,
      'pods "x" is forbidden: [maximum cpu usage per Container is 2, but limit is 4, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    ),
    'limit-range',
    "A LimitRange of the namespace does not allow the container's size",
  ],
  [
    api(
      403,
      'pods "x" is forbidden: violates PodSecurity "restricted:v1.31": allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)',
    ),
    'pod-security',
    'Namespace ci enforces the Pod Security standard "restricted"',
  ],
  [
    api(
      403,
      'pods "x" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed]',
    ),
    'pod-security',
    "The cluster's pod security rules refuse the pod",
  ],
  [
    api(400, 'admission webhook "validate.kyverno.svc-fail" denied the request: label team is required'),
    'admission-denied',
    'Admission webhook validate.kyverno.svc-fail refuses the pod',
  ],
  [
    api(500, 'Internal error occurred: failed calling webhook "sidecar.istio.io": context deadline exceeded'),
    'admission-denied',
    'Admission webhook sidecar.istio.io does not answer',
  ],
  [
    api(
      422,
      "pods \"x\" is forbidden: ValidatingAdmissionPolicy 'images' with binding 'all' denied request: only our registry",
    ),
    'admission-denied',
    'Admission policy images refuses the pod',
  ],
  [api(404, 'namespaces "ci" not found'), 'namespace-missing', 'Namespace ci does not exist'],
  [
    api(403, 'pods "x" is forbidden: unable to create new content in namespace ci because it is being terminated'),
    'namespace-terminating',
    'Namespace ci is being deleted',
  ],
  [
    api(404, 'persistentvolumeclaims "store" not found', 'persistentvolumeclaims', 'get'),
    'claim-missing',
    'Claim store does not exist in namespace ci',
  ],
  [api(404, 'pods "task-unit-1" not found', 'pods', 'get'), 'pod-deleted', 'Pod task-unit-1 is gone'],
  [new ExecError('LOST', 'the stream ended (1006)'), 'stream-lost', 'The connection to pod task-unit-1 was lost'],
  [new ExecError('STALLED', 'no sign of life'), 'stream-lost', 'The connection to pod task-unit-1 was lost'],
  [
    new ExecError('CONNECT', 'no connection', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
    'unreachable',
    'Cannot reach https://10.0.0.1:6443 (context kind)',
  ],
  [
    new ExecError('REFUSED', 'executable file not found in $PATH', { status: 500 }),
    'container-start-error',
    'A command could not be started in the pod',
  ],
  [new TypeError('x is not a function'), 'internal', 'Unexpected error: x is not a function'],
  ['a thrown text', 'internal', 'Unexpected error: a thrown text'],
  [new RunFailureError(failure('store-full', 'Full', { nextStep: 'Prune.' })), 'store-full', 'Full'],
];

test.each(apiRows)('a call that fails: %s', (error, kind, title) => {
  expectKind(failureFromApi(error, context), kind, title);
});

test('a quota tells its three numbers', () => {
  const text = 'exceeded quota: q, requested: limits.cpu=2, used: limits.cpu=3, limited: limits.cpu=4';
  expect(failureFromApi(api(403, text), context)).toMatchObject({
    evidence: ['limits.cpu: asked 2, used 3 of 4', text],
    detail: {
      quota: 'q',
      requested: { 'limits.cpu': '2' },
      used: { 'limits.cpu': '3' },
      limited: { 'limits.cpu': '4' },
    },
    retryable: true,
  });
});

/** JSON as an API server sends it. */
const podOf = (json: object): V1Pod => json;

/** The task's pod with this status; `spec` adds to its specification. */
function pod(status: object, spec: object = {}): V1Pod {
  return podOf({
    metadata: { name: 'task-unit-1', namespace: 'ci', uid: 'u' },
    spec: {
      initContainers: [{ name: 'fetch-input-0', image: 'busybox:musl' }],
      containers: [
        { name: 'main', image: 'golang:1.99', resources: { limits: { memory: '512Mi' } } },
        { name: 'artifact-helper', image: 'busybox:musl' },
        { name: 'db', image: 'postgres:17' },
      ],
      ...spec,
    },
    status: { phase: 'Pending', ...status },
  });
}

const container = (name: string, state: object): object => ({
  containerStatuses: [{ name, image: `${name}-image`, state }],
});
const waits = (reason: string, message = '', name = 'main'): V1Pod =>
  pod(container(name, { waiting: { reason, message } }));
const pull = (message: string): V1Pod => waits('ErrImagePull', message);
const ended = (name: string, terminated: object): V1Pod => pod(container(name, { terminated }));
const unscheduled = (message: string): V1Pod =>
  pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] });
const init = (state: object): V1Pod =>
  pod({ initContainerStatuses: [{ name: 'fetch-input-0', image: 'busybox:musl', state }] });
const event = (reason: string, message: string): CoreV1Event[] => [
  { metadata: {}, involvedObject: { uid: 'u' }, reason, message },
];

test.each([
  ['main', '`image_resource.source` of the task file'],
  ['artifact-helper', '`--helper-image` (setting `tarmac.helperImage`)'],
  ['db', '`image` of sidecar db'],
])('what is wrong with the image of %s is corrected in its own place', (name, place) => {
  for (const [reason, message] of [
    ['InvalidImageName', "couldn't parse image name"],
    ['ErrImagePull', 'manifest unknown'],
  ] as const) {
    const found = failureFromPod(waits(reason, message, name), [], context);
    expect(found && 'failure' in found && found.failure.nextStep).toContain(place);
    expect(found && 'failure' in found && found.failure.detail).toMatchObject({ container: name });
  }
});

/** How the verdict comes: at once, or as what a waiting becomes when patience ends. */
type How = 'now' | 'scheduling' | 'pull' | 'startup';

const podRows: [name: string, pod: V1Pod, events: CoreV1Event[], how: How, kind: FailureKind, title: string][] = [
  [
    'containerd: no such tag',
    pull(
      'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/golang:1.99": failed to resolve reference "docker.io/library/golang:1.99": docker.io/library/golang:1.99: not found',
    ),
    [],
    'now',
    'image-not-found',
    'Image golang:1.99 does not exist',
  ],
  [
    'dockershim 1.20: no such tag',
    pull(
      'rpc error: code = Unknown desc = Error response from daemon: manifest for golang:1.99 not found: manifest unknown: manifest unknown',
    ),
    [],
    'now',
    'image-not-found',
    'Image golang:1.99 does not exist',
  ],
  [
    '1.32: back-off that names the cause',
    waits(
      'ImagePullBackOff',
      'Back-off pulling image "golang:1.99": ErrImagePull: rpc error: code = NotFound desc = golang:1.99: not found',
    ),
    [],
    'now',
    'image-not-found',
    'Image golang:1.99 does not exist',
  ],
  [
    'never pulled',
    waits('ErrImageNeverPull', 'Container image "golang:1.99" is not present with pull policy of Never'),
    [],
    'now',
    'image-not-found',
    'Image golang:1.99 is not on the node, and may not be pulled',
  ],
  [
    'private repository',
    pull(
      "Error response from daemon: pull access denied for acme/x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    ),
    [],
    'pull',
    'image-denied',
    'The registry refuses to hand out golang:1.99',
  ],
  [
    'token refused',
    pull(
      'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 403 Forbidden',
    ),
    [],
    'pull',
    'image-denied',
    'The registry refuses to hand out golang:1.99',
  ],
  [
    'registry does not answer',
    pull('failed to do request: Head "https://r.example/v2/x": dial tcp 10.1.1.1:443: i/o timeout'),
    [],
    'pull',
    'image-unreachable',
    'The node cannot reach the registry of golang:1.99',
  ],
  [
    'certificate of the registry',
    pull('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
    [],
    'pull',
    'image-unreachable',
    'The node cannot reach the registry of golang:1.99',
  ],
  [
    'back-off without a cause',
    waits('ImagePullBackOff', 'Back-off pulling image "golang:1.99"'),
    [],
    'pull',
    'image-unreachable',
    'Image golang:1.99 could not be pulled',
  ],
  [
    'rate limit',
    pull('toomanyrequests: You have reached your pull rate limit.'),
    [],
    'pull',
    'image-rate-limited',
    'The registry limits how often golang:1.99 may be pulled',
  ],
  [
    'no image name',
    waits('InvalidImageName', 'Failed to apply default image tag "GO": couldn\'t parse image name'),
    [],
    'now',
    'image-invalid-name',
    'golang:1.99 is not the name of an image',
  ],
  [
    'a helper without an image: main finds no tools to start with',
    pod({
      containerStatuses: [
        {
          name: 'artifact-helper',
          image: '',
          state: { waiting: { reason: 'ErrImagePull', message: 'dial tcp 10.1.1.1:443: i/o timeout' } },
        },
        {
          name: 'main',
          image: '',
          state: {
            terminated: {
              exitCode: 128,
              reason: 'StartError',
              message: 'exec: "/.tarmac/bin/busybox": stat x: no such file',
            },
          },
        },
      ],
    }),
    [],
    'now',
    'image-unreachable',
    'The node cannot reach the registry of busybox:musl',
  ],
  [
    'in a sidecar',
    waits('InvalidImageName', "couldn't parse image name", 'db'),
    [],
    'now',
    'image-invalid-name',
    'postgres:17 is not the name of an image',
  ],
  [
    'no image for the node',
    pull('no match for platform in manifest: not found'),
    [],
    'now',
    'image-wrong-architecture',
    'Image golang:1.99 is not made for the processor of the node',
  ],
  [
    'program for another processor',
    ended('main', {
      exitCode: 128,
      reason: 'StartError',
      message: 'failed to create containerd task: exec /bin/sh: exec format error: unknown',
    }),
    [],
    'now',
    'image-wrong-architecture',
    'Image golang:1.99 is not made for the processor of the node',
  ],
  [
    'runs as root',
    waits(
      'CreateContainerConfigError',
      'container has runAsNonRoot and image will run as root (pod: "x", container: main)',
    ),
    [],
    'now',
    'config-error',
    "The kubelet cannot set up the task's container",
  ],
  [
    'Secret that may come yet',
    waits('CreateContainerConfigError', 'secret "task-unit-1-params" not found'),
    [],
    'pull',
    'config-error',
    "The kubelet cannot set up the task's container",
  ],
  [
    'no such program',
    waits(
      'RunContainerError',
      'failed to create containerd task: failed to start container process: exec: "bash": executable file not found in $PATH: unknown',
    ),
    [],
    'now',
    'container-start-error',
    'bash does not exist in image golang:1.99',
  ],
  [
    'crash loop',
    pod({
      containerStatuses: [
        {
          name: 'db',
          image: 'postgres:17',
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } },
          lastState: { terminated: { exitCode: 1 } },
        },
      ],
    }),
    [],
    'now',
    'crash-loop',
    'Sidecar db ended with exit code 1 before it should',
  ],
  [
    'crash loop for memory',
    pod({
      containerStatuses: [
        {
          name: 'main',
          image: 'x',
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
        },
      ],
    }),
    [],
    'now',
    'out-of-memory',
    "The task's container needed more than its memory limit of 512Mi",
  ],
  [
    'out of memory',
    ended('main', { exitCode: 137, reason: 'OOMKilled' }),
    [],
    'now',
    'out-of-memory',
    "The task's container needed more than its memory limit of 512Mi",
  ],
  [
    'out of memory without a limit',
    ended('db', { exitCode: 137, reason: 'OOMKilled' }),
    [],
    'now',
    'out-of-memory',
    'Sidecar db needed more than the memory of its node',
  ],
  [
    'input gone from the store',
    init({ terminated: { exitCode: 44 } }),
    [],
    'now',
    'init-failed',
    'An input is no longer in store store',
  ],
  [
    'node full while unpacking',
    init({ terminated: { exitCode: 46 } }),
    [],
    'now',
    'init-failed',
    'The node has no space to unpack the inputs',
  ],
  [
    'init image missing',
    init({ waiting: { reason: 'ErrImagePull', message: 'busybox:musl: not found' } }),
    [],
    'now',
    'image-not-found',
    'Image busybox:musl does not exist',
  ],
  [
    'no claim (1.31)',
    unscheduled(
      '0/1 nodes are available: persistentvolumeclaim "store" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ),
    [],
    'now',
    'claim-missing',
    'Claim store does not exist in namespace ci',
  ],
  [
    'claim without volume (1.20)',
    unscheduled('0/1 nodes are available: 1 pod has unbound immediate PersistentVolumeClaims.'),
    [],
    'scheduling',
    'claim-pending',
    'Claim store has no volume',
  ],
  [
    'no room',
    unscheduled(
      '0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    ),
    [],
    'scheduling',
    'unschedulable',
    'No node of the cluster can take the pod',
  ],
  [
    'node said no after all',
    pod(
      { phase: 'Failed', reason: 'OutOfcpu', message: "Pod Node didn't have enough resource: cpu" },
      { nodeName: 'n1' },
    ),
    [],
    'now',
    'unschedulable',
    'Node n1 could not take the pod after all',
  ],
  [
    'volume elsewhere',
    pod({}, { nodeName: 'n1' }),
    event('FailedAttachVolume', 'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) task-a'),
    'startup',
    'multi-attach',
    'The volume of claim store is in use on another node',
  ],
  [
    'mount fails',
    pod({}, { nodeName: 'n1' }),
    event('FailedMount', 'MountVolume.SetUp failed for volume "nfs" : mount failed: exit status 32'),
    'startup',
    'mount-failed',
    'Volume nfs cannot be mounted',
  ],
  [
    'no network',
    pod({}, { nodeName: 'n1' }),
    event('FailedCreatePodSandBox', 'Failed to create pod sandbox: plugin type="calico" failed'),
    'startup',
    'container-start-error',
    'The node cannot set up the pod’s network',
  ],
  [
    'evicted',
    pod(
      {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: ephemeral-storage. Container main was using 12Gi',
      },
      { nodeName: 'n1' },
    ),
    [],
    'now',
    'evicted',
    'The pod was evicted: node n1 ran out of ephemeral-storage',
  ],
  [
    'evicted by the API (1.26)',
    pod(
      {
        conditions: [
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'EvictionByEvictionAPI',
            message: 'Eviction API: evicting',
          },
        ],
      },
      { nodeName: 'n1' },
    ),
    [],
    'now',
    'evicted',
    'The pod was evicted from node n1',
  ],
  [
    'preempted',
    pod(
      { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] },
      { nodeName: 'n1' },
    ),
    [],
    'now',
    'preempted',
    'A more important pod took the place on node n1',
  ],
  [
    'node lost',
    pod({ reason: 'NodeLost', message: 'Node n1 which was running pod is unresponsive' }, { nodeName: 'n1' }),
    [],
    'now',
    'node-lost',
    'Node n1 went away while the task ran',
  ],
  [
    'node shut down',
    pod({
      phase: 'Failed',
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
    }),
    [],
    'now',
    'node-lost',
    'The node went away while the task ran',
  ],
  [
    'deadline',
    pod(
      {
        phase: 'Failed',
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      },
      { activeDeadlineSeconds: 3600 },
    ),
    [],
    'now',
    'deadline-exceeded',
    'The pod was stopped after its deadline of 3600 s',
  ],
  [
    'deleted',
    podOf({
      ...pod({ phase: 'Running' }),
      metadata: { name: 'task-unit-1', deletionTimestamp: '2026-01-01T00:00:00Z' },
    }),
    [],
    'now',
    'pod-deleted',
    'Pod task-unit-1 was deleted while the task needed it',
  ],
];

function verdict(trouble: PodTrouble | undefined): readonly [How, RunFailure | undefined] | undefined {
  if (trouble === undefined) return undefined;
  return 'failure' in trouble ? ['now', trouble.failure] : [trouble.waiting.patience, trouble.waiting.becomes];
}

test.each(podRows)('a pod: %s', (_name, subject, events, how, kind, title) => {
  const [when, found] = verdict(failureFromPod(subject, events, context)) ?? [];
  expect(when).toBe(how);
  if (found === undefined) throw new Error('expected a failure');
  expectKind(found, kind, title);
});

test.each<[string, V1Pod, CoreV1Event[]]>([
  ['is being created', waits('ContainerCreating'), []],
  ['unpacks inputs', waits('PodInitializing'), []],
  ['runs', pod({ phase: 'Running', ...container('main', { running: {} }) }, { nodeName: 'n' }), []],
  ['has a sidecar that is done', ended('db', { exitCode: 0, reason: 'Completed' }), []],
  [
    'pulls after a mount failed once',
    pod({}, { nodeName: 'n' }),
    [...event('FailedMount', 'x'), ...event('Pulling', 'Pulling image')],
  ],
])('nothing is wrong with a pod that %s', (_name, subject, events) => {
  expect(failureFromPod(subject, events, context)).toBeUndefined();
});

test('a gated pod waits, and becomes nothing of its own', () => {
  const gated = pod({
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'gated' }],
  });
  expect(failureFromPod(gated, [], context)).toEqual({
    waiting: { reason: 'SchedulingGated', message: 'gated', patience: 'scheduling' },
  });
});

test('the scheduler’s words in plain ones', () => {
  const text =
    "0/6 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 3 Insufficient memory, 1 node(s) had untolerated taint {gpu: true}, 1 Too many pods.";
  expect(verdict(failureFromPod(unscheduled(text), [], context))?.[1]?.evidence).toEqual([
    '1 node: are reserved by taint node-role.kubernetes.io/master',
    '3 nodes: have not enough free memory',
    '1 node: are reserved by taint gpu: true',
    '1 node: have no room for another pod',
    text,
  ]);
});

test('an init container’s log is evidence', () => {
  const logs = { 'fetch-input-0': 'unpacking\ntar: short read\n' };
  const found = verdict(failureFromPod(init({ terminated: { exitCode: 2 } }), [], { ...context, logs }))?.[1];
  expect(found?.evidence).toEqual(['fetch-input-0: exit code 2', 'unpacking\ntar: short read']);
});

const storeRows: [RunFailure | undefined, FailureKind, string][] = [
  [failureFromStoreText('sh: write error: No space left on device', context), 'store-full', 'Store store is full'],
  [
    failureFromStoreText("can't create 'x': Read-only file system", context),
    'store-readonly',
    'Store store cannot be written',
  ],
  [storeCorrupt('digest mismatch', context), 'store-corrupt', 'Store store holds damaged data'],
  [failureFromStoreText('pack 1: digest mismatch', context), 'store-corrupt', 'Store store holds damaged data'],
  [uploadFailed('repo', 'exit code 3', context), 'upload-failed', 'Input repo could not be sent'],
  [uploadFailed('repo', 'No space left on device', context), 'store-full', 'Store store is full'],
  [downloadFailed('dist', 'exit code 3', context), 'download-failed', 'Output dist could not be fetched'],
  [neverStarted(), 'not-started', 'The task never started: the window or terminal that ran it was closed first'],
  [supervisorLost('', context), 'supervisor-lost', 'The task’s process vanished without an exit code'],
];

test.each(storeRows)('the store: %o', (found, kind, title) => {
  if (found === undefined) throw new Error('expected a failure');
  expectKind(found, kind, title);
});

test('a text that is none of the store’s troubles', () => {
  expect(failureFromStoreText('hello', context)).toBeUndefined();
});

test('every kind has a row, but the one that only waiting makes (test/unit/wait-for-pod.test.ts)', () => {
  expect(failureKinds.filter((kind) => !seen.has(kind))).toEqual(['startup-timeout']);
});

describe('describeFailure', () => {
  test('one line says what, indented ones how we know, the last what to do', () => {
    const found = failure('quota', 'Quota q has no room', {
      evidence: ['limits.cpu: asked 2', undefined, ' ', 'two\nlines'],
      nextStep: 'Ask for less.',
    });
    expect(describeFailure(found)).toBe(
      'Quota q has no room (quota)\n  limits.cpu: asked 2\n  two\n  lines\nNext: Ask for less.',
    );
  });
});

describe('describeWaiting', () => {
  const becomes = failure('image-unreachable', 'The node cannot reach the registry of a/b:1', { nextStep: 'Wait.' });
  const pull =
    'rpc error: code = Unknown desc = failed to pull and unpack image "a/b:1": failed to resolve reference "a/b:1": ' +
    'failed to do request: Head "https://registry.example/v2/a/b/manifests/1": dial tcp: lookup registry.example: ';

  test.each([
    ['no such host', 'The node cannot reach the registry of a/b:1 (no such host); retrying'],
    ['x'.repeat(100), 'The node cannot reach the registry of a/b:1; retrying'],
  ])('a pull: what has gone wrong, and the reason when it is short: %s', (reason, expected) => {
    expect(describeWaiting({ reason: 'ErrImagePull', message: pull + reason, patience: 'pull', becomes })).toBe(
      expected,
    );
  });

  test('anything else in the words of Kubernetes', () => {
    const message = '0/3 nodes are available: 3 Insufficient memory.';
    expect(describeWaiting({ reason: 'Unschedulable', message, patience: 'scheduling', becomes })).toBe(message);
  });
});
