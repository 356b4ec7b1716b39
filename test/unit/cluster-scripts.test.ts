import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheName, findDamage, formatSums, sha256 } from '../../scripts/machine/cache.ts';
import { chooseCluster, DOCKER_TOOLS, type DockerTool, type Wanted } from '../../scripts/cluster/given/docker-tools.ts';
import { commandLines, configFiles, DAEMONS } from '../../scripts/cluster/local/components.ts';
import { parseClusterFile } from '../../scripts/cluster/health.ts';
import { parseSeries, toSourceEntries } from '../../scripts/cluster/build/kubernetes-build.ts';
import { DEFAULT_PORT, layout } from '../../scripts/cluster/layout.ts';
import { leaveExternal } from '../../scripts/cluster/given/given.ts';
import {
  accounts,
  claims,
  CLAIMS,
  isRecord,
  MADE_FOR_TESTS,
  namespaces,
} from '../../scripts/cluster/contents/objects.ts';
import { imageBlobs, imageIndex } from '../../scripts/cluster/build/oci.ts';
import { kubeconfig } from '../../scripts/cluster/pki.ts';
import { parseStartTime } from '../../scripts/machine/processes.ts';
import { mountsBelow } from '../../scripts/machine/mounts.ts';
import { duration, lastLines } from '../../scripts/machine/report.ts';

const at = layout({ HOME: '/home/jane' });

describe('which cluster is made', () => {
  type Asked = Exclude<Wanted, 'external'> | undefined;
  it.each<
    [title: string, asked: Asked, external: boolean, running: Wanted | undefined, tool: DockerTool | undefined, Wanted]
  >([
    ['in Docker, where a tool is there', undefined, false, undefined, 'kind', 'kind'],
    ['in Docker with the other tool', undefined, false, undefined, 'k3d', 'k3d'],
    ['built here, where none is', undefined, false, undefined, undefined, 'local'],
    ['built here, when asked for', 'local', false, undefined, 'kind', 'local'],
    ['in Docker, when asked for, although another one runs', 'k3d', false, 'local', 'kind', 'k3d'],
    ['the one that runs', undefined, false, 'local', 'kind', 'local'],
    ['the one that runs in Docker', undefined, false, 'k3d', 'kind', 'k3d'],
    ['the one that is given', undefined, true, 'local', 'kind', 'external'],
    ['the one that is given, whatever else is asked for', 'kind', true, undefined, 'kind', 'external'],
    ['a given one that is given no longer makes room', undefined, false, 'external', undefined, 'local'],
  ])('%s', async (_title, asked, external, running, tool, wanted) => {
    expect(await chooseCluster(asked, external, running, () => Promise.resolve(tool))).toBe(wanted);
  });

  it('a cluster in Docker has its name, and leaves the own kubeconfig of the user alone', () => {
    for (const tool of ['kind', 'k3d'] as const) {
      const say = DOCKER_TOOLS[tool];
      for (const args of [say.create('n1', '/k'), say.load('n1', '/a.tar'), say.remove('n1', '/k')]) {
        expect(args).toContain('n1');
      }
    }
    expect(DOCKER_TOOLS.kind.create('n1', '/k').join(' ')).toContain('--kubeconfig /k');
    expect(DOCKER_TOOLS.k3d.create('n1', '/k')).toContain('--kubeconfig-update-default=false');
  });
});

