import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiError } from '#internal/runner/src/cluster/errors.ts';
import type { V1PersistentVolumeClaim, V1Pod } from '#internal/runner/src/cluster/types.ts';
import { RunFailureError, type RunFailure } from '#internal/runner/src/failures/index.ts';
import { waitForPod, type PodPhase, type WaitOptions } from '#internal/runner/src/pod/wait.ts';
import { ManualClock } from '../fakes/clock.ts';
import { FakeCluster } from '../fakes/fake-cluster.ts';

const NAME = 'task-unit-1';
const UID = `uid-${NAME}`;
/** JSON as an API server sends it: the library's types are classes, its objects are not. */
const podOf = (json: object): V1Pod => json;
const claimOf = (json: object): V1PersistentVolumeClaim => json;
const POD = podOf({
  metadata: { name: NAME },
  spec: {
    initContainers: [{ name: 'fetch-input-0', image: 'busybox:musl' }],
    containers: [
      { name: 'main', image: 'golang:1.99' },
      { name: 'artifact-helper', image: 'busybox:musl' },
      { name: 'db', image: 'postgres:17' },
    ],
  },
});

interface Scene {
  readonly cluster: FakeCluster;
  readonly clock: ManualClock;
  readonly phases: PodPhase[];
  readonly waitings: string[];
  readonly controller: AbortController;
  /** The pod's name when the wait succeeds, its failure, or another error. */
  readonly outcome: Promise<string | RunFailure | Error>;
}

/** A created pod and a wait for it under way. */
async function scene(options: Partial<WaitOptions> = {}, prepare?: (cluster: FakeCluster) => void): Promise<Scene> {
  const [cluster, clock, controller] = [new FakeCluster(), new ManualClock(), new AbortController()];
  const [phases, waitings]: [PodPhase[], string[]] = [[], []];
  await cluster.createPod(POD);
  prepare?.(cluster);
  const outcome = waitForPod(cluster, NAME, {
    until: 'main-and-helper-running',
    onPhase: (phase) => phases.push(phase),
    onWaiting: (waiting) => waitings.push(waiting.reason),
    signal: controller.signal,
    clock,
    ...options,
  }).then(
    (pod) => pod.metadata?.name ?? '',
    (error: unknown) => (error instanceof RunFailureError ? error.failure : (error as Error)),
  );
  await turn();
  return { cluster, clock, phases, waitings, controller, outcome };
}

/** A list of statuses with the given state for one container, the others being created. */
function states(name: string, state: object, list: 'containers' | 'initContainers' = 'containers'): object {
  const statuses = (POD.spec?.[list] ?? []).map((container) => ({
    name: container.name,
    image: container.image,
    state: container.name === name ? state : { waiting: { reason: 'ContainerCreating' } },
  }));
  return list === 'containers' ? { containerStatuses: statuses } : { initContainerStatuses: statuses };
}

const running = { running: { startedAt: '2026-01-01T00:00:09Z' } };

test('a pod that starts: each step once, in order, with its time', async () => {
  const { cluster, clock, phases, outcome } = await scene();
  const [init, done] = [
    states('fetch-input-0', { running: { startedAt: '2026-01-01T00:00:02Z' } }, 'initContainers'),
    states(
      'fetch-input-0',
      { terminated: { exitCode: 0, startedAt: '2026-01-01T00:00:02Z', finishedAt: '2026-01-01T00:00:05Z' } },
      'initContainers',
    ),
  ];
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:01Z' };
  cluster.patchPod(NAME, { spec: { nodeName: 'node-7' }, status: { conditions: [scheduled] } });
  await clock.advance(2000);
  cluster.patchPod(NAME, { status: init });
  cluster.patchPod(NAME, { status: init });
  await clock.advance(4000);
  cluster.addEvent(UID, 'Pulling', 'Pulling image "golang:1.99"', 'spec.containers{main}');
  cluster.addEvent(UID, 'Pulled', 'Successfully pulled image "golang:1.99" in 3s', 'spec.containers{main}');
  cluster.patchPod(NAME, { status: done });
  await clock.advance(1000);
  cluster.startPod(NAME, 'node-7');
  expect(await outcome).toBe(NAME);
  expect(phases.map(({ name, attributes }) => [name, attributes['container.name'] ?? attributes['node.name']])).toEqual(
    [
      ['pod.scheduled', 'node-7'],
      ['init.container.started', 'fetch-input-0'],
      ['init.container.completed', 'fetch-input-0'],
      ['container.running', 'main'],
      ['container.running', 'artifact-helper'],
      ['container.running', 'db'],
      ['image.pulling', 'main'],
      ['image.pulled', 'main'],
    ],
  );
  expect(phases.slice(0, 3).map(({ time }) => time)).toEqual([
    '2026-01-01T00:00:01.000Z',
    '2026-01-01T00:00:02.000Z',
    '2026-01-01T00:00:05.000Z',
  ]);
});

