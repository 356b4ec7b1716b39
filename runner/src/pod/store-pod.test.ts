import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { ApiError } from '../cluster/errors.ts';
import { podShape } from './shape.ts';
import { buildStorePod, openStorePod } from './store-pod.ts';

const options = { claim: 'tarmac-artifacts', helperImage: 'busybox:musl', profile: 'auto' } as const;

describe('a pod that looks into a claim', () => {
  test('is deleted by whoever has it', async () => {
    const cluster = new FakeCluster();
    cluster.podScript = (pod) => void cluster.startPod(pod.metadata?.name ?? '');
    {
      await using pod = await openStorePod(cluster, options);
      expect(cluster.podNames).toEqual([pod.name]);
    }
    expect([cluster.podNames, cluster.watching]).toEqual([[], 0]);
  });

  test('has the shape that a person asked for, without a token', () => {
    const { shape } = podShape({
      annotations: { 'gke-gcsfuse/volumes': 'true' },
      labels: { team: 'build' },
      nodeSelector: { pool: 'ci' },
      tolerations: ['dedicated'],
      serviceAccountName: 'builder',
      priorityClassName: 'low',
      helperResources: { cpu: '100m' },
    });
    const pod = buildStorePod('store-1', 'ci', { ...options, pod: shape }, 'baseline');
    expect(pod.metadata).toMatchObject({
      annotations: { 'gke-gcsfuse/volumes': 'true' },
      labels: { team: 'build', 'tarmac/run': 'store-1' },
    });
    expect(pod.spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'ci' },
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      serviceAccountName: 'builder',
      automountServiceAccountToken: false,
      priorityClassName: 'low',
      containers: [{ resources: { requests: { cpu: '100m' }, limits: { cpu: '100m' } } }],
    });
  });

  test('that does not start is deleted when its client gives up', async () => {
    const cluster = new FakeCluster();
    const giveUp = new AbortController();
    const opening = openStorePod(cluster, { ...options, signal: giveUp.signal });
    await expect.poll(() => cluster.watching).toBe(1);
    giveUp.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    await expect.poll(() => [cluster.podNames, cluster.watching]).toEqual([[], 0]);
  });

  test('whose creation was not answered is asked for again, and used', async () => {
    const cluster = new FakeCluster();
    const lost = new ApiError({ code: 'ECONNRESET', message: 'reset', verb: 'create', resource: 'pods' });
    // The server has made it; only the answer did not arrive.
    let first = true;
    cluster.podScript = (pod) => {
      cluster.startPod(pod.metadata?.name ?? '');
      if (!first) return;
      first = false;
      throw lost;
    };
    await using pod = await openStorePod(cluster, options);
    expect(cluster.podNames).toEqual([pod.name]);
  });

  test('whose creation is never answered is deleted by its name', async () => {
    const cluster = new FakeCluster();
    const lost = new ApiError({ code: 'ECONNRESET', message: 'reset', verb: 'create', resource: 'pods' });
    cluster.failNext('createPod', () => lost);
    await expect(openStorePod(cluster, options)).rejects.toThrow('reset');
    expect(cluster.calls.at(-1)).toMatchObject({
      method: 'deletePod',
      name: expect.stringMatching(/^store-/) as string,
    });
  });
});
