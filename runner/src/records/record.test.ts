import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { printable } from '../model/format.ts';
import { listRuns } from './list.ts';
import { readRecords, writeRecord } from './record.ts';

const { run: id } = aPlan();

test('a file in place of a run, and a folder in place of its record, are passed over', async () => {
  await using scene = await RunScene.create();
  new FakeCommand(scene.cluster);
  await scene.start().done;
  const runs = join(scene.context.stateDir, 'runs');
  await writeFile(join(runs, 'a-file'), 'not ours');
  await mkdir(join(runs, 'odd', 'record.json'), { recursive: true });
  expect((await readRecords(scene.context.stateDir)).map(({ run }) => run)).toEqual([id]);
  expect((await listRuns(scene.context)).map(({ run }) => run)).toEqual([id]);
});

test('a client whose clock is ahead does not make its run the latest: the clock of the API server counts', async () => {
  await using scene = await RunScene.create();
  new FakeCommand(scene.cluster);
  await scene.start().done;
  const record = await scene.record();
  const ahead = new Date(Date.now() + 3_600_000).toISOString();
  const old = { ...record, run: 'unit-11111111', startedAt: ahead, podCreatedAt: '2026-01-01T00:00:00.000Z' };
  await writeRecord(scene.context.stateDir, old);
  await writeRecord(scene.context.stateDir, { ...record, podCreatedAt: '2026-01-01T00:00:01.000Z' });
  expect((await listRuns(scene.context)).map(({ run }) => run)).toEqual([id, 'unit-11111111']);
});

test.skipIf(process.platform !== 'linux')(
  'a state folder that cannot be made ends in an error, and not never',
  async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    await scene.start().done;
    await expect(writeRecord('/proc/self/nope', await scene.record())).rejects.toThrow(/ENOENT|EACCES|EPERM/);
  },
);

test('marks of direction in a name are shown', () => {
  expect(printable('a\u202egnp.exe\u2066\u200f\u001b[1m')).toBe('a\\u{202e}gnp.exe\\u{2066}\\u{200f}\\x1b[1m');
});