describe('a given cluster', () => {
  const file = parseClusterFile(
    JSON.stringify({
      kind: 'external',
      adminKubeconfig: '/k',
      namespace: 'tarmac',
      restrictedNamespace: 'restricted',
      registry: { resource: 'r' },
    }),
  );

  /** A kubectl that knows these namespaces as made for the tests; the calls that delete. */
  async function deleted(made: readonly string[]): Promise<string[]> {
    const calls: string[] = [];
    if (file === undefined) throw new Error('the file is read');
    await leaveExternal(at, file, (args) => {
      if (args[0] === 'delete') calls.push(args.filter((arg) => !arg.startsWith('--')).join(' '));
      const selected = args.some((arg) => arg === '--selector=tarmac-tests=made');
      return Promise.resolve(selected ? made.map((name) => `namespace/${name}\n`).join('') : '');
    });
    return calls;
  }

  it('is left without what was made for the tests', async () => {
    const [spaces, volumes] = await deleted(['tarmac', 'tarmac-restricted']);
    expect(spaces).toBe('delete namespace tarmac tarmac-restricted');
    expect(volumes).toMatch(/^delete persistentvolume tarmac-tarmac-artifacts .*tarmac-restricted-tarmac-artifacts/);
  });

  it('keeps a namespace that was there before, and its volumes', async () => {
    expect(await deleted([])).toEqual([]);
    const [spaces, volumes] = await deleted(['tarmac-restricted']);
    expect([spaces, volumes]).toEqual([
      'delete namespace tarmac-restricted',
      'delete persistentvolume tarmac-restricted-tarmac-artifacts',
    ]);
  });

  it('has its namespaces marked', () => {
    for (const namespace of namespaces()) expect(namespace).toMatchObject({ metadata: { labels: MADE_FOR_TESTS } });
  });
});

