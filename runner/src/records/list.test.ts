import { describe, expect, test } from 'vitest';
import type { V1Pod } from '../cluster/types.ts';
import { annotations, podLabels, podName } from '../pod/names.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { claimRun, thisClient } from './client.ts';
import { listRuns, sweepPods } from './list.ts';
import { recordOf, writeRecord, type RunRecord } from './record.ts';

const hour = 60 * 60_000;
const { run } = aPlan();
const pod = podName(run);

/** A pod of ours in this state, as old as this; whether a sweep takes it away. */
async function isSwept(ageMs: number, state: Pick<V1Pod, 'spec' | 'status'>): Promise<boolean> {
  await using scene = await RunScene.create();
  scene.cluster.podScript = undefined;
  await scene.cluster.createPod({ metadata: { name: pod, labels: podLabels(run, 'unit', 'task') } });
  const creationTimestamp = new Date(Date.now() - ageMs);
  scene.cluster.patchPod(pod, {
    metadata: { creationTimestamp },
    ...(state.spec ? { spec: state.spec } : {}),
    ...(state.status ? { status: state.status } : {}),
  });
  const count = await sweepPods(scene.context);
  expect(scene.cluster.podNames).toEqual(count === 0 ? [pod] : []);
  return count === 1;
}

/** A list of one run whose pod is still getting its inputs, or has its containers. */
async function listed(facts: Partial<RunRecord>, status: NonNullable<V1Pod['status']>, onDisk = true) {
  await using scene = await RunScene.create();
  scene.cluster.podScript = undefined;
  const { server, context, namespace } = scene.cluster.target;
  const record = { ...recordOf(scene.plan(), { context, server, namespace, pod }), ...facts };
  if (onDisk) await writeRecord(scene.context.stateDir, record);
  const metadata = { name: pod, labels: podLabels(run, 'unit', 'task') };
  await scene.cluster.createPod({
    metadata: onDisk ? metadata : { ...metadata, annotations: { [annotations.record]: JSON.stringify(record) } },
  });
  scene.cluster.patchPod(pod, { status });
  return (await listRuns(scene.context))[0];
}

describe('a list of runs', () => {
  const pending = { phase: 'Pending' };
  const running = { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} } } as never] };
  /** A process that has ended: its pid was given to nobody. */
  const dead = { ...thisClient(), pid: 2 ** 22 + 1 };

  test('says that a run never started whose client died before the command began', async () => {
    const failure = { kind: 'not-started', nextStep: 'Run it again.' };
    expect(await listed({ client: dead }, pending)).toMatchObject({ state: 'errored', failure });
  });

  test('waits for a client that lives, or that may live on another machine', async () => {
    using claim = claimRun(run);
    expect(claim).toBeDefined();
    expect(await listed({ client: thisClient() }, pending)).toMatchObject({ state: 'starting' });
    expect(await listed({ client: { ...dead, host: 'elsewhere' } }, pending)).toMatchObject({ state: 'starting' });
  });

  test('believes the pod where the command may run', async () => {
    expect(await listed({ client: dead }, running)).toMatchObject({ state: 'running' });
    expect(await listed({ client: dead, commandStartedAt: new Date().toISOString() }, pending)).toMatchObject({
      state: 'starting',
    });
  });

  test('tells who started a run of another machine, and takes no name for more than text', async () => {
    const client = { ...dead, user: 'ci-bot', host: 'build-7' };
    expect(await listed({ client }, running, false)).toMatchObject({ elsewhere: true, owner: 'ci-bot@build-7' });
    const odd = await listed({ client: { ...client, user: `\u001b${'x'.repeat(100)}` } }, running, false);
    expect(odd?.owner).toMatch(/^\\x1bx+$/u);
    expect(odd?.owner).toHaveLength(64);
    expect(await listed({ client }, running)).not.toHaveProperty('owner');
  });
});

describe('a sweep', () => {
  const containers = { containers: [] };
  test('removes a pod that never got a node, once nobody can wait for it any more', async () => {
    expect(await isSwept(3 * hour, { status: { phase: 'Pending' } })).toBe(true);
    expect(await isSwept(1 * hour, { status: { phase: 'Pending' } })).toBe(false);
  });

  test('leaves a pod that has a node to its own deadline', async () => {
    expect(await isSwept(3 * hour, { spec: { ...containers, nodeName: 'n' }, status: { phase: 'Pending' } })).toBe(
      false,
    );
    expect(await isSwept(3 * hour, { spec: { ...containers, nodeName: 'n' }, status: { phase: 'Running' } })).toBe(
      false,
    );
  });

  test('lets the client of a pod that its node refused read why, though the pod tells no time', async () => {
    const status = { phase: 'Failed', reason: 'UnexpectedAdmissionError', message: 'no gpu' };
    expect(await isSwept(1000, { status })).toBe(false);
    expect(await isSwept(2 * 60_000, { status })).toBe(true);
  });
});
