/** What the command of a task gets and what becomes of what it does: environment, directory, user, output, exit code. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { debian, Workbench, type TaskRun } from './support/run.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

const workDir = '/tmp/build/b1dda4c3';

interface Row extends TaskRun {
  readonly stdout?: string;
  readonly stderr?: string;
  /** Default 0. */
  readonly exit?: number;
}

describe('the end of a command', () => {
  test.concurrent.for<[string, Row]>([
    ['success', { sh: 'echo hi', stdout: 'hi\n' }],
    ['exit 42 fails with 42', { sh: 'echo hi; exit 42', stdout: 'hi\n', exit: 42 }],
    [
      'stderr is apart from stdout',
      { sh: 'echo out; echo err >&2; echo out2', stdout: 'out\nout2\n', stderr: 'err\n' },
    ],
    [
      'the last words without a newline are not lost',
      { sh: 'printf first; printf last >&2; exit 7', stdout: 'first', stderr: 'last', exit: 7 },
    ],
    ['a command that kills itself ends as a shell says it', { sh: 'echo so; kill -9 $$', stdout: 'so\n', exit: 137 }],
    ['a command that is not there is 127', { task: { run: { path: 'no-such-command' } }, exit: 127 }],
    ['standard input is empty', { sh: 'wc -c', stdout: '0\n' }],
  ])('%s', async ([, { stdout = '', stderr, exit = 0, ...wanted }], context) => {
    const { result, ...told } = await bench.run(wanted);
    context.expect({ ...result, stdout: told.stdout.toString() }).toMatchObject({
      status: exit === 0 ? 'succeeded' : 'failed',
      exitCode: exit,
      stdout,
    });
    if (exit !== 127) context.expect(told.stderr.toString()).toBe(stderr ?? '');
    else context.expect(told.stderr.toString()).toContain('no-such-command');
  });
});

describe('bulk output', () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

  test.concurrent('a long line and every byte value survive', async (context) => {
    const { stdout, result } = await bench.run({
      sh: `
        awk 'BEGIN { for (i = 0; i < 256; i++) printf "\\\\%03o", i }' >/tmp/f; printf "$(cat /tmp/f)"
        head -c 1000000 /dev/zero | tr '\\0' x
        printf "$(cat /tmp/f)"`,
    });
    const wanted = Buffer.concat([every, Buffer.alloc(1_000_000, 'x'), every]);
    context.expect(result).toMatchObject({ status: 'succeeded', exitCode: 0 });
    context.expect([stdout.length, digest(stdout)]).toEqual([wanted.length, digest(wanted)]);
  });

  test.concurrent('long output of both streams is complete, its pieces without gap or overlap', async (context) => {
    const { events, stdout, stderr } = await bench.run({ sh: 'seq 1 150000; seq 1 100000 >&2; seq 1 150000' });
    for (const stream of ['stdout', 'stderr'] as const) {
      let at = 0;
      for (const event of events) {
        if (event.type !== 'output' || event.stream !== stream) continue;
        context.expect(event.offset).toBe(at);
        at += event.data.length;
      }
    }
    const half = lines(150_000);
    context.expect(digest(stdout)).toBe(digest(Buffer.concat([half, half])));
    context.expect(digest(stderr)).toBe(digest(lines(100_000)));
  });
});

