/** The chart of deploy/chart: what it makes of values of every kind, and which values it refuses. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { Chart, merged, type KubeObject, type ReleaseOptions, type Values } from '../../scripts/chart/chart.ts';
import { FakeIo, fakeServices, tarmac } from '#internal/cli/src/testing/doubles.ts';
import { isRecord } from '../../scripts/cluster/contents/objects.ts';

const deploy = join(import.meta.dirname, '../../deploy');
let chart: Chart;
// The first time on a machine the renderer is built.
beforeAll(async () => {
  chart = await Chart.open();
}, 600_000);

const objects = async (values: Values = {}, release: ReleaseOptions = {}): Promise<readonly KubeObject[]> =>
  (await chart.render(values, release)).objects;

async function only(kind: string, values: Values, release: ReleaseOptions = {}): Promise<KubeObject> {
  const found = (await objects(values, release)).filter((object) => object.kind === kind);
  expect(found.map((object) => object.kind)).toEqual([kind]);
  return found[0] as KubeObject;
}

/** The kinds and names of all that is made. */
async function made(values: Values, release: ReleaseOptions = {}): Promise<string[]> {
  return (await objects(values, release)).map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
}

const defaults = [
  'PersistentVolumeClaim/tarmac-artifacts',
  'Role/tarmac',
  'RoleBinding/tarmac',
  'ServiceAccount/tarmac',
];

async function manifests(name: string): Promise<unknown[]> {
  return parseAllDocuments(await readFile(join(deploy, name), 'utf8')).map((document) => document.toJS() as unknown);
}

/** An object without what a chart adds to each. */
function bare(object: unknown, ...more: string[]): unknown {
  if (!isRecord(object) || !isRecord(object['metadata'])) return object;
  const metadata = Object.entries(object['metadata']).filter(([key]) => !['labels', ...more].includes(key));
  return { ...object, metadata: Object.fromEntries(metadata) };
}

const byKind = (all: readonly unknown[]): unknown[] =>
  [...all].sort((a, b) => (a as KubeObject).kind.localeCompare((b as KubeObject).kind));

describe('with its defaults the chart makes', () => {
  test('what role.yaml and claim.yaml make', async () => {
    const [role, claim] = [await manifests('role.yaml'), await manifests('claim.yaml')];
    const [claims, others] = [[] as KubeObject[], [] as KubeObject[]];
    for (const object of await objects()) (object.kind === 'PersistentVolumeClaim' ? claims : others).push(object);
    expect(byKind(others.map((object) => bare(object)))).toEqual(byKind(role));
    // claim.yaml is for any namespace: `kubectl apply -n`.
    expect(claims.map((object) => bare(object, 'namespace'))).toEqual(claim);
  });

  test('what image-credentials.yaml makes, with rbac.imageCredentials', async () => {
    const added = (await objects({ rbac: { imageCredentials: true } })).filter(({ metadata }) =>
      metadata.name.endsWith('-image-credentials'),
    );
    expect(byKind(added.map((object) => bare(object)))).toEqual(byKind(await manifests('image-credentials.yaml')));
  });
});

/** Values that make one of everything. */
const everything: Values = {
  image: 'registry.example.com/tarmac',
  imageTag: '0.1.0',
  imagePullSecrets: ['login'],
  helper: { image: 'registry.example.com/busybox:musl' },
  serviceAccount: { annotations: { 'iam.example.com/role': 'runs' } },
  rbac: {
    imageCredentials: true,
    users: ['jane@example.com', 'oidc:joe'],
    groups: ['ci'],
    serviceAccounts: [{ name: 'bot', namespace: 'ci' }],
  },
  persistence: {
    storageClass: 'nfs',
    keep: true,
    labels: { team: 'ci' },
    annotations: { note: 'yes' },
    selector: { matchLabels: { disk: 'store' } },
  },
  namespace: { create: true, podSecurity: 'restricted', labels: { team: 'ci' }, annotations: { owner: 'ci' } },
  quota: { enabled: true, hard: { pods: 20, 'requests.cpu': '8', 'requests.memory': '16Gi' } },
  limitRange: { enabled: true, default: { cpu: 1, memory: '1Gi' }, max: { memory: '8Gi' } },
  networkPolicy: { enabled: true, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] },
  prune: { enabled: true, maxAge: '30d', maxSize: '15Gi', tolerations: [{ key: 'ci' }], nodeSelector: { pool: 'ci' } },
  prePull: { enabled: true, images: ['golang:1.24', 'node:24'], nodeSelector: { pool: 'ci' } },
};