test('a pod that starts at once costs one watch and no other call', async () => {
  const { cluster, outcome } = await scene();
  cluster.startPod(NAME);
  expect(await outcome).toBe(NAME);
  expect(cluster.calls.map(({ method }) => method)).toEqual(['createPod', 'watchPod']);
});

test("the pod's phase Running is not enough while the task's container is being created", async () => {
  const { cluster, clock, outcome } = await scene();
  cluster.patchPod(NAME, { spec: { nodeName: 'n' }, status: { phase: 'Running', ...states('db', running) } });
  await clock.advance(5000);
  expect(await Promise.race([outcome, turn('still waiting')])).toBe('still waiting');
  cluster.startPod(NAME);
  expect(await outcome).toBe(NAME);
});

describe('nothing is left behind', () => {
  test.each<[string, (scene: Scene) => void, unknown]>([
    ['when it succeeds', ({ cluster }) => cluster.startPod(NAME), NAME],
    ['when it fails', ({ cluster }) => cluster.removePod(NAME), { kind: 'pod-deleted' }],
    ['when it is aborted', ({ controller }) => controller.abort(new Error('stop')), new Error('stop')],
  ])('%s', async (_name, act, expected) => {
    const made = await scene();
    expect(made.cluster.watching).toBe(1);
    act(made);
    const outcome = await made.outcome;
    if (typeof expected === 'object') expect(outcome).toMatchObject(expected as object);
    else expect(outcome).toBe(expected);
    await turn();
    expect(made.cluster.watching).toBe(0);
  });
});

describe('an image that cannot be pulled', () => {
  const pull = (message: string): object => states('main', { waiting: { reason: 'ErrImagePull', message } });

  test('and does not exist: fails at once', async () => {
    const { cluster, outcome } = await scene();
    cluster.patchPod(NAME, { spec: { nodeName: 'n' }, status: pull('golang:1.99: not found') });
    expect(await outcome).toMatchObject({ kind: 'image-not-found', title: 'Image golang:1.99 does not exist' });
  });

  test('in an init container or a sidecar: fails as well', async () => {
    const { cluster, outcome } = await scene();
    const broken = { waiting: { reason: 'InvalidImageName', message: 'couldn\'t parse image "BUSYBOX"' } };
    cluster.patchPod(NAME, { status: states('fetch-input-0', broken, 'initContainers') });
    expect(await outcome).toMatchObject({ kind: 'image-invalid-name' });
  });

  test("for now: gets its grace, then fails with the registry's words", async () => {
    const { cluster, clock, waitings, outcome } = await scene({ imagePullGraceMs: 60_000 });
    const timeout = 'Get "https://r.example/v2/": dial tcp 10.0.0.1:443: i/o timeout';
    cluster.patchPod(NAME, { spec: { nodeName: 'n' }, status: pull(timeout) });
    await clock.advance(59_000);
    expect(await Promise.race([outcome, turn('still waiting')])).toBe('still waiting');
    await clock.advance(2000);
    expect(await outcome).toMatchObject({ kind: 'image-unreachable', retryable: true });
    expect(waitings).toEqual(['ErrImagePull']);
  });

  test('refused by the registry: fails after the second try', async () => {
    const { cluster, clock, outcome } = await scene({});
    cluster.patchPod(NAME, { spec: { nodeName: 'n' }, status: pull('unexpected status code 401 Unauthorized') });
    await clock.advance(14_000);
    expect(await Promise.race([outcome, turn('still waiting')])).toBe('still waiting');
    await clock.advance(2000);
    expect(await outcome).toMatchObject({ kind: 'image-denied' });
  });

  test('is told once, though pull and back-off take turns with a text each', async () => {
    const { cluster, clock, waitings } = await scene({ imagePullGraceMs: 600_000 });
    const backOff = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling: dial tcp: i/o timeout' } };
    for (let turns = 0; turns < 3; turns += 1) {
      cluster.patchPod(NAME, { spec: { nodeName: 'n' }, status: pull('dial tcp 10.0.0.1:443: i/o timeout') });
      await clock.advance(5000);
      cluster.patchPod(NAME, { status: states('main', backOff) });
      await clock.advance(5000);
    }
    expect(waitings).toEqual(['ErrImagePull']);
    cluster.startPod(NAME);
  });

  test('and then can: the pod starts', async () => {
    const { cluster, clock, outcome } = await scene();
    cluster.patchPod(NAME, { spec: { nodeName: 'n' }, status: pull('unexpected EOF') });
    await clock.advance(20_000);
    cluster.startPod(NAME);
    expect(await outcome).toBe(NAME);
  });

  test('of a back-off without a cause: the events tell it', async () => {
    const { cluster, clock, outcome } = await scene({}, (fake) =>
      fake.addEvent(UID, 'Failed', 'Failed to pull image "golang:1.99": manifest unknown', 'spec.containers{main}'),
    );
    const backOff = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "golang:1.99"' } };
    cluster.patchPod(NAME, { spec: { nodeName: 'n' }, status: states('main', backOff) });
    await clock.advance(1000);
    expect(await outcome).toMatchObject({ kind: 'image-not-found' });
  });
});

