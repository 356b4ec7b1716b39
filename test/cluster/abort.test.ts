/** Aborting a run at every stage: what the command may still say, what is kept, and that nothing stays in the cluster. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { abortRun } from '#runner';
import { Story, Workbench, type Started, type TaskRun } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

const stubborn = `trap '' TERM; echo begin; while :; do sleep 0.2; done`;
/** Longer than any pipe or socket on the way can hold. */
const big = Buffer.alloc(30_000_000, 'incompressible? no, but nobody compresses it ');

test.concurrent('while it runs: TERM reaches the command, its last words and its outputs arrive', async (context) => {
  await using started = await bench.start({
    task: { outputs: [{ name: 'out' }] },
    sh: `trap 'echo task got sigterm; echo late >out/f; exit 9' TERM; echo begin; while :; do sleep 0.2; done`,
    download: ['out'],
  });
  await started.says('begin');
  started.run.abort();
  const { result, stdout, events } = await started.finished();
  context.expect(result).toMatchObject({ status: 'aborted', exitCode: 9 });
  context.expect(stdout.toString()).toBe('begin\ntask got sigterm\n');
  context.expect(await readFile(join(started.targets['out'] ?? '', 'f'), 'utf8')).toBe('late\n');
  context
    .expect(events)
    .toContainEqual(context.expect.objectContaining({ type: 'aborting', stage: 'terminate', graceMs: 10_000 }));
  context.expect(events.at(-1)).toMatchObject({ type: 'finished', status: 'aborted' });
});

test.concurrent('a command that ignores TERM is killed after its grace', async (context) => {
  await using started = await bench.start({ sh: stubborn });
  await started.says('begin');
  started.run.abort();
  const { result } = await started.finished();
  context.expect(result).toMatchObject({ status: 'aborted', exitCode: 137 });
});

test.concurrent('a second abort waits for nothing', async (context) => {
  await using started = await bench.start({ sh: stubborn });
  await started.says('begin');
  started.run.abort();
  await started.event('aborting');
  started.run.abort();
  const { result, events } = await started.finished();
  context.expect(result).toMatchObject({ status: 'aborted' });
  // Its end was not waited for: nobody knows an exit code.
  context.expect(result.exitCode).toBeUndefined();
  context.expect(events.some(({ type }) => type === 'command-ended')).toBe(false);
});

test.concurrent.for<[string, { wanted?: TaskRun; until: (started: Started) => Promise<unknown> }]>([
  ['at once', { until: () => Promise.resolve() }],
  ['while the pod is made', { until: (started) => started.event('pod-created') }],
  [
    'while an init container runs',
    {
      wanted: { task: { inputs: [{ name: 'src' }] }, files: { src: { big } } },
      until: (started) => started.event('pod-event', ({ name }) => name === 'init.container.started'),
    },
  ],
  [
    'while an input is sent',
    {
      wanted: { task: { inputs: [{ name: 'src' }] }, files: { src: { big } } },
      until: (started) => started.event('upload-progress'),
    },
  ],
  [
    'while an input is sent without a claim',
    {
      wanted: { task: { inputs: [{ name: 'src' }] }, files: { src: { big } }, store: { kind: 'direct' } },
      until: (started) => started.event('upload-progress'),
    },
  ],
  [
    'while an image is pulled',
    {
      wanted: { task: { image_resource: { type: 'registry-image', source: { repository: '127.0.0.1:1/x', tag: 1 } } } },
      until: (started) => started.event('waiting'),
    },
  ],
])('%s', async ([, { wanted, until }], context) => {
  await using started = await bench.start({ sh: 'echo ran; sleep 60', ...wanted });
  await until(started);
  started.run.abort();
  const { result, events, stdout } = await started.finished();
  context.expect(result).toMatchObject({ status: 'aborted' });
  context.expect(stdout.toString()).not.toContain('ran');
  context.expect(events.some(({ type }) => type === 'failure')).toBe(false);
});

test('from another process: both followers hear that it was aborted', async () => {
  await using started = await bench.start({
    sh: `trap 'echo stopped; exit 4' TERM; echo begin; while :; do sleep 0.2; done`,
  });
  await started.says('begin');
  const other = await abortRun(started.plan.run, {
    ...bench.context(new Story()),
    stateDir: join(bench.folder, 'other'),
  });
  const { result, stdout } = await started.finished();
  expect([other.status, result.status]).toEqual(['aborted', 'aborted']);
  expect(stdout.toString()).toBe('begin\nstopped\n');
});
