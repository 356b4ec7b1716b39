import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { scriptOf } from '../../../test/fakes/exec-script.ts';
import { RunEmitter } from '../run/emitter.ts';
import { patiently } from '../run/patient.ts';
import { POD_LAYOUT, scriptCommand } from '../supervisor/layout.ts';
import { execIn, refOf, shellIn, type PodRef } from './pod-shell.ts';

/** A pod that was deleted and made anew under its name, whose first containers answer the next execs by that name. */
async function twice(linger: number): Promise<{ cluster: FakeCluster; second: PodRef; taken: string[] }> {
  const cluster = new FakeCluster();
  const taken: string[] = [];
  cluster.onExec('*', async (request) => {
    for await (const chunk of request.stdin ?? []) taken.push(Buffer.from(chunk).toString());
    await request.stdout?.(Buffer.from('done'));
    return 0;
  });
  await cluster.createPod({ metadata: { name: 'task-x' } });
  cluster.linger = linger;
  await cluster.deletePod('task-x', { gracePeriodSeconds: 0 });
  return { cluster, second: refOf(await cluster.createPod({ metadata: { name: 'task-x' } })), taken };
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async iterable is what exec takes
async function* bytes(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('input');
}

const command = scriptCommand(POD_LAYOUT, 'store', '/artifacts', 'put');

describe('an exec by the name of a pod that another one had before it', () => {
  test('does nothing in the first, which reads nothing, and comes to the second when the first has ended', async () => {
    const { cluster, second, taken } = await twice(2);
    const shell = shellIn(cluster, second, 'artifact-helper');
    const send = (): Promise<unknown> => shell.exec({ command, stdin: bytes() });
    await expect(send()).rejects.toMatchObject({ code: 'OTHER_POD' });
    expect([taken, cluster.reached]).toEqual([[], []]);
    await patiently(send, { emitter: new RunEmitter('r', []), signal: new AbortController().signal });
    expect(taken).toEqual(['input']);
    expect(cluster.reached).toEqual([{ uid: second.uid, container: 'artifact-helper', script: 'store' }]);
  });

  test('neither does a shell at a terminal', async () => {
    const { cluster, second } = await twice(1);
    const open = (): Promise<unknown> =>
      execIn(cluster, second, { container: 'main', command: scriptCommand(POD_LAYOUT, 'shell', '/'), tty: true });
    cluster.onExec('main', () => 0);
    await expect(open()).rejects.toMatchObject({ code: 'OTHER_POD' });
    await expect(open()).resolves.toEqual({ exitCode: 0 });
  });

  test('and a command that ends with the same code is no other pod', async () => {
    const { cluster, second } = await twice(0);
    cluster.onExec('main', () => 75);
    await expect(shellIn(cluster, second, 'main').exec({ command: ['sh', '-c', 'exit 75'] })).resolves.toEqual({
      exitCode: 75,
    });
  });
});

describe('the command of an exec', () => {
  test.each<[string, readonly string[], boolean, readonly string[]]>([
    ['of a script of ours', command, false, ['store', '/artifacts', 'put']],
    ['that only proves', [], false, []],
    ['of the image', ['ls', '/x'], false, ['ls', '/x']],
    ['while the tools are installed', command, true, ['store', '/artifacts', 'put']],
  ])('%s', async (_, given, installing, asked) => {
    const cluster = new FakeCluster().onExec('main', () => 0);
    await shellIn(cluster, { name: 'p', uid: 'u-1' }, 'main', { installing }).exec({ command: given });
    const argv = cluster.calls.at(-1)?.command ?? [];
    const at = argv.indexOf('/.tarmac/bin/in');
    expect([argv[at + 1], scriptOf(argv), argv[0]]).toEqual(['u-1', asked, installing ? 'sh' : '/.tarmac/bin/busybox']);
  });
});
