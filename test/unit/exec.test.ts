import { createHash, randomBytes } from 'node:crypto';
import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  exitStatus,
  startExecServer,
  type ExecScript,
  type ExecServer,
  type ExecServerOptions,
} from '../fakes/exec-server.ts';
import { ExecError, execStream, execUrl, type ExecTuning } from '#internal/runner/src/cluster/exec/exec.ts';
import type { ExecRequest, ExecResult } from '#internal/runner/src/cluster/types.ts';

const request = { namespace: 'ci', pod: 'unit-1', container: 'main', command: ['true'] } as const;

interface Observed {
  readonly outcome: ExecResult | { readonly code: string; readonly message: string; readonly status?: number };
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly server: Pick<ExecServer, 'streams' | 'attempts'> & { readonly refreshes: number };
}

/** Runs one exec against a scripted server, collects its output, and checks that no socket is left. */
async function observe(
  options: ExecServerOptions | ExecScript,
  more: Partial<ExecRequest> = {},
  tuning: Partial<ExecTuning> = {},
): Promise<Observed> {
  await using server = await startExecServer(typeof options === 'function' ? { script: options } : options);
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  const outcome = await execStream(
    server.connection,
    {
      ...request,
      stdout: (chunk) => void stdout.push(Buffer.from(chunk)),
      stderr: (chunk) => void stderr.push(Buffer.from(chunk)),
      ...more,
    },
    { closeMs: 50, ...tuning },
  ).catch((error: unknown) => {
    if (!(error instanceof ExecError)) throw error;
    const { code, message, status } = error;
    return { code, message, ...(status === undefined ? {} : { status }) };
  });
  await server.idle();
  const { streams, attempts, connection } = server;
  return {
    outcome,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr),
    server: { streams, attempts, refreshes: connection.refreshes },
  };
}

/** Chunks of an input, each yielded after a turn of the event loop, as a file or a network would. */
async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await tick();
    yield part;
  }
}

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe('the address', () => {
  test.each([
    ['https://10.0.0.1:6443', 'wss://10.0.0.1:6443/api/v1/namespaces/ci/pods/unit-1/exec'],
    [
      'https://rancher.example/k8s/clusters/c-1/',
      'wss://rancher.example/k8s/clusters/c-1/api/v1/namespaces/ci/pods/unit-1/exec',
    ],
    ['http://127.0.0.1:8001', 'ws://127.0.0.1:8001/api/v1/namespaces/ci/pods/unit-1/exec'],
  ])('of a pod at %s', (server, expected) => {
    expect(execUrl(server, request).href.split('?')[0]).toBe(expected);
  });

  test('carries the words of the command unchanged and always asks for stdin', () => {
    const url = execUrl('https://h', { ...request, command: ['sh', '-c', 'echo "a&b=c" é +'] });
    expect([...url.searchParams]).toEqual([
      ['container', 'main'],
      ['stdin', 'true'],
      ['stdout', 'true'],
      ['stderr', 'true'],
      ['tty', 'false'],
      ['command', 'sh'],
      ['command', '-c'],
      ['command', 'echo "a&b=c" é +'],
    ]);
  });

  test('asks for no stderr on a terminal', () => {
    expect(execUrl('https://h', { ...request, tty: true }).search).toContain('stderr=false&tty=true');
  });
});

describe.each(['v5', 'v4'] as const)('on %s', (protocol) => {
  test.each([0, 1, 42, 126, 137, 255])('exit code %i', async (code) => {
    const { outcome } = await observe({ protocol, script: (stream) => stream.exit(code) });
    expect(outcome).toEqual({ exitCode: code });
  });

  test('stdout and stderr arrive apart and byte for byte', async () => {
    const [out, err] = [randomBytes(100_000), randomBytes(70_000)];
    const { stdout, stderr } = await observe({
      protocol,
      script: async (stream) => {
        for (let at = 0; at < out.length; at += 10_000) {
          await stream.stdout(out.subarray(at, at + 10_000));
          await stream.stderr(err.subarray(at, at + 10_000));
        }
        await stream.exit(0);
      },
    });
    expect(sha256(stdout)).toBe(sha256(out));
    expect(sha256(stderr)).toBe(sha256(err));
  });

  test('stdin arrives byte for byte, whatever the size of its chunks', async () => {
    const parts = [1, 0, 131_072, 131_073, 1_000_000, 3].map((size) => randomBytes(size));
    const whole = Buffer.concat(parts);
    let received = '';
    const { outcome } = await observe(
      {
        protocol,
        script: async (stream) => {
          received = sha256(await stream.readStdin(whole.length));
          await stream.exit(0);
        },
      },
      { stdin: chunks(...parts) },
    );
    expect(outcome).toEqual({ exitCode: 0 });
    expect(received).toBe(sha256(whole));
  });
});

