import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommandSpec } from './command.ts';
import { scriptCommand } from './layout.ts';
import { LocalPod, hasBusyBox, type Cut } from './testing/local-pod.ts';
import { Supervised, type AttachOptions } from './supervised.ts';

/** Collects both streams; big ones as digests only. */
function collector() {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  return {
    sinks: {
      stdout: (chunk: Uint8Array) => void out.push(Buffer.from(chunk)),
      stderr: (chunk: Uint8Array) => void err.push(Buffer.from(chunk)),
    },
    stdout: () => Buffer.concat(out).toString(),
    stderr: () => Buffer.concat(err).toString(),
    digests: () => [out, err].map((chunks) => createHash('sha256').update(Buffer.concat(chunks)).digest('hex')),
  };
}

async function run(
  pod: LocalPod,
  spec: Partial<CommandSpec> & { path: string },
  options: AttachOptions = {},
  cut?: Cut,
) {
  const output = collector();
  const record = await new Supervised(pod.shell(cut), pod.layout).run(
    { dir: join(pod.root, 'work dir'), ...spec },
    output.sinks,
    { firstDelayMs: 1, maxDelayMs: 5, ...options },
  );
  return { ...output, record, stdout: output.stdout(), stderr: output.stderr() };
}

const shell = (script: string, ...args: string[]) => ({ path: 'sh', args: ['-c', script, 'task', ...args] });
/** script(1), of BusyBox or of the machine. */
const hasScript = spawnSync('sh', ['-c', 'command -v script']).status === 0;
const isRoot = process.getuid?.() === 0;