describe('layout', () => {
  it.each([
    ['home', {}, '/home/jane/.local/state/tarmac/cluster', '/home/jane/.cache/tarmac'],
    ['XDG folders', { XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c' }, '/s/tarmac/cluster', '/c/tarmac'],
    ['relative XDG folders, which are to be ignored', { XDG_STATE_HOME: 's', XDG_CACHE_HOME: '' }, at.state, at.cache],
  ])('is below %s', (_, env, state, cache) => {
    expect(layout({ HOME: '/home/jane', ...env })).toMatchObject({ state, cache });
  });

  it('gives two state folders different names for everything that is global to the machine', () => {
    const other = layout({ HOME: '/home/joe' });
    for (const name of ['id', 'cgroup', 'bridge', 'network', 'podRange'] as const) {
      expect(other[name]).not.toBe(at[name]);
    }
  });

  it('keeps interface names and socket paths within the kernel limits', () => {
    expect(at.bridge.length).toBeLessThanOrEqual(15);
    expect(Buffer.byteLength(at.containerd)).toBeLessThan(100);
    expect(() => layout({ XDG_STATE_HOME: `/${'x'.repeat(60)}` })).toThrow('XDG_STATE_HOME');
  });

  it('moves all ports with one variable, and they are distinct', () => {
    expect(at.ports.apiServer).toBe(DEFAULT_PORT);
    const moved = Object.values<number>({ ...layout({ HOME: '/h', TARMAC_CLUSTER_PORT: '30000' }).ports });
    expect(moved).toEqual([30000, 30001, 30002, 30003, 30004, 30005, 30006, 30007]);
  });

  it.each(['0', '80', '65530', 'many', '1e9'])('refuses the port %s', (port) => {
    expect(() => layout({ HOME: '/h', TARMAC_CLUSTER_PORT: port })).toThrow('TARMAC_CLUSTER_PORT');
  });
});

describe('remnants of a killed cluster', () => {
  const line = (path: string): string => `36 35 98:0 / ${path} rw,noatime master:1 - ext4 /dev/root rw`;

  it('unmounts the deepest first, and of stacked mounts the last', () => {
    const info = ['/', '/s', '/s/a', '/s/a/b', '/s/c', '/sibling'].map(line).join('\n');
    expect(mountsBelow('/s', info)).toEqual(['/s/a/b', '/s/c', '/s/a', '/s']);
  });

  it('reads the octal escapes of mountinfo', () => {
    expect(mountsBelow('/s', line('/s/with\\040space'))).toEqual(['/s/with space']);
  });

  it.each([
    ['a plain process', `7 (etcd) S 1 ${'0 '.repeat(17)}4711 0`, '4711'],
    ['a name with parentheses and spaces', `7 (a) S (b c) R 1 ${'0 '.repeat(17)}4711 0`, '4711'],
    ['a zombie, which does not run', `7 (etcd) Z 1 ${'0 '.repeat(17)}4711 0`, undefined],
  ])('knows the start time of %s', (_, stat, expected) => {
    expect(parseStartTime(stat)).toBe(expected);
  });

  it.each([
    ['no file', undefined],
    ['a file cut short', '{"kind": "local", "adminKube'],
    ['another document', '[]'],
  ])('takes %s for no cluster', (_, text) => {
    expect(parseClusterFile(text)).toBeUndefined();
  });
});

describe('cache', () => {
  it('has another name for other inputs', () => {
    expect(cacheName({ name: 'k', inputs: 'a' })).toMatch(/^k-[0-9a-f]{12}$/);
    expect(cacheName({ name: 'k', inputs: 'a' })).not.toBe(cacheName({ name: 'k', inputs: 'b' }));
  });

  it.each([
    ['nothing', () => Promise.resolve(), undefined],
    ['a changed byte', (folder: string) => writeFile(join(folder, 'a'), 'B'), 'a is missing or damaged'],
    ['a missing file', (folder: string) => rm(join(folder, 'a')), 'a is missing or damaged'],
    ['a file too many', (folder: string) => writeFile(join(folder, 'b'), ''), 'it holds a file too many'],
    ['a missing list', (folder: string) => rm(join(folder, 'SHA256SUMS')), 'it has no SHA256SUMS'],
  ])('finds %s', async (_, damage, expected) => {
    const folder = await mkdtemp(join(tmpdir(), 'tarmac-cache-'));
    try {
      await writeFile(join(folder, 'a'), 'A');
      await writeFile(join(folder, 'SHA256SUMS'), formatSums(new Map([['a', await sha256(join(folder, 'a'))]])));
      await damage(folder);
      expect(await findDamage(folder)).toBe(expected);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('source package', () => {
  it('reads a quilt series', () => {
    expect(parseSeries('# first\na.patch\n\nb.patch -p0 # why\n')).toEqual(['a.patch', 'b.patch']);
  });

  it.each([
    ['deb http://debian.example bookworm main', 'deb-src http://debian.example bookworm main'],
    ['Types: deb\nURIs: http://debian.example\n', 'Types: deb-src\nURIs: http://debian.example\n'],
    ['deb-src http://debian.example bookworm main', 'deb-src http://debian.example bookworm main'],
  ])('asks for sources: %j', (text, expected) => {
    expect(toSourceEntries(text)).toBe(expected);
  });
});

describe('images', () => {
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${'a'.repeat(64)}`, size: 10 };

  it('describes its blobs by digest and size, and an uncompressed layer by itself', () => {
    const { config, manifest } = imageBlobs({ Env: ['A=1'], User: 'app' }, layer);
    expect(JSON.parse(manifest.bytes.toString())).toMatchObject({ config: config.descriptor, layers: [layer] });
    expect(JSON.parse(config.bytes.toString())).toMatchObject({
      config: { Env: ['A=1'], User: 'app' },
      rootfs: { diff_ids: [layer.digest] },
    });
    expect(config.descriptor.size).toBe(config.bytes.length);
  });

  it('lists an image once for each of its names', () => {
    const index = imageIndex([{ names: ['a:1', 'a:2'], manifest: layer }]);
    expect(index).toMatchObject({
      manifests: [
        { digest: layer.digest, annotations: { 'io.containerd.image.name': 'a:1' } },
        { digest: layer.digest, annotations: { 'io.containerd.image.name': 'a:2' } },
      ],
    });
  });
});

describe('components', () => {
  const commands = commandLines(at, '/bin');

  it('listen on loopback only', () => {
    const all = [...DAEMONS.flatMap((name) => commands[name]), ...Object.values(configFiles(at, 'overlayfs'))].join(
      '\n',
    );
    expect(all).not.toContain('0.0.0.0');
    for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const) {
      expect(commands[name]).toContain('--bind-address=127.0.0.1');
    }
  });

  it('give etcd to nobody without a certificate', () => {
    for (const part of ['client', 'peer-client']) expect(commands.etcd).toContain(`--${part}-cert-auth=true`);
    expect([...commands.etcd, ...commands['kube-apiserver']].join('\n')).not.toContain('http:');
  });

  it('let nobody push into the mirror without a password', () => {
    const files = configFiles(at, 'native');
    expect(JSON.parse(files['mirror.yaml'] ?? '')).toMatchObject({
      storage: { maintenance: { readonly: { enabled: true } } },
    });
    expect(JSON.parse(files['mirror-filling.yaml'] ?? '')).toMatchObject({ auth: { htpasswd: {} } });
  });

  it('write nothing outside of the state folder', () => {
    const files = configFiles(at, 'native');
    const kubelet: unknown = JSON.parse(files['kubelet.json'] ?? '');
    expect(kubelet).toMatchObject({
      cgroupRoot: `/${at.cgroup}`,
      makeIPTablesUtilChains: false,
      featureGates: { DevicePlugins: false },
    });
    expect(files['containerd.toml']).toContain('netns_mounts_under_state_dir = true');
    expect(files['containerd.toml']).toContain('snapshotter = "native"');
  });
});

describe('objects', () => {
  const deploy = (name: string): Promise<string> => readFile(join(import.meta.dirname, '../../deploy', name), 'utf8');
  const find = (objects: readonly unknown[], kind: string): Record<string, unknown>[] =>
    objects.filter((object): object is Record<string, unknown> => isRecord(object) && object['kind'] === kind);

  it('give the account exactly the rights that deploy/role.yaml documents', async () => {
    const [role] = find(accounts(await deploy('role.yaml'), await deploy('image-credentials.yaml')), 'Role');
    const rules = role?.['rules'] as { apiGroups: string[]; resources: string[]; verbs: string[] }[];
    expect(rules.map(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, verbs.join()])).toEqual([
      ['', 'pods', 'create,get,list,watch,delete'],
      ['', 'pods/exec', 'create,get'],
      ['', 'pods/log', 'get'],
      ['', 'events', 'list'],
      ['', 'persistentvolumeclaims', 'get,list,create'],
    ]);
  });

  it('give the right to Secrets in the first namespace only, by the optional Role', async () => {
    const objects = accounts(await deploy('role.yaml'), await deploy('image-credentials.yaml'));
    const touching = find(objects, 'Role').filter(({ rules }) => JSON.stringify(rules).includes('secrets'));
    expect(touching).toMatchObject([
      {
        metadata: { name: 'tarmac-image-credentials', namespace: 'tarmac' },
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['create', 'delete'] }],
      },
    ]);
  });

  it('bind each namespace to its own account, and nobody to nothing', async () => {
    const objects = accounts(await deploy('role.yaml'), await deploy('image-credentials.yaml'));
    expect(find(objects, 'RoleBinding').map(({ metadata, subjects }) => ({ metadata, subjects }))).toMatchObject(
      ['tarmac', 'tarmac-restricted', 'tarmac'].map((namespace) => ({
        metadata: { namespace },
        subjects: [{ kind: 'ServiceAccount', name: 'tarmac', namespace }],
      })),
    );
  });

  it('bind each claim to a volume of its own, but for the one that stays pending', async () => {
    const objects = claims(await deploy('claim.yaml'), '/volumes');
    const volumes = find(objects, 'PersistentVolume').map(({ spec }) => spec);
    expect(find(objects, 'PersistentVolumeClaim')).toHaveLength(CLAIMS.length);
    expect(volumes).toMatchObject(
      CLAIMS.filter(({ folder }) => folder !== null).map(({ namespace, name, folder }) => ({
        claimRef: { namespace, name },
        hostPath: { path: `/volumes/${String(folder)}` },
      })),
    );
    const pending = find(objects, 'PersistentVolumeClaim').at(-1);
    expect(pending).toMatchObject({
      metadata: { name: 'tarmac-pending' },
      spec: { storageClassName: 'tarmac-none-such' },
    });
  });

  it('reach the cluster by a kubeconfig with one context', () => {
    const config: unknown = JSON.parse(kubeconfig({ server: 'https://127.0.0.1:1' }, 'tarmac', { token: 't' }, 'ns'));
    expect(config).toMatchObject({
      'current-context': 'tarmac-test',
      contexts: [{ name: 'tarmac-test', context: { user: 'tarmac', namespace: 'ns' } }],
      users: [{ name: 'tarmac', user: { token: 't' } }],
    });
  });
});

describe('report', () => {
  it.each([
    [0, '0.0 s'],
    [1234, '1.2 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 0 s'],
    [312_000, '5 min 12 s'],
  ])('says %i ms as %s', (milliseconds, expected) => {
    expect(duration(milliseconds)).toBe(expected);
  });

  it('shows the end of a log', () => {
    expect(lastLines('a\nb\nc\n', 2)).toBe('b\nc');
  });
});
