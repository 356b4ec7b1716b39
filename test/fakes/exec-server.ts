/**
 * An API server that knows only the exec subresource: real HTTP and WebSocket on a loopback port, driven by a script
 * per stream. For tests of the exec client and of all that stands on it.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Connection } from '#internal/runner/src/cluster/types.ts';

/** What a stream does: runs once the upgrade was accepted. The stream stays open when it returns. */
export type ExecScript = (stream: ServerStream) => void | Promise<void>;

/** An HTTP answer instead of an upgrade. `body` is sent as JSON, text as it is. */
export interface Refusal {
  readonly status: number;
  readonly body: unknown;
}

export interface ExecServerOptions {
  /** `none` accepts the upgrade without naming a protocol, as something that is no Kubernetes would. */
  readonly protocol?: 'v5' | 'v4' | 'none';
  readonly script?: ExecScript;
  /** Asked for each upgrade, counted from 1; undefined accepts. */
  readonly refuse?: (attempt: number, request: IncomingMessage) => Refusal | undefined;
  /** Takes connections and never answers. */
  readonly mute?: boolean;
}

/** The server's end of one exec stream. */
export class ServerStream {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** Payload bytes of standard input received. */
  stdinBytes = 0;
  pings = 0;
  /** Messages on the resize channel. */
  readonly sizes: unknown[] = [];
  /** True after the client's half-close. */
  stdinEnded = false;
  readonly #socket: WebSocket;
  readonly #tcp: Socket;
  #stdin: Buffer[] = [];
  #closed = false;
  #changed: (() => void)[] = [];

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.#socket = socket;
    this.request = request;
    this.#tcp = request.socket;
    this.query = new URL(request.url ?? '/', 'http://fake').searchParams;
    socket.on('message', (data) => this.#message(data as Buffer));
    socket.on('ping', () => {
      this.pings++;
      this.#notify();
    });
    // Faults are the point of this server: an error shows as the close that follows it.
    socket.on('error', () => this.#notify());
    socket.on('close', () => {
      this.#closed = true;
      this.#notify();
    });
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get command(): string[] {
    return this.query.getAll('command');
  }

  /** True once the connection has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Sends one message exactly as given, channel byte included. Resolves when the operating system has it. */
  async raw(message: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.send(message, () => resolve()));
  }

  async send(channel: number, payload: Uint8Array | string): Promise<void> {
    await this.raw(Buffer.concat([Buffer.of(channel), Buffer.from(payload)]));
  }

  async stdout(payload: Uint8Array | string): Promise<void> {
    await this.send(1, payload);
  }

  async stderr(payload: Uint8Array | string): Promise<void> {
    await this.send(2, payload);
  }

  /** Sends the status that the kubelet sends for this exit code, then closes as an API server does. */
  async exit(code: number): Promise<void> {
    await this.send(3, JSON.stringify(exitStatus(code)));
    this.close();
  }

  close(code = 1000): void {
    this.#socket.close(code);
  }

  /** Ends the TCP connection without a closing handshake. */
  drop(): void {
    this.#socket.terminate();
  }

  /** Ends the TCP connection with RST. */
  reset(): void {
    this.#tcp.resetAndDestroy();
  }

  /** Stops reading from the network: what the client sends piles up at its end, pings stay unanswered. */
  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /** Waits until `holds` is true; it is looked at after each message, ping and close. */
  async until(holds: (stream: ServerStream) => boolean): Promise<void> {
    while (!holds(this)) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  /** Takes `count` bytes of standard input, as `dd count=N` would; fewer when the input ends before. */
  async readStdin(count: number): Promise<Buffer> {
    await this.until(
      () => this.#stdin.reduce((sum, part) => sum + part.length, 0) >= count || this.stdinEnded || this.#closed,
    );
    const all = Buffer.concat(this.#stdin);
    this.#stdin = [all.subarray(count)];
    return all.subarray(0, count);
  }

  /** Standard input up to the half-close. */
  async readAllStdin(): Promise<Buffer> {
    return await this.readStdin(Number.POSITIVE_INFINITY);
  }

  /** Counts further standard input and does not keep it. */
  discardStdin(): void {
    this.#stdin = [];
    this.#keep = false;
  }

  #keep = true;

  #message(message: Buffer): void {
    const payload = message.subarray(1);
    if (message[0] === 0) {
      this.stdinBytes += payload.length;
      if (this.#keep) this.#stdin.push(Buffer.from(payload));
    } else if (message[0] === 4) {
      this.sizes.push(JSON.parse(payload.toString('utf8')));
    } else if (message[0] === 255 && payload[0] === 0) {
      this.stdinEnded = true;
    }
    this.#notify();
  }

  #notify(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }
}

/** The Status object of an ended command, as the kubelet's `remotecommand` package makes it. */
export function exitStatus(code: number): unknown {
  if (code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: error executing command [sh], exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

export interface ExecServer extends AsyncDisposable {
  /** Base URL for a `Connection`. */
  readonly url: string;
  /** A connection to this server whose bearer token is `token-<n>`, n counting refreshes. */
  readonly connection: Connection & { readonly refreshes: number };
  /** Streams so far, oldest first. */
  readonly streams: readonly ServerStream[];
  /** Upgrades asked for, refused ones included. */
  readonly attempts: number;
  /** TCP connections that are open. */
  readonly openSockets: number;
  /** Resolves when no connection is open; streams that had stopped reading read again. */
  idle(): Promise<void>;
}

/** Starts a server on a free loopback port. Disposing of it cuts what is still open. */
export async function startExecServer(options: ExecServerOptions = {}): Promise<ExecServer> {
  const http = createServer();
  const protocols = { v5: 'v5.channel.k8s.io', v4: 'v4.channel.k8s.io', none: undefined };
  const chosen = protocols[options.protocol ?? 'v5'];
  const upgrades = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (chosen !== undefined && offered.has(chosen) ? chosen : false),
  });
  const sockets = new Set<Socket>();
  const streams: ServerStream[] = [];
  let whenIdle: (() => void)[] = [];
  let attempts = 0;
  let refreshes = 0;
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size > 0) return;
      for (const resolve of whenIdle) resolve();
      whenIdle = [];
    });
  });
  http.on('upgrade', (request, socket: Duplex, head) => {
    attempts++;
    // A client that hangs up early is what some tests are about; the close that follows is enough to know.
    socket.on('error', () => socket.destroy());
    if (options.mute === true) {
      // Read on, so that the end of the connection is noticed.
      socket.resume().on('end', () => socket.destroy());
      return;
    }
    const refusal = options.refuse?.(attempts, request);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (client) => {
      const stream = new ServerStream(client, request);
      streams.push(stream);
      void options.script?.(stream);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url,
    streams,
    get attempts() {
      return attempts;
    },
    get openSockets() {
      return sockets.size;
    },
    idle: async () => {
      // Who does not read does not notice the end either.
      for (const stream of streams) stream.resumeReading();
      if (sockets.size > 0) await new Promise<void>((resolve) => whenIdle.push(resolve));
    },
    connection: {
      target: { context: 'fake', server: url, namespace: 'default' },
      requestOptions: () => Promise.resolve({ headers: { authorization: `Bearer token-${refreshes}` } }),
      refresh: () => {
        refreshes++;
        return Promise.resolve(true);
      },
      get refreshes() {
        return refreshes;
      },
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

function refuse(socket: Duplex, refusal: Refusal): void {
  const body = typeof refusal.body === 'string' ? refusal.body : JSON.stringify(refusal.body);
  socket.end(
    `HTTP/1.1 ${refusal.status} Refused\r\nContent-Type: application/json\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
