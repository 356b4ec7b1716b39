/** A run outlives its client: it is taken up again by another process or machine, with every byte and its exit code. */
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { attachRun, listRuns, type RunFailure, type RunResult } from '#runner';
import { buildCli, cli } from './support/cli.ts';
import { deletePods, expectNothingLeft } from './support/leftovers.ts';
import { Story, taskText, Workbench } from './support/run.ts';

let bench: Workbench;
beforeAll(buildCli);
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Goes on when the test says so, so that no test depends on how long something takes. */
const untilTold = 'while [ ! -e /tmp/go ]; do sleep 0.1; done';
const script = `seq 1 20000; echo err >&2; echo ready; ${untilTold}; seq 20001 40000; echo made >out/f; exit 7`;
const whole = ((): string => {
  const lines = Array.from({ length: 40_000 }, (_, index) => `${index + 1}\n`);
  return [...lines.slice(0, 20_000), 'ready\n', ...lines.slice(20_000)].join('');
})();

async function tell(run: string): Promise<void> {
  await bench.cluster.exec({ pod: `task-${run}`, container: 'main', command: ['touch', '/tmp/go'] });
}

/** Follows a run as another client would. */
async function attach(
  run: string,
  stateDir: string,
  onRunning?: () => Promise<void>,
): Promise<{ story: Story; result: RunResult }> {
  const story = new Story();
  await using attached = await attachRun(run, { ...bench.context(story), stateDir });
  await onRunning?.();
  return { story, result: await attached.done };
}

/** A run of the command line in a process of its own, with its command begun. */
async function executeElsewhere(name: string): Promise<{ run: string; folder: string; kill: () => Promise<void> }> {
  const folder = join(bench.folder, name);
  await mkdir(folder);
  await writeFile(join(folder, 'task.yml'), taskText({ sh: script, task: { outputs: [{ name: 'out' }] } }));
  const client = spawn(
    process.execPath,
    [cli, 'execute', '-c', 'task.yml', '-o', 'out=target', '--claim', bench.environment.claim],
    {
      cwd: folder,
      env: { ...process.env, ...bench.environment.env, XDG_STATE_HOME: join(folder, 'state') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [client.stdout, client.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('\nready\n')) resolve();
      });
    }
    client.once('exit', () => reject(new Error(`the client ended too early: ${said}`)));
  });
  const gone = new Promise((resolve) => client.once('exit', resolve));
  return {
    run: /executing run (\S+)/.exec(said)?.[1] ?? '',
    folder,
    kill: async () => {
      client.kill('SIGKILL');
      await gone;
    },
  };
}

test('the client is killed: whoever attaches gets all output, the exit code and the outputs', async () => {
  const { run, folder, kill } = await executeElsewhere('killed');
  await kill();
  const { story, result } = await attach(run, join(folder, 'state', 'tarmac'), () => tell(run));
  expect(result).toMatchObject({ status: 'failed', exitCode: 7 });
  expect(story.output('stdout').toString()).toBe(whole);
  expect(story.output('stderr').toString()).toBe('err\n');
  expect(await readFile(join(folder, 'target', 'f'), 'utf8')).toBe('made\n');
  await expectNothingLeft(run, bench.namespace);

  // Days later: the pod is gone, the disk remembers.
  const later = await attach(run, join(folder, 'state', 'tarmac'));
  expect(later.result).toMatchObject({ status: 'failed', exitCode: 7 });
  expect(later.story.output('stdout').toString()).toBe(whole);
});

test('the client is killed while somebody else follows: that one finishes the run', async () => {
  const { run, folder, kill } = await executeElsewhere('killed-followed');
  const stateDir = join(folder, 'state', 'tarmac');
  const { story, result } = await attach(run, stateDir, async () => {
    await kill();
    await tell(run);
  });
  expect(result).toMatchObject({ status: 'failed', exitCode: 7 });
  expect(story.output('stdout').toString()).toBe(whole);
  expect(await readFile(join(folder, 'target', 'f'), 'utf8')).toBe('made\n');
  await expectNothingLeft(run, bench.namespace);
  const later = await attach(run, stateDir);
  expect(later.result).toMatchObject({ status: 'failed', exitCode: 7 });
  expect(later.story.output('stdout').toString()).toBe(whole);
});

test('left in the background: seen from another machine, taken up by a later process', async () => {
  await using started = await bench.start({ sh: script, task: { outputs: [{ name: 'out' }] } });
  await started.detach();
  const { run } = started.plan;
  const elsewhere = { ...bench.context(new Story()), stateDir: join(bench.folder, 'elsewhere') };
  // A pod's status tells that its containers run up to a second later than it is so.
  await vi.waitFor(
    async () =>
      expect(await listRuns(elsewhere)).toContainEqual(
        expect.objectContaining({ run, state: 'running', pod: `task-${run}` }),
      ),
    { timeout: 10_000, interval: 200 },
  );
  const { story, result } = await attach(run, bench.stateDir, () => tell(run));
  expect(result).toMatchObject({ status: 'failed', exitCode: 7 });
  expect(story.output('stdout').toString()).toBe(whole);
  expect(story.events).toContainEqual(expect.objectContaining({ type: 'output-saved', output: 'out', kept: true }));
  await expectNothingLeft(run, bench.namespace);
});

test('it ended while nobody looked: replayed with its exit code', async () => {
  await using started = await bench.start({ sh: script, task: { outputs: [{ name: 'out' }] } });
  await started.detach();
  const { run } = started.plan;
  await tell(run);
  // The record of its end is what a client reads; the helper sees it too.
  await bench.cluster.exec({
    pod: `task-${run}`,
    container: 'artifact-helper',
    command: ['sh', '-c', 'while [ ! -e /.tarmac/run/main/exit ]; do sleep 0.1; done'],
  });
  const { story, result } = await attach(run, bench.stateDir);
  expect(result).toMatchObject({ status: 'failed', exitCode: 7 });
  expect(story.output('stdout').toString()).toBe(whole);
  await expectNothingLeft(run, bench.namespace);
});

test('a second follower gets everything, and leaves the end to the first', async () => {
  await using started = await bench.start({ sh: script, task: { outputs: [{ name: 'out' }] }, download: ['out'] });
  await started.says('ready');
  const { run } = started.plan;
  const { story, result } = await attach(run, join(bench.folder, 'onlooker'), () => tell(run));
  const first = await started.finished();
  expect([result.exitCode, first.result.exitCode]).toEqual([7, 7]);
  expect(story.output('stdout').equals(first.stdout)).toBe(true);
  expect(await readFile(join(first.targets['out'] ?? '', 'f'), 'utf8')).toBe('made\n');
});

test('the pod is deleted from outside while the command runs', async () => {
  await using started = await bench.start({ sh: `echo begin; ${untilTold}` });
  await started.says('begin');
  await deletePods(started.plan.run, bench.namespace);
  const { result, stdout } = await started.finished();
  expect(result).toMatchObject({ status: 'errored', failure: { kind: 'pod-deleted', retryable: true } });
  expect(stdout.toString()).toBe('begin\n');
});

test('a run that nobody knows', async () => {
  const failure: Partial<RunFailure> = {
    title: expect.stringContaining('nothing-00000000') as string,
    nextStep: expect.stringContaining('tarmac runs') as string,
  };
  await expect(attachRun('nothing-00000000', bench.context(new Story()))).rejects.toMatchObject({ failure });
});
