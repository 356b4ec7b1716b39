import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../cluster/errors.ts';
import { ExecError } from '../cluster/exec/error.ts';
import type { V1Pod } from '../cluster/types.ts';
import { eventToJson, type RunEvent, type RunStatus } from '../model/events.ts';
import type { FailureKind } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';
import { podName, pullSecretName } from '../pod/names.ts';
import { attachRun } from './attach.ts';
import { startRun } from './execute.ts';
import type { Run, RunResult } from '../model/run.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { failingDelivery, fakeDelivery } from '../../../test/fakes/fake-delivery.ts';
import type { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';

const pod = podName(aPlan().run);
const refused = (code: number): ApiError =>
  new ApiError({ code, reason: 'Forbidden', message: 'no', verb: 'create', resource: 'pods' });
const broken = new ApiError({ code: 'ECONNRESET', message: 'connection reset', verb: 'delete', resource: 'pods' });

/** Puts a pod where its init container or its image has failed. */
function failStart(state: object, list: 'containerStatuses' | 'initContainerStatuses', name: string) {
  const status = (of: string, its: object) => ({
    name: of,
    image: 'x',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: its,
  });
  // The containers of the task are made when the init containers have ended.
  const before = {
    conditions: [{ type: 'Initialized', status: 'True' }],
    initContainerStatuses: [status('fetch-input-0', { terminated: { exitCode: 0 } })],
  };
  return (made: V1Pod, cluster: FakeCluster): void => {
    cluster.patchPod(made.metadata?.name ?? '', {
      spec: { nodeName: 'node-1' },
      status: { phase: 'Pending', ...(list === 'containerStatuses' ? before : {}), [list]: [status(name, state)] },
    });
  };
}

describe('a run that succeeds', () => {
  test('tells its steps in order and runs its execs in order: the command first, then what the helper saves', async () => {
    await using scene = await RunScene.create();
    const command = new FakeCommand(scene.cluster, { stdout: 'hello\n', stderr: 'oops\n' });
    const result = await scene.start({
      caches: [{ path: '/cache', volume: 'cache-0', key: 'f'.repeat(64) }],
    }).done;
    expect(result).toMatchObject({ status: 'succeeded', exitCode: 0, sent: 7 });
    expect(command.started).toBe(true);
    expect(scene.execs).toEqual([
      'fetch-input-0: probe',
      'fetch-input-0: send',
      'artifact-helper: restore-cache',
      'main: start',
      'artifact-helper: save-output',
      'artifact-helper: save-cache',
      'artifact-helper: save-logs',
      'artifact-helper: fetch-output',
    ]);
    expect(scene.told.filter((type) => !/span|pod-event|progress/.test(type))).toEqual([
      'run-created',
      'pod-created',
      'input-ready',
      'command-started',
      'output',
      'command-ended',
      'output-saved',
      'output-downloaded',
      'finished',
    ]);
    expect(scene.spanFaults).toEqual([]);
  });

  test('leaves a record, both logs byte for byte, its output, and neither pod nor watch', async () => {
    await using scene = await RunScene.create();
    const stdout = 'line\n'.repeat(50_000);
    new FakeCommand(scene.cluster, { stdout, stderr: 'warned\n' });
    scene.delivery = fakeDelivery({ files: { 'bin.txt': 'built' } });
    await scene.start().done;
    const record = await scene.record();
    expect(record).toMatchObject({
      status: 'succeeded',
      exitCode: 0,
      podUid: `uid-${pod}`,
      saved: [{ name: 'out', kept: true }],
    });
    expect(record.client).toBeUndefined();
    expect(Date.parse(record.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(record.commandStartedAt ?? ''));
    expect(await scene.file(`runs/${record.run}/stdout.log`)).toBe(stdout);
    expect(await scene.file(`runs/${record.run}/stderr.log`)).toBe('warned\n');
    expect(await scene.file('../out/bin.txt')).toBe('built');
    expect([scene.cluster.podNames, scene.cluster.watching]).toEqual([[], 0]);
  });

  test.each([
    [0, 'succeeded'],
    [1, 'failed'],
    [42, 'failed'],
    [137, 'failed'],
  ] as const)('exit code %i means %s, and outputs are saved all the same', async (exitCode, status) => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster, { exitCode });
    const result = await scene.start().done;
    expect([result.status, result.exitCode, result.failure]).toEqual([status, exitCode, undefined]);
    expect(scene.told).toContain('output-downloaded');
  });
});

