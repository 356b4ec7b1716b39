import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExecError, execStream, type ExecTuning } from '#internal/runner/src/cluster/exec/exec.ts';
import type { Connection, ExecErrorCode, ExecRequest } from '#internal/runner/src/cluster/types.ts';
import { startExecServer, type ExecScript, type ExecServerOptions } from '../fakes/exec-server.ts';

const request = { namespace: 'ci', pod: 'unit-1', container: 'main', command: ['true'] } as const;

// Whatever a peer does, nothing may escape the promise.
const escaped: unknown[] = [];
const note = (error: unknown): void => void escaped.push(error);
beforeAll(() => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
afterAll(() => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  expect(escaped).toEqual([]);
});

/** The error of one exec against a scripted server; waits until the server sees no connection any more. */
async function failure(
  options: ExecServerOptions | ExecScript,
  more: Partial<ExecRequest> = {},
  tuning: Partial<ExecTuning> = {},
): Promise<ExecError> {
  await using server = await startExecServer(typeof options === 'function' ? { script: options } : options);
  const error: unknown = await execStream(server.connection, { ...request, ...more }, { closeMs: 50, ...tuning }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await server.idle();
  if (!(error instanceof ExecError)) throw new Error('expected an ExecError', { cause: error });
  return error;
}

/** A Status object as API servers send it. */
function status(code: number, reason: string, message: string): unknown {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

async function* endless(): AsyncGenerator<Uint8Array> {
  const block = Buffer.alloc(64 << 10);
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    yield block;
  }
}

describe('a refused upgrade', () => {
  const forbidden =
    'pods "unit-1" is forbidden: User "ada" cannot create resource "pods/exec" in API group "" in the namespace "ci"';
  test.each<[number, unknown, string, string | undefined]>([
    [403, status(403, 'Forbidden', forbidden), forbidden, 'Forbidden'],
    [404, status(404, 'NotFound', 'pods "unit-1" not found'), 'pods "unit-1" not found', 'NotFound'],
    [500, status(500, 'InternalError', 'error dialing backend: EOF'), 'error dialing backend: EOF', 'InternalError'],
    [400, 'container not found ("main")', 'container not found ("main")', undefined],
    [502, '<html>Bad Gateway</html>', '<html>Bad Gateway</html>', undefined],
    [503, '', 'Refused', undefined],
  ])("HTTP %i tells the server's words", async (code, body, message, reason) => {
    const error = await failure({ refuse: () => ({ status: code, body }) });
    expect(error).toMatchObject({ code: 'REFUSED', status: code, kubernetesReason: reason });
    expect(error.message).toBe(`exec in ci/unit-1, container main: refused with HTTP ${code}: ${message}`);
  });

  test('its body is read up to a limit', async () => {
    const error = await failure({ refuse: () => ({ status: 500, body: 'x'.repeat(10 << 20) }) });
    expect(error.message.length).toBeLessThan(1000);
  });

  test('after a 401 the credentials are renewed once', async () => {
    await using server = await startExecServer({
      refuse: (_attempt, upgrade) =>
        upgrade.headers.authorization === 'Bearer token-0'
          ? { status: 401, body: status(401, 'Unauthorized', 'Unauthorized') }
          : undefined,
      script: (stream) => stream.exit(0),
    });
    await expect(execStream(server.connection, request)).resolves.toEqual({ exitCode: 0 });
    expect([server.attempts, server.connection.refreshes]).toEqual([2, 1]);
  });

  test('a second 401 is the answer', async () => {
    await using server = await startExecServer({
      refuse: () => ({ status: 401, body: status(401, 'Unauthorized', 'Unauthorized') }),
    });
    await expect(execStream(server.connection, request)).rejects.toMatchObject({ code: 'REFUSED', status: 401 });
    expect([server.attempts, server.connection.refreshes]).toEqual([2, 1]);
  });
});

describe('a command that could not be run', () => {
  test.each<[string, unknown, Partial<ExecError>]>([
    [
      'no such program',
      status(500, 'InternalError', 'OCI runtime exec failed: exec: "nope": executable file not found in $PATH'),
      { status: 500, kubernetesReason: 'InternalError', neverStarted: false },
    ],
    [
      'the node does not answer yet',
      status(500, 'InternalError', 'error dialing backend: EOF'),
      { neverStarted: true },
    ],
    [
      'an exit code that is none',
      { status: 'Failure', message: 'odd', details: { causes: [{ reason: 'ExitCode', message: 'many' }] } },
      { neverStarted: false },
    ],
    ['causes of a wrong type', { status: 'Failure', message: 'odd', details: { causes: 'none' } }, {}],
    ['no field at all', {}, {}],
  ])('%s', async (_name, body, expected) => {
    const error = await failure(async (stream) => {
      await stream.send(3, JSON.stringify(body));
      stream.close();
    });
    expect(error.message).toContain('the command could not be run');
    expect(error).toMatchObject({ code: 'REFUSED', ...expected });
  });
});

describe('a stream that ends without a status', () => {
  test.each<[string, ExecScript]>([
    ['connection dropped', (stream) => stream.drop()],
    ['connection reset', (stream) => stream.reset()],
    ['closed politely', (stream) => stream.close(1000)],
    ['closed with an error code', (stream) => stream.close(1011)],
    [
      'half a status',
      async (stream) => {
        await stream.send(3, '{"status":"Succ');
        stream.drop();
      },
    ],
    [
      'a message above the limit',
      async (stream) => {
        await stream.raw(Buffer.alloc((32 << 20) + 1, 1));
      },
    ],
  ])('%s', async (_name, script) => {
    const error = await failure(script);
    expect(error.code).toBe('LOST');
    expect(error.message).toContain('before an exit code came');
  });

  test.each([1, 4096, 1_000_000])('dropped after %i bytes: all that came was delivered first', async (count) => {
    let received = 0;
    const error = await failure(
      async (stream) => {
        await stream.stdout(Buffer.alloc(count));
        stream.close(1001);
      },
      {
        stdout: async (chunk) => {
          await new Promise((resolve) => setImmediate(resolve));
          received += chunk.length;
        },
      },
    );
    expect([error.code, received]).toEqual(['LOST', count]);
  });

  test('dropped in the middle of an upload', async () => {
    const error = await failure(
      async (stream) => {
        await stream.until(({ stdinBytes }) => stdinBytes > 1_000_000);
        stream.reset();
      },
      { stdin: endless() },
    );
    expect(error.code).toBe('LOST');
  });
});

describe('silence', () => {
  const quick = { pingMs: 10, idleMs: 40 };

  test('a server that takes the connection and does not answer: TIMEOUT', async () => {
    expect((await failure({ mute: true }, {}, { handshakeMs: 30 })).code).toBe('TIMEOUT');
  });

  test('no pong, no data: STALLED', async () => {
    expect((await failure((stream) => stream.pauseReading(), {}, quick)).code).toBe('STALLED');
  });

  test('no pong, no data, an upload that does not move: STALLED', async () => {
    const error = await failure((stream) => stream.pauseReading(), { stdin: endless() }, quick);
    expect(error.code).toBe('STALLED');
  });

  test('pongs alone keep a quiet command alive', async () => {
    await using server = await startExecServer({
      script: async (stream) => {
        await stream.until(({ pings }) => pings >= 12);
        await stream.exit(0);
      },
    });
    await expect(execStream(server.connection, request, quick)).resolves.toEqual({ exitCode: 0 });
  });

  test('a slow sink is not taken for a dead server, and is not disturbed by pings', async () => {
    await using server = await startExecServer({
      script: async (stream) => {
        await stream.stdout('x');
        await stream.exit(0);
      },
    });
    const slow = async (): Promise<void> => {
      // Far longer than the stall limit, measured in looks of the client's own timer.
      for (let looks = 0; looks < 10; looks++) await new Promise((resolve) => setTimeout(resolve, quick.pingMs));
    };
    await expect(execStream(server.connection, { ...request, stdout: slow }, quick)).resolves.toEqual({ exitCode: 0 });
    expect(server.streams[0]?.pings).toBe(0);
  });
});

describe('no connection', () => {
  test("nobody listens: CONNECT, with the system's error as cause", async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const connection: Connection = {
      target: { context: 'gone', server: `http://127.0.0.1:${port}`, namespace: 'ci' },
      requestOptions: () => Promise.resolve({}),
      refresh: () => Promise.resolve(false),
    };
    await expect(execStream(connection, request)).rejects.toMatchObject({
      code: 'CONNECT',
      cause: { code: 'ECONNREFUSED' },
    });
  });

  test('an upgrade without a protocol that we speak: CONNECT', async () => {
    expect((await failure({ protocol: 'none' })).code).toBe('CONNECT');
  });
});

