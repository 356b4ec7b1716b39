/** Connections and containers that are lost before the command has begun: the start goes on, or begins anew. */
import { describe, expect, test } from 'vitest';
import { ApiError } from '../cluster/errors.ts';
import { ExecError } from '../cluster/exec/error.ts';
import type { V1Pod } from '../cluster/types.ts';
import { podLabels, podName } from '../pod/names.ts';
import { storeErrorFrom } from '../store/errors.ts';
import { fakeDelivery, type StoreStep } from '../../../test/fakes/fake-delivery.ts';
import type { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { sweepPods } from '../records/list.ts';

const { run } = aPlan();
const [first, second] = [podName(run), podName(run, 2)];
const caches = [{ path: '/cache', volume: 'cache-0', key: 'f'.repeat(64) }];
const reset = new ApiError({ code: 'ECONNRESET', message: 'reset', verb: 'get', resource: 'pods' });
const busy = new ApiError({ code: 503, message: 'apiserver is shutting down', verb: 'create', resource: 'pods' });
const cut = new ExecError('LOST', 'the stream ended (1006) before an exit code came');
const refused = (text: string): ExecError => new ExecError('REFUSED', text, { status: 500 });

/** The first exec in this container fails so. */
function failOnce(scene: RunScene, container: string, error: Error, next: Parameters<FakeCluster['onExec']>[1]): void {
  let failed = false;
  scene.cluster.onExec(container, (request) => {
    if (failed) return next(request);
    failed = true;
    throw error;
  });
}

/** A store whose step fails once. */
function failingOnce(step: StoreStep, error: Error): ReturnType<typeof fakeDelivery> {
  let failed = false;
  return fakeDelivery({
    before(what) {
      if (what !== step || failed) return;
      failed = true;
      throw error;
    },
  });
}

describe('a loss in the start costs nothing', () => {
  test.each<[string, (scene: RunScene, command: FakeCommand) => unknown]>([
    ['while the claim is looked at', ({ cluster }) => cluster.failNext('getClaim', reset)],
    ['while the pod is created', ({ cluster }) => cluster.failNext('createPod', reset)],
    ['while the pod is created, by a server that restarts', ({ cluster }) => cluster.failNext('createPod', busy)],
    [
      'after the pod was created, before that was known',
      ({ cluster }) => {
        cluster.podScript = (made) => {
          cluster.startPod(made.metadata?.name ?? '');
          throw reset;
        };
      },
    ],
    ['while a Secret is created', ({ cluster }) => cluster.failNext('createSecret', reset)],
    ['while the pod is watched', ({ cluster }) => cluster.failNext('watchPod', reset)],
    [
      'while the first container is made',
      (scene) => failOnce(scene, 'fetch-input-0', refused('container not found ("fetch-input-0")'), () => 0),
    ],
    ['while inputs are sent', (scene) => (scene.delivery = failingOnce('send', cut))],
    [
      'while inputs are sent, by a task that the runtime does not find',
      (scene) =>
        (scene.delivery = failingOnce(
          'send',
          refused('failed to load task: no running task found: task 0a not found'),
        )),
    ],
    [
      'while inputs are sent, by a script that was killed',
      (scene) => (scene.delivery = failingOnce('send', storeErrorFrom(137, ''))),
    ],
    ['while a cache is restored', (scene) => (scene.delivery = failingOnce('restore-cache', cut))],
    ['while the command is started', (scene, command) => failOnce(scene, 'main', cut, command.exec)],
    [
      'while the command is started, by a runtime that restarts',
      (scene, command) => failOnce(scene, 'main', refused('error dialing backend: EOF'), command.exec),
    ],
    ['while the pod is deleted', ({ cluster }) => cluster.failNext('deletePod', reset)],
  ])('%s', async (_, arrange) => {
    await using scene = await RunScene.create();
    const command = new FakeCommand(scene.cluster, { stdout: 'hello\n', exitCode: 3 });
    arrange(scene, command);
    const result = await scene.start({ caches, params: [{ name: 'P', value: 'v', origin: 'file' }] }).done;
    expect([result.status, result.exitCode, result.failure]).toEqual(['failed', 3, undefined]);
    expect(scene.events.filter(({ type }) => type === 'reconnecting').length).toBeLessThanOrEqual(1);
    expect(scene.events.filter(({ type }) => type === 'pod-created')).toMatchObject([{ pod: first }]);
    expect(scene.events.filter(({ type }) => type === 'output')).toHaveLength(1);
    expect(scene.spanFaults).toEqual([]);
    expect([scene.cluster.podNames, scene.cluster.secrets.size, scene.cluster.watching]).toEqual([[], 0, 0]);
  });

  test('a loss that lasts is told once, however often the same is asked again', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    let left = 4;
    scene.delivery = fakeDelivery({
      before(step) {
        if (step === 'send' && left-- > 0) throw cut;
      },
    });
    expect((await scene.start().done).status).toBe('succeeded');
    expect(scene.events.filter(({ type }) => type === 'reconnecting')).toMatchObject([{ reason: cut.message }]);
  });
});

