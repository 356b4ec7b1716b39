import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { POD_SCRIPTS, spareProgram, takeCommand } from '../store/programs.ts';
import { scriptCommand } from '../supervisor/layout.ts';
import { Supervised } from '../supervisor/supervised.ts';
import { hasBusyBox, LocalPod } from '../supervisor/testing/local-pod.ts';
import { newToken, SpareTakenError, takeSpare } from './take.ts';

const signal = new AbortController().signal;

async function aSpare(): Promise<LocalPod> {
  return await LocalPod.create(POD_SCRIPTS);
}

async function take(pod: LocalPod, token: string, fetches: Parameters<typeof takeSpare>[2]): Promise<void> {
  await takeSpare({ first: pod.shell(), patient: pod.shell() }, token, fetches, signal, pod.layout);
}

describe.skipIf(!hasBusyBox)('a spare pod', () => {
  test('is taken by one of two runs, however close they are', async () => {
    for (let round = 0; round < 8; round++) {
      await using pod = await aSpare();
      const ends = await Promise.allSettled([1, 2].map(() => take(pod, newToken(), undefined)));
      const lost = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      expect(lost).toEqual([expect.any(SpareTakenError)]);
    }
  }, 120_000);

  test('is taken once by a run that says so twice, and not by the next one', async () => {
    await using pod = await aSpare();
    const token = newToken();
    await take(pod, token, undefined);
    await take(pod, token, []);
    await take(pod, token, []);
    await expect(take(pod, newToken(), [])).rejects.toThrow(SpareTakenError);
  });

  test('starts the command of the run that has taken it, when it has the inputs', async () => {
    await using pod = await aSpare();
    const token = newToken();
    const order: string[] = [];
    const run = new Supervised(pod.shell(), pod.layout)
      .run(
        { path: 'sh', args: ['-c', 'true'], dir: pod.root, token, inputs: [{ volume: 'input-0' }] },
        { stdout: () => undefined, stderr: () => undefined },
      )
      .then(({ exitCode }) => order.push(`command ${exitCode}`));
    await take(pod, token, undefined);
    await mkdir(pod.helperState('inputs'), { recursive: true });
    await writeFile(join(pod.helperState('inputs'), 'input-0'), `${'a'.repeat(64)} 1024\n`);
    order.push('given');
    await take(pod, token, []);
    await run;
    expect(order).toEqual(['given', 'command 0']);
  });

  test('starts no command of a run that has not taken it', async () => {
    await using pod = await aSpare();
    await take(pod, newToken(), []);
    const run = new Supervised(pod.shell(), pod.layout).run(
      { path: 'sh', args: ['-c', 'true'], dir: pod.root, token: newToken() },
      { stdout: () => undefined, stderr: () => undefined },
    );
    await expect(run).rejects.toMatchObject({ code: 'START_FAILED', exitCode: 76 });
  });

  test('says which input it could not unpack, when the command is started', async () => {
    await using pod = await aSpare();
    const token = newToken();
    const fetches = [{ artifact: { tree: 'b'.repeat(64) }, directory: join(pod.root, 'input-0') }];
    expect(await pod.shell().exec({ command: takeCommand(token, fetches, pod.layout), signal })).toEqual({
      exitCode: 0,
    });
    const run = new Supervised(pod.shell(), pod.layout).run(
      { path: 'true', dir: pod.root, token, inputs: [{ volume: 'input-0' }] },
      { stdout: () => undefined, stderr: () => undefined },
    );
    await expect(run).rejects.toMatchObject({ code: 'START_FAILED', exitCode: 44 });
  });

  test.each(['main', 'helper'])(
    'ends its %s by itself when no run takes it, though it may stay for long',
    async (role) => {
      await using pod = await aSpare();
      const { command } = spareProgram({ command: scriptCommand(pod.layout, 'idle', role, '3600') }, 1);
      expect(command.at(-1)).toBe('3600:1');
      expect(await pod.shell().exec({ command, signal })).toEqual({ exitCode: 0 });
    },
  );

  test('that a run has taken lives as long as the pod of any run', async () => {
    await using pod = await aSpare();
    await take(pod, newToken(), undefined);
    const order: string[] = [];
    const { command } = spareProgram({ command: scriptCommand(pod.layout, 'idle', 'main', '3600') }, 1);
    const ends = new AbortController();
    const idle = pod
      .shell()
      .exec({ command, signal: ends.signal })
      .then(
        () => order.push('idle'),
        () => order.push('ended by us'),
      );
    // Several of its looks, each of which would end a spare that nobody has taken.
    await pod.shell().exec({ command: ['sh', '-c', 'sleep 4'], signal });
    ends.abort();
    await idle;
    expect(order).toEqual(['ended by us']);
  }, 30_000);
});
