import { describe, expect, it } from 'vitest';
import { aPlan } from '../../../test/fakes/plans.ts';
import type { V1Container, V1Pod } from '../cluster/types.ts';
import type { Plan, PlannedInput } from '../model/plan.ts';
import { buildPod, pullSecret, type PodOptions } from './pod.ts';
import { pullPolicy } from './shape-pod.ts';
import { plainShape, podShape, type PodSettings } from './shape.ts';

const program = { command: ['sh', '-c', 'true'] };

function build(changes: Partial<Plan> = {}, options: Partial<PodOptions> = {}): V1Pod {
  const plan = aPlan(changes);
  return buildPod(plan, {
    namespace: 'ci',
    profile: 'baseline',
    startedAt: '2026-01-02T03:04:05Z',
    programs: {
      fetchInputs: plan.inputs.map((input) => ({ input, program })),
      install: program,
      main: program,
      helper: program,
    },
    ...options,
  });
}

function container(pod: V1Pod, name: string): V1Container {
  const found = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].find(
    (each) => each.name === name,
  );
  if (!found) throw new Error(`no container ${name}`);
  return found;
}

function input(name: string, volume: string): PlannedInput {
  return {
    name,
    path: `/tmp/build/b1dda4c3/${name}`,
    volume,
    source: { kind: 'directory', directory: `/home/me/${name}` },
  };
}