interface Ending {
  readonly ending: string;
  readonly status: RunStatus;
  readonly failure?: FailureKind;
  readonly exitCode?: number;
  /** Whether the command may have run. */
  readonly ran?: boolean;
  /** What the run differs in from others. */
  readonly plan?: Partial<Plan>;
  /** Prepares the scene; may give what is to be done to the run. */
  readonly arrange: (scene: RunScene) => unknown;
}

const endless = (scene: RunScene, more: object = {}): FakeCommand =>
  new FakeCommand(scene.cluster, { endless: true, ...more });

const endings: Ending[] = [
  {
    ending: 'success',
    status: 'succeeded',
    exitCode: 0,
    ran: true,
    arrange: (scene) => new FakeCommand(scene.cluster),
  },
  {
    ending: 'a task that fails',
    status: 'failed',
    exitCode: 3,
    ran: true,
    arrange: (scene) => new FakeCommand(scene.cluster, { exitCode: 3 }),
  },
  {
    ending: 'no claim',
    status: 'errored',
    failure: 'claim-missing',
    arrange: (scene) => scene.cluster.claims.clear(),
  },
  {
    ending: 'an input that cannot be read',
    status: 'errored',
    failure: 'upload-failed',
    arrange: () => undefined,
  },
  {
    ending: 'a pod that may not be created',
    status: 'errored',
    failure: 'forbidden',
    arrange: (scene) => scene.cluster.failNext('createPod', refused(403)),
  },
  {
    ending: 'a Secret that may not be created',
    status: 'errored',
    failure: 'forbidden',
    plan: {
      image: {
        reference: 'registry.example/app:1',
        registry: 'registry.example',
        credentials: { server: 'registry.example', username: 'me', password: 'pa55word' },
      },
    },
    arrange: (scene) => scene.cluster.failNext('createSecret', refused(403)),
  },
  {
    ending: 'an upload that fails',
    status: 'errored',
    failure: 'store-full',
    arrange: (scene) => (scene.delivery = failingDelivery('send', 'NO_SPACE')),
  },
  {
    ending: 'an exec that is not allowed',
    status: 'errored',
    failure: 'forbidden',
    arrange: (scene) =>
      scene.cluster.onExec('fetch-input-0', () => {
        throw new ExecError('REFUSED', 'pods "x" is forbidden', { status: 403, kubernetesReason: 'Forbidden' });
      }),
  },
  {
    ending: 'an image that does not exist',
    status: 'errored',
    failure: 'image-not-found',
    arrange(scene) {
      scene.cluster.onExec('*', () => {
        throw new ExecError('REFUSED', 'container not found', { status: 404 });
      });
      const waiting = { reason: 'ErrImagePull', message: 'manifest unknown' };
      scene.cluster.podScript = failStart({ waiting }, 'containerStatuses', 'main');
    },
  },
  {
    ending: 'a pod that is deleted while the command runs',
    status: 'errored',
    failure: 'pod-deleted',
    ran: true,
    arrange(scene) {
      const command = endless(scene);
      return async () => {
        await command.running;
        scene.cluster.removePod(pod);
      };
    },
  },
  {
    ending: 'a command that cannot be started',
    status: 'errored',
    failure: 'container-start-error',
    arrange: (scene) =>
      scene.cluster.onExec('main', async (request) => {
        await request.stderr?.(Buffer.from('tarmac: the supervisor could not be started'));
        return 71;
      }),
  },
  {
    ending: 'a supervisor that vanishes',
    status: 'errored',
    failure: 'supervisor-lost',
    ran: true,
    arrange: (scene) =>
      scene.cluster.onExec('main', async (request) => {
        await request.stdout?.(Buffer.from('S\nL\n'));
        return 0;
      }),
  },
  {
    ending: 'a save that fails after success',
    status: 'errored',
    failure: 'upload-failed',
    exitCode: 0,
    ran: true,
    arrange(scene) {
      new FakeCommand(scene.cluster);
      scene.delivery = failingDelivery('save-output');
    },
  },
  {
    ending: 'a download that fails after success',
    status: 'errored',
    failure: 'download-failed',
    exitCode: 0,
    ran: true,
    arrange(scene) {
      new FakeCommand(scene.cluster);
      scene.delivery = failingDelivery();
    },
  },
  {
    ending: 'a download that fails after the task failed',
    status: 'failed',
    failure: 'download-failed',
    exitCode: 9,
    ran: true,
    arrange(scene) {
      new FakeCommand(scene.cluster, { exitCode: 9 });
      scene.delivery = failingDelivery();
    },
  },
  {
    ending: 'an abort before anything happened',
    status: 'aborted',
    arrange: () => (run: Run) => run.abort(),
  },
  {
    ending: 'an abort during the upload',
    status: 'aborted',
    arrange: (scene) => async (run: Run) =>
      new Promise<void>((resolve) => {
        scene.delivery = fakeDelivery({
          before: (_step, _name, signal) =>
            new Promise((_done, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
              run.abort();
              resolve();
            }),
        });
      }),
  },
  {
    ending: 'an abort while the pod is pending',
    status: 'aborted',
    arrange(scene) {
      scene.delivery = fakeDelivery({ sendsTo: 'nowhere' });
      scene.cluster.podScript = undefined;
      return async (run: Run) => {
        await scene.until('pod-created');
        run.abort();
      };
    },
  },
  {
    ending: 'an abort while main is being made',
    status: 'aborted',
    arrange(scene) {
      scene.delivery = fakeDelivery({ sendsTo: 'nowhere' });
      scene.cluster.podScript = failStart({ waiting: { reason: 'ContainerCreating' } }, 'containerStatuses', 'main');
      let tries = 0;
      scene.cluster.onExec('main', () => {
        tries += 1;
        throw new ExecError('REFUSED', 'container not found', { status: 404 });
      });
      return async (run: Run) => {
        while (tries < 2) await new Promise((resolve) => setImmediate(resolve));
        run.abort();
      };
    },
  },
  {
    ending: 'an abort while the command runs: it gets TERM and chooses its code',
    status: 'aborted',
    exitCode: 7,
    ran: true,
    arrange(scene) {
      const command = endless(scene, { cancelCode: 7 });
      return async (run: Run) => {
        await command.running;
        run.abort();
      };
    },
  },
  {
    ending: 'an abort that somebody else asked for',
    status: 'aborted',
    exitCode: 143,
    ran: true,
    arrange(scene) {
      const command = endless(scene);
      return async () => {
        await command.running;
        await scene.cluster.exec({
          pod,
          container: 'main',
          command: ['busybox', 'sh', '/.tarmac/bin/kill', '10', 'abort'],
        });
      };
    },
  },
  {
    ending: 'an abort of a command that survives KILL',
    status: 'aborted',
    ran: true,
    arrange(scene) {
      const command = endless(scene, { killCode: 1 });
      return async (run: Run) => {
        await command.running;
        run.abort();
      };
    },
  },
  {
    ending: 'a second abort, while the command ignores the first',
    status: 'aborted',
    ran: true,
    arrange(scene) {
      const command = endless(scene);
      scene.cluster.onExec('main', (request) =>
        request.command[2]?.endsWith('/kill') ? new Promise<number>(() => undefined) : command.exec(request),
      );
      return async (run: Run) => {
        await scene.until('command-started');
        run.abort();
        await scene.until('aborting');
        run.abort();
      };
    },
  },
  {
    ending: 'a second abort, while outputs are saved',
    status: 'aborted',
    ran: true,
    arrange(scene) {
      new FakeCommand(scene.cluster);
      return (run: Run) =>
        new Promise<void>((resolve) => {
          scene.delivery = fakeDelivery({
            sendsTo: 'nowhere',
            before: (_step, _name, signal) =>
              new Promise((_done, reject) => {
                signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
                run.abort();
                run.abort();
                resolve();
              }),
          });
        });
    },
  },
  {
    ending: 'leaving before the command runs',
    status: 'aborted',
    arrange(scene) {
      scene.delivery = fakeDelivery({ sendsTo: 'nowhere' });
      scene.cluster.podScript = undefined;
      return async (run: Run) => {
        await scene.until('pod-created');
        await run.detach();
      };
    },
  },
];

