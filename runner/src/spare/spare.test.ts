import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../cluster/errors.ts';
import type { V1Pod } from '../cluster/types.ts';
import type { Plan } from '../model/plan.ts';
import { annotations } from '../pod/names.ts';
import { plainShape } from '../pod/shape.ts';
import { listRuns } from '../records/list.ts';
import { startRun } from '../run/execute.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { fakeDelivery } from '../../../test/fakes/fake-delivery.ts';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { scriptOf } from '../../../test/fakes/exec-script.ts';
import { leaveSpare, removeSpareOf, withSpare } from './index.ts';
import { canHaveSpare, spareKey } from './key.ts';
import { knownSpares, mostSpares, rememberSpare, removeSpares, reserveSpare } from './memory.ts';
import { NextSpare } from './next-spare.ts';

const minute = 60_000;
const target = { server: 'https://fake.example:6443', namespace: 'ci' };
const quota = new ApiError({
  code: 403,
  reason: 'Forbidden',
  message: 'pods "x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4',
  verb: 'create',
  resource: 'pods',
});

/** A scene whose store has the inputs, and whose commands end at once. */
async function aScene(): Promise<RunScene> {
  const scene = await RunScene.create();
  scene.delivery = { ...fakeDelivery({ sendsTo: 'nowhere' }), helperFetches: () => [] };
  new FakeCommand(scene.cluster, { stdout: 'hello\n' });
  return scene;
}

/** Runs a plan to its end, on the spare of its task if there is one. */
async function run(scene: RunScene, plan: Plan, spareMs?: number) {
  const ready = await withSpare(plan, scene.context, spareMs);
  const result = await startRun(ready, scene.context, () => scene.delivery).done;
  return { ready, result };
}

/** Pods that were made to wait, by name. */
async function waiting(scene: RunScene): Promise<V1Pod[]> {
  const pods = await scene.cluster.listPods('app.kubernetes.io/managed-by=tarmac');
  return pods.filter(({ metadata }) => metadata?.annotations?.[annotations.spareSeconds] !== undefined);
}

const created = (scene: RunScene): string[] =>
  scene.cluster.calls.flatMap(({ method, name }) => (method === 'createPod' ? [name] : []));

test('a run leaves a spare, and the next run of the task takes it', async () => {
  await using scene = await aScene();
  const first = await run(scene, scene.plan(), 5 * minute);
  expect(first.result.status).toBe('succeeded');
  const [spare] = await waiting(scene);
  const name = spare?.metadata?.name ?? '';
  expect(scene.cluster.podNames).toEqual([name]);
  expect(spare?.metadata?.annotations?.[annotations.spareSeconds]).toBe('300');
  scene.cluster.calls.length = 0;
  const second = await run(scene, scene.plan());
  expect(second.result).toMatchObject({
    status: 'succeeded',
    exitCode: 0,
    run: spare?.metadata?.labels?.['tarmac/run'],
  });
  expect(second.ready.run).not.toBe(first.ready.run);
  expect(created(scene)).toEqual([]);
  const execs = scene.cluster.calls.filter(({ method }) => method === 'exec');
  expect(execs.slice(0, 2).map(({ name: pod, container }) => [pod, container])).toEqual(
    expect.arrayContaining([
      [name, 'artifact-helper'],
      [name, 'main'],
    ]) as unknown,
  );
  const scripts = execs.map(({ command }) => scriptOf(command ?? []));
  const token = scripts.find(([script]) => script === 'take')?.[1];
  expect(scripts.find(([script]) => script === 'start')).toContain(`@${token}`);
  // It is gone with its run.
  expect(scene.cluster.podNames).toEqual([]);
});

test('no run leaves a spare that was not asked to', async () => {
  await using scene = await aScene();
  await run(scene, scene.plan());
  expect(created(scene)).toHaveLength(1);
  expect(scene.cluster.podNames).toEqual([]);
});

test('a spare that is gone, or that another run has taken, costs its run nothing but the time', async () => {
  await using scene = await aScene();
  await run(scene, scene.plan(), 5 * minute);
  for (const name of scene.cluster.podNames) scene.cluster.removePod(name);
  expect((await run(scene, scene.plan(), 5 * minute)).result.status).toBe('succeeded');
  const [spare] = await waiting(scene);
  scene.cluster.onExec('artifact-helper', ({ command }) => (scriptOf(command)[0] === 'take' ? 76 : 0));
  // As the supervisor answers a run that has not taken the pod: nothing was started.
  const { exec } = new FakeCommand(scene.cluster, { stdout: 'hello\n' });
  scene.cluster.onExec('main', (request) =>
    scriptOf(request.command).some((word) => word.startsWith('@')) ? 76 : exec(request),
  );
  const { result } = await run(scene, scene.plan());
  expect(result.status).toBe('succeeded');
  // What another run has is not ours to delete.
  expect(scene.cluster.podNames).toEqual([spare?.metadata?.name]);
});

