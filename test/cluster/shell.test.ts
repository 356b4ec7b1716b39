/** A shell in the pod of a run: while the command runs, and as long as the pod is kept after it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepPod, openShell } from '#runner';
import { debian, Story, Workbench } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

async function* typed(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

/** One shell: what it wrote and how it ended. */
async function shell(
  run: string,
  command: readonly string[],
  more: { tty?: boolean; stdin?: string } = {},
): Promise<{ exit: number; out: string; err: string }> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const exit = await openShell(
    run,
    {
      command,
      tty: more.tty ?? false,
      stdout: (chunk) => void out.push(Buffer.from(chunk)),
      stderr: (chunk) => void err.push(Buffer.from(chunk)),
      ...(more.stdin === undefined ? {} : { stdin: typed(more.stdin) }),
    },
    bench.context(new Story()),
  );
  return { exit, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

test('the same directory, environment, user and files, during the run and after it', async () => {
  await using started = await bench.start({
    image: debian.root,
    task: {
      params: { GREETING: "it's me" },
      run: {
        path: 'sh',
        args: ['-c', 'echo made >mine; echo up; while [ ! -e go ]; do sleep 0.1; done; exit 6'],
        dir: 'sub',
        user: 'app',
      },
    },
    request: { keepMs: 60_000 },
  });
  await started.says('up');
  const { run } = started.plan;
  const look = ['sh', '-c', 'pwd; id -un; echo "$GREETING"; cat mine; echo err >&2; exit 7'];
  const seen = { exit: 7, out: "/tmp/build/b1dda4c3/sub\napp\nit's me\nmade\n", err: 'err\n' };
  expect(await shell(run, look)).toEqual(seen);
  expect((await shell(run, ['sh', '-c', '[ -t 0 ] && [ -t 1 ] && touch go'], { tty: true })).exit).toBe(0);

  const { result, events } = await started.finished();
  expect(result).toMatchObject({ status: 'failed', exitCode: 6 });
  expect(events).toContainEqual(expect.objectContaining({ type: 'pod-kept', pod: `task-${run}` }));
  expect(await shell(run, look)).toEqual(seen);
  // Without a command: an interactive shell, bash where the image has it. It ends by itself, for old servers cannot end its stdin.
  expect(await shell(run, [], { stdin: 'echo "${BASH_VERSION:+bash}"; pwd; exit 3\n' })).toEqual({
    exit: 3,
    out: 'bash\n/tmp/build/b1dda4c3/sub\n',
    err: '',
  });
});

test('keeping longer: the pod is told, and stays no longer than its own deadline', async () => {
  await using started = await bench.start({ sh: 'true', request: { keepMs: 60_000, timeoutMs: 60_000 } });
  await started.finished();
  const { run } = started.plan;
  const left = ['sh', '-c', 'echo $(($(cat /.tarmac/helper/keep)-$(date +%s)))'];
  expect(Number((await shell(run, left)).out)).toBeLessThanOrEqual(60);
  const context = bench.context(new Story());
  const until = await keepPod(run, 600_000, context);
  expect(Number((await shell(run, left)).out)).toBeGreaterThan(60);
  expect((await keepPod(run, 86_400_000, context)).getTime()).toBeGreaterThan(until.getTime());
  const pod = await bench.cluster.getPod(`task-${run}`);
  const deadline = new Date(pod?.status?.startTime ?? '').getTime() + (pod?.spec?.activeDeadlineSeconds ?? 0) * 1000;
  expect((await keepPod(run, 86_400_000, context)).getTime()).toBe(deadline);
});

test('an image without a shell has ours', async () => {
  await using started = await bench.start({
    image: 'localhost/static:1',
    task: { run: { path: '/static', args: ['-sleep', '0s'] } },
    request: { keepMs: 60_000 },
  });
  await started.finished();
  expect(await shell(started.plan.run, [], { stdin: 'pwd; exit 4\n' })).toMatchObject({
    exit: 4,
    out: '/tmp/build/b1dda4c3\n',
  });
});

test('a pod that is gone: how to keep the next one', async () => {
  const { plan } = await bench.run({ sh: 'true' });
  await expect(shell(plan.run, ['true'])).rejects.toMatchObject({
    failure: { kind: 'pod-deleted', nextStep: expect.stringContaining('--keep') as string },
  });
});
