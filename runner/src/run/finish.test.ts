import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileChangedError } from '../archive/errors.ts';
import { ExecError } from '../cluster/exec/error.ts';
import { podName } from '../pod/names.ts';
import { StoreError } from '../store/errors.ts';
import { failingDelivery, fakeDelivery, type StoreStep } from '../../../test/fakes/fake-delivery.ts';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { tarOf } from '../../../test/fakes/tar.ts';
import { startRun } from './execute.ts';

const pod = podName(aPlan().run);

describe('a connection that is away when the command has ended', () => {
  const away = (): ExecError => new ExecError('CONNECT', 'no connection: ECONNREFUSED');

  /** A store whose steps find the connection away, once. */
  function awayDuring(...steps: StoreStep[]): ReturnType<typeof fakeDelivery> {
    const failures = new Map(steps.map((step) => [step, 1]));
    return fakeDelivery({
      before(step) {
        const left = failures.get(step) ?? 0;
        failures.set(step, left - 1);
        if (left > 0) throw away();
      },
    });
  }

  test('costs neither outputs nor logs: what it has made is saved and fetched when it is back', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.delivery = awayDuring('save-output', 'save-logs', 'fetch-output');
    const result = await scene.start().done;
    expect([result.status, result.failure]).toEqual(['succeeded', undefined]);
    expect(await scene.file('../out/a.txt')).toBe('a\n');
    expect(scene.events.filter((event) => event.type === 'reconnecting')).toHaveLength(3);
    expect(scene.cluster.podNames).toEqual([]);
  });

  test('is not waited for when the pod has gone meanwhile: that is what is told', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.delivery = fakeDelivery({
      before(step) {
        if (step !== 'save-output') return;
        scene.cluster.removePod(pod);
        throw away();
      },
    });
    const result = await scene.start().done;
    expect([result.status, result.exitCode, result.failure?.kind]).toEqual(['errored', 0, 'pod-deleted']);
  });

  test('and stays away until the pod has ended by itself: what its helper saved is in the store, and that is said', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.delivery = fakeDelivery({
      before(step) {
        if (step !== 'save-output') return;
        const terminated = { exitCode: 0, reason: 'Completed' };
        const status = (name: string): object => ({ name, image: '', state: { terminated } });
        scene.cluster.patchPod(pod, {
          status: { phase: 'Succeeded', containerStatuses: [status('artifact-helper')] },
        });
        throw away();
      },
    });
    const { failure } = await scene.start().done;
    expect(failure).toMatchObject({
      title: `Pod ${pod} ended while the connection was away`,
      nextStep: expect.stringContaining('tarmac artifacts unit-0a1b2c3d') as string,
    });
  });

  test('is not waited for after a second abort', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    scene.delivery = fakeDelivery({
      before(step) {
        if (step === 'save-output') throw away();
      },
    });
    const run = scene.start();
    await scene.until('reconnecting');
    run.abort();
    run.abort();
    expect((await run.done).status).toBe('aborted');
    expect(scene.cluster.podNames).toEqual([]);
  });

  test('a download that arrives damaged is asked for again, but not for ever', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    let tries = 0;
    scene.delivery = fakeDelivery({
      before(step) {
        if (step === 'fetch-output' && ++tries < 3) throw new StoreError('DAMAGED', 'the download was cut');
      },
    });
    expect((await scene.start().done).status).toBe('succeeded');
    scene.delivery = failingDelivery('fetch-output', 'DAMAGED');
    expect((await scene.start({ run: 'unit-ffffffff' }).done).failure?.kind).toBe('store-corrupt');
  });
});

test.each([
  ['with a claim it can be fetched again', {}, /`tarmac download`/],
  ['from a pod that is kept, too', { store: { kind: 'direct' }, keepMs: 60_000 }, /`tarmac download`/],
  ['else it is gone, and nobody is sent to look for it', { store: { kind: 'direct' } }, /^Fix.*--keep 30m/],
] as const)('an output that could not be fetched: %s', async (_, changes, nextStep) => {
  await using scene = await RunScene.create();
  new FakeCommand(scene.cluster);
  scene.delivery = failingDelivery();
  const { failure } = await scene.start(changes).done;
  expect([failure?.kind, failure?.nextStep]).toEqual(['download-failed', expect.stringMatching(nextStep)]);
});

test('an output that the store could not take is fetched from the pod all the same', async () => {
  await using scene = await RunScene.create();
  new FakeCommand(scene.cluster);
  scene.delivery = failingDelivery('save-output', 'NO_SPACE');
  const archive = tarOf({ 'b.txt': 'from the pod' });
  scene.cluster.onExec('artifact-helper', async ({ command, stdout, stderr }) => {
    if (!command.includes('stream')) return 0;
    await stdout?.(archive);
    const digest = createHash('sha256').update(archive).digest('hex');
    await stderr?.(Buffer.from(`tarmac-sum ${archive.length} ${digest}\n`));
    return 0;
  });
  const result = await scene.start().done;
  expect([result.status, result.failure?.kind]).toEqual(['errored', 'store-full']);
  expect(await scene.file('../out/b.txt')).toBe('from the pod');
  expect(await scene.record()).toMatchObject({ saved: [] });
});

test('files that are written to while they are sent are read again, and sent as they are then', async () => {
  await using scene = await RunScene.create();
  new FakeCommand(scene.cluster);
  const digests: (string | undefined)[] = [];
  const run = startRun(scene.plan(), scene.context, (inputs) => {
    digests.push(inputs[0]?.snapshot?.digest);
    return fakeDelivery({
      async before(step) {
        if (step !== 'send' || digests.length > 1) return;
        const file = join(scene.input, 'hello.txt');
        await writeFile(file, 'changed\n');
        throw new FileChangedError(file);
      },
    });
  });
  expect(await run.done).toMatchObject({ status: 'succeeded', sent: 7 });
  expect(new Set(digests).size).toBe(2);
  expect(scene.events.filter((event) => event.type === 'input-ready')).toHaveLength(1);
  expect(scene.cluster.podNames).toEqual([]);
  expect(scene.spanFaults).toEqual([]);
});