describe('a pod without a node', () => {
  const unschedulable = (message: string): object => ({
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
  });

  test('waits for the autoscaler, then fails with the reasons in plain words', async () => {
    const { cluster, clock, waitings, outcome } = await scene({ schedulingTimeoutMs: 900_000, startupTimeoutMs: 1000 });
    cluster.patchPod(NAME, { status: unschedulable('0/3 nodes are available: 3 Insufficient memory.') });
    await clock.advance(899_000);
    expect(await Promise.race([outcome, turn('still waiting')])).toBe('still waiting');
    await clock.advance(2000);
    expect(await outcome).toMatchObject({
      kind: 'unschedulable',
      evidence: [
        '3 nodes: have not enough free memory',
        '0/3 nodes are available: 3 Insufficient memory.',
        'Waited 900 s',
      ],
    });
    expect(waitings).toEqual(['Unschedulable']);
  });

  test('that gets one in time starts', async () => {
    const { cluster, clock, outcome } = await scene();
    cluster.patchPod(NAME, { status: unschedulable('0/1 nodes are available: 1 Insufficient cpu.') });
    await clock.advance(600_000);
    cluster.startPod(NAME);
    expect(await outcome).toBe(NAME);
  });

  const claim = (annotations: object): V1PersistentVolumeClaim =>
    claimOf({ metadata: { name: 'store', uid: 'uid-store', annotations }, status: { phase: 'Pending' } });

  test('whose claim waits for its first pod is in order, and says so', async () => {
    const { clock, waitings, cluster, outcome } = await scene({ claim: 'store' }, (fake) =>
      fake.claims.set('store', claim({ 'volume.kubernetes.io/selected-node': 'node-1' })),
    );
    await clock.advance(5000);
    expect(waitings).toEqual(['WaitForFirstConsumer']);
    cluster.startPod(NAME);
    expect(await outcome).toBe(NAME);
  });

  test("whose claim cannot be provisioned fails with the provisioner's words", async () => {
    const { cluster, clock, outcome } = await scene({ claim: 'store', schedulingTimeoutMs: 30_000 }, (fake) => {
      fake.claims.set('store', claim({}));
      fake.addEvent('uid-store', 'ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found');
    });
    cluster.patchPod(NAME, {
      status: unschedulable('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'),
    });
    await clock.advance(31_000);
    expect(await outcome).toMatchObject({
      kind: 'claim-pending',
      evidence: expect.arrayContaining(['storageclass.storage.k8s.io "fast" not found']) as unknown,
    });
  });
});

test('an init container that fails: its exit code and the end of its log', async () => {
  const { cluster, outcome } = await scene({}, (fake) => fake.setLog(NAME, 'fetch-input-0', 'tar: short read\n'));
  const failed = { terminated: { exitCode: 1, reason: 'Error' } };
  cluster.patchPod(NAME, { status: states('fetch-input-0', failed, 'initContainers') });
  expect(await outcome).toMatchObject({
    kind: 'init-failed',
    evidence: ['fetch-input-0: exit code 1', 'tar: short read'],
    detail: { container: 'fetch-input-0', exitCode: 1 },
  });
});

