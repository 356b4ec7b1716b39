import { describe, expect, test } from 'vitest';
import type { V1Pod } from '../cluster/types.ts';
import { podLabels, podName } from '../pod/names.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { sweepPods } from './list.ts';

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