test('a cluster without room for a spare is asked once, and nobody hears of it', async () => {
  await using scene = await aScene();
  scene.cluster.podScript = (pod, cluster) => {
    cluster.startPod(pod.metadata?.name ?? '');
    cluster.failNext('createPod', quota);
  };
  expect((await run(scene, scene.plan(), 5 * minute)).result.status).toBe('succeeded');
  expect(scene.events.filter(({ type }) => type === 'warning' || type === 'failure')).toEqual([]);
  expect(scene.cluster.podNames).toEqual([]);
  const before = created(scene).length;
  scene.cluster.podScript = (pod, cluster) => void cluster.startPod(pod.metadata?.name ?? '');
  await run(scene, scene.plan(), 5 * minute);
  expect(created(scene)).toHaveLength(before + 1);
});

test('a run that finds no room has that of a spare of the same user', async () => {
  await using scene = await aScene();
  await run(scene, scene.plan(), 5 * minute);
  const other = scene.plan({ task: 'other', run: 'other-00000001' });
  scene.cluster.failNext('createPod', quota);
  expect((await run(scene, other)).result.status).toBe('succeeded');
  expect(scene.cluster.podNames).toEqual([]);
});

test('off removes what waits, and makes and takes none', async () => {
  await using scene = await aScene();
  await run(scene, scene.plan(), 5 * minute);
  const { ready } = await run(scene, scene.plan({ run: 'unit-00000002' }), 0);
  expect(ready).toMatchObject({ run: 'unit-00000002' });
  expect(ready.spare).toBeUndefined();
  expect(scene.cluster.podNames).toEqual([]);
  expect((await knownSpares(scene.context.stateDir)).size).toBe(0);
});

test('a run that does not begin gives its pod up, and touches no other', async () => {
  await using scene = await aScene();
  await run(scene, scene.plan(), 5 * minute);
  await leaveSpare(scene.plan(), scene.context);
  expect(scene.cluster.podNames).toHaveLength(1);
  await leaveSpare(await withSpare(scene.plan(), scene.context, undefined), scene.context);
  expect(scene.cluster.podNames).toEqual([]);
});

test('the spare of one task is removed without those of others', async () => {
  await using scene = await aScene();
  await run(scene, scene.plan(), 5 * minute);
  await run(scene, scene.plan({ task: 'other', run: 'other-00000001' }), 5 * minute);
  await removeSpareOf(scene.plan(), scene.context);
  expect((await waiting(scene)).map(({ metadata }) => metadata?.labels?.['app.kubernetes.io/name'])).toEqual(['other']);
});

test('a list shows a spare as what it is, until a run has taken it', async () => {
  await using scene = await aScene();
  await run(scene, scene.plan(), 5 * minute);
  const [spare] = await waiting(scene);
  const name = spare?.metadata?.name ?? '';
  const containers = spare?.status?.containerStatuses ?? [];
  const helperIs = (ready: boolean): void =>
    void scene.cluster.patchPod(name, {
      status: {
        containerStatuses: containers.map((each) => (each.name === 'artifact-helper' ? { ...each, ready } : each)),
      },
    });
  const stateOf = async () => (await listRuns(scene.context)).find(({ pod }) => pod === name)?.state;
  helperIs(false);
  expect(await stateOf()).toBe('spare');
  helperIs(true);
  expect(await stateOf()).toBe('running');
});

test('no value of a param, no secret and no input of the task is in a spare', async () => {
  await using scene = await aScene();
  const plan = scene.plan({
    params: [{ name: 'TOKEN', value: 'hunter2-param', origin: 'user' }],
    secrets: ['hunter2-secret'],
    stdin: 'hunter2-stdin',
  });
  await run(scene, plan, 5 * minute);
  const pods = await waiting(scene);
  expect(pods).toHaveLength(1);
  expect(JSON.stringify(pods)).not.toContain('hunter2');
});