describe('every ending', () => {
  test.each(endings)('$ending: $status', async ({ ending, status, failure, exitCode, ran, plan, arrange }) => {
    await using scene = await RunScene.create();
    const act = arrange(scene);
    // What the store is may be decided after the run has begun.
    const unreadable = ending.startsWith('an input that');
    const source = { kind: 'directory', directory: unreadable ? join(scene.root, 'gone') : scene.input } as const;
    const run = startRun(
      scene.plan({
        inputs: [{ name: 'src', path: '/src', volume: 'input-0', source }],
        params: [{ name: 'P', value: 'v', origin: 'file' }],
        timeoutMs: 60_000,
        ...plan,
      }),
      scene.context,
      () => scene.delivery,
    );
    const [result] = await Promise.all([
      run.done,
      typeof act === 'function' ? (act as (run: Run) => unknown)(run) : undefined,
    ]);
    const told = scene.events.filter((event) => event.type === 'finished');
    expect([result.status, result.exitCode, result.failure?.kind]).toEqual([status, exitCode, failure]);
    expect(told).toMatchObject([{ status, ...(exitCode === undefined ? {} : { exitCode }) }]);
    expect(scene.told.includes('command-started')).toBe(ran ?? false);
    expect(scene.spanFaults).toEqual([]);
    expect(await scene.record()).toMatchObject({ status });
    expect([scene.cluster.podNames, [...scene.cluster.secrets.keys()]]).toEqual([[], []]);
    await expect.poll(() => scene.cluster.watching).toBe(0);
    await run.started;
  });

  test('a time limit counts from the start of the command and ends it as failed', async () => {
    await using scene = await RunScene.create();
    const command = endless(scene);
    const result = await scene.start({ timeoutMs: 30 }).done;
    expect([result.status, result.exitCode, result.failure?.kind]).toEqual(['failed', undefined, 'deadline-exceeded']);
    expect(command.kills).toEqual(['timeout']);
    expect(scene.spanFaults).toEqual([]);
  });

  test('a time limit that is shorter than the start of the pod does not end the run', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.delivery = fakeDelivery({
      before: (step) => (step === 'send' ? new Promise((resolve) => setTimeout(resolve, 20)) : undefined),
    });
    const result = await scene.start({ timeoutMs: 5000, sidecars: [] }).done;
    expect(result.status).toBe('succeeded');
  });
});

