import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../cluster/errors.ts';
import { ExecError } from '../cluster/exec/error.ts';
import type { RunEvent } from '../model/events.ts';
import { RunFailureError } from '../model/failure.ts';
import { podLabels, podName } from '../pod/names.ts';
import { fakeDelivery } from '../../../test/fakes/fake-delivery.ts';
import { scriptOf } from '../../../test/fakes/exec-script.ts';
import { FakeCommand } from '../../../test/fakes/fake-command.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import { RunScene } from '../../../test/fakes/run-scene.ts';
import { abortRun, attachRun } from './attach.ts';
import { listRuns } from '../records/list.ts';
import type { Run, RunnerContext } from '../model/run.ts';

const { run: id } = aPlan();
const pod = podName(id);
const direct = { store: { kind: 'direct' } } as const;

/** A second client with its own events; with `elsewhere` on a machine of its own. */
function client(
  scene: RunScene,
  elsewhere = false,
): { context: RunnerContext; events: RunEvent[]; attach: () => Promise<Run> } {
  const events: RunEvent[] = [];
  const stateDir = elsewhere ? join(scene.root, 'elsewhere') : scene.context.stateDir;
  const context = { cluster: scene.cluster, stateDir, onEvent: (event: RunEvent) => void events.push(event) };
  return { context, events, attach: () => attachRun(id, context, (_record, shell) => scene.delivery.storeIn(shell)) };
}

const outputOf = (events: readonly RunEvent[]): string =>
  events.map((event) => (event.type === 'output' ? Buffer.from(event.data).toString() : '')).join('');

/** A run whose command runs and whose client has left it. */
async function leftAlone(
  scene: RunScene,
  command: ConstructorParameters<typeof FakeCommand>[1] = {},
): Promise<FakeCommand> {
  const played = new FakeCommand(scene.cluster, { endless: true, ...command });
  const run = scene.start(direct);
  await run.started;
  await run.detach();
  return played;
}