test('a spare is made while the command runs, and by an aborted run none', async () => {
  await using scene = await RunScene.create();
  scene.delivery = { ...fakeDelivery({ sendsTo: 'nowhere' }), helperFetches: () => [] };
  const command = new FakeCommand(scene.cluster, { endless: true });
  const going = startRun(await withSpare(scene.plan(), scene.context, 5 * minute), scene.context, () => scene.delivery);
  await command.running;
  while (created(scene).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  command.end();
  await going.done;
  expect(await waiting(scene)).toHaveLength(1);
  await removeSpares(scene.context);
  const next = new NextSpare(scene.plan({ spareMs: 5 * minute }), scene.context, false);
  next.soon();
  await next[Symbol.asyncDispose]();
  expect(await waiting(scene)).toHaveLength(0);
});

describe('a spare is good for', () => {
  const base = aPlan({ limits: { memoryBytes: 2 ** 20 } });
  const key = (changes: Partial<Plan> = {}): string => spareKey({ ...base, ...changes }, target);

  test.each<[string, Partial<Plan>]>([
    ['another run', { run: 'unit-ffffffff' }],
    ['other params', { params: [{ name: 'A', value: 'b', origin: 'user' }] }],
    ['other arguments', { command: { ...base.command, args: ['x'] } }],
    ['another standard input', { stdin: 'x' }],
  ])('%s of the task', (_what, changes) => expect(key(changes)).toBe(key()));

  test.each<[string, Partial<Plan>]>([
    ['another image', { image: { ...base.image, reference: 'docker.io/library/busybox:1.37' } }],
    ['another limit', { limits: { memoryBytes: 2 ** 21 } }],
    ['another profile', { profile: 'restricted' }],
    ['another user', { command: { ...base.command, user: '1000' } }],
    ['another claim', { store: { kind: 'claim', claim: 'other' } }],
    ['no claim', { store: { kind: 'direct' } }],
    ['another helper', { helperImage: 'docker.io/library/busybox:other' }],
    ['other mounts', { volumes: [...base.volumes, { name: 'input-0', mountPath: '/x' }] }],
    ['another task file', { taskFile: '/home/me/ci/other.yml' }],
    ['another time limit', { timeoutMs: 120_000 }],
    ['another shape', { pod: { ...plainShape, nodeSelector: { disk: 'ssd' } } }],
    ['a cache', { caches: [{ path: '/c', volume: 'cache-0', key: 'f'.repeat(64) }] }],
  ])('nothing with %s', (_what, changes) => expect(key(changes)).not.toBe(key()));

  test('nothing on another cluster or in another namespace', () => {
    expect(spareKey(base, { ...target, namespace: 'prod' })).not.toBe(key());
    expect(spareKey(base, { ...target, server: 'https://other.example' })).not.toBe(key());
  });
});

test.each<[string, boolean, Partial<Plan>]>([
  ['a fixed tag', true, {}],
  ['latest, which may be another image by now', false, { image: { reference: 'busybox', registry: 'docker.io' } }],
  ['an image that is asked for at each start', false, { pod: { ...plainShape, imagePullPolicy: 'Always' } }],
  ['all rights', false, { profile: 'privileged' }],
  ['a sidecar', false, { sidecars: [{ name: 'db', image: 'postgres:16' }] }],
  [
    'a password for its registry',
    false,
    { image: { ...aPlan().image, credentials: { server: 's', username: 'u', password: 'p' } } },
  ],
])('a task with %s: a spare is possible: %s', (_what, can, changes) => {
  expect(canHaveSpare(aPlan(changes))).toBe(can);
});

describe('the memory of spares', () => {
  const spare = { run: 'unit-1', pod: 'task-unit-1', uid: 'u', ...target };
  const key = 'a'.repeat(64);
  async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'tarmac-spares-'));
    try {
      await work(dir);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  test('gives each spare to one of those who ask at once, in 200 rounds', () =>
    inFolder(async (dir) => {
      for (let round = 0; round < 200; round++) {
        expect(await rememberSpare(dir, key, { ...spare, until: Date.now() + minute })).toBe(true);
        const got = await Promise.all([1, 2, 3].map(() => reserveSpare(dir, key)));
        expect(got.filter(Boolean)).toHaveLength(1);
      }
    }));

  test('has one spare a task, gives none that ends soon, and forgets those that have ended', () =>
    inFolder(async (dir) => {
      expect(await rememberSpare(dir, key, { ...spare, until: 100 * minute })).toBe(true);
      expect(await rememberSpare(dir, key, { ...spare, until: 100 * minute })).toBe(false);
      expect((await knownSpares(dir, 99 * minute)).get(key)).toMatchObject({ pod: 'task-unit-1' });
      expect(await reserveSpare(dir, key, 100 * minute - 1)).toBeUndefined();
      await rememberSpare(dir, key, { ...spare, until: 100 * minute });
      expect((await knownSpares(dir, 101 * minute)).size).toBe(0);
      expect(await reserveSpare(dir, key, 0)).toBeUndefined();
    }));

  test('makes no more than three', async () => {
    await using scene = await aScene();
    for (let index = 0; index < mostSpares; index++) {
      const other = { ...spare, until: Date.now() + minute };
      await rememberSpare(scene.context.stateDir, String(index).repeat(64), other);
    }
    await run(scene, scene.plan(), 5 * minute);
    expect(await waiting(scene)).toHaveLength(0);
  });
});
