/** The cluster facade against a real Kubernetes: logins, REST, watch and exec, as a user with deploy/role.yaml. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { openCluster } from '#internal/runner/src/cluster/cluster.ts';
import type { Cluster, V1Pod } from '#internal/runner/src/cluster/types.ts';
import { kubectl, testCluster, type TestCluster } from './support/cluster.ts';

let environment: TestCluster;
beforeAll(async () => {
  environment = await testCluster();
});

function open(kubeconfig = environment.userKubeconfig): Promise<Cluster> {
  return openCluster({ kubeconfig });
}

/** A pod of our own that does nothing, and is deleted whatever happens. */
async function sleepingPod(cluster: Cluster): Promise<{ name: string; uid: string } & AsyncDisposable> {
  const name = `connection-${randomUUID().slice(0, 8)}`;
  const spec = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    activeDeadlineSeconds: 300,
    containers: [
      {
        name: 'main',
        image: 'busybox',
        imagePullPolicy: 'IfNotPresent',
        command: ['sh', '-c', 'echo started; echo ready; sleep 300'],
      },
    ],
  };
  const pod: V1Pod = await cluster.createPod({ metadata: { name, labels: { 'connection-test': name } }, spec });
  const uid = pod.metadata?.uid ?? '';
  return { name, uid, [Symbol.asyncDispose]: () => cluster.deletePod(name, { uid, gracePeriodSeconds: 0 }) };
}

describe('a connection to a real cluster', () => {
  test.each([
    ['the user of the role', () => environment.userKubeconfig],
    ['an administrator', () => environment.adminKubeconfig],
    ['a user who may do nothing', () => environment.nobodyKubeconfig],
  ])('%s reads the version', async (_, kubeconfig) => {
    await using cluster = await open(kubeconfig());
    expect(await cluster.version()).toBe(environment.version);
  });

  test('a pod is created, watched, used and deleted, and the watch tells its whole life', async () => {
    await using cluster = await open();
    await using pod = await sleepingPod(cluster);
    const seen: string[] = [];
    let output = '';
    for await (const { type, pod: now } of cluster.watchPod(pod.name)) {
      seen.push(type);
      if (now.status?.phase !== 'Running' || output !== '') continue;
      const { exitCode } = await cluster.exec({
        pod: pod.name,
        container: 'main',
        command: ['sh', '-c', 'echo hello; exit 3'],
        stdout: (chunk) => {
          output += Buffer.from(chunk).toString();
        },
      });
      expect(exitCode).toBe(3);
      expect(await cluster.podLog(pod.name, 'main', { tailLines: 1 })).toBe('ready\n');
      expect((await cluster.listPods(`connection-test=${pod.name}`)).map(({ metadata }) => metadata?.uid)).toEqual([
        pod.uid,
      ]);
      // That of the scheduler: the kubelet writes so many a second, and those of a busy node may come much later.
      await expect
        .poll(async () => (await cluster.listEvents(pod.uid)).map(({ reason }) => reason), { timeout: 60_000 })
        .toContain('Scheduled');
      await cluster.deletePod(pod.name, { uid: pod.uid, gracePeriodSeconds: 0 });
    }
    expect(output).toBe('hello\n');
    expect(seen[0]).toBe('ADDED');
    expect(seen.at(-1)).toBe('DELETED');
    expect(await cluster.getPod(pod.name)).toBeUndefined();
  });

  test('a watch of labels sees pods come and go that others make', async () => {
    await using cluster = await open();
    const label = `watch-${randomUUID().slice(0, 8)}`;
    const changes = cluster.watchPods(`connection-test=${label}`)[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = (await changes.next()) as { value: { type: string; pod: V1Pod } };
      return `${value.type} ${value.pod.metadata?.name ?? ''}`;
    };
    const first = next();
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: label, labels: { 'connection-test': label } },
      // No node has this label, so the pod stays as it is.
      spec: { nodeSelector: { nowhere: 'yes' }, containers: [{ name: 'main', image: 'busybox' }] },
    };
    await kubectl(['apply', '-f', '-'], { input: JSON.stringify(pod) });
    expect(await first).toBe(`ADDED ${label}`);
    await kubectl(['delete', 'pod', label, '--force', '--grace-period=0', '--wait=false']);
    let last = await next();
    while (last.startsWith('MODIFIED')) last = await next();
    expect(last).toBe(`DELETED ${label}`);
    await changes.return?.();
  });

  test('what the role does not allow is a Forbidden with the server’s words', async () => {
    await using cluster = await open(environment.nobodyKubeconfig);
    await expect(cluster.listPods('')).rejects.toMatchObject({
      name: 'ApiError',
      code: 403,
      reason: 'Forbidden',
      verb: 'list',
      resource: 'pods',
      message: expect.stringContaining('cannot list resource "pods"') as string,
    });
    const watch = cluster.watchPod('any')[Symbol.asyncIterator]();
    await expect(watch.next()).rejects.toMatchObject({ code: 403 });
    expect(await cluster.listEvents('any')).toEqual([]);
  });

  test('an access review answers each question', async () => {
    await using cluster = await open();
    const questions = [
      { verb: 'create', resource: 'pods' },
      { verb: 'get', resource: 'pods/exec' },
      { verb: 'delete', resource: 'nodes' },
    ];
    const answers = await cluster.accessReview(questions);
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, false]);
  });

  test('a pod of the same name with another uid is left alone', async () => {
    await using cluster = await open();
    await using pod = await sleepingPod(cluster);
    await cluster.deletePod(pod.name, { uid: randomUUID() });
    expect((await cluster.getPod(pod.name))?.metadata?.uid).toBe(pod.uid);
  });

  test('the claim of the store is found, another one is not', async () => {
    await using cluster = await open();
    expect((await cluster.getClaim(environment.claim))?.metadata?.name).toBe(environment.claim);
    expect(await cluster.getClaim(`no-${randomUUID()}`)).toBeUndefined();
  });
});