describe('abort', () => {
  test.each<[string, ExecServerOptions, boolean]>([
    ['before the request', {}, true],
    ['during the handshake', { mute: true }, false],
    ['during the command', {}, false],
  ])('%s: ABORTED with the reason as cause', async (_name, options, early) => {
    await using server = await startExecServer(options);
    const controller = new AbortController();
    const reason = new Error('the user pressed stop');
    if (early) controller.abort(reason);
    const running = execStream(server.connection, { ...request, stdin: endless(), signal: controller.signal });
    const settled = expect(running).rejects.toMatchObject({ code: 'ABORTED', cause: reason });
    if (!early) {
      await expect.poll(() => server.attempts).toBe(1);
      controller.abort(reason);
    }
    await settled;
    await server.idle();
  });

  test('does not wait for a sink that hangs', async () => {
    const controller = new AbortController();
    const error = await failure((stream) => stream.stdout('x'), {
      signal: controller.signal,
      stdout: () => {
        controller.abort();
        return new Promise(() => undefined);
      },
    });
    expect(error.code satisfies ExecErrorCode).toBe('ABORTED');
  });

  test('after the end changes nothing', async () => {
    await using server = await startExecServer({ script: (stream) => stream.exit(0) });
    const controller = new AbortController();
    await expect(execStream(server.connection, { ...request, signal: controller.signal })).resolves.toEqual({
      exitCode: 0,
    });
    controller.abort();
    await server.idle();
  });
});

