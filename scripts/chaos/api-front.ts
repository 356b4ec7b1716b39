/** A plain HTTP front of an API server that answers otherwise than the server would, by request: 429, 500, nothing, half. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request as requestHttps, type RequestOptions } from 'node:https';
import { readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';

/** What becomes of one request. Undefined: the server answers. */
export type Deed =
  /** The server never hears of it. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: Record<string, string>;
    }
  /** Nobody answers. */
  | { readonly kind: 'hang' }
  /** The server does it, and its answer is lost. */
  | { readonly kind: 'lose' }
  /** The connection breaks behind so many bytes of the answer. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The answer ends in an orderly way after this time, as a watch does. */
  | { readonly kind: 'end'; readonly afterMs: number }
  /** The server hears of it later. */
  | { readonly kind: 'delay'; readonly ms: number };

/** A request as rules see it. */
export interface Asked {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
  readonly isExec: boolean;
}

export type Rule = (asked: Asked) => Deed | undefined;

/** A Status as the API server writes it. */
export function status(code: number, reason: string, message: string): { status: number; body: string } {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return { status: code, body: JSON.stringify(body) };
}

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data'?: string } }[];
}

/** One front before one server. Whoever opens it disposes of it. */
export class ApiFront implements AsyncDisposable {
  rule: Rule | undefined;
  /** Requests that were not simply passed on. */
  dealt = 0;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #ca: Buffer;
  readonly #target: URL;
  readonly #sockets = new Set<Duplex>();
  readonly #config: Kubeconfig;

  private constructor(config: Kubeconfig) {
    const cluster = config.clusters[0]?.cluster;
    if (!cluster) throw new Error('The kubeconfig names no cluster.');
    this.#config = config;
    this.#target = new URL(cluster.server);
    this.#ca = Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64');
    this.#agent = new Agent({ keepAlive: true, ca: this.#ca });
    this.#server = createServer();
    this.#server.on('request', (from, to) => void this.#request(from, to));
    this.#server.on('upgrade', (from: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#upgrade(from, socket, head);
    });
    this.#server.on('connection', (socket: Socket) => this.#own(socket));
  }

  /** @param kubeconfig path of one with a CA and a token, both inline */
  static async open(kubeconfig: string): Promise<ApiFront> {
    const front = new ApiFront(parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig);
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  /** Ends all connections. */
  breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Writes a kubeconfig that leads through the front. */
  async kubeconfig(path: string): Promise<string> {
    const server = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const clusters = this.#config.clusters.map(({ name }) => ({ name, cluster: { server } }));
    await writeFile(path, JSON.stringify({ ...this.#config, clusters }), { mode: 0o600 });
    return path;
  }

  /** Takes a socket's errors: a peer that is gone is the point of this front. */
  #own(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #deed(from: IncomingMessage): Deed | undefined {
    const { pathname, searchParams } = new URL(from.url ?? '/', 'http://front');
    const deed = this.rule?.({
      method: from.method ?? 'GET',
      path: pathname,
      query: searchParams,
      isWatch: searchParams.get('watch') !== null,
      isExec: pathname.endsWith('/exec'),
    });
    if (deed) this.dealt += 1;
    return deed;
  }

  #onward(from: IncomingMessage): RequestOptions {
    const { hostname, port, host } = this.#target;
    return { hostname, port, path: from.url, method: from.method, headers: { ...from.headers, host }, ca: this.#ca };
  }

  async #request(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const deed = this.#deed(from);
    from.on('error', () => to.destroy());
    to.on('error', () => to.destroy());
    if (deed?.kind === 'hang') return;
    if (deed?.kind === 'answer') {
      from.resume();
      to.writeHead(deed.status, { 'content-type': 'application/json', ...deed.headers }).end(deed.body);
      return;
    }
    if (deed?.kind === 'delay') await delay(deed.ms);
    const upstream = requestHttps({ ...this.#onward(from), agent: this.#agent }, (answer) => {
      answer.on('error', () => to.destroy());
      if (deed?.kind === 'lose') {
        answer.resume().on('end', () => to.destroy());
        return;
      }
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      if (deed?.kind === 'end') setTimeout(() => to.end(), deed.afterMs);
      let passed = 0;
      answer.on('data', (chunk: Buffer) => {
        if (to.writableEnded || to.destroyed) return;
        passed += chunk.length;
        if (deed?.kind !== 'cut' || passed <= deed.afterBytes) to.write(chunk);
        else to.write(chunk.subarray(0, Math.max(0, chunk.length - (passed - deed.afterBytes))), () => to.destroy());
      });
      answer.on('end', () => to.end());
    });
    upstream.on('error', () => to.destroy());
    to.on('close', () => upstream.destroy());
    from.pipe(upstream);
  }

  async #upgrade(from: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const deed = this.#deed(from);
    if (deed?.kind === 'hang') return;
    if (deed?.kind === 'answer') {
      const lines = [`HTTP/1.1 ${deed.status} Refused`, 'content-type: application/json', 'connection: close'];
      for (const [name, value] of Object.entries(deed.headers ?? {})) lines.push(`${name}: ${value}`);
      socket.end(`${lines.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(deed.body)}\r\n\r\n${deed.body}`);
      return;
    }
    if (deed?.kind === 'delay') await delay(deed.ms);
    const upstream = requestHttps({ ...this.#onward(from), agent: false });
    const heading = (answer: IncomingMessage): string => {
      const lines = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`];
      for (let at = 0; at < answer.rawHeaders.length; at += 2) {
        lines.push(`${answer.rawHeaders[at] ?? ''}: ${answer.rawHeaders[at + 1] ?? ''}`);
      }
      return `${lines.join('\r\n')}\r\n\r\n`;
    };
    upstream.on('upgrade', (answer, far: Duplex, farHead: Buffer) => {
      this.#own(far);
      if (deed?.kind === 'lose') {
        far.destroy();
        socket.destroy();
        return;
      }
      far.on('close', () => socket.destroy());
      socket.on('close', () => far.destroy());
      socket.write(heading(answer));
      if (farHead.length > 0) socket.write(farHead);
      if (head.length > 0) far.write(head);
      socket.pipe(far);
      far.pipe(socket);
      if (deed?.kind === 'end') setTimeout(() => socket.destroy(), deed.afterMs);
      if (deed?.kind !== 'cut') return;
      let passed = 0;
      far.on('data', (chunk: Buffer) => {
        passed += chunk.length;
        if (passed > deed.afterBytes) far.destroy();
      });
    });
    // The server refused to upgrade: its answer is passed on as it is.
    upstream.on('response', (answer) => {
      socket.write(heading(answer));
      answer.on('error', () => socket.destroy());
      answer.pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    upstream.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
    await closed;
  }
}
