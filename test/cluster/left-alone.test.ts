/** A run whose client goes away for good: its helper saves what it leaves, its pod ends, and it is found again. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { attachRun } from '#internal/runner/src/run/attach.ts';
import { listRuns, sweepPods } from '#internal/runner/src/records/list.ts';
import { downloadArtifact } from '#internal/runner/src/artifacts/store-admin.ts';
import { podName } from '#internal/runner/src/pod/names.ts';
import { kubectl } from './support/cluster.ts';
import { expectNothingLeft } from './support/leftovers.ts';
import { Story, Workbench } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

test('outputs, log and exit code outlive the pod that nobody came back to', async () => {
  const started = await bench.start({
    sh: 'echo begin; echo kept >out/file; echo problem >&2; echo end; exit 5',
    task: { outputs: [{ name: 'out' }] },
  });
  await started.run.started;
  const { run } = started.plan;
  await started.run.detach();

  // As if the last sign of life were long ago. The command is at its end, so helper and pause end by themselves too.
  const pod = podName(run);
  const inPod = (container: string, ...args: string[]) =>
    kubectl(['exec', '-n', bench.namespace, pod, '-c', container, '--', ...args], { admin: true });
  await vi.waitFor(() => inPod('artifact-helper', 'test', '-e', '/.tarmac/run/main/exit'), {
    timeout: 20_000,
    interval: 200,
  });
  // Each writes its own sign of life; silence is when both are old.
  await inPod('main', 'touch', '-d', '@0', '/.tarmac/run/main/alive');
  await inPod('artifact-helper', 'touch', '-d', '@0', '/.tarmac/helper/alive');
  const phase = () =>
    kubectl(['get', 'pod', '-n', bench.namespace, pod, '-o', 'jsonpath={.status.phase}'], { admin: true });
  await vi.waitFor(async () => expect(await phase()).toBe('Succeeded'), { timeout: 60_000, interval: 500 });

  const story = new Story();
  const context = bench.context(story);
  expect((await listRuns(context)).find((each) => each.run === run)?.state).toBe('ended');
  // A pod that ended a moment ago is left to whoever may still look at it.
  await sweepPods(context);
  expect(await phase()).toBe('Succeeded');

  await using attached = await attachRun(run, context);
  expect(await attached.done).toMatchObject({ status: 'failed', exitCode: 5 });
  expect(story.output('stdout').toString()).toBe('begin\nend\n');
  expect(story.output('stderr').toString()).toBe('problem\n');
  await expectNothingLeft(run, bench.namespace);

  const target = join(bench.folder, 'fetched');
  expect(await downloadArtifact(run, 'out', target, context)).toMatchObject({ files: 1 });
  expect(await readFile(join(target, 'file'), 'utf8')).toBe('kept\n');
  expect((await listRuns(context)).find((each) => each.run === run)).toMatchObject({ state: 'failed', exitCode: 5 });
});