test.each<[string, () => void | Promise<void>]>([
  [
    'throws',
    () => {
      throw new Error('disk full');
    },
  ],
  ['rejects', () => Promise.reject(new Error('disk full'))],
])('a sink that %s ends the stream with its own error', async (_name, sink) => {
  await using server = await startExecServer({ script: (stream) => stream.stdout('data') });
  await expect(execStream(server.connection, { ...request, stdout: sink })).rejects.toThrow('disk full');
  await server.idle();
});

describe('memory', () => {
  const block = Buffer.alloc(1 << 20);
  /** What two sockets' kernel buffers may hold beside our own. */
  const slack = 24 << 20;

  test('a sink that stops holds the server back: 256 MiB offered, little taken', async () => {
    let sent = 0;
    const controller = new AbortController();
    await using server = await startExecServer({
      script: async (stream) => {
        for (; sent < 256 << 20 && !stream.closed; sent += block.length) await stream.stdout(block);
      },
    });
    let taken = 0;
    const running = execStream(server.connection, {
      ...request,
      signal: controller.signal,
      stdout: (chunk) => {
        taken += chunk.length;
        return new Promise(() => undefined);
      },
    });
    const settled = expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    // The flow has come to rest when two looks in a row see the same count.
    let last = -1;
    await expect
      .poll(
        () => {
          const same = sent > 0 && sent === last;
          last = sent;
          return same;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(sent - taken).toBeLessThan(slack);
    controller.abort();
    await settled;
    await server.idle();
  });

  test('a server that does not read holds the source back: endless input, little pulled', async () => {
    const controller = new AbortController();
    let pulled = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of endless()) {
        pulled += chunk.length;
        yield chunk;
      }
    }
    await using server = await startExecServer({ script: (stream) => stream.pauseReading() });
    const running = execStream(server.connection, { ...request, stdin: counted(), signal: controller.signal });
    const settled = expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    let last = -1;
    await expect
      .poll(
        () => {
          const same = pulled > 0 && pulled === last;
          last = pulled;
          return same;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(pulled).toBeLessThan(slack);
    controller.abort();
    await settled;
  });
});
