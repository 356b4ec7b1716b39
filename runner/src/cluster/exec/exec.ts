/**
 * One command in a container, over a WebSocket to the API server. Made for bulk data in both directions: bounded
 * memory, byte-exact channels, and an end that is always told apart: an exit code, or an {@link ExecError}.
 *
 * Why not the client library's `Exec`: it ignores `bufferedAmount` and `write()`'s answer, never settles when the
 * stream drops without a status, hides the message of a refused upgrade, and half-closes v4 by closing the socket.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import {
  CHANNEL,
  endOfStdin,
  exitCodeOf,
  frame,
  parseStatus,
  PROTOCOL_V4,
  PROTOCOL_V5,
  resizeFrame,
  StatusCollector,
  type ServerStatus,
} from './channels.ts';
import { ExecError } from './error.ts';
import { Receiver, Sender } from './flow.ts';
import type { Connection, ExecRequest, ExecResult } from '../types.ts';

export { ExecError } from './error.ts';

/** Times are milliseconds, sizes bytes. */
export interface ExecTuning {
  /** From the first packet to the accepted upgrade. */
  readonly handshakeMs: number;
  /** Between two looks at the stream; a quiet one gets a ping. */
  readonly pingMs: number;
  /** No sign of life for this long ends the stream as `STALLED`. */
  readonly idleMs: number;
  /** After the status: how long the server may take to close before we do, and then again to answer our close. */
  readonly closeMs: number;
  /** Standard input is held back while more than `highWater` bytes wait for the network, until `lowWater` are left. */
  readonly highWater: number;
  readonly lowWater: number;
  /** Largest payload of one stdin message. Servers refuse messages above 32 MiB. */
  readonly frameBytes: number;
}

const TUNING: ExecTuning = {
  handshakeMs: 15_000,
  pingMs: 15_000,
  idleMs: 90_000,
  closeMs: 1_000,
  highWater: 1 << 20,
  lowWater: 1 << 18,
  frameBytes: 128 << 10,
};

/** The limit of the API server's own WebSocket library; containers' output comes in messages of at most 32 KiB. */
const MAX_MESSAGE_BYTES = 32 << 20;
/** As much of the body of a refused upgrade as is worth reading. */
const MAX_REFUSAL_BYTES = 64 << 10;

/**
 * Runs one command and moves its streams. Settles only after every received byte was taken by its sink (an abort, a
 * stall and a failing sink excepted, which drop the rest), and leaves no socket, timer or listener behind.
 *
 * Standard input is always requested: Kata containers end a session without it at the first output (kata#13640).
 * A request without `stdin` leaves it open and silent; an empty iterable gives the remote an end of file on v5.
 *
 * @throws {ExecError} for a stream that ended without an exit code; what `stdin` or a sink throws, unchanged.
 */
export async function execStream(
  connection: Connection,
  request: ExecRequest & { readonly namespace: string },
  tuning: Partial<ExecTuning> = {},
): Promise<ExecResult> {
  const settings = { ...TUNING, ...tuning };
  try {
    return await attempt(connection, request, settings);
  } catch (error) {
    // A refused upgrade has touched neither stdin nor the pod, so it can be repeated with fresh credentials.
    const expired = error instanceof ExecError && error.code === 'REFUSED' && error.status === 401;
    if (expired && (await connection.refresh())) return await attempt(connection, request, settings);
    throw error;
  }
}

async function attempt(
  connection: Connection,
  request: ExecRequest & { readonly namespace: string },
  tuning: ExecTuning,
): Promise<ExecResult> {
  const where = `exec in ${request.namespace}/${request.pod}, container ${request.container}`;
  if (request.signal?.aborted === true) throw abortError(where, request.signal);
  const options = await connection.requestOptions(request.signal);
  const url = execUrl(connection.target.server, request);
  // The type definitions of `ws` lag behind: they do not know `closeTimeout`, and theirs of the request options differ
  // from Node's, to which `ws` hands them.
  const socketOptions: WebSocket.ClientOptions & { closeTimeout: number } = {
    ...(options as unknown as WebSocket.ClientOptions),
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    closeTimeout: tuning.closeMs,
    // Masking keeps scripts in a browser from writing chosen bytes to a proxy that reads plain HTTP (RFC 6455, 10.3). No
    // proxy reads TLS, and the XOR in JavaScript costs more than the encryption: there the mask is zero, which `ws` skips.
    ...(url.protocol === 'wss:' ? { generateMask: (mask: Buffer) => void mask.fill(0) } : {}),
  };
  const socket = new WebSocket(url, [PROTOCOL_V5, PROTOCOL_V4], socketOptions);
  return await new ExecSession(socket, request, where, tuning).result;
}

