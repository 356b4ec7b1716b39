import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shellIn } from '../pod/pod-shell.ts';
import { scriptCommand } from './layout.ts';
import { LocalPod, hasBusyBox } from './testing/local-pod.ts';

/** A pod of this uid, and a shell that means the pod of that one. */
async function podOf(uid: string, meant: string): Promise<{ pod: LocalPod; shell: ReturnType<typeof shellIn> }> {
  const pod = await LocalPod.create();
  await writeFile(join(pod.layout.tarmac, 'bin', 'pod'), `${uid}\n`);
  return { pod, shell: shellIn(pod.shell(), { name: 'p', uid: meant }, 'main', { layout: pod.layout }) };
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async iterable is what exec takes
async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe.runIf(hasBusyBox)('the way into a pod', () => {
  test('leads to a script with its arguments and its stdin, in one process', async () => {
    const made = await podOf('uid-1', 'uid-1');
    await using pod = made.pod;
    const said: string[] = [];
    const script = join(pod.layout.tarmac, 'bin', 'say');
    await writeFile(
      script,
      'read -r line; echo "$line $1 $2 ${0##*/} $$ $(readlink /proc/$$/exe | sed "s|.*/||")"; exit 3\n',
    );
    const { exitCode } = await made.shell.exec({
      command: scriptCommand(pod.layout, 'say', 'a  b', "c'd"),
      stdin: bytes('input\n'),
      stdout: (chunk) => void said.push(Buffer.from(chunk).toString()),
    });
    expect(exitCode).toBe(3);
    expect(said.join('')).toMatch(/^input a {2}b c'd in \d+ busybox\n$/);
  });

  test('is closed to whoever means another pod: nothing is read and nothing done', async () => {
    const made = await podOf('uid-1', 'uid-2');
    await using pod = made.pod;
    await expect(
      made.shell.exec({ command: scriptCommand(pod.layout, 'alive'), stdin: bytes('input') }),
    ).rejects.toMatchObject({
      code: 'OTHER_POD',
      message: expect.stringContaining('this is uid-1, not uid-2') as string,
    });
    await expect(made.shell.exec({ command: [] })).rejects.toMatchObject({ code: 'OTHER_POD' });
  });

  test('answers when nothing is asked, and runs programs of the image', async () => {
    const made = await podOf('uid-1', 'uid-1');
    await using pod = made.pod;
    expect(await made.shell.exec({ command: [] })).toEqual({ exitCode: 0 });
    expect(await made.shell.exec({ command: ['sh', '-c', 'exit "$1"', 'x', '75'] })).toEqual({ exitCode: 75 });
    expect(pod.execs).toHaveLength(2);
  });
});