test('a log that cannot be read does not hide the failure', async () => {
  const { cluster, outcome } = await scene();
  cluster.failNext('podLog', new ApiError({ code: 500, message: 'boom', verb: 'get', resource: 'pods/log' }));
  cluster.patchPod(NAME, { status: states('fetch-input-0', { terminated: { exitCode: 45 } }, 'initContainers') });
  expect(await outcome).toMatchObject({ kind: 'init-failed', retryable: true });
});

test('a pod that never becomes ready: the limit, with what its containers wait for', async () => {
  const { cluster, clock, outcome } = await scene({ startupTimeoutMs: 300_000 });
  cluster.patchPod(NAME, { spec: { nodeName: 'n' }, status: states('db', running) });
  await clock.advance(301_000);
  expect(await outcome).toMatchObject({
    kind: 'startup-timeout',
    evidence: [
      'Waited 300 s (phase: Pending)',
      'Container main waits: ContainerCreating',
      'Container artifact-helper waits: ContainerCreating',
    ],
  });
});

test('a volume that does not mount: named by its event when time is up', async () => {
  const { cluster, clock, outcome } = await scene({ startupTimeoutMs: 60_000 }, (fake) =>
    fake.addEvent(UID, 'FailedMount', 'MountVolume.SetUp failed for volume "pvc-1" : mount failed: exit status 32'),
  );
  cluster.patchPod(NAME, { spec: { nodeName: 'n' } });
  await clock.advance(61_000);
  expect(await outcome).toMatchObject({ kind: 'mount-failed', title: 'Volume pvc-1 cannot be mounted' });
});

test('a watch that ends with an error is a failure of its kind', async () => {
  const cluster = new FakeCluster();
  cluster.failNext(
    'watchPod',
    new ApiError({
      code: 403,
      message: 'pods is forbidden: User "ada" cannot watch resource "pods" in API group "" in the namespace "ci"',
      verb: 'watch',
      resource: 'pods',
    }),
  );
  await expect(waitForPod(cluster, NAME, { until: () => true, clock: new ManualClock() })).rejects.toMatchObject({
    failure: { kind: 'forbidden', title: 'User ada is not allowed to watch pods in namespace ci' },
  });
});

test('an abort that came before', async () => {
  const cluster = new FakeCluster();
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(waitForPod(cluster, NAME, { until: () => true, signal })).rejects.toThrow('stop');
  expect(cluster.calls).toEqual([]);
});

describe('containers that a webhook has added', () => {
  const own = { containers: ['main', 'artifact-helper', 'db'] };
  const state = (name: string, of: object): object => ({ name, image: '', imageID: '', restartCount: 0, state: of });
  const running = { running: { startedAt: new Date(0).toISOString() } };
  const spec = {
    nodeName: 'node-1',
    initContainers: [
      { name: 'mesh-native', restartPolicy: 'Always' },
      { name: 'fetch-input-0', image: 'busybox:musl' },
    ],
    containers: [{ name: 'istio-proxy' }, ...(POD.spec?.containers ?? [])],
  };
  const done = state('fetch-input-0', { terminated: { exitCode: 0, reason: 'Completed' } });
  const ours = ['main', 'artifact-helper', 'db'].map((name) => state(name, running));

  test.each<[string, object, object]>([
    ['wait themselves', { waiting: { reason: 'PodInitializing' } }, running],
    ['cannot be pulled', { waiting: { reason: 'ImagePullBackOff', message: 'denied' } }, running],
    ['have failed', { terminated: { exitCode: 1, reason: 'Error' } }, running],
    ['are begun anew', running, { terminated: { exitCode: 1, reason: 'Error' } }],
  ])('%s: the run goes on', async (_, first, native) => {
    const { cluster, outcome } = await scene(own);
    cluster.patchPod(NAME, {
      spec,
      status: {
        phase: 'Running',
        initContainerStatuses: [state('mesh-native', native), done],
        containerStatuses: [state('istio-proxy', first), ...ours],
      },
    });
    expect(await outcome).toBe(NAME);
  });

  test('main is waited for, although the first container runs', async () => {
    const { cluster, outcome } = await scene(own);
    cluster.patchPod(NAME, {
      spec,
      status: {
        phase: 'Running',
        initContainerStatuses: [state('mesh-native', running), done],
        containerStatuses: [
          state('istio-proxy', running),
          state('main', { waiting: { reason: 'InvalidImageName', message: 'no' } }),
        ],
      },
    });
    expect(await outcome).toMatchObject({ kind: 'image-invalid-name' });
  });
});
