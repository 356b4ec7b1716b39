import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { printable } from '../model/format.ts';
import { listRuns } from './list.ts';
import { readRecord, readRecords, writeRecord } from './record.ts';

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

/** As version 1.0 wrote it. */
const earlier = {
  format: 1,
  run: 'unit-0a1b2c3d',
  task: 'unit',
  taskFile: '/home/me/app/ci/unit.yml',
  context: 'in-memory',
  server: 'https://in-memory',
  namespace: 'default',
  pod: 'task-unit-0a1b2c3d',
  podUid: '6c5e7f8a-0000-4000-8000-000000000001',
  podCreatedAt: '2026-01-01T00:00:01.000Z',
  claim: 'tarmac-artifacts',
  helperImage: 'busybox',
  image: 'golang:1.25',
  command: ['go', 'test'],
  dir: '/tmp/build/1/app',
  params: ['GOFLAGS'],
  inputs: [{ name: 'app', from: '/home/me/app' }],
  outputs: [{ name: 'bin', volume: 'output-0', target: '/home/me/bin' }],
  caches: [{ path: '.cache', key: '0'.repeat(64), volume: 'cache-0' }],
  client: { host: 'laptop', pid: 4711, since: '2026-01-01T00:00:00.500Z' },
  keepMs: 0,
  timeoutMs: 3_600_000,
  startedAt: '2026-01-01T00:00:00.000Z',
  commandStartedAt: '2026-01-01T00:00:04.000Z',
  endedAt: '2026-01-01T00:00:09.000Z',
  status: 'failed',
  exitCode: 2,
  failure: { kind: 'out-of-memory', title: 'Out of memory', evidence: [], nextStep: 'Give it more.', retryable: false },
  phases: [{ label: 'run', durationMs: 5000 }],
  saved: [{ name: 'bin', bytes: 3, files: 1, kept: true }],
};

test('the record of an earlier version is read as it is, and listed', async () => {
  await using scene = await RunScene.create();
  const { server, namespace, context } = scene.cluster.target;
  const written = { ...earlier, server, namespace, context };
  const { stateDir } = scene.context;
  const folder = join(stateDir, 'runs', earlier.run);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'record.json'), JSON.stringify(written));
  expect(await readRecord(stateDir, earlier.run)).toEqual(written);
  expect(await listRuns(scene.context)).toEqual([
    {
      run: 'unit-0a1b2c3d',
      task: 'unit',
      taskFile: '/home/me/app/ci/unit.yml',
      state: 'failed',
      exitCode: 2,
      failure: { kind: 'out-of-memory', title: 'Out of memory', nextStep: 'Give it more.' },
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 9000,
      namespace,
      context,
      claim: 'tarmac-artifacts',
    },
  ]);
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
