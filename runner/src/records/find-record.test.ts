import { expect, test } from 'vitest';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { annotations } from '../pod/names.ts';
import { findRecord } from './find-record.ts';
import { recordOf } from './record.ts';

const { run } = aPlan();
const record = recordOf(
  aPlan({ outputs: [{ name: 'out', path: '/out', volume: 'output-0', target: '/home/other/out' }] }),
  { context: 'c', server: 's', namespace: 'n', pod: `task-${run}` },
);

/** The record that a pod with this annotation gives on a machine that did not start the run. */
async function found(annotation: string): ReturnType<typeof findRecord> {
  await using scene = await RunScene.create();
  const pod = { metadata: { uid: 'u', annotations: { [annotations.record]: annotation } } };
  return await findRecord(run, scene.context, pod);
}

test('a run of another machine is known by its pod; where its outputs were to go there is nothing to us', async () => {
  expect(await found(JSON.stringify(record))).toMatchObject({
    run,
    podUid: 'u',
    outputs: [{ name: 'out', volume: 'output-0' }],
  });
  expect((await found(JSON.stringify(record)))?.outputs[0]).not.toHaveProperty('target');
});

test.each([
  ['cut', JSON.stringify(record).slice(0, 100)],
  ['of another version', JSON.stringify({ ...record, format: 2 })],
  ['about another run', JSON.stringify({ ...record, run: 'other-1' })],
  ['without its parts', JSON.stringify({ ...record, outputs: undefined })],
  ['something else', '[]'],
  ['nothing', 'null'],
])('an annotation that is %s is no record, and no fault', async (_, annotation) => {
  expect(await found(annotation)).toBeUndefined();
});