describe('what a command gets', () => {
  const odd = {
    QUOTES: `it's "quoted" \\ and \`ticked\``,
    EXPANDS_NOT: '$(HOME) $$(HOME) $HOME ${HOME}',
    NEWLINES: 'a\nb\n\nc\n',
    UNICODE: 'grüße 你好 🚀',
    EMPTY: '',
    BLANKS: '  two  blanks  ',
    STAR: '* ?[a] ~ !',
  };
  test.concurrent('params arrive as they are written, and no event tells a value', async (context) => {
    const { stdout, result, events } = await bench.run({
      // One NUL between values: no value can hide in another.
      sh: Object.keys(odd)
        .map((name) => `printf '%s\\0' "$${name}"`)
        .join('; '),
      task: { params: odd },
    });
    context.expect(result.status).toBe('succeeded');
    context.expect(stdout.toString().split('\0')).toEqual([...Object.values(odd), '']);
    const told = events.filter(({ type }) => type !== 'output');
    context.expect(JSON.stringify(told)).not.toContain(odd.UNICODE);
  });

  test.concurrent('params with names that no shell knows', async (context) => {
    const { stdout } = await bench.run({
      task: { params: { 'my-key': 'a b', 'dotted.key': "c'd" }, run: { path: 'env' } },
    });
    context
      .expect(stdout.toString().split('\n'))
      .toEqual(context.expect.arrayContaining(['my-key=a b', "dotted.key=c'd"]));
  });

  test.concurrent('a param of the user wins over the environment, which wins over the file', async (context) => {
    const { stdout } = await bench.run({
      sh: 'echo "$A $B $C"; [ -z "${D+set}" ]',
      task: { params: { A: 'file', B: 'file', C: 'file' } },
      request: { environment: { B: 'environment', C: 'environment', D: 'not a param' }, params: { C: 'user' } },
    });
    context.expect(stdout.toString()).toBe('file environment user\n');
  });

  const args = ['', ' ', '-n', '$HOME', '$(HOME)', '"', "'", '\\', 'a\nb', '*', '--', 'ü🚀', 'x'.repeat(5000)];
  test.concurrent('arguments arrive verbatim, those of the request last', async (context) => {
    const { stdout } = await bench.run({
      task: { run: { path: 'sh', args: ['-c', `printf '%s\\0' "$@"`, 'sh', ...args] } },
      request: { args: ['more', '$(more)'] },
    });
    context.expect(stdout.toString().split('\0')).toEqual([...args, 'more', '$(more)', '']);
  });

  test.concurrent.for<[string, Row]>([
    [
      'the working directory and the PATH of fly execute',
      {
        sh: 'pwd; ls -A; echo $PATH',
        stdout: `${workDir}\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n`,
      },
    ],
    ['run.dir below it', { task: { run: { path: 'pwd', dir: 'a/b' } }, stdout: `${workDir}/a/b\n` }],
    [
      'run.dir that is absolute and missing is made',
      {
        task: { run: { path: 'sh', args: ['-c', 'pwd; touch here'], dir: '/made/for this' } },
        stdout: '/made/for this\n',
      },
    ],
    [
      'run.dir is an input',
      {
        task: { inputs: [{ name: 'src' }], run: { path: 'ls', dir: 'src' } },
        files: { src: { file: '1' } },
        stdout: 'file\n',
      },
    ],
    [
      'a script of an input, relative to run.dir',
      {
        task: { inputs: [{ name: 'src' }], run: { path: './go', dir: 'src' } },
        files: { src: { go: '#!/bin/sh\necho went\n' } },
        stdout: 'went\n',
      },
    ],
    [
      'run.user by name',
      {
        image: debian.root,
        task: { run: { path: 'sh', args: ['-c', 'id -un; id -u; echo $USER; touch mine'], user: 'app' } },
        stdout: 'app\n1000\napp\n',
      },
    ],
    [
      'run.user by id',
      {
        image: debian.root,
        task: { run: { path: 'sh', args: ['-c', 'id -u; touch mine'], user: '1000' } },
        stdout: '1000\n',
      },
    ],
    [
      'run.user by an id that the image does not know',
      {
        image: debian.root,
        task: { run: { path: 'sh', args: ['-c', 'id -u; touch mine'], user: '4711' } },
        stdout: '4711\n',
      },
    ],
    [
      'run.user that the image does not have',
      {
        image: debian.root,
        task: { run: { path: 'true', user: 'nobody-here' } },
        exit: 126,
        stderr: "'nobody-here' not found",
      },
    ],
    ["the image's own user", { image: debian.app, sh: 'id -un; touch mine', stdout: 'app\n' }],
    [
      'an image without a shell',
      { image: 'localhost/static:1', task: { run: { path: '/static', args: ['-exit', '3'] } }, exit: 3 },
    ],
    [
      'an image without a shell: no command',
      { image: 'localhost/static:1', task: { run: { path: '/none' } }, exit: 127, stderr: '/none' },
    ],
    [
      'a shebang line that leads nowhere',
      {
        task: { inputs: [{ name: 'src' }], run: { path: 'src/go' } },
        files: { src: { go: '#!/no/interpreter\n' } },
        exit: 127,
        stderr: 'src/go',
      },
    ],
  ])('%s', async ([, { stdout, stderr = '', exit = 0, ...wanted }], context) => {
    const { result, ...told } = await bench.run(wanted);
    context.expect({ ...result, stderr: told.stderr.toString() }).toMatchObject({
      status: exit === 0 ? 'succeeded' : 'failed',
      exitCode: exit,
      stderr: context.expect.stringContaining(stderr) as string,
    });
    if (stdout !== undefined) context.expect(told.stdout.toString()).toBe(stdout);
  });
});

test('a pseudo terminal of 500 by 500 with both streams in one', async () => {
  const { stdout, stderr, result } = await bench.run({
    image: debian.root,
    sh: '[ -t 1 ] && [ -t 2 ] && stty size </dev/tty; wc -c; echo err >&2; exit 3',
    request: { pty: true },
  });
  expect(result).toMatchObject({ status: 'failed', exitCode: 3 });
  expect([stdout.toString(), stderr.length]).toEqual(['500 500\n0\nerr\n', 0]);
});

function lines(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, index) => `${index + 1}\n`).join(''));
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
