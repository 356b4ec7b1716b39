/** Pods in namespaces whose LimitRange or ResourceQuota refuses the usual size of our containers. */
import { expect, test } from 'vitest';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { ApiError } from '../cluster/errors.ts';
import { openStorePod } from './store-pod.ts';
import { plainShape } from './shape.ts';

const options = { helperImage: 'busybox:musl', profile: 'auto' } as const;

function refuse(text: string): ApiError {
  const message = `pods "store-1" is forbidden: ${text}`;
  return new ApiError({ code: 403, message, verb: 'create', resource: 'pods' });
}

function cluster(...refusals: readonly string[]): FakeCluster {
  const made = new FakeCluster();
  for (const text of refusals) made.failNext('createPod', refuse(text));
  made.podScript = (pod) => void made.startPod(pod.metadata?.name ?? '');
  return made;
}

test('a store pod states what a quota demands, within what a LimitRange allows', async () => {
  const made = cluster(
    'failed quota: q: must specify limits.cpu,limits.memory',
    '[maximum cpu usage per Container is 250m, but limit is 500m, minimum memory usage per Container is 256Mi, but request is 128Mi]',
  );
  await using pod = await openStorePod(made, options);
  const size = { cpu: '250m', memory: '256Mi' };
  expect((await made.getPod(pod.name))?.spec?.containers[0]?.resources).toEqual({ requests: size, limits: size });
});

test.each<[string, string, RegExp]>([
  [
    'a quota without room',
    'exceeded quota: q, requested: limits.memory=128Mi, used: limits.memory=1Gi, limited: limits.memory=1Gi',
    /--helper-memory/,
  ],
  ['a size that cannot be kept', 'maximum memory usage per Container is 1Mi, but limit is 128Mi', /--helper-memory/],
  ['a number of pods', 'exceeded quota: q, requested: pods=1, used: pods=5, limited: pods=5', /until other pods end/],
])('%s: what a person without a task file can do', async (_, refusal, nextStep) => {
  const pod = { ...plainShape, helperResources: { memory: '128Mi' } };
  const opening = openStorePod(cluster(refusal), { ...options, pod });
  const { failure } = (await opening.then(
    () => undefined,
    (error: unknown) => error,
  )) as { failure: { nextStep: string } };
  expect(failure.nextStep).toMatch(nextStep);
  expect(failure.nextStep).not.toContain('container_limits');
});

test('a container that a webhook has put first is not taken for the helper', async () => {
  const made = new FakeCluster();
  made.podScript = ({ metadata }) =>
    void made.patchPod(metadata?.name ?? '', {
      spec: { nodeName: 'node-1' },
      status: {
        phase: 'Pending',
        containerStatuses: [
          { name: 'istio-proxy', state: { running: {} } },
          { name: 'artifact-helper', state: { waiting: { reason: 'ContainerCreating' } } },
        ],
      },
    });
  let opened = false;
  const opening = openStorePod(made, options).then((pod) => {
    opened = true;
    return pod;
  });
  await expect.poll(() => made.watching).toBe(1);
  expect(opened).toBe(false);
  made.startPod(made.podNames[0] ?? '');
  await using pod = await opening;
  expect(pod.name).toBe(made.podNames[0]);
});