describe('values', () => {
  test.each<[what: string, values: Values, difference: string[]]>([
    ['serviceAccount.create: false', { serviceAccount: { create: false, name: 'bot' } }, ['-ServiceAccount/tarmac']],
    ['nobody is bound', { serviceAccount: { create: false } }, ['-ServiceAccount/tarmac', '-RoleBinding/tarmac']],
    ['rbac.create: false', { rbac: { create: false } }, ['-Role/tarmac', '-RoleBinding/tarmac']],
    ['persistence.enabled: false', { persistence: { enabled: false } }, ['-PersistentVolumeClaim/tarmac-artifacts']],
    [
      'persistence.existingClaim',
      { persistence: { existingClaim: 'mine' } },
      ['-PersistentVolumeClaim/tarmac-artifacts'],
    ],
    ['namespace.create', { namespace: { create: true } }, ['+Namespace/tarmac']],
    ['quota', { quota: { enabled: true } }, ['+ResourceQuota/tarmac']],
    ['limitRange', { limitRange: { enabled: true, default: { cpu: '1' } } }, ['+LimitRange/tarmac']],
    ['networkPolicy', { networkPolicy: { enabled: true } }, ['+NetworkPolicy/tarmac']],
    ['prune', { image: 'tarmac', prune: { enabled: true } }, ['+CronJob/tarmac-prune']],
    ['prePull', { prePull: { enabled: true, images: ['a'] } }, ['+DaemonSet/tarmac-pre-pull']],
  ])('%s', async (_, values, difference) => {
    const expected = new Set(defaults);
    for (const each of difference) {
      if (each.startsWith('-')) expect(expected.delete(each.slice(1))).toBe(true);
      else expected.add(each.slice(1));
    }
    expect(await made(values)).toEqual([...expected].sort());
  });

  test('everything at once: each object in the namespace of the release, with the labels of the chart', async () => {
    const all = await objects(everything, { name: 'ci', namespace: 'builds' });
    expect(all.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort()).toEqual(
      [
        'CronJob/ci-tarmac-prune',
        'DaemonSet/ci-tarmac-pre-pull',
        'LimitRange/ci-tarmac',
        'Namespace/builds',
        'NetworkPolicy/ci-tarmac',
        'PersistentVolumeClaim/tarmac-artifacts',
        'ResourceQuota/ci-tarmac',
        'Role/ci-tarmac',
        'Role/ci-tarmac-image-credentials',
        'RoleBinding/ci-tarmac',
        'RoleBinding/ci-tarmac-image-credentials',
        'ServiceAccount/ci-tarmac',
      ].sort(),
    );
    for (const { kind, metadata } of all) {
      expect(metadata['namespace'], kind).toBe(kind === 'Namespace' ? undefined : 'builds');
      expect(metadata['labels'], kind).toMatchObject({
        'helm.sh/chart': 'tarmac-0.1.0',
        'app.kubernetes.io/name': 'tarmac',
        'app.kubernetes.io/instance': 'ci',
        'app.kubernetes.io/managed-by': 'Helm',
      });
    }
  });

  test('the Role goes to people, groups and accounts of other namespaces', async () => {
    const bindings = (await objects(everything)).filter(({ kind }) => kind === 'RoleBinding');
    expect(bindings).toHaveLength(2);
    for (const binding of bindings) {
      expect(binding['subjects']).toEqual([
        { kind: 'ServiceAccount', name: 'tarmac', namespace: 'tarmac' },
        { kind: 'ServiceAccount', name: 'bot', namespace: 'ci' },
        { kind: 'User', name: 'jane@example.com', apiGroup: 'rbac.authorization.k8s.io' },
        { kind: 'User', name: 'oidc:joe', apiGroup: 'rbac.authorization.k8s.io' },
        { kind: 'Group', name: 'ci', apiGroup: 'rbac.authorization.k8s.io' },
      ]);
    }
  });

  test('without createClaims nobody may make a claim', async () => {
    const role = await only('Role', { rbac: { createClaims: false } });
    expect(role['rules']).toContainEqual({
      apiGroups: [''],
      resources: ['persistentvolumeclaims'],
      verbs: ['get', 'list'],
    });
  });

  test.each<[what: string, values: Values, spec: object]>([
    ['a class', { storageClass: 'nfs' }, { storageClassName: 'nfs' }],
    ['no class', { storageClass: '-', volumeName: 'disk' }, { storageClassName: '', volumeName: 'disk' }],
    ['an access mode', { accessMode: 'ReadWriteOncePod' }, { accessModes: ['ReadWriteOncePod'] }],
    ['a size', { size: '1Ti' }, { resources: { requests: { storage: '1Ti' } } }],
    ['a size that YAML takes for a number', { size: '10' }, { resources: { requests: { storage: '10' } } }],
    ['a selector', { selector: { matchLabels: { a: 'b' } } }, { selector: { matchLabels: { a: 'b' } } }],
  ])('the claim: %s', async (_, persistence, spec) => {
    expect((await only('PersistentVolumeClaim', { persistence }))['spec']).toMatchObject(spec);
  });

  test('a claim is kept when it is asked for', async () => {
    const kept = { 'helm.sh/resource-policy': 'keep' };
    expect((await only('PersistentVolumeClaim', {})).metadata['annotations']).toBeUndefined();
    const { metadata } = await only('PersistentVolumeClaim', { persistence: { keep: true } });
    expect(metadata['annotations']).toEqual(kept);
    const both = await only('PersistentVolumeClaim', everything);
    expect(both.metadata['annotations']).toEqual({ ...kept, note: 'yes' });
  });

  test('a quota takes numbers and texts', async () => {
    expect((await only('ResourceQuota', everything))['spec']).toEqual({
      hard: { pods: '20', 'requests.cpu': '8', 'requests.memory': '16Gi' },
    });
  });

  test('a range of limits has what is given, and nothing else', async () => {
    expect((await only('LimitRange', everything))['spec']).toEqual({
      limits: [{ type: 'Container', default: { cpu: 1, memory: '1Gi' }, max: { memory: '8Gi' } }],
    });
  });

  test('a network policy is for the pods of runs: nobody reaches them, they reach what is listed', async () => {
    const { spec } = await only('NetworkPolicy', { networkPolicy: { enabled: true } });
    expect(spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'tarmac' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [{}],
    });
    expect((await only('NetworkPolicy', everything))['spec']).toMatchObject({
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
    });
  });

  test.each<[what: string, values: Values, image: string]>([
    ['a tag', { imageTag: '1.2' }, 'r.example.com/tarmac:1.2'],
    [
      'a digest, whatever the tag',
      { imageTag: '1', imageDigest: `sha256:${'a'.repeat(64)}` },
      `r.example.com/tarmac@sha256:${'a'.repeat(64)}`,
    ],
    ['neither', {}, 'r.example.com/tarmac'],
  ])('the image of the command line has %s', async (_, values, image) => {
    const job = await only('CronJob', { image: 'r.example.com/tarmac', prune: { enabled: true }, ...values });
    expect(JSON.stringify(job)).toContain(`"image":"${image}"`);
  });

  test.each<[what: string, prune: Values, options: object]>([
    ['an age', { maxAge: '30d' }, { olderThanMs: 30 * 86_400_000, maxBytes: undefined }],
    ['a size', { maxAge: '', maxSize: '15Gi' }, { olderThanMs: undefined, maxBytes: 15 * 2 ** 30 }],
    ['both', { maxAge: '1d12h', maxSize: '1.5T' }, { olderThanMs: 36 * 3_600_000, maxBytes: 1.5e12 }],
    ['neither', { maxAge: '' }, { olderThanMs: 7 * 86_400_000, maxBytes: undefined }],
    ['flags of its own', { extraArgs: ['--dry-run'] }, { dryRun: true }],
  ])('the CronJob is called with what the command line takes: %s', async (_, prune, options) => {
    const values = { image: 'tarmac', persistence: { name: 'store' }, prune: { enabled: true, ...prune } };
    const [pod] = podOf(await only('CronJob', values, { namespace: 'builds' }));
    const [container] = list(pod['containers']) as { command: string[]; args: string[] }[];
    expect(container?.command).toEqual(['tarmac']);
    const calls: unknown[] = [];
    const io = new FakeIo();
    const services = fakeServices({
      storePrune: (claim, given, { helperImage }) => {
        calls.push({ claim, helperImage, ...given });
        const removed = { trees: 0, runs: 0, caches: 0, packs: 0, pods: 0 };
        return Promise.resolve({ freedBytes: 0, leftBytes: 0, removed });
      },
    });
    const code = await tarmac(container?.args ?? [], services, io);
    expect({ code, stderr: io.stderr.text }).toEqual({ code: 0, stderr: '' });
    expect(calls).toEqual([
      expect.objectContaining({ claim: 'store', helperImage: 'docker.io/library/busybox:musl', ...options }),
    ]);
  });

  test('a cluster before 1.21 gets the CronJob that it knows', async () => {
    const values = { image: 'tarmac', prune: { enabled: true } };
    expect((await only('CronJob', values)).apiVersion).toBe('batch/v1');
    expect((await only('CronJob', values, { kubeVersion: 'v1.20.2' })).apiVersion).toBe('batch/v1beta1');
  });

  test.each(['CronJob', 'DaemonSet'])('the pods of the %s are what `restricted` admits, and no run', async (kind) => {
    const object = await only(kind, everything);
    const [pod, labels] = podOf(object);
    expect(labels).not.toHaveProperty('tarmac/run');
    expect(labels['app.kubernetes.io/managed-by']).toBeUndefined();
    expect(pod).toMatchObject({
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      imagePullSecrets: [{ name: 'login' }],
      nodeSelector: { pool: 'ci' },
    });
    const containers = [...list(pod['initContainers']), ...list(pod['containers'])];
    expect(containers.length).toBe(kind === 'CronJob' ? 1 : 4);
    for (const container of containers) {
      expect(container).toMatchObject({
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        resources: {
          requests: { cpu: expect.any(String) as string },
          limits: { memory: expect.any(String) as string },
        },
      });
    }
  });

  test('names stay within what Kubernetes allows', async () => {
    const all = await objects({ ...everything, fullnameOverride: 'a'.repeat(70) });
    const cron = all.find(({ kind }) => kind === 'CronJob');
    expect(cron?.metadata.name.length).toBeLessThanOrEqual(52);
    for (const { metadata } of all) expect(metadata.name.length).toBeLessThanOrEqual(63 + '-image-credentials'.length);
  });

  test('names that YAML takes for numbers stay names', async () => {
    const named = { fullnameOverride: '10', serviceAccount: { name: '0x1' }, persistence: { name: '1e3' } };
    const all = await objects({ ...everything, ...named }, { name: '7', namespace: '123' });
    expect(all.map(({ metadata }) => metadata.name).sort()).toEqual(
      ['0x1', '10', '10', '10', '10', '10', '10-image-credentials', '10-image-credentials', '10-pre-pull', '10-prune']
        .concat('123', '1e3')
        .sort(),
    );
    for (const { kind, metadata } of all) {
      expect(metadata['namespace'], kind).toBe(kind === 'Namespace' ? undefined : '123');
    }
    expect(all.find(({ kind, metadata }) => kind === 'RoleBinding' && metadata.name === '10')).toMatchObject({
      roleRef: { name: '10' },
      subjects: expect.arrayContaining([{ kind: 'ServiceAccount', name: '0x1', namespace: '123' }]) as unknown,
    });
  });

  test('null takes a default away, as in Helm', () => {
    expect(merged({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null }, d: [2] })).toEqual({ a: { c: 2 }, d: [2] });
  });
});

