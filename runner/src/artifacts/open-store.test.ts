import { expect, test, vi } from 'vitest';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { chooseStore, defaultClaim, openClaim } from './open-store.ts';

const { signal } = new AbortController();
const plan = aPlan({ store: { kind: 'claim', claim: defaultClaim } });

function aCluster(): FakeCluster {
  const cluster = new FakeCluster();
  cluster.claims.set(defaultClaim, { metadata: { name: defaultClaim, uid: 'u' }, status: { phase: 'Bound' } });
  return cluster;
}

/** How often the cluster was asked for a claim. */
const asked = (cluster: FakeCluster): number => cluster.calls.filter(({ method }) => method === 'getClaim').length;

test('a claim that was just chosen is not asked for again, and once only', async () => {
  const cluster = aCluster();
  const store = await chooseStore(cluster, undefined);
  expect(store).toEqual({ kind: 'claim', claim: defaultClaim });
  expect((await openClaim(plan, cluster, '/nowhere', signal))?.claim.metadata?.uid).toBe('u');
  expect(asked(cluster)).toBe(1);
  cluster.claims.clear();
  await expect(openClaim(plan, cluster, '/nowhere', signal)).rejects.toThrow(defaultClaim);
});

test.each<[string, (cluster: FakeCluster) => Promise<FakeCluster>]>([
  [
    'a while ago',
    async (cluster) => {
      const now = vi.spyOn(performance, 'now').mockReturnValue(0);
      await chooseStore(cluster, undefined);
      now.mockReturnValue(2001);
      return cluster;
    },
  ],
  [
    'on another cluster',
    async (cluster) => {
      await chooseStore(aCluster(), undefined);
      return cluster;
    },
  ],
  ['by name, without a look', async (cluster) => (await chooseStore(cluster, defaultClaim), cluster)],
])('a claim that was chosen %s is asked for', async (_when, choose) => {
  const cluster = await choose(aCluster());
  cluster.claims.clear();
  await expect(openClaim(plan, cluster, '/nowhere', signal)).rejects.toThrow(defaultClaim);
  vi.restoreAllMocks();
});