/** A reproducible sequence of numbers below `limit`. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % limit;
  };
}

describe.skipIf(!hasBusyBox)('a supervised command', () => {
  test.each([0, 1, 2, 3, 42, 125, 126, 127, 128, 200, 255])('exit code %i is delivered', async (code) => {
    await using pod = await LocalPod.create();
    expect((await run(pod, shell(`exit ${code}`))).record.exitCode).toBe(code);
  });

  test.each([
    ['TERM', 143],
    ['KILL', 137],
    ['INT', 130],
    ['SEGV', 139],
  ])('death by SIG%s is exit code %i, and nothing is added to the output', async (signal, code) => {
    await using pod = await LocalPod.create();
    const { record, stdout, stderr } = await run(pod, {
      path: 'busybox',
      args: ['sh', '-c', `kill -${signal} $$; sleep 5`],
    });
    expect([record.exitCode, stdout, stderr]).toEqual([code, '', '']);
  });

  test('stdout and stderr stay apart, stdin is empty, no signal is ignored that was not before', async () => {
    await using pod = await LocalPod.create();
    const ignored = /SigIgn:.*\n/;
    const mine = ignored.exec(spawnSync('grep', ['SigIgn', '/proc/self/status'], { encoding: 'utf8' }).stdout)?.[0];
    const { stdout, stderr, record } = await run(
      pod,
      shell('cat; echo out; echo err >&2; grep SigIgn /proc/self/status; true'),
    );
    expect(stdout).toBe(`out\n${mine}`);
    expect(stderr).toBe('err\n');
    expect(record).toMatchObject({ stdoutBytes: stdout.length, stderrBytes: 4, capped: [] });
  });

  test.each(['{"password":"it\'s $(id) `id` \\\\n"}', `${"line's\n".repeat(40_000)}end\n\n`, ''])(
    'reads its standard input byte for byte, and nothing of it stays in the pod (%#)',
    async (stdin) => {
      await using pod = await LocalPod.create();
      const { stdout, stderr, record } = await run(pod, { path: 'cat', stdin });
      expect([stdout, stderr, record.exitCode]).toEqual([stdin, '', 0]);
      expect((await readdir(pod.state(''))).filter((name) => name.startsWith('stdin'))).toEqual([]);
    },
  );

  test.skipIf(!isRoot)('a command that fills the disk keeps its exit code, and what was lost is told', async () => {
    await using pod = await LocalPod.create();
    const state = pod.state('');
    const kept = spawnSync('sh', ['-c', 'cd "$1" && tar -c .', 'sh', state]).stdout;
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=777', 'tmpfs', state]);
    if (mounted.status !== 0) return; // a container without the right to mount
    try {
      spawnSync('tar', ['-x', '-C', state], { input: kept });
      const { record, stdout, stderr } = await run(pod, shell('head -c 300000 /dev/zero; exit 7'));
      expect([record.exitCode, stderr]).toEqual([
        7,
        expect.stringMatching(/^tarmac: the end of stdout was lost: .*no space left/i),
      ]);
      expect(stdout.length).toBeGreaterThan(0);
      expect(stdout.length).toBeLessThan(65_536);
    } finally {
      spawnSync('umount', ['-l', state]);
    }
  });

  test('a task may write to /dev/stdout and /dev/stderr without cutting what was written before', async () => {
    await using pod = await LocalPod.create();
    const { stdout, stderr } = await run(
      pod,
      shell('echo 1; echo 2 >/dev/stdout; echo 3; echo a >&2; echo b >/dev/stderr'),
    );
    expect([stdout, stderr]).toEqual(['1\n2\n3\n', 'a\nb\n']);
  });

  test.each([
    ['empty', ['']],
    ['quotes', [`it's "so"`, "'", "''", '`id`']],
    ['expansions', ['$(id)', '$HOME', '${x}', '$$', '\\', '\\\\n', '*', '~']],
    ['white space', [' ', '\t', 'a\nb', '\n', 'end\n', '\r\n']],
    ['unicode', ['☃', 'é', 'e\u0301', '日本語', '\u{1f600}']],
    ['options', ['-c', '--', '-', '--help']],
    ['assignments', ['a=b', '=', 'x=']],
    ['control bytes', ['\u0001\u0002\u007f\u0081\u0088']],
    ['many', Array.from({ length: 1000 }, (_, index) => `argument ${index}`)],
    ['long', ['x'.repeat(100_000)]],
  ])('arguments arrive byte for byte: %s', async (_, args) => {
    await using pod = await LocalPod.create();
    const { stdout } = await run(pod, {
      path: process.execPath,
      args: ['-p', 'JSON.stringify(process.argv.slice(1))', '--', ...args],
    });
    expect(JSON.parse(stdout)).toEqual(args);
  });

  test('variables arrive byte for byte, also those whose name no shell would keep', async () => {
    await using pod = await LocalPod.create();
    const env = { PLAIN: 'x', 'my-key': 'a', 'with.dot': 'b c', QUOTED: `'"$(id)\n☃`, EMPTY: '' };
    const path = process.execPath;
    const ask = ['-p', 'JSON.stringify(process.env)'];
    const { stdout } = await run(pod, { path, args: ask, env });
    expect(JSON.parse(stdout)).toMatchObject(env);
    // The same from the container's own environment, where pod specs put params.
    await using other = await LocalPod.create();
    const output = collector();
    await new Supervised(other.shell(undefined, { PATH: process.env['PATH'], ...env }), other.layout).run(
      { path, args: ask, dir: '/' },
      output.sinks,
    );
    expect(JSON.parse(output.stdout())).toMatchObject(env);
  });

  test('a command with an equals sign is run, not taken for a variable', async () => {
    await using pod = await LocalPod.create();
    await writeFile(join(pod.root, 'a=b'), '#!/bin/sh\necho "$X $1"\n', { mode: 0o755 });
    expect((await run(pod, { path: './a=b', args: ['arg'], dir: pod.root, env: { X: 'x' } })).stdout).toBe('x arg\n');
  });

  test.each([
    ['nowhere', 127, /nowhere was not found in PATH \(/],
    ['./missing', 127, /\.\/missing does not exist \(looked from .*\)/],
    ['./plain', 126, /\.\/plain is not executable/],
    ['./folder', 126, /\.\/folder is a directory/],
    ['./lost', 127, /\.\/lost needs the interpreter \/no\/such\/shell, which the image does not have/],
    ['./dos', 127, /Windows line ends/],
  ])('%s ends with exit code %i and says why', async (path, code, message) => {
    await using pod = await LocalPod.create();
    const dir = join(pod.root, 'it');
    await mkdir(join(dir, 'folder'), { recursive: true });
    await writeFile(join(dir, 'plain'), 'x', { mode: 0o644 });
    await writeFile(join(dir, 'lost'), '#! /no/such/shell -e\n', { mode: 0o755 });
    await writeFile(join(dir, 'dos'), '#!/bin/sh\r\necho\r\n', { mode: 0o755 });
    const { record, stderr } = await run(pod, { path, dir });
    expect(record.exitCode).toBe(code);
    expect(stderr).toMatch(message);
  });

  test('the command is looked up in the PATH of its own variables', async () => {
    await using pod = await LocalPod.create();
    await writeFile(join(pod.root, 'tool'), '#!/bin/sh\necho mine\n', { mode: 0o755 });
    expect((await run(pod, { path: 'tool', env: { PATH: `${pod.root}:/bin` } })).stdout).toBe('mine\n');
  });

  test('the directory is made, may hold blanks, and is where the command runs', async () => {
    await using pod = await LocalPod.create();
    const dir = join(pod.root, "a b'c", 'd');
    expect((await run(pod, { ...shell('pwd'), dir })).stdout).toBe(`${dir}\n`);
  });

  test.skipIf(!hasScript)(
    'in a pseudo terminal: 500 x 500, both streams as one, stdin empty, exit code kept',
    async () => {
      await using pod = await LocalPod.create();
      const ask =
        'cat; [ -t 1 ] && [ -t 2 ] && echo terminal; stty size </dev/tty; echo err >&2; printf "%s." "$@"; exit 7';
      const { record, stdout, stderr } = await run(pod, { ...shell(ask, "it's", 'a\nb', '$x'), tty: true });
      expect([record.exitCode, stderr]).toEqual([7, '']);
      expect(stdout).toBe("terminal\n500 500\nerr\nit's.a\nb.$x.");
    },
  );

  test.skipIf(!hasScript)('cancel reaches a command in a pseudo terminal', async () => {
    await using pod = await LocalPod.create();
    const supervised = new Supervised(pod.shell(), pod.layout);
    const spec = shell('trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.05; done');
    const output = collector();
    let killed: Promise<boolean> | undefined;
    const sinks = {
      ...output.sinks,
      stdout: (chunk: Uint8Array) => {
        output.sinks.stdout(chunk);
        killed ??= supervised.kill(10);
      },
    };
    const record = await supervised.run({ ...spec, dir: '/', tty: true }, sinks);
    expect([record.exitCode, await killed]).toEqual([3, true]);
    // A shell on a terminal may report that its `sleep` was terminated.
    expect(output.stdout()).toMatch(/^ready\n(Terminated\n)?bye\n$/);
  });

  test('a second start does not run the command again but delivers everything once more', async () => {
    await using pod = await LocalPod.create();
    const spec = shell('echo run >>"$1"; echo output; exit 5', join(pod.root, 'count'));
    const first = await run(pod, spec);
    const second = await run(pod, spec);
    expect([first.stdout, second.stdout, second.record.exitCode]).toEqual(['output\n', 'output\n', 5]);
    expect(await readFile(join(pod.root, 'count'), 'utf8')).toBe('run\n');
  });

  test.each([1, 2, 3, 4, 5])('output over dropped connections is complete and exact (seed %i)', async (seed) => {
    await using pod = await LocalPod.create();
    const random = seeded(seed);
    let drops = 0;
    const cut: Cut = () => (drops++ < 12 ? random(400_000) : undefined);
    const script =
      'i=0; while [ $i -lt 40 ]; do head -c 50000 "$1"; head -c 20000 "$1" >&2; i=$((i+1)); done; printf end; exit 9';
    const source = join(pod.root, 'source');
    const bytes = Buffer.from(Array.from({ length: 50_000 }, () => random(256)));
    await writeFile(source, bytes);
    const reconnects: number[] = [];
    const { record, digests } = await run(
      pod,
      shell(script, source),
      { onReconnect: ({ attempt }) => reconnects.push(attempt) },
      cut,
    );
    const times = (part: Buffer) => Buffer.concat(Array.from({ length: 40 }, () => part));
    const expected = [Buffer.concat([times(bytes), Buffer.from('end')]), times(bytes.subarray(0, 20_000))];
    expect(digests()).toEqual(expected.map((part) => createHash('sha256').update(part).digest('hex')));
    expect(record.exitCode).toBe(9);
    expect(reconnects.length).toBeGreaterThanOrEqual(3);
  });

  test('100 MB arrive exactly', async () => {
    await using pod = await LocalPod.create();
    const hash = createHash('sha256');
    let size = 0;
    const record = await new Supervised(pod.shell(), pod.layout).run(
      { ...shell('head -c 100000000 /dev/zero'), dir: '/' },
      {
        stdout: (chunk) => {
          size += chunk.length;
          hash.update(chunk);
        },
        stderr: () => undefined,
      },
    );
    expect([size, record.stdoutBytes]).toEqual([100_000_000, 100_000_000]);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(Buffer.alloc(100_000_000)).digest('hex'));
  });

  test('a slow reader holds the stream back and loses nothing', async () => {
    await using pod = await LocalPod.create();
    let size = 0;
    const sinks = {
      stdout: async (chunk: Uint8Array) => {
        await new Promise((resolve) => setImmediate(resolve));
        size += chunk.length;
      },
      stderr: () => undefined,
    };
    await new Supervised(pod.shell(), pod.layout).run({ ...shell('head -c 5000000 /dev/zero'), dir: '/' }, sinks);
    expect(size).toBe(5_000_000);
  });

  test('what a sink throws ends following and is handed on', async () => {
    await using pod = await LocalPod.create();
    const sinks = {
      stdout: () => {
        throw new Error('disk full here');
      },
      stderr: () => undefined,
    };
    await expect(new Supervised(pod.shell(), pod.layout).run({ ...shell('echo x'), dir: '/' }, sinks)).rejects.toThrow(
      'disk full here',
    );
  });

  test('following goes on at kept offsets, as after a restart of the editor', async () => {
    await using pod = await LocalPod.create();
    await run(pod, shell('printf 0123456789; printf abcdef >&2'));
    const output = collector();
    const record = await new Supervised(pod.shell(), pod.layout).attach(output.sinks, {
      from: { stdout: 4, stderr: 6 },
    });
    expect([output.stdout(), output.stderr(), record.stdoutBytes]).toEqual(['456789', '', 10]);
  });

  test('of one client only the newest exec follows: those whose connections were lost end', async () => {
    await using pod = await LocalPod.create();
    const go = join(pod.root, 'go');
    const attach = (client: string) =>
      pod.shell().exec({ command: scriptCommand(pod.layout, 'attach', '0', '0', client), stdout: () => undefined });
    const followers = () => expect.poll(async () => (await readdir(pod.state('attached'))).length, { timeout: 20_000 });
    const running = run(pod, shell('while [ ! -e "$1" ]; do sleep 0.05; done', go));
    await followers().toBe(1);
    const lost = attach('one');
    await followers().toBe(2);
    const next = attach('one');
    expect((await lost).exitCode).toBe(1);
    const other = attach('another');
    await followers().toBe(3);
    await writeFile(go, '');
    expect([(await next).exitCode, (await other).exitCode, (await running).record.exitCode]).toEqual([0, 0, 0]);
  });

  test('attach before any start says so', async () => {
    await using pod = await LocalPod.create();
    await expect(new Supervised(pod.shell(), pod.layout).attach(collector().sinks)).rejects.toMatchObject({
      code: 'NOT_STARTED',
    });
  });

  test('a pod that is gone ends following', async () => {
    await using pod = await LocalPod.create();
    const following = run(pod, shell('sleep 30'), { isPodAlive: () => Promise.resolve(false) }, () => 1);
    await expect(following).rejects.toMatchObject({ name: 'SupervisorError', code: 'POD_GONE' });
  });

  test('a killed supervisor is reported as a vanished task', async () => {
    await using pod = await LocalPod.create();
    const following = run(pod, shell('sleep 30'), {
      onStarted: () =>
        void (async () => {
          await expect
            .poll(() => readFile(pod.state('pid'), 'utf8').catch(() => ''), { interval: 10 })
            .toMatch(/^\d+\n/);
          const sup = Number((await readFile(pod.state('sup'), 'utf8')).split(' ')[0]);
          process.kill(sup, 'SIGKILL');
        })(),
    });
    await expect(following).rejects.toMatchObject({ name: 'SupervisorError', code: 'VANISHED' });
  });

  test('cancel: a trap of TERM still prints and chooses the exit code', async () => {
    await using pod = await LocalPod.create();
    const supervised = new Supervised(pod.shell(), pod.layout);
    const spec = shell('trap "echo task got sigterm; exit 3" TERM; echo ready; while :; do sleep 0.05; done');
    const output = collector();
    let killed: Promise<boolean> | undefined;
    const record = await supervised.run(
      { ...spec, dir: '/' },
      {
        stdout: (chunk) => {
          output.sinks.stdout(chunk);
          killed ??= supervised.kill(10);
        },
        stderr: output.sinks.stderr,
      },
    );
    expect([record.exitCode, output.stdout(), await killed, record.cancelled]).toEqual([
      3,
      'ready\ntask got sigterm\n',
      true,
      'abort',
    ]);
  });

  test('cancel: what ignores TERM and has left the group is killed after the grace period', async () => {
    await using pod = await LocalPod.create();
    const supervised = new Supervised(pod.shell(), pod.layout);
    const spec = shell(
      'trap "" TERM; setsid sh -c \'echo $$ >"$0"; while :; do sleep 0.1; done\' "$1" & echo ready; while :; do sleep 0.1; done',
      join(pod.root, 'stray'),
    );
    let killed: Promise<boolean> | undefined;
    const record = await supervised.run(
      { ...spec, dir: '/' },
      {
        stdout: () => {
          killed ??= supervised.kill(1, 'timeout');
        },
        stderr: () => undefined,
      },
    );
    expect([record.exitCode, await killed, record.cancelled]).toEqual([137, true, 'timeout']);
    const stray = Number(await readFile(join(pod.root, 'stray'), 'utf8'));
    // Gone, or a zombie where the machine's pid 1 is slow to collect it.
    const state = () =>
      readFile(`/proc/${stray}/stat`, 'utf8').then(
        (line) => line.split(') ')[1]?.[0],
        () => 'gone',
      );
    await expect.poll(state).toMatch(/gone|Z/);
  });

  test('cancel before the start: the command never runs', async () => {
    await using pod = await LocalPod.create();
    expect(await new Supervised(pod.shell(), pod.layout).kill(1)).toBe(true);
    const { record, stdout } = await run(pod, shell('echo never'));
    expect([record.exitCode, stdout, record.cancelled]).toEqual([143, '', 'abort']);
  });

  test('a child left behind does not keep the run from ending', async () => {
    await using pod = await LocalPod.create();
    const { record, stdout } = await run(pod, shell('sleep 60 & echo done; echo $! >"$1"', join(pod.root, 'left')));
    process.kill(Number(await readFile(join(pod.root, 'left'), 'utf8')), 'SIGKILL');
    expect([record.exitCode, stdout]).toEqual([0, 'done\n']);
  });

  test('output beyond the limit is dropped, and the record says so', async () => {
    await using pod = await LocalPod.create();
    const { record, stdout, stderr } = await run(pod, {
      ...shell('head -c 3000000 /dev/zero | tr "\\0" x; echo fine >&2'),
      outputLimit: 1_000_000,
    });
    expect([stdout.length, stderr]).toEqual([1_000_000, 'fine\n']);
    expect(record).toMatchObject({ exitCode: 0, stdoutBytes: 1_000_000, capped: ['stdout'] });
  });

  test.skipIf(!isRoot)('run.user by name: ids, groups and USER of the image', async () => {
    await using pod = await LocalPod.create();
    await writeFile(pod.helperState('uid'), '65534\n');
    const { stdout, stderr, record } = await run(pod, {
      ...shell('id -u; id -g; echo $USER; echo ok >/dev/stdout; touch mine && ls'),
      user: 'nobody',
    });
    expect([record.exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^65534\n\d+\nnobody\nok\nmine\n$/);
  });

  test('run.user that the image does not know', async () => {
    await using pod = await LocalPod.create();
    const { record, stderr } = await run(pod, { ...shell('id'), user: 'no-such-user' });
    expect([record.exitCode, stderr]).toEqual([
      126,
      "tarmac: user 'no-such-user' not found: no matching entries in /etc/passwd\n",
    ]);
  });

  test.skipIf(!isRoot)(
    'for another user than the helper, the command waits until the helper has handed the inputs over',
    async () => {
      await using pod = await LocalPod.create();
      const input = join(pod.root, 'input dir');
      await mkdir(input);
      await writeFile(join(input, 'file'), 'x', { mode: 0o600 });
      await chmod(pod.root, 0o755);
      const ended = new AbortController();
      const helper = pod.shell().exec({
        command: [`${pod.layout.tarmac}/bin/busybox`, 'sh', `${pod.layout.tarmac}/bin/idle`, 'helper', '600', input],
        signal: ended.signal,
      });
      const { stdout, stderr } = await run(pod, { ...shell('cat "$1/file"; echo y >"$1/new"', input), user: 'nobody' });
      ended.abort();
      await expect(helper).rejects.toThrow();
      expect([stdout, stderr]).toEqual(['x', '']);
      expect((await stat(join(input, 'new'))).uid).toBe(65534);
    },
  );
});