describe('the end of stdin', () => {
  test('is told to a v5 server, once all was sent', async () => {
    let received = '';
    await observe(
      async (stream) => {
        received = (await stream.readAllStdin()).toString();
        await stream.exit(0);
      },
      { stdin: chunks(Buffer.from('one '), Buffer.from('two')) },
    );
    expect(received).toBe('one two');
  });

  test('is not told to a v4 server: the connection stays open for output and status', async () => {
    const { outcome, stdout, server } = await observe(
      {
        protocol: 'v4',
        script: async (stream) => {
          await stream.readStdin(3);
          await stream.stdout('still here');
          await stream.exit(7);
        },
      },
      { stdin: chunks(Buffer.from('abc')) },
    );
    expect(outcome).toEqual({ exitCode: 7 });
    expect(stdout.toString()).toBe('still here');
    expect(server.streams[0]?.stdinEnded).toBe(false);
  });

  test('a request without stdin leaves it open', async () => {
    const { server } = await observe((stream) => stream.exit(0));
    expect(server.streams[0]?.stdinEnded).toBe(false);
  });

  test('a command that ends before its input does: the source is told to stop', async () => {
    let stopped = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield* chunks(Buffer.alloc(1000));
      } finally {
        stopped = true;
      }
    }
    const { outcome } = await observe(
      async (stream) => {
        await stream.readStdin(5000);
        await stream.exit(3);
      },
      { stdin: endless() },
    );
    expect(outcome).toEqual({ exitCode: 3 });
    await expect.poll(() => stopped).toBe(true);
  });

  test('what the source throws is what the caller gets', async () => {
    // eslint-disable-next-line require-yield
    const broken = (async function* (): AsyncGenerator<Uint8Array> {
      await tick();
      throw new Error('EACCES: /secret.txt');
    })();
    await expect(observe(() => undefined, { stdin: broken })).rejects.toThrow('EACCES: /secret.txt');
  });
});

describe('odd frames', () => {
  const rows: [string, ExecScript, string][] = [
    [
      'one byte each, the status too',
      async (stream) => {
        for (const byte of Buffer.from('grüße')) await stream.send(1, Buffer.of(byte));
        for (const byte of Buffer.from(JSON.stringify(exitStatus(0)))) await stream.send(3, Buffer.of(byte));
        stream.close();
      },
      'grüße',
    ],
    [
      'empty messages and messages with a channel byte only',
      async (stream) => {
        await stream.raw(Buffer.alloc(0));
        await stream.raw(Buffer.of(1));
        await stream.raw(Buffer.of(3));
        await stream.stdout('a');
        await stream.exit(0);
      },
      'a',
    ],
    [
      'unknown channels and [255, n]',
      async (stream) => {
        await stream.send(9, 'noise');
        await stream.raw(Buffer.of(255, 0));
        await stream.raw(Buffer.of(255, 1));
        await stream.stdout('b');
        await stream.exit(0);
      },
      'b',
    ],
    [
      'a character cut in two',
      async (stream) => {
        const bytes = Buffer.from('é');
        await stream.stdout(bytes.subarray(0, 1));
        await stream.stdout(bytes.subarray(1));
        await stream.exit(0);
      },
      'é',
    ],
    [
      'output behind the status',
      async (stream) => {
        await stream.stdout('before ');
        await stream.send(3, JSON.stringify(exitStatus(0)));
        await stream.stdout('behind');
        stream.close();
      },
      'before behind',
    ],
    [
      'a status, and a server that never closes',
      async (stream) => {
        await stream.stdout('c');
        await stream.send(3, JSON.stringify(exitStatus(0)));
      },
      'c',
    ],
  ];
  test.each(rows)('%s', async (_name, script, expected) => {
    const { outcome, stdout } = await observe(script);
    expect(outcome).toEqual({ exitCode: 0 });
    expect(stdout.toString()).toBe(expected);
  });

  test('resize messages of a terminal', async () => {
    async function* sizes(): AsyncGenerator<{ columns: number; rows: number }> {
      await tick();
      yield { columns: 80, rows: 24 };
      yield { columns: 500, rows: 500 };
    }
    const { server } = await observe(
      async (stream) => {
        await stream.until(() => stream.sizes.length === 2);
        await stream.exit(0);
      },
      { tty: true, resize: sizes() },
    );
    expect(server.streams[0]?.sizes).toEqual([
      { Width: 80, Height: 24 },
      { Width: 500, Height: 500 },
    ]);
  });
});