/** Address of the exec subresource: the server's URL, which may have a path (Rancher and other proxies), and the query. */
export function execUrl(server: string, request: ExecRequest & { readonly namespace: string }): URL {
  const url = new URL(server);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  const path = ['api', 'v1', 'namespaces', request.namespace, 'pods', request.pod, 'exec'].map(encodeURIComponent);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path.join('/')}`;
  const tty = request.tty === true;
  const parameters: [string, string][] = [
    ['container', request.container],
    ['stdin', 'true'],
    ['stdout', 'true'],
    // A terminal has one output stream.
    ['stderr', String(!tty)],
    ['tty', String(tty)],
    ...request.command.map((word): [string, string] => ['command', word]),
  ];
  url.search = new URLSearchParams(parameters).toString();
  return url;
}

function abortError(where: string, signal: AbortSignal): ExecError {
  return new ExecError('ABORTED', `${where}: aborted`, { cause: signal.reason as unknown });
}

/** One socket from the request to its end. */
class ExecSession {
  readonly result: Promise<ExecResult>;
  readonly #socket: WebSocket;
  readonly #request: ExecRequest;
  readonly #where: string;
  readonly #tuning: ExecTuning;
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #statusText = new StatusCollector();
  readonly #onAbort = (): void => this.#fail(abortError(this.#where, this.#request.signal ?? AbortSignal.abort()));
  #status: ServerStatus | undefined;
  #settle: { resolve: (result: ExecResult) => void; reject: (error: unknown) => void } | undefined;
  #handshake: NodeJS.Timeout | undefined;
  #pulse: NodeJS.Timeout | undefined;
  #closing: NodeJS.Timeout | undefined;
  /** Frames of any kind since the last look. */
  #heard = 0;
  #silentLooks = 0;
  #lastWaiting = 0;
  #socketError: Error | undefined;

  constructor(socket: WebSocket, request: ExecRequest, where: string, tuning: ExecTuning) {
    this.#socket = socket;
    this.#request = request;
    this.#where = where;
    this.#tuning = tuning;
    this.#receiver = new Receiver(socket, (error) => this.#fail(error));
    this.#sender = new Sender(socket, { high: tuning.highWater, low: tuning.lowWater });
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#handshake = setTimeout(() => {
      const seconds = tuning.handshakeMs / 1000;
      this.#fail(
        new ExecError('TIMEOUT', `${where}: no answer from ${socket.url.split('?')[0] ?? ''} within ${seconds} s`),
      );
    }, tuning.handshakeMs);
    // This listener stays for the socket's life: an 'error' without a listener would end the process.
    socket.on('error', (error) => {
      this.#socketError ??= error;
    });
    socket.on('unexpected-response', (upgrade, response) => this.#refused(upgrade, response));
    socket.on('open', () => this.#opened());
    socket.on('message', (data) => this.#message(data as Buffer));
    socket.on('ping', () => this.#heard++);
    socket.on('pong', () => this.#heard++);
    socket.on('close', (code, reason) => void this.#closed(code, reason.toString('utf8')));
  }

  #opened(): void {
    clearTimeout(this.#handshake);
    this.#pulse = setInterval(() => this.#look(), this.#tuning.pingMs);
    const { stdin, resize } = this.#request;
    if (stdin !== undefined) {
      void this.#pump(
        stdin,
        (chunk) => this.#sendStdin(chunk),
        () => this.#endStdin(),
      );
    }
    if (resize !== undefined) void this.#pump(resize, (size) => this.#sender.send(resizeFrame(size)));
  }

  /** Carries an iterable to the socket until it ends or the stream does; what it throws ends the stream. */
  async #pump<T>(source: AsyncIterable<T>, send: (item: T) => Promise<void>, end?: () => void): Promise<void> {
    try {
      // Leaving the loop early calls the iterator's return(): the source can close its files.
      for await (const item of source) {
        await send(item);
        if (!this.#sender.open) return;
      }
      end?.();
    } catch (error) {
      // Once the command has ended, nobody needs what the source could not give.
      if (this.#sender.open) this.#fail(error);
    }
  }

  async #sendStdin(chunk: Uint8Array): Promise<void> {
    const size = this.#tuning.frameBytes;
    for (let at = 0; at < chunk.length && this.#sender.open; at += size) {
      await this.#sender.send(frame(CHANNEL.stdin, chunk.subarray(at, at + size)));
    }
  }

  #endStdin(): void {
    // v4 has no half-close; closing the socket instead would lose output and status (kubernetes#89899).
    if (this.#socket.protocol === PROTOCOL_V5) void this.#sender.send(endOfStdin());
  }

  #message(message: Buffer): void {
    this.#heard++;
    const channel = message[0];
    // An empty message, or one with a channel byte only, carries nothing.
    if (channel === undefined || message.length === 1) return;
    const payload = message.subarray(1);
    if (channel === CHANNEL.stdout && this.#request.stdout !== undefined) {
      this.#receiver.push(this.#request.stdout, payload);
    } else if (channel === CHANNEL.stderr && this.#request.stderr !== undefined) {
      this.#receiver.push(this.#request.stderr, payload);
    } else if (channel === CHANNEL.status && this.#status === undefined) {
      this.#status = this.#statusText.add(payload);
      if (this.#status !== undefined) void this.#finish();
    }
    // Other channels and [255, n] mean nothing to a client: ignored.
  }

  /** After the status: stop sending, let the sinks take what came, and see to it that the connection ends. */
  async #finish(): Promise<void> {
    // No ping from here on: servers that have closed already answer with RST, which destroys bytes under way to us.
    clearInterval(this.#pulse);
    this.#sender.close();
    await this.#receiver.idle();
    this.#closing = setTimeout(() => this.#socket.close(1000), this.#tuning.closeMs);
  }

  async #closed(code: number, reason: string): Promise<void> {
    this.#sender.close();
    this.#stopTimers();
    await this.#receiver.idle();
    const settle = this.#end();
    if (settle === undefined) return;
    try {
      if (this.#status === undefined) throw this.#endWithoutStatus(code, reason);
      settle.resolve({ exitCode: exitCodeOf(this.#status, this.#where) });
    } catch (error) {
      settle.reject(error);
    }
  }

  #endWithoutStatus(code: number, reason: string): ExecError {
    const cause = this.#socketError;
    const because = [cause?.message, reason].filter((each) => each !== undefined && each !== '').join(', ');
    if (this.#socket.protocol === '') {
      return new ExecError('CONNECT', `${this.#where}: no connection: ${because}`, { cause });
    }
    const half = this.#statusText.received;
    const why = `${because === '' ? '' : `: ${because}`}${half === '' ? '' : `; unreadable status: ${half}`}`;
    return new ExecError('LOST', `${this.#where}: the stream ended (${code}) before an exit code came${why}`, {
      cause,
    });
  }

  /** Regular look at the stream: counts signs of life, asks for one where that does no harm. */
  #look(): void {
    const waiting = this.#sender.waiting;
    // A sink at work has paused the socket: silence is then ours, not the server's.
    const alive = this.#heard > 0 || waiting < this.#lastWaiting || this.#receiver.busy;
    // Looks are counted, not hours: a laptop that slept for a night has missed one.
    this.#silentLooks = alive ? 0 : this.#silentLooks + 1;
    if (this.#silentLooks * this.#tuning.pingMs >= this.#tuning.idleMs) {
      const seconds = this.#tuning.idleMs / 1000;
      this.#fail(new ExecError('STALLED', `${this.#where}: no sign of life from the server for ${seconds} s`));
      return;
    }
    // Data is proof enough, and a ping behind waiting stdin would only queue.
    if (this.#heard === 0 && waiting === 0 && !this.#receiver.busy) this.#socket.ping();
    this.#heard = 0;
    this.#lastWaiting = waiting;
  }

  #refused(upgrade: ClientRequest, response: IncomingMessage): void {
    const parts: Buffer[] = [];
    let size = 0;
    const done = (): void => {
      upgrade.destroy();
      this.#fail(refusal(this.#where, response, Buffer.concat(parts).toString('utf8')));
    };
    response.on('data', (part: Buffer) => {
      parts.push(part.subarray(0, MAX_REFUSAL_BYTES - size));
      size += part.length;
      if (size >= MAX_REFUSAL_BYTES) done();
    });
    response.on('end', done);
    // Cut off in the middle of the body: the status line is known all the same.
    response.on('error', done);
  }

  /** Ends the stream now. Only the first end counts. */
  #fail(error: unknown): void {
    const settle = this.#end();
    if (settle === undefined) return;
    this.#receiver.close();
    this.#sender.close();
    this.#socket.terminate();
    settle.reject(error);
  }

  #stopTimers(): void {
    clearTimeout(this.#handshake);
    clearInterval(this.#pulse);
    clearTimeout(this.#closing);
  }

  /** Hands out the promise's ends once, and lets go of all that could keep the session alive. */
  #end(): { resolve: (result: ExecResult) => void; reject: (error: unknown) => void } | undefined {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#stopTimers();
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    return settle;
  }
}

/** The server's own words for a refused upgrade. */
function refusal(where: string, response: IncomingMessage, body: string): ExecError {
  const status = parseStatus(body);
  const http = response.statusCode ?? 0;
  const words = status?.message ?? (body.trim().slice(0, 500) || (response.statusMessage ?? ''));
  return new ExecError('REFUSED', `${where}: refused with HTTP ${http}: ${words}`, {
    status: http,
    kubernetesReason: status?.reason,
  });
}
