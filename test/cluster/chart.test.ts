/** The chart on a real cluster: applied in a namespace of its own, used as its account, upgraded, and removed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { Chart, type KubeObject, type Values } from '../../scripts/chart/chart.ts';
import { until } from '../../scripts/machine/command.ts';
import { kubectl, testCluster } from './support/cluster.ts';
import { CliHome, buildCli, named, runOf, shellTask } from './support/cli.ts';

const namespace = 'tarmac-chart';
const admin = (args: readonly string[], input?: string): Promise<string> =>
  kubectl(args, { admin: true, ...(input === undefined ? {} : { input }) });
const { kind, version, adminKubeconfig } = await testCluster();

/** The cluster of this machine makes no volumes: one is made for the claim. */
const local = kind === 'local';
const storage: Values = local ? { storageClass: '-', volumeName: namespace } : { accessMode: 'ReadWriteOnce' };
/** Something of everything that a test cluster can have. */
const values: Values = {
  persistence: { ...storage, size: '1Gi' },
  rbac: { groups: ['ci'], imageCredentials: true },
  quota: { enabled: true, hard: { pods: 5 } },
  limitRange: { enabled: true, max: { memory: '4Gi' } },
  networkPolicy: { enabled: true },
  image: 'registry.example.com/tarmac',
  prune: { enabled: true, schedule: '0 0 1 1 *' },
};

/** The cluster of this machine has policies of pods, and none for a namespace that it does not know. */
const podsAllowed = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: 'use-permissive-pods', namespace },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'use-permissive-pods' },
  subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }],
};

let folder: string;
let chart: Chart;
let home: CliHome;

/** Helm's part: what is new or changed is applied, what is no longer rendered is deleted. */
async function release(next: Values | undefined, before: readonly KubeObject[]): Promise<readonly KubeObject[]> {
  const objects = next === undefined ? [] : (await chart.render(next, { namespace, kubeVersion: version })).objects;
  const keyOf = ({ kind: of, metadata }: KubeObject): string => `${of}/${metadata.name}`;
  const keys = objects.map(keyOf);
  const gone = before.map(keyOf).filter((key) => !keys.includes(key));
  if (gone.length > 0) await admin(['delete', '-n', namespace, '--wait', ...gone]);
  if (objects.length > 0) {
    await admin(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  }
  return objects;
}

/** A kubeconfig for the account of the chart. */
async function kubeconfigOf(account: string): Promise<string> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/service-account-token',
    metadata: { name: 'chart-test', namespace, annotations: { 'kubernetes.io/service-account.name': account } },
  };
  await admin(['apply', '-f', '-'], JSON.stringify(secret));
  const token = await until('a token of the account', 60_000, async () => {
    const encoded = await admin(['get', 'secret', '-n', namespace, 'chart-test', '-o', 'jsonpath={.data.token}']);
    return encoded === '' ? undefined : Buffer.from(encoded, 'base64').toString();
  });
  const config = parse(await readFile(adminKubeconfig, 'utf8')) as {
    users: { name: string; user: object }[];
    contexts: { context: { user: string; namespace?: string } }[];
  };
  config.users = [{ name: account, user: { token } }];
  for (const { context } of config.contexts) Object.assign(context, { user: account, namespace });
  const path = join(folder, 'kubeconfig');
  await writeFile(path, stringify(config), { mode: 0o600 });
  return path;
}

/** Removes the namespace and the volume, those of a test that was killed included. */
async function remove(): Promise<void> {
  await admin(['delete', 'namespace', namespace, '--ignore-not-found', '--wait']);
  if (local) await admin(['delete', 'persistentvolume', namespace, '--ignore-not-found', '--wait']);
}

beforeAll(async () => {
  [folder, chart] = await Promise.all([mkdtemp(join(tmpdir(), 'tarmac-chart-')), Chart.open(), buildCli()]);
  await remove();
  await admin(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  );
  if (local) {
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: namespace },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany'],
        storageClassName: '',
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace, name: 'tarmac-artifacts' },
        hostPath: { path: join(folder, 'volume'), type: 'DirectoryOrCreate' },
      },
    };
    await admin(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [volume, podsAllowed] }));
  }
}, 600_000);

afterAll(async () => {
  await (home as CliHome | undefined)?.[Symbol.asyncDispose]();
  await remove();
  await rm(folder, { recursive: true, force: true });
});

test('a run as the account of the chart, an upgrade, pruning, and nothing is left', async () => {
  const first = await release(values, []);
  home = await CliHome.open(await kubeconfigOf('tarmac'));

  const doctor = await home.call(['doctor', '--json']);
  expect(JSON.parse(doctor.stdout)).not.toContainEqual(expect.objectContaining({ outcome: 'failed' }));
  expect(doctor.code).toBe(0);

  await home.write({
    't.yml': shellTask('cat src/f >out/g', { inputs: named('src'), outputs: named('out') }),
    'src/f': 'x',
  });
  const run = await home.call(['execute', '-c', 't.yml', '-i', 'src=src']);
  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('succeeded') as string });

  // An upgrade with other values: the quota goes, the Role loses a verb, what runs have kept stays.
  const second = await release({ ...values, quota: { enabled: false }, rbac: { createClaims: false } }, first);
  const kinds = second.map((object) => object.kind);
  expect(kinds).not.toContain('ResourceQuota');
  expect(await admin(['get', 'resourcequota', '-n', namespace, '-o', 'name'])).toBe('');
  expect(await home.call(['download', `${runOf(run)}/out`, 'got'])).toMatchObject({ code: 0 });
  expect(await readFile(join(home.cwd, 'got/g'), 'utf8')).toBe('x');

  // What was used in the last day stays, whatever the size; by age it goes.
  const bySize = await home.call(['store', 'prune', '--max-size', '0']);
  expect(bySize).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^removed 0 trees, 0 runs/) as string,
  });
  const byAge = await home.call(['store', 'prune', '--max-age', '0', '--dry-run']);
  expect(byAge).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^would remove [01] trees?, [01] runs?/) as string,
  });

  await release(undefined, second);
  const left = await admin([
    'get',
    'all,pvc,serviceaccount,role,rolebinding,quota,limits,netpol',
    '-n',
    namespace,
    '-o',
    'name',
  ]);
  expect(left.split('\n').filter((name) => !/^$|\/use-permissive-pods$|\/default$/.test(name))).toEqual([]);
});