describe('the pod of a run', () => {
  it('holds main, artifact-helper and sidecars, and one fetch-input-N per input in order', () => {
    const pod = build({
      inputs: [input('a', 'input-0'), input('b', 'input-1')],
      sidecars: [{ name: 'db', image: 'postgres:17' }],
    });
    expect(pod.spec?.initContainers?.map((each) => each.name)).toEqual(['fetch-input-0', 'fetch-input-1']);
    expect(pod.spec?.containers.map((each) => each.name)).toEqual(['main', 'artifact-helper', 'db']);
  });

  it('installs our tools without any input as well, so that images without a shell work', () => {
    expect(build().spec?.initContainers?.map((each) => each.name)).toEqual(['install-helper']);
  });

  it('has no init container when the helper prepares it: the helper comes first and its hook holds back the others', () => {
    const helperHook = ['sh', '-c', 'until [ -e "$0" ]; do sleep 1; done', '/ready'];
    const pod = build(
      { inputs: [input('a', 'input-0')], sidecars: [{ name: 'db', image: 'postgres:17' }] },
      { programs: { fetchInputs: [], install: program, main: program, helper: program, helperHook } },
    );
    expect(pod.spec?.initContainers).toBeUndefined();
    expect(pod.spec?.containers.map((each) => each.name)).toEqual(['artifact-helper', 'main', 'db']);
    // Not escaped: the kubelet expands nothing in a hook.
    expect(container(pod, 'artifact-helper').lifecycle?.postStart?.exec?.command).toEqual(helperHook);
    expect(pod.metadata?.annotations).toMatchObject({ 'kubectl.kubernetes.io/default-container': 'main' });
  });

  it('has no service account token, no service links, no restart, and a deadline beyond the time limit', () => {
    expect(build({ timeoutMs: 3_600_000, keepMs: 600_000 }).spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      // Start, command, keep, and what lies between.
      activeDeadlineSeconds: 3600 + 3600 + 600 + 900,
      terminationGracePeriodSeconds: 10,
    });
  });

  it('has the shape that a person asked for, also in its sidecars and helpers', () => {
    const { shape } = podShape({
      annotations: { 'sidecar.istio.io/inject': 'false' },
      labels: { team: 'build' },
      nodeSelector: { pool: 'ci' },
      tolerations: ['dedicated=ci:NoSchedule'],
      serviceAccountName: 'builder',
      priorityClassName: 'low',
      imagePullPolicy: 'never',
      ephemeralStorage: '4Gi',
      helperResources: { memory: '64Mi' },
    });
    const pod = build({ pod: shape, sidecars: [{ name: 'db', image: 'postgres:17' }], limits: { cpuMillis: 100 } });
    expect(pod.metadata?.annotations).toMatchObject({
      'sidecar.istio.io/inject': 'false',
      'kubectl.kubernetes.io/default-container': 'main',
    });
    expect(pod.metadata?.labels).toMatchObject({ team: 'build', 'app.kubernetes.io/managed-by': 'tarmac' });
    expect(pod.spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'ci' },
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'ci', effect: 'NoSchedule' }],
      serviceAccountName: 'builder',
      priorityClassName: 'low',
    });
    // The account itself decides, as it does for every other pod that names it.
    expect(pod.spec).not.toHaveProperty('automountServiceAccountToken');
    const policies = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].map(
      (each) => each.imagePullPolicy,
    );
    expect(new Set(policies)).toEqual(new Set(['Never']));
    const main = { cpu: '100m', 'ephemeral-storage': '4Gi' };
    expect(container(pod, 'main').resources).toEqual({ requests: main, limits: main });
    const helper = { cpu: '500m', memory: '64Mi' };
    expect(container(pod, 'artifact-helper').resources).toEqual({ requests: helper, limits: helper });
    expect(container(pod, 'install-helper').resources).toEqual({ requests: helper, limits: helper });
  });

  it.each<[string, PodSettings, boolean | undefined]>([
    ['no account: no token', {}, false],
    ['an account: as it says itself', { serviceAccountName: 'a' }, undefined],
    ['an account whose token is not wanted', { serviceAccountName: 'a', automountServiceAccountToken: false }, false],
    ['the token of the default account', { automountServiceAccountToken: true }, true],
  ])('%s', (_, settings, token) => {
    expect(build({ pod: podShape(settings).shape }).spec?.automountServiceAccountToken).toBe(token);
  });

  it('keeps params out of the spec, and makes no Secret of them', () => {
    const params = [
      { name: 'TOKEN', value: 'hush-hush', origin: 'user' as const },
      { name: 'EMPTY', value: '', origin: 'file' as const },
    ];
    const pod = build({ params });
    expect(JSON.stringify(pod)).not.toMatch(/hush-hush|TOKEN/);
    expect(container(pod, 'main').env).toBeUndefined();
    expect(pullSecret(aPlan({ params }), 'ci', { uid: 'uid-1' })).toBeUndefined();
  });

  it('writes $ so that Kubernetes leaves it alone', () => {
    const odd = { command: ['sh', '-c', 'echo $(HOME) $$(x) $y'], env: { A: '$(B)' } };
    const pod = build({}, { programs: { fetchInputs: [], install: odd, main: odd, helper: odd } });
    expect(container(pod, 'main').command).toEqual(['sh', '-c', 'echo $$(HOME) $$$$(x) $$y']);
    expect(container(pod, 'main').env).toEqual([{ name: 'A', value: '$$(B)' }]);
  });

  it('mounts every volume once in main, parents first, and side by side in the helper', () => {
    const pod = build({
      volumes: [
        { name: 'work-dir', mountPath: '/tmp/build/b1dda4c3' },
        { name: 'input-0', mountPath: '/tmp/build/b1dda4c3/a' },
        { name: 'output-0', mountPath: '/tmp/build/b1dda4c3/a/out' },
      ],
    });
    const paths = (name: string) => container(pod, name).volumeMounts?.map((mount) => mount.mountPath);
    expect(paths('main')).toEqual([
      '/.tarmac/bin',
      '/.tarmac/run',
      '/.tarmac/helper',
      '/tmp/build/b1dda4c3',
      '/tmp/build/b1dda4c3/a',
      '/tmp/build/b1dda4c3/a/out',
    ]);
    expect(paths('artifact-helper')).toEqual([
      '/.tarmac/bin',
      '/.tarmac/run',
      '/.tarmac/helper',
      '/volumes/.tarmac/bin',
      '/volumes/work-dir',
      '/volumes/input-0',
      '/volumes/output-0',
      '/artifacts',
    ]);
    expect(container(pod, 'main').workingDir).toBe('/tmp/build/b1dda4c3');
  });

  it.each([
    ['both limits', { cpuMillis: 1024, memoryBytes: 1 << 30 }, { cpu: '1024m', memory: '1073741824' }],
    ['only cpu', { cpuMillis: 500 }, { cpu: '500m' }],
    ['only memory', { memoryBytes: 1024 }, { memory: '1024' }],
  ])('gives %s as requests and limits', (_, limits, values) => {
    expect(container(build({ limits }), 'main').resources).toEqual({ requests: values, limits: values });
  });

  it('can be Guaranteed with both limits (every container requests what it may use), and asks for nothing without', () => {
    const limited = build({ limits: { cpuMillis: 100, memoryBytes: 1 << 28 }, inputs: [input('a', 'input-0')] });
    for (const each of [...(limited.spec?.initContainers ?? []), ...(limited.spec?.containers ?? [])]) {
      expect(Object.keys(each.resources?.limits ?? {}).sort()).toEqual(['cpu', 'memory']);
      expect(each.resources?.requests).toEqual(each.resources?.limits);
    }
    for (const each of build().spec?.containers ?? []) expect(each.resources).toBeUndefined();
  });

  it('mounts no claim without a store', () => {
    const pod = build({ store: { kind: 'direct' }, inputs: [input('a', 'input-0')] });
    expect(JSON.stringify(pod)).not.toContain('persistentVolumeClaim');
    expect(JSON.stringify(pod)).not.toContain('/artifacts');
  });

  it('names each pull secret once and makes one for the credentials of the file', () => {
    const image = {
      reference: 'r.example/x:1',
      registry: 'r.example',
      credentials: { server: 'r.example', username: 'me', password: 'pw' },
    };
    const pod = build({ image, pullSecrets: ['team', 'team'] });
    expect(pod.spec?.imagePullSecrets).toEqual([{ name: 'team' }, { name: 'task-unit-0a1b2c3d-pull' }]);
    expect(JSON.stringify(pod)).not.toContain('"pw"');
    const secret = pullSecret(aPlan({ image }), 'ci', { uid: 'uid-1' });
    expect(secret?.metadata?.ownerReferences).toEqual([
      { apiVersion: 'v1', kind: 'Pod', name: 'task-unit-0a1b2c3d', uid: 'uid-1' },
    ]);
    expect(secret?.type).toBe('kubernetes.io/dockerconfigjson');
    expect(JSON.parse(secret?.stringData?.['.dockerconfigjson'] ?? '')).toMatchObject({
      auths: { 'r.example': { username: 'me' } },
    });
  });

  it('prefers the node of the other pods of a claim that one node can mount', () => {
    expect(build({}, { singleNode: true }).spec?.affinity?.podAffinity).toBeDefined();
    expect(build().spec?.affinity).toBeUndefined();
  });

  it('has legal labels for a claim with a long name, and the affinity asks for the same', () => {
    const claim = `${'c'.repeat(62)}.artifacts`;
    const pod = build({ store: { kind: 'claim', claim } }, { singleNode: true });
    expect(pod.metadata?.labels?.['tarmac/claim']).toBe('c'.repeat(62));
    expect(JSON.stringify(pod.spec?.affinity)).toContain(`"tarmac/claim":"${'c'.repeat(62)}"`);
  });

  it('has a deadline that the API takes, however long the task may run', () => {
    expect(build({ timeoutMs: 9e15 }).spec?.activeDeadlineSeconds).toBe(2_147_483_647);
  });

  it.each([
    ['busybox', 'Always'],
    ['busybox:latest', 'Always'],
    ['busybox:1.36', 'IfNotPresent'],
    ['localhost:5000/x', 'Always'],
    ['localhost:5000/x:1', 'IfNotPresent'],
    [`busybox@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
  ])('pulls %s %s', (reference, policy) => {
    expect(pullPolicy(reference, plainShape)).toBe(policy);
  });
});

describe("Tarmac's own folders", () => {
  const helperHook = ['true'];
  const volumes = [{ name: 'work-dir', mountPath: '/tmp/build/b1dda4c3' }];
  const sidecars = [{ name: 'db', image: 'postgres:17' }];
  const inputs = [input('a', 'input-0'), input('b', 'input-1')];
  const quick = { programs: { fetchInputs: [], install: program, main: program, helper: program, helperHook } };
  /** Who may write where, of the folders that Tarmac itself uses: `path rw` or `path ro`. */
  const folders = (pod: V1Pod, name: string): string[] =>
    (container(pod, name).volumeMounts ?? [])
      .filter(({ name: volume }) => volume.startsWith('tarmac-'))
      .map(({ mountPath, readOnly }) => `${mountPath} ${readOnly ? 'ro' : 'rw'}`);
  const helperOnly = ['/.tarmac/helper rw', '/volumes/.tarmac/bin ro'];

  it.each(['baseline', 'restricted', 'privileged'] as const)('have one writer each (%s)', (profile) => {
    const pod = build({ inputs, volumes, sidecars }, { profile });
    expect(folders(pod, 'fetch-input-0')).toEqual(['/.tarmac/bin rw', ...helperOnly]);
    expect(folders(pod, 'fetch-input-1')).toEqual(['/.tarmac/bin ro', ...helperOnly]);
    expect(folders(pod, 'main')).toEqual(['/.tarmac/bin ro', '/.tarmac/run rw', '/.tarmac/helper ro']);
    expect(folders(pod, 'artifact-helper')).toEqual(['/.tarmac/bin ro', '/.tarmac/run ro', ...helperOnly]);
    expect(folders(pod, 'db')).toEqual([]);
  });

  it('are installed by the helper where there are no init containers', () => {
    const pod = build({ volumes, sidecars }, quick);
    expect(folders(pod, 'artifact-helper')).toEqual(['/.tarmac/bin rw', '/.tarmac/run ro', ...helperOnly]);
    expect(folders(pod, 'main')).toEqual(['/.tarmac/bin ro', '/.tarmac/run rw', '/.tarmac/helper ro']);
  });

  it('get the uid of the pod from whoever installs, and from nobody else', () => {
    const uid = { name: 'TARMAC_POD', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' } } };
    const withUid = (pod: V1Pod) =>
      [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
        .filter(({ env }) => env?.some((each) => JSON.stringify(each) === JSON.stringify(uid)))
        .map(({ name }) => name);
    expect(withUid(build({ inputs }))).toEqual(['fetch-input-0']);
    expect(withUid(build())).toEqual(['install-helper']);
    expect(withUid(build({}, quick))).toEqual(['artifact-helper']);
  });

  it('are read in a chroot, which the restricted standard does not allow', () => {
    const added = (profile: 'baseline' | 'restricted' | 'privileged') =>
      container(build({}, { profile }), 'artifact-helper').securityContext?.capabilities?.add;
    expect(added('baseline')).toContain('SYS_CHROOT');
    expect(added('privileged')).toContain('SYS_CHROOT');
    expect(added('restricted')).toBeUndefined();
  });
});

describe('security profiles', () => {
  it('baseline: seccomp, root where the image is root, setuid programs work', () => {
    const pod = build();
    expect(pod.spec?.securityContext).toEqual({ seccompProfile: { type: 'RuntimeDefault' } });
    expect(container(pod, 'main').securityContext).toEqual({});
    expect(container(pod, 'artifact-helper').securityContext).toMatchObject({ allowPrivilegeEscalation: false });
  });

  it('restricted: every container satisfies the restricted Pod Security standard', () => {
    const pod = build({ inputs: [input('a', 'input-0')] }, { profile: 'restricted' });
    expect(pod.spec?.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const each of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
      expect(each.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        runAsNonRoot: true,
      });
    }
  });

  it('none: no container and no pod states an id or a right, whatever run.user says', () => {
    const command = { path: 'true', args: [], dir: '/tmp', user: '1234' };
    const pod = build(
      { command, inputs: [input('a', 'input-0')], sidecars: [{ name: 'db', image: 'postgres:17' }] },
      { profile: 'none' },
    );
    expect(pod.spec?.securityContext).toEqual({});
    for (const each of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
      expect(each.securityContext).toEqual({});
    }
  });

  it('privileged only when asked for, and only in main', () => {
    const pod = build({ sidecars: [{ name: 'db', image: 'postgres:17' }] }, { profile: 'privileged' });
    expect(container(pod, 'main').securityContext).toMatchObject({ privileged: true });
    expect(container(pod, 'artifact-helper').securityContext?.privileged).toBeUndefined();
    expect(container(pod, 'db').securityContext?.privileged).toBeUndefined();
  });

  it.each([
    ['1234', 1234],
    ['app', 0],
    ['root', 0],
  ])('run.user %s runs main as uid %i', (user, uid) => {
    const command = { path: 'true', args: [], dir: '/tmp', user };
    expect(container(build({ command }), 'main').securityContext?.runAsUser).toBe(uid);
  });
});