describe('a run that nobody follows any more', () => {
  test('is finished by whoever attaches: all of its output, its outputs, its record; the pod goes', async () => {
    await using scene = await RunScene.create();
    const command = await leftAlone(scene, { stdout: 'from the beginning\n' });
    const { attach, events } = client(scene);
    const attached = await attach();
    command.end(4);
    expect(await attached.done).toMatchObject({ status: 'failed', exitCode: 4 });
    expect(outputOf(events)).toBe('from the beginning\n');
    expect(await scene.file(`runs/${id}/stdout.log`)).toBe('from the beginning\n');
    expect(await scene.file('../out/a.txt')).toBe('a\n');
    expect(await scene.record()).toMatchObject({ status: 'failed', exitCode: 4, saved: [{ name: 'out' }] });
    expect(scene.cluster.podNames).toEqual([]);
  });

  test('asks for the secrets of the run until it has them', async () => {
    await using scene = await RunScene.create();
    const command = await leftAlone(scene, { stdout: 'all of it\n' });
    let losses = 0;
    scene.cluster.onExec('main', async (request) => {
      if (scriptOf(request.command)[0] !== 'secrets' || losses === 4) return await command.exec(request);
      losses += 1;
      throw new ExecError('LOST', 'the stream ended (1006) before an exit code came');
    });
    const { attach, events } = client(scene);
    const attached = await attach();
    command.end(0);
    expect(await attached.done).toMatchObject({ status: 'succeeded' });
    expect([outputOf(events), losses]).toEqual(['all of it\n', 4]);
  });

  test('stays as it is when the attached client leaves too', async () => {
    await using scene = await RunScene.create();
    await leftAlone(scene);
    const { attach, events } = client(scene);
    const attached = await attach();
    await attached.detach();
    expect(events.some(({ type }) => type === 'finished')).toBe(false);
    expect([scene.cluster.podNames, (await scene.record()).status, scene.cluster.watching]).toEqual([
      [pod],
      undefined,
      0,
    ]);
  });

  test('is aborted with TERM, and its outputs are saved', async () => {
    await using scene = await RunScene.create();
    const command = await leftAlone(scene, { cancelCode: 5 });
    const { attach } = client(scene);
    const attached = await attach();
    attached.abort();
    expect(await attached.done).toMatchObject({ status: 'aborted', exitCode: 5 });
    expect(command.kills).toEqual(['abort']);
    expect(scene.execs).toContain('artifact-helper: save-output');
    expect(scene.cluster.podNames).toEqual([]);
  });

  test('keeps its time limit', async () => {
    await using scene = await RunScene.create();
    const command = new FakeCommand(scene.cluster, { endless: true });
    const run = scene.start({ ...direct, timeoutMs: 200 });
    await run.started;
    await run.detach();
    const attached = await client(scene).attach();
    expect(await attached.done).toMatchObject({ status: 'failed', failure: { kind: 'deadline-exceeded' } });
    expect(command.kills).toEqual(['timeout']);
  });

  test('whose pod is deleted meanwhile is errored, and what it wrote can be read again', async () => {
    await using scene = await RunScene.create();
    await leftAlone(scene, { stdout: 'so far\n' });
    scene.cluster.removePod(pod);
    const { attach, events } = client(scene);
    expect(await (await attach()).done).toMatchObject({ status: 'errored', failure: { kind: 'pod-deleted' } });
    expect(outputOf(events)).toBe('so far\n');
    const again = client(scene);
    expect(await (await again.attach()).done).toMatchObject({ status: 'errored' });
    expect(outputOf(again.events)).toBe('so far\n');
  });

  test('and whose command was never started, because its client died while it sent the inputs, ends at once', async () => {
    await using scene = await RunScene.create();
    const begun = scene.start(direct);
    await scene.until('pod-created');
    const died = { ...(await scene.record()), client: { host: hostname(), pid: 2 ** 22 + 1 } };
    begun.abort();
    await begun.done;
    // As a client leaves it that was killed: a record without an end, and a pod that waits in its init container.
    await writeFile(join(scene.context.stateDir, 'runs', id, 'record.json'), JSON.stringify(died));
    scene.cluster.podScript = undefined;
    await scene.cluster.createPod({ metadata: { name: pod, labels: podLabels(id, 'unit', 'task') } });
    scene.cluster.onExec('main', () => {
      throw new ExecError('REFUSED', 'container not found', { status: 404 });
    });
    expect(await (await client(scene).attach()).done).toMatchObject({
      status: 'errored',
      failure: { kind: 'not-started', nextStep: 'Run it again.' },
    });
    expect([scene.cluster.podNames, (await scene.record()).status]).toEqual([[], 'errored']);
  });

  test('a pod that may not be deleted at clean-up is told, and nothing rejects', async () => {
    await using scene = await RunScene.create();
    const command = await leftAlone(scene);
    scene.cluster.failNext('deletePod', new ApiError({ code: 403, message: 'no', verb: 'delete', resource: 'pods' }));
    const attached = await client(scene).attach();
    command.end();
    const result = await attached.done;
    expect([result.status, result.failure === undefined]).toEqual(['succeeded', false]);
  });
});