/** Puts the init container of the first pod into this state; the pods after it run. */
function killFirst(terminated: object) {
  return (made: V1Pod, cluster: FakeCluster): void => {
    const name = made.metadata?.name ?? '';
    if (name !== first) {
      cluster.startPod(name);
    } else {
      cluster.patchPod(name, {
        spec: { nodeName: 'node-1' },
        status: { initContainerStatuses: [{ name: 'fetch-input-0', image: 'x', state: { terminated } }] },
      });
    }
  };
}

describe('a container that is lost in the start', () => {
  test('is replaced by one of a new pod with another name, which alone gets what is sent', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    // The kubelet goes on answering for the deleted pod.
    scene.cluster.linger = 1000;
    scene.cluster.podScript = killFirst({ exitCode: 137, reason: 'Error' });
    scene.delivery = { ...scene.delivery, send: sendOnce(scene, scene.delivery.send.bind(scene.delivery)) };
    const result = await scene.start().done;
    expect(result).toMatchObject({ status: 'succeeded', exitCode: 0 });
    expect(scene.events.flatMap((event) => (event.type === 'pod-created' ? [event.pod] : []))).toEqual([first, second]);
    const [begun] = scene.cluster.reached.flatMap(({ script }, index) => (script === 'send' ? [index] : []));
    expect(new Set(scene.cluster.reached.slice(begun).map(({ uid }) => uid))).toEqual(new Set([`uid-${second}`]));
    expect(await scene.record()).toMatchObject({ pod: second, podUid: `uid-${second}` });
    expect([scene.cluster.podNames, scene.spanFaults]).toEqual([[], []]);
  });

  test('for its memory is the end: a new pod would meet the same', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.cluster.podScript = killFirst({ exitCode: 137, reason: 'OOMKilled' });
    scene.delivery = { ...scene.delivery, send: sendOnce(scene, scene.delivery.send.bind(scene.delivery)) };
    const result = await scene.start().done;
    expect([result.status, result.failure?.kind]).toEqual(['errored', 'out-of-memory']);
  });
});

/** Sends nothing while the first pod is there: its container is dead. */
function sendOnce(scene: RunScene, send: RunScene['delivery']['send']): RunScene['delivery']['send'] {
  return (inputs, shell, options) =>
    scene.cluster.podNames.includes(first)
      ? new Promise((_, reject) =>
          options.signal.addEventListener('abort', () => reject(options.signal.reason as Error), { once: true }),
        )
      : send(inputs, shell, options);
}

describe('what waiting does not mend ends the start at once', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND'])('no cluster at that address: %s', async (code) => {
    await using scene = await RunScene.create();
    const error = new ApiError({ code, message: code, verb: 'get', resource: 'persistentvolumeclaims' });
    scene.cluster.failNext('getClaim', () => error);
    const result = await scene.start().done;
    expect([result.status, result.failure?.kind, scene.told]).toEqual([
      'errored',
      'unreachable',
      expect.not.arrayContaining(['reconnecting']),
    ]);
  });

  test('and a pod that cannot be deleted between two attempts is deleted at the end', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.cluster.podScript = killFirst({ exitCode: 143, reason: 'Error' });
    scene.delivery = { ...scene.delivery, send: sendOnce(scene, scene.delivery.send.bind(scene.delivery)) };
    let denied = 0;
    scene.cluster.failNext('deletePod', () => {
      denied += 1;
      if (denied > 1) return undefined;
      // The second attempt must not wait for it.
      scene.cluster.removePod(first);
      return new ApiError({ code: 403, message: 'no', verb: 'delete', resource: 'pods' });
    });
    expect((await scene.start().done).status).toBe('succeeded');
    expect(scene.cluster.calls.filter(({ method, name }) => method === 'deletePod' && name === first)).toHaveLength(2);
  });
});

test('the pod of an attempt that a dead client did not delete is swept when a later one is there', async () => {
  await using scene = await RunScene.create();
  scene.cluster.podScript = undefined;
  for (const name of [first, second]) {
    await scene.cluster.createPod({ metadata: { name, labels: podLabels(run, 'unit', 'task') } });
  }
  expect(await sweepPods(scene.context)).toBe(1);
  expect(scene.cluster.podNames).toEqual([second]);
});