describe('a start that can be mended', () => {
  test('a tree that has gone from the store is sent again, once', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    const pods: (V1Pod['spec'] | undefined)[] = [];
    const failed = failStart(
      { terminated: { exitCode: 44, reason: 'Error' } },
      'initContainerStatuses',
      'fetch-input-0',
    );
    scene.delivery = fakeDelivery({ sendsTo: 'nowhere' });
    scene.cluster.podScript = (made, cluster) => {
      pods.push(made.spec);
      if (pods.length === 1) failed(made, cluster);
      else cluster.startPod(made.metadata?.name ?? '');
    };
    scene.cluster.onExec('main', refuseOnce(scene));
    const result = await scene.start().done;
    expect([result.status, result.sent, pods.length]).toEqual(['succeeded', 7, 2]);
    expect(scene.events.filter((event) => event.type === 'input-ready').map(({ sent }) => sent)).toEqual([0, 7]);
    expect(scene.spanFaults).toEqual([]);
    expect(scene.cluster.podNames).toEqual([]);
  });

  test('the same, found by the helper that prepares a pod without init containers', async () => {
    await using scene = await RunScene.create();
    const { exec: play } = new FakeCommand(scene.cluster);
    scene.delivery = fakeDelivery({ sendsTo: 'nowhere' });
    scene.cluster.onExec('main', (request) => {
      if (scene.cluster.calls.filter(({ method }) => method === 'createPod').length > 1) return play(request);
      void request.stderr?.(Buffer.from('tarmac: trees/0123 is not in the store\n'));
      return 44;
    });
    const result = await scene.start().done;
    expect([result.status, result.sent]).toEqual(['succeeded', 7]);
    expect(scene.events.filter((event) => event.type === 'input-ready').map(({ sent }) => sent)).toEqual([0, 7]);
    expect(scene.spanFaults).toEqual([]);
    expect(scene.cluster.podNames).toEqual([]);
  });

  test("a registry that does not answer: the node's copy is taken, and nothing is told twice", async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    const policies: (string | undefined)[] = [];
    const waiting = { reason: 'ErrImagePull', message: 'dial tcp: i/o timeout' };
    scene.delivery = fakeDelivery({ sendsTo: 'nowhere' });
    scene.cluster.podScript = (made, cluster) => {
      policies.push(made.spec?.containers[0]?.imagePullPolicy);
      if (policies.length === 1) failStart({ waiting }, 'containerStatuses', 'main')(made, cluster);
      else cluster.startPod(made.metadata?.name ?? '');
    };
    scene.cluster.onExec('main', refuseOnce(scene));
    const result = await scene.start({ image: { reference: 'docker.io/library/app:latest', registry: 'docker.io' } })
      .done;
    expect([result.status, policies]).toEqual(['succeeded', ['Always', 'IfNotPresent']]);
    expect(scene.events.filter((event) => event.type === 'input-ready')).toHaveLength(1);
    expect(scene.spanFaults).toEqual([]);
  });

  test('a mirror that does not have the image: the origin is asked', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    const images: (string | undefined)[] = [];
    scene.delivery = fakeDelivery({ sendsTo: 'nowhere' });
    scene.cluster.podScript = (made, cluster) => {
      images.push(made.spec?.containers[0]?.image);
      const waiting = { reason: 'ErrImagePull', message: 'manifest unknown' };
      if (images.length === 1) failStart({ waiting }, 'containerStatuses', 'main')(made, cluster);
      else cluster.startPod(made.metadata?.name ?? '');
    };
    scene.cluster.onExec('main', refuseOnce(scene));
    const image = { reference: 'mirror/app:1', registry: 'mirror', fallbackReference: 'docker.io/library/app:1' };
    const result = await scene.start({ image }).done;
    expect([result.status, images]).toEqual(['succeeded', ['mirror/app:1', 'docker.io/library/app:1']]);
  });
});

