import { describe, expect, test } from 'vitest';
import { ApiError } from '../cluster/errors.ts';
import type { V1PersistentVolumeClaim } from '../cluster/types.ts';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { doctor, neededAccess, optionalAccess, type DoctorOptions } from './doctor.ts';
import type { DoctorCheck } from '../model/run.ts';

const bound = { accessModes: ['ReadWriteMany'], capacity: { storage: '10Gi' }, phase: 'Bound' };

/** A cluster with the claim `c` in this state, whose pods run as soon as they are made and whose store works. */
function clusterWith(status: V1PersistentVolumeClaim['status'] | undefined): FakeCluster {
  const cluster = new FakeCluster();
  if (status) cluster.claims.set('c', { metadata: { name: 'c', uid: 'claim-uid' }, status });
  cluster.podScript = (pod, fake) => void fake.startPod(pod.metadata?.name ?? '');
  cluster.onExec('artifact-helper', async (request) => {
    await request.stdout?.(Buffer.from('1048576000\n'));
    return 0;
  });
  return cluster;
}

async function examine(cluster: FakeCluster, options: Partial<DoctorOptions> = {}): Promise<DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  const all = { open: () => Promise.resolve(cluster), claim: 'c', helperImage: 'busybox:musl', ...options } as const;
  for await (const check of doctor(all)) checks.push(check);
  return checks;
}

const outcomes = (checks: readonly DoctorCheck[]): string[] => checks.map(({ name, outcome }) => `${name}: ${outcome}`);

test('a cluster that can run tasks: every check is one real call, and nothing is left', async () => {
  const cluster = clusterWith(bound);
  const checks = await examine(cluster);
  expect(outcomes(checks)).toEqual(['kubeconfig: ok', 'connect: ok', 'permissions: ok', 'claim: ok', 'helper: ok']);
  expect([cluster.podNames, cluster.disposed]).toEqual([[], true]);
});

test('whoever gives up hears of no failure, and nothing is left', async () => {
  const cluster = clusterWith(bound);
  cluster.podScript = undefined;
  const giveUp = new AbortController();
  const examining = examine(cluster, { signal: giveUp.signal });
  await expect.poll(() => cluster.watching).toBe(1);
  giveUp.abort(new Error('enough'));
  await expect(examining).rejects.toThrow('enough');
  await expect.poll(() => [cluster.podNames, cluster.disposed]).toEqual([[], true]);
});

test('what a failed check makes meaningless is left out', async () => {
  const open = (): Promise<never> => Promise.reject(new Error('there is no context "prod"'));
  expect(outcomes(await examine(clusterWith(bound), { open }))).toEqual(['kubeconfig: failed']);
  const away = clusterWith(bound);
  away.failNext(
    'version',
    new ApiError({ code: 'ECONNREFUSED', message: 'refused', verb: 'get', resource: 'version' }),
  );
  expect(outcomes(await examine(away))).toEqual(['kubeconfig: ok', 'connect: failed']);
  expect(away.disposed).toBe(true);
});

test.each(neededAccess)(
  'a missing right is named with what it is for: $verb $resource',
  async ({ verb, resource, why }) => {
    const cluster = clusterWith(bound);
    cluster.denied.add(`${verb} ${resource}`);
    const check = (await examine(cluster)).find(({ name }) => name === 'permissions');
    expect(check?.outcome).toBe('failed');
    expect(check?.detail).toContain(`${verb} ${resource} (${why})`);
    expect(check?.fix).toContain('deploy/role.yaml');
  },
);

test('secrets are needed by some tasks only: a Role without them is fine, and it is said what they are for', async () => {
  const cluster = clusterWith(bound);
  for (const { verb, resource } of optionalAccess) cluster.denied.add(`${verb} ${resource}`);
  const check = (await examine(cluster)).find(({ name }) => name === 'permissions');
  expect(check?.outcome).toBe('ok');
  expect(check?.detail).toMatch(/without create secrets, delete secrets: needed only for a registry's password/);
});

describe('the claim', () => {
  test.each<
    [string, V1PersistentVolumeClaim['status'] | undefined, readonly [string, string] | undefined, string, RegExp]
  >([
    ['is missing', undefined, undefined, 'failed', /does not exist in namespace ci/],
    ['has lost its volume', { phase: 'Lost' }, undefined, 'failed', /Lost/],
    [
      'waits for its first pod',
      { phase: 'Pending' },
      ['WaitForFirstConsumer', 'waiting'],
      'ok',
      /bound with its first pod/,
    ],
    ['gets no volume', { phase: 'Pending' }, ['ProvisioningFailed', 'no class "fast"'], 'warning', /no class "fast"/],
    ['is pending without a word', { phase: 'Pending' }, undefined, 'warning', /Pending/],
  ])('%s', async (_name, status, event, outcome, detail) => {
    const cluster = clusterWith(status);
    if (event) cluster.addEvent('claim-uid', ...event);
    const check = (await examine(cluster)).find(({ name }) => name === 'claim');
    expect(check?.outcome).toBe(outcome);
    expect(check?.detail).toMatch(detail);
    expect(check?.fix === undefined).toBe(outcome === 'ok');
  });

  test('that is missing is named apart from the words about it', async () => {
    const check = (await examine(clusterWith(undefined))).find(({ name }) => name === 'claim');
    expect(check?.claimMissing).toBe(check?.detail.split(' ')[1]);
  });

  test('is not wanted: the helper is checked without it', async () => {
    const checks = await examine(clusterWith(undefined), { claim: false });
    expect(outcomes(checks).slice(3)).toEqual(['claim: skipped', 'helper: ok']);
  });
});

describe('the helper', () => {
  test('cannot write to the store', async () => {
    const cluster = clusterWith(bound);
    cluster.onExec('artifact-helper', async (request) => {
      await request.stderr?.(Buffer.from('tarmac-store: the volume is read-only\n'));
      return 48;
    });
    const check = (await examine(cluster)).at(-1);
    expect(check).toMatchObject({ name: 'helper', outcome: 'failed' });
    expect(check?.detail).toContain('cannot be written');
    expect(cluster.podNames).toEqual([]);
  });

  test('has an image that does not exist', async () => {
    const cluster = clusterWith(bound);
    cluster.podScript = (pod, fake) => {
      const waiting = { reason: 'ErrImagePull', message: 'manifest unknown' };
      const status = {
        name: 'artifact-helper',
        image: 'x',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { waiting },
      };
      fake.patchPod(pod.metadata?.name ?? '', { status: { phase: 'Pending', containerStatuses: [status] } });
    };
    const check = (await examine(cluster)).at(-1);
    expect(check).toMatchObject({ outcome: 'failed' });
    expect(check?.detail).toContain('Image busybox:musl does not exist');
    expect(cluster.podNames).toEqual([]);
  });
});