/** The specification of a pod in a workload, and its labels. */
function podOf(object: KubeObject): [Record<string, unknown>, Record<string, unknown>] {
  for (let at: unknown = object['spec']; isRecord(at); at = at['jobTemplate'] ?? at['spec']) {
    const template = at['template'];
    if (isRecord(template) && isRecord(template['spec']) && isRecord(template['metadata'])) {
      const { labels } = template['metadata'];
      return [template['spec'], isRecord(labels) ? labels : {}];
    }
  }
  throw new Error(`${object.kind} has no pod`);
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

describe('the schema', () => {
  test('takes the defaults and everything', () => {
    expect(chart.objections({})).toEqual([]);
    expect(chart.objections(everything)).toEqual([]);
  });

  test("takes the examples of the operator's page, and each makes what it is about", async () => {
    const page = await readFile(join(deploy, '../docs/guide/operator.md'), 'utf8');
    const examples = Array.from(page.matchAll(/^```yaml\n([^]*?)^```$/gmu), ([, text = '']) => parse(text) as Values);
    expect(examples).toHaveLength(2);
    const all = await Promise.all(examples.map((values) => made(values)));
    expect(all.map((each) => each.filter((name) => !defaults.includes(name)))).toEqual([
      ['LimitRange/tarmac', 'ResourceQuota/tarmac'],
      ['CronJob/tarmac-prune'],
    ]);
  });

  test('says of each value of values.yaml what it may be', async () => {
    const schema: unknown = JSON.parse(await readFile(join(deploy, 'chart/values.schema.json'), 'utf8'));
    expect(unknownKeys(chart.defaults, schema)).toEqual([]);
  });

  test.each<[values: Values, path: string]>([
    [{ nonsense: true }, ''],
    [{ persistance: {} }, ''],
    [{ persistence: { enabled: 'yes' } }, '/persistence/enabled'],
    [{ persistence: { accessMode: 'RWX' } }, '/persistence/accessMode'],
    [{ persistence: { accessModes: [] } }, '/persistence'],
    [{ persistence: { size: '20 GB' } }, '/persistence/size'],
    [{ persistence: { size: 20 } }, '/persistence/size'],
    [{ persistence: { name: '' } }, '/persistence/name'],
    [{ persistence: { name: 'Store' } }, '/persistence/name'],
    [{ persistence: { storageClass: '--' } }, '/persistence/storageClass'],
    [{ image: 'tarmac@sha256:1' }, '/image'],
    [{ imageTag: 'a b' }, '/imageTag'],
    [{ imageDigest: 'latest' }, '/imageDigest'],
    [{ imagePullPolicy: 'ifNotPresent' }, '/imagePullPolicy'],
    [{ imagePullSecrets: [{ name: 'a' }] }, '/imagePullSecrets/0'],
    [{ helper: { image: '' } }, '/helper/image'],
    [{ rbac: { users: 'jane' } }, '/rbac/users'],
    [{ rbac: { serviceAccounts: ['bot'] } }, '/rbac/serviceAccounts/0'],
    [{ rbac: { serviceAccounts: [{ name: 'bot' }] } }, '/rbac/serviceAccounts/0'],
    [{ namespace: { podSecurity: 'strict' } }, '/namespace/podSecurity'],
    [{ quota: { hard: { pods: 'many' } } }, '/quota/hard/pods'],
    [{ limitRange: { enabled: true } }, '/limitRange'],
    [{ networkPolicy: { egress: {} } }, '/networkPolicy/egress'],
    [{ prune: { enabled: true } }, '/image'],
    [{ prune: { schedule: 'daily' } }, '/prune/schedule'],
    [{ prune: { maxAge: '2 weeks' } }, '/prune/maxAge'],
    [{ prune: { maxAge: 14 } }, '/prune/maxAge'],
    [{ prune: { maxAge: '12h' } }, '/prune/maxAge'],
    [{ prune: { maxAge: '0d' } }, '/prune/maxAge'],
    [{ prune: { maxSize: '15 GiB' } }, '/prune/maxSize'],
    [{ prune: { command: [] } }, '/prune/command'],
    [{ prePull: { enabled: true } }, '/prePull/images'],
    [{ prePull: { images: ['a', 'a'] } }, '/prePull/images'],
  ])('refuses %j', async (values, path) => {
    expect(chart.objections(values).map((line) => line.split(' ')[0])).toContain(path);
    await expect(chart.render(values)).rejects.toThrow('refuses the values');
  });
});

/** Paths of values that a schema does not name. */
function unknownKeys(values: Values, schema: unknown, path = ''): string[] {
  const properties = isRecord(schema) && isRecord(schema['properties']) ? schema['properties'] : {};
  return Object.entries(values).flatMap(([key, value]) => {
    const below = properties[key];
    if (below === undefined) return [`${path}/${key}`];
    // A schema without properties is for keys that people choose.
    const open = !isRecord(below) || !('properties' in below);
    return isRecord(value) && !open ? unknownKeys(value, below, `${path}/${key}`) : [];
  });
}

describe('a template refuses', () => {
  test.each<[what: string, values: Values, text: string]>([
    ['to prune without a store', { persistence: { enabled: false } }, 'prune needs a store'],
    ['to prune without an account', { serviceAccount: { create: false } }, 'prune needs an account'],
  ])('%s', async (_, values, text) => {
    await expect(chart.render({ image: 'tarmac', prune: { enabled: true }, ...values })).rejects.toThrow(text);
  });
});

describe('the notes', () => {
  test('say what users set, and nothing that Tarmac knows', async ({ skip }) => {
    const { notes } = await chart.render({}, { namespace: 'builds' });
    if (notes === '') skip('helm prints them only when it installs');
    expect(notes).toContain('"tarmac.namespace": "builds"');
    expect(notes).not.toContain('tarmac.claim');
    expect(notes).not.toContain('tarmac.helperImage');
    const other = await chart.render({ helper: { image: 'r/busybox' }, persistence: { existingClaim: 'mine' } });
    expect(other.notes).toContain('"tarmac.claim": "mine"');
    expect(other.notes).toContain('"tarmac.helperImage": "r/busybox"');
    expect(other.notes).toContain('tarmac doctor --namespace tarmac --claim mine --helper-image r/busybox');
    expect((await chart.render({ persistence: { enabled: false } })).notes).toContain('"tarmac.claim": "none"');
  });
});