/** Refuses the command of the first pod, whose container never runs; what follows is played by a command. */
function refuseOnce(scene: RunScene): (request: Parameters<FakeCluster['exec']>[0]) => Promise<number> {
  const command = new FakeCommand(scene.cluster);
  const play = command.exec;
  return (request) => {
    if (scene.cluster.calls.filter(({ method }) => method === 'createPod').length > 1) return play(request);
    return Promise.reject(new ExecError('REFUSED', 'container not found', { status: 404 }));
  };
}

describe('secrets', () => {
  const params = [{ name: 'TOKEN', value: 's3cr3t-value', origin: 'user' }] as const;
  const image = {
    reference: 'registry.example/app:1',
    registry: 'registry.example',
    credentials: { server: 'registry.example', username: 'me', password: 'pa55word' },
  };

  test('are in no pod, event or record', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    const pods: V1Pod[] = [];
    scene.cluster.podScript = (made, cluster) => {
      pods.push(made);
      cluster.startPod(pod);
    };
    const command = { path: 'login', args: ['s3cr3t-value'], dir: '/', shown: ['login', '((token))'] };
    await scene.start({ params, image, command }).done;
    const written = [
      ...pods.map((made) => JSON.stringify(made)),
      ...scene.events.map(eventToJson),
      JSON.stringify(await scene.record()),
    ];
    expect(pods).toHaveLength(1);
    expect(written.filter((text) => /s3cr3t-value|pa55word|czNjcjN0|cGE1NXdvcmQ/.test(text))).toEqual([]);
  });

  test('what a command reads goes to the command alone: not into the pod, the record or an event', async () => {
    await using scene = await RunScene.create();
    const command = new FakeCommand(scene.cluster);
    const stdin = '{"source":{"uri":"only-for-the-command"}}';
    const run = scene.start({ stdin });
    await run.done;
    expect(command.spec).toContain(`tarmac_stdin='${stdin}'`);
    const others = [scene.cluster.calls, scene.events, await scene.record(run.id)];
    expect(JSON.stringify(others)).not.toContain('only-for-the-command');
  });

  test('are taken out of the output before anybody gets it: events, the log on disk, whoever attaches', async () => {
    await using scene = await RunScene.create();
    const stdout = 'TOKEN=s3cr3t-value\nnot s3cr3t-val\n';
    const command = new FakeCommand(scene.cluster, { endless: true, stdout, stderr: 's3cr3t-value' });
    const secrets = ['s3cr3t-value'];
    const run = scene.start({ params, secrets, store: { kind: 'direct' } });
    await run.started;
    await run.detach();
    const attached: RunEvent[] = [];
    const context = { ...scene.context, onEvent: (event: RunEvent) => void attached.push(event) };
    const again = await attachRun(run.id, context, (_record, shell) => scene.delivery.storeIn(shell));
    command.end();
    await again.done;
    const shown = 'TOKEN=((redacted))\nnot s3cr3t-val\n';
    const textOf = (events: readonly RunEvent[], stream: string): string =>
      events
        .map((event) => (event.type === 'output' && event.stream === stream ? Buffer.from(event.data).toString() : ''))
        .join('');
    for (const events of [scene.events, attached]) expect(shown).toContain(textOf(events, 'stdout'));
    expect([textOf(attached, 'stdout'), textOf(attached, 'stderr')]).toEqual([shown, '((redacted))']);
    expect(await scene.file(`runs/${run.id}/stdout.log`)).toBe(shown);
    expect(await scene.file(`runs/${run.id}/stderr.log`)).toBe('((redacted))');
  });

  test("params travel with the command; the image's password is a Secret of the pod, and goes with it", async () => {
    await using scene = await RunScene.create();
    const command = endless(scene);
    const run = scene.start({ params, image });
    await command.running;
    expect(command.spec).toContain("'TOKEN=s3cr3t-value' ");
    const secret = scene.cluster.secrets.get(pullSecretName(run.id));
    expect(secret?.metadata?.ownerReferences).toMatchObject([{ kind: 'Pod', name: pod, uid: `uid-${pod}` }]);
    const created = scene.cluster.calls.map(({ method }) => method).filter((method) => method.startsWith('create'));
    expect(created).toEqual(['createPod', 'createSecret']);
    command.end();
    await run.done;
    expect(scene.cluster.secrets.size).toBe(0);
  });

  test('a run without a password of its image makes no Secret and needs no right to', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.cluster.failNext('createSecret', refused(403));
    expect(await scene.start({ params }).done).toMatchObject({ status: 'succeeded' });
    expect(scene.cluster.calls.map(({ method }) => method)).not.toContain('createSecret');
    expect(scene.cluster.calls.map(({ method }) => method)).not.toContain('deleteSecret');
  });
});

