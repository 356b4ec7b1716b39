/** The runner in the extension, with a cluster of the tests behind it. */
import * as runner from '#runner';
import type { RunnerHost } from '#internal/client/src/cluster/runner-host.ts';
import type { FakeCluster } from './fake-cluster.ts';

/** A host whose cluster answers at once; it knows no login. */
export function fakeRunnerHost(cluster: FakeCluster): RunnerHost {
  const host = {
    load: () => Promise.resolve({ ...runner, openCluster: () => Promise.resolve(cluster) }),
    cluster: () => Promise.resolve(cluster),
    login: {},
  };
  // A fake has no private parts, and none of what the tests do not ask for.
  return host as unknown as RunnerHost;
}