describe('a run that its client follows', () => {
  test('is only looked at: the output from its first byte, the end as the owner tells it, nothing saved twice', async () => {
    await using scene = await RunScene.create();
    const command = new FakeCommand(scene.cluster, { endless: true, stdout: 'hello\n' });
    const run = scene.start(direct);
    await run.started;
    const { attach, events } = client(scene);
    const attached = await attach();
    command.end(2);
    expect(await attached.done).toMatchObject({ status: 'failed', exitCode: 2 });
    expect(await run.done).toMatchObject({ status: 'failed', exitCode: 2 });
    expect(outputOf(events)).toBe('hello\n');
    expect(scene.execs.filter((exec) => exec.includes('save-output'))).toHaveLength(1);
    expect(scene.cluster.calls.filter(({ method }) => method === 'deletePod')).toHaveLength(1);
  });

  test('can be attached to before its command is started', async () => {
    await using scene = await RunScene.create();
    const command = new FakeCommand(scene.cluster, { endless: true, stdout: 'hello\n' });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    scene.delivery = fakeDelivery({ before: (step) => (step === 'send' ? held : undefined) });
    const run = scene.start(direct);
    await scene.until('pod-created');
    const { attach, events } = client(scene);
    const attached = await attach();
    await expect.poll(() => scene.execs).toContain('main: attach');
    release();
    await command.running;
    command.end();
    await Promise.all([run.done, attached.done]);
    expect(outputOf(events)).toBe('hello\n');
    expect([(await run.done).status, (await attached.done).status]).toEqual(['succeeded', 'succeeded']);
  });

  test('and is aborted by another one: both report it as aborted, with the code that TERM brought', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster, { endless: true });
    const run = scene.start(direct);
    await run.started;
    const other = await abortRun(id, client(scene).context);
    expect([(await run.done).status, other.status, other.exitCode]).toEqual(['aborted', 'aborted', 143]);
    expect(await scene.record()).toMatchObject({ status: 'aborted', exitCode: 143 });
    expect(scene.cluster.podNames).toEqual([]);
  });

  test('and is aborted by another one while its pod is pending: the pod goes at once', async () => {
    await using scene = await RunScene.create();
    scene.delivery = fakeDelivery({ sendsTo: 'nowhere' });
    scene.cluster.onExec('main', () => {
      throw new ExecError('REFUSED', 'container not found', { status: 404 });
    });
    scene.cluster.podScript = undefined;
    const run = scene.start(direct);
    await scene.until('pod-created');
    const other = await abortRun(id, client(scene).context);
    expect([(await run.done).status, other.status]).toEqual(['aborted', 'aborted']);
    expect([scene.cluster.podNames, scene.cluster.watching]).toEqual([[], 0]);
  });

  test('on another machine: it is left to finish, and its pod is not touched', async () => {
    await using scene = await RunScene.create();
    const command = new FakeCommand(scene.cluster, { endless: true, stdout: 'hello\n' });
    const run = scene.start(direct);
    await run.started;
    const { attach, events } = client(scene, true);
    const attached = await attach();
    command.end();
    expect((await Promise.all([run.done, attached.done])).map(({ status }) => status)).toEqual([
      'succeeded',
      'succeeded',
    ]);
    expect(outputOf(events)).toBe('hello\n');
    expect(scene.cluster.calls.filter(({ method }) => method === 'deletePod')).toHaveLength(1);
  });
});

describe('a run that has ended', () => {
  test('is replayed from the disk', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster, { stdout: 'hello\n', exitCode: 3 });
    await scene.start(direct).done;
    const { attach, events } = client(scene);
    expect(await (await attach()).done).toMatchObject({ status: 'failed', exitCode: 3 });
    expect(outputOf(events)).toBe('hello\n');
    expect(events.at(-1)).toMatchObject({ type: 'finished', status: 'failed', exitCode: 3 });
  });

  test('and is aborted gives its kept pod back', async () => {
    await using scene = await RunScene.create();
    new FakeCommand(scene.cluster);
    await scene.start({ ...direct, keepMs: 60_000 }).done;
    expect(scene.cluster.podNames).toEqual([pod]);
    expect((await abortRun(id, client(scene).context)).status).toBe('succeeded');
    expect(scene.cluster.podNames).toEqual([]);
  });

  test('and of which nothing is left is unknown', async () => {
    await using scene = await RunScene.create();
    await expect(client(scene).attach()).rejects.toThrow(RunFailureError);
    await expect(client(scene).attach()).rejects.toThrow(`There is no run ${id} in namespace ci (context fake)`);
  });
});

test('the list tells each run once, whoever started it, newest first', async () => {
  await using scene = await RunScene.create();
  const command = await leftAlone(scene);
  expect(await listRuns(scene.context)).toMatchObject([{ run: id, state: 'running', pod }]);
  expect(await listRuns(client(scene, true).context)).toMatchObject([{ run: id, state: 'running', task: 'unit', pod }]);
  const attached = await client(scene).attach();
  command.end();
  await attached.done;
  const listed = await listRuns(scene.context);
  expect(listed).toMatchObject([{ run: id, state: 'succeeded', exitCode: 0 }]);
  expect(listed[0]).not.toHaveProperty('pod');
  await rm(join(scene.context.stateDir, 'runs', id), { recursive: true });
  expect(await listRuns(scene.context)).toEqual([]);
});