describe('clean-up', () => {
  test('--keep leaves the pod and says until when', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster, { exitCode: 1 });
    await scene.start({ keepMs: 60_000 }).done;
    expect(scene.cluster.podNames).toEqual([pod]);
    expect(scene.told).toContain('pod-kept');
  });

  test('a shell that is opened while the command runs keeps the pod, though the plan does not', async () => {
    await using scene = await RunScene.create();
    const command = endless(scene);
    const run = scene.start();
    await command.running;
    run.keep(60_000);
    command.end();
    await run.done;
    expect(scene.cluster.podNames).toEqual([pod]);
    expect(scene.told).toContain('pod-kept');
  });

  test('an abort deletes a pod that was to be kept', async () => {
    await using scene = await RunScene.create();
    const command = endless(scene);
    const run = scene.start({ keepMs: 60_000 });
    await command.running;
    run.abort();
    await run.done;
    expect(scene.cluster.podNames).toEqual([]);
  });

  test('a connection that breaks while the pod is deleted costs nothing', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.cluster.failNext('deletePod', broken);
    const result = await scene.start().done;
    expect([result.status, result.failure, scene.cluster.podNames]).toEqual(['succeeded', undefined, []]);
  });

  test('a pod that may not be deleted is told, and the status of the task stands', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.cluster.failNext('deletePod', refused(403));
    const result = await scene.start().done;
    expect([result.status, result.exitCode]).toEqual(['succeeded', 0]);
    expect(result.failure).toMatchObject({
      kind: 'forbidden',
      title: expect.stringMatching(`^Pod ${pod} could not be deleted: `) as string,
      nextStep: expect.stringContaining(`kubectl -n ci delete pod ${pod}`) as string,
    });
    expect(scene.told.filter((type) => type === 'failure')).toHaveLength(1);
    expect(scene.spanFaults).toEqual([]);
  });

  test('a pod whose creation is never answered is deleted by its name', async () => {
    await using scene = await RunScene.create();
    scene.cluster.failNext('createPod', () => broken);
    const run = scene.start();
    await scene.until('reconnecting');
    run.abort();
    expect((await run.done).status).toBe('aborted');
    expect(scene.cluster.calls).toContainEqual({ method: 'deletePod', name: pod });
  });

  test('pods that ended by themselves are swept in passing', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.cluster.podScript = undefined;
    const labels = { 'app.kubernetes.io/managed-by': 'tarmac' };
    await scene.cluster.createPod({ metadata: { name: 'task-dead', labels }, status: {} });
    await scene.cluster.createPod({ metadata: { name: 'foreign' } });
    scene.cluster.patchPod('task-dead', { status: { phase: 'Succeeded' } });
    scene.cluster.patchPod('foreign', { status: { phase: 'Succeeded' } });
    scene.cluster.podScript = (_made, cluster) => void cluster.startPod(pod);
    await scene.start().done;
    expect(scene.cluster.podNames).toEqual(['foreign']);
  });
});

