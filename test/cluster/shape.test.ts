/** Namespaces that limit sizes, and what a person may ask of the pods there. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStorePod } from '#internal/runner/src/pod/store-pod.ts';
import { kubectl } from './support/cluster.ts';
import { Workbench, type WorkbenchOptions } from './support/run.ts';

/** A namespace of this test with these objects in it; disposing deletes it. */
class OwnNamespace implements AsyncDisposable {
  readonly name = `shape-${randomBytes(4).toString('hex')}`;

  static async create(...objects: readonly object[]): Promise<OwnNamespace> {
    const made = new OwnNamespace();
    await kubectl(['create', 'namespace', made.name], { admin: true });
    // A pod is refused until the namespace has its default account.
    await expect
      .poll(() => kubectl(['get', 'serviceaccounts', '-n', made.name, '-o', 'name'], { admin: true }))
      .toContain('default');
    for (const object of objects) {
      await kubectl(['create', '-n', made.name, '-f', '-'], { admin: true, input: JSON.stringify(object) });
    }
    // A quota counts from the moment on when its status is known.
    if (objects.some((object) => 'kind' in object && object.kind === 'ResourceQuota')) {
      await expect
        .poll(() =>
          kubectl(['get', 'resourcequota', '-n', made.name, '-o', 'jsonpath={.items[*].status.hard}'], { admin: true }),
        )
        .not.toBe('');
    }
    return made;
  }

  get workbench(): WorkbenchOptions {
    return { kubeconfig: ({ adminKubeconfig }) => adminKubeconfig, namespace: () => this.name };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await kubectl(['delete', 'namespace', this.name], { admin: true });
  }
}

function limitRange(limits: object): object {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'sizes' },
    spec: { limits: [{ type: 'Container', ...limits }] },
  };
}

function quota(hard: object): object {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec: { hard } };
}

const direct = { kind: 'direct' } as const;

describe('sizes that the namespace allows', () => {
  test.for<[string, object, Record<string, string | number>]>([
    ['a minimum above the helper', limitRange({ min: { memory: '256Mi' } }), { memory: '512MB' }],
    ['a maximum below the helper', limitRange({ max: { cpu: '250m' } }), { cpu: 200 }],
    ['a quota of limits', quota({ 'limits.cpu': '2', 'limits.memory': '1Gi' }), { cpu: 200, memory: '64MB' }],
    ['a quota with little room', quota({ 'limits.memory': '112Mi' }), { memory: 64 * 2 ** 20 }],
  ])('%s: the task runs', async ([, object, limits]) => {
    await using namespace = await OwnNamespace.create(object);
    await using bench = await Workbench.open(namespace.workbench);
    const done = await bench.run({ sh: 'echo hi', store: direct, task: { container_limits: limits } });
    expect(done.result).toMatchObject({ status: 'succeeded' });
    expect(done.stdout.toString()).toBe('hi\n');
  });

  test('a quota of limits: the task without any is told to state them, a store pod states its own', async () => {
    await using namespace = await OwnNamespace.create(quota({ 'limits.cpu': '2', 'limits.memory': '1Gi' }));
    await using bench = await Workbench.open(namespace.workbench);
    const { result } = await bench.run({ sh: 'true', store: direct });
    expect(result).toMatchObject({
      status: 'errored',
      failure: { kind: 'quota', nextStep: expect.stringContaining('container_limits') as string },
    });
    await using pod = await openStorePod(bench.cluster, {
      helperImage: 'docker.io/library/busybox:musl',
      profile: 'auto',
    });
    expect((await bench.cluster.getPod(pod.name))?.spec?.containers[0]?.resources?.limits).toEqual({
      cpu: '500m',
      memory: '128Mi',
    });
  });

  test('a task that is too large itself is told so', async () => {
    await using namespace = await OwnNamespace.create(limitRange({ max: { memory: '200Mi' } }));
    await using bench = await Workbench.open(namespace.workbench);
    const { result } = await bench.run({ sh: 'true', store: direct, task: { container_limits: { memory: '512MB' } } });
    expect(result.failure).toMatchObject({
      kind: 'limit-range',
      nextStep: expect.stringContaining('container_limits') as string,
    });
    expect(result.failure?.nextStep).not.toContain('helper');
  });
});

describe('what is asked of a pod', () => {
  let bench: Workbench;
  beforeAll(async () => {
    bench = await Workbench.open();
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  test('it has', async () => {
    await using started = await bench.start({
      sh: 'echo up; sleep 60',
      store: direct,
      request: {
        pod: {
          annotations: { 'sidecar.istio.io/inject': 'false' },
          labels: { team: 'build' },
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: ['dedicated=ci:NoSchedule'],
          imagePullPolicy: 'never',
          helperResources: { memory: '64Mi' },
          ephemeralStorage: '100Mi',
        },
      },
    });
    await started.says('up');
    const pod = await bench.cluster.getPod(`task-${started.plan.run}`);
    expect(pod?.metadata?.annotations).toMatchObject({ 'sidecar.istio.io/inject': 'false' });
    expect(pod?.metadata?.labels).toMatchObject({ team: 'build' });
    expect(pod?.spec?.tolerations).toContainEqual({
      key: 'dedicated',
      operator: 'Equal',
      value: 'ci',
      effect: 'NoSchedule',
    });
    expect(pod?.spec?.containers.map(({ imagePullPolicy }) => imagePullPolicy)).toEqual(['Never', 'Never']);
    expect(pod?.spec?.containers.find(({ name }) => name === 'main')?.resources?.limits).toEqual({
      'ephemeral-storage': '100Mi',
    });
  });

  test.for<[string, object, RegExp, RegExp]>([
    [
      'a service account that is not there',
      { serviceAccountName: 'no-such-account' },
      /Service account no-such-account/,
      /--service-account/,
    ],
    ['a priority class that is not there', { priorityClassName: 'none' }, /Priority class none/, /--priority-class/],
  ])('%s is named', async ([, pod, title, next]) => {
    const { result } = await bench.run({ sh: 'true', store: direct, request: { pod } });
    expect(result.failure).toMatchObject({
      kind: 'config-error',
      title: expect.stringMatching(title) as string,
      nextStep: expect.stringMatching(next) as string,
    });
  });

  test('an image that is not on the node and may not be pulled', async () => {
    const { result } = await bench.run({
      sh: 'true',
      image: '127.0.0.1:1/none/such:1',
      store: direct,
      request: { pod: { imagePullPolicy: 'never' } },
    });
    expect(result.failure).toMatchObject({
      kind: 'image-not-found',
      nextStep: expect.stringContaining('--pull-policy') as string,
    });
  });
});