describe('a run and its surroundings', () => {
  test('leaving it while the command runs keeps pod and record for whoever takes it up', async () => {
    await using scene = await RunScene.create();
    endless(scene);
    const run = scene.start();
    await run.started;
    await run.detach();
    expect(scene.cluster.podNames).toEqual([pod]);
    expect((await scene.record()).status).toBeUndefined();
    expect(scene.told).not.toContain('finished');
    expect(scene.cluster.watching).toBe(0);
  });

  test('a disk that cannot be written is told once and does not end the run', async () => {
    await using scene = await RunScene.create();
    await writeFile(scene.context.stateDir, 'a file where a folder should be');
    new FakeCommand(scene.cluster, { stdout: 'hello\n' });
    const result: RunResult = await scene.start().done;
    expect(result.status).toBe('succeeded');
    expect(scene.events.filter((event) => event.type === 'warning')).toHaveLength(1);
  });

  test('a view that throws gets nothing more, and the run goes on', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster, { stdout: 'hello\n' });
    let seen = 0;
    const onEvent = (): void => {
      seen += 1;
      throw new Error('a fault of the view');
    };
    const result = await startRun(scene.plan(), { ...scene.context, onEvent }, () => scene.delivery).done;
    expect([result.status, seen]).toEqual(['succeeded', 1]);
  });

  test('the logs of sidecars are told', async () => {
    await using scene = await RunScene.create();
    const command = endless(scene);
    scene.cluster.setLog(pod, 'db', 'ready\n');
    const run = scene.start({ sidecars: [{ name: 'db', image: 'postgres:17' }] });
    await scene.until('sidecar-output');
    command.end();
    await run.done;
    const pieces = scene.events.flatMap((event) =>
      event.type === 'sidecar-output' ? [`${event.sidecar}: ${Buffer.from(event.data).toString()}`] : [],
    );
    expect(pieces).toEqual(['db: ready\n']);
  });
});
