/**
 * An API server for tests: real HTTP or HTTPS on a loopback port, with the resources that the runner uses, watches and
 * faults on demand. Exec has its own (exec-server.ts).
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Identity } from './certificates.ts';

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** Common name of the client's certificate. */
  readonly clientName?: string;
}

/** Something that goes wrong with a request, instead of the answer. */
export interface Fault {
  /** Which requests it hits; all by default. */
  readonly when?: (request: Received) => boolean;
  /** How many of them; one by default. */
  readonly times?: number;
  /** Answers with a Status object of this code, reason and message. */
  readonly status?: number;
  readonly reason?: string;
  readonly message?: string;
  /** Answers with this text instead of a Status object. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** `reset` breaks the connection, `cut` does so in the middle of the body, `mute` never answers. */
  readonly act?: 'reset' | 'cut' | 'mute';
}

/** Any Kubernetes object. */
export interface KubeObject {
  readonly metadata?: { readonly name?: string; readonly uid?: string; readonly resourceVersion?: string };
  readonly [field: string]: unknown;
}

/** The server's end of one watch. */
export class WatchStream {
  readonly request: Received;
  /** True: changes are kept from this stream, as from one that has silently died. */
  silent = false;
  readonly #response: ServerResponse;

  constructor(request: Received, response: ServerResponse) {
    this.request = request;
    this.#response = response;
  }

  /** False once the client has closed it, or the server has. */
  get open(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  /** Sends bytes as they are, in one chunk. */
  async send(bytes: string | Buffer): Promise<void> {
    await new Promise<void>((resolve) => this.#response.write(bytes, () => resolve()));
  }

  async event(type: string, object: object): Promise<void> {
    await this.send(`${JSON.stringify({ type, object })}\n`);
  }

  end(): void {
    this.#response.end();
  }

  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }

  /** Resolves when the client has closed the connection. */
  async closed(): Promise<void> {
    if (!this.#response.destroyed) await once(this.#response, 'close');
  }
}

const collection = /^\/api\/v1\/namespaces\/([^/]+)\/([a-z]+)(?:\/([^/]+))?(?:\/(log))?$/u;

/** The server. It ends with its owner: `await using`. */
export class FakeApiServer implements AsyncDisposable {
  /** Every request, in order. */
  readonly received: Received[] = [];
  /** Every watch that was opened, in order. */
  readonly watches: WatchStream[] = [];
  /** Which questions of access reviews are answered with no: `verb resource`. */
  readonly denied = new Set<string>();
  /** Logs of containers: `pod/container`. */
  readonly logs = new Map<string, string>();
  /** Connections that were accepted. */
  connections = 0;
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #objects = new Map<string, KubeObject>();
  readonly #faults: { readonly fault: Fault; left: number }[] = [];
  #version = 100;
  #changed: (() => void)[] = [];

  private constructor(server: Server, scheme: 'http' | 'https') {
    this.#server = server;
    this.#scheme = scheme;
  }

  /**
   * Starts one on a free port of 127.0.0.1.
   * @param tls the server's certificate, and the authority whose client certificates it reads; without, plain HTTP
   */
  static async start(tls?: { readonly identity: Identity; readonly clients?: Identity }): Promise<FakeApiServer> {
    const server =
      tls === undefined
        ? createServer()
        : createTlsServer({
            cert: tls.identity.cert,
            key: tls.identity.key,
            requestCert: tls.clients !== undefined,
            rejectUnauthorized: false,
            ...(tls.clients === undefined ? {} : { ca: tls.clients.cert }),
          });
    const fake = new FakeApiServer(server, tls === undefined ? 'http' : 'https');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void fake.#answer(request, response));
    server.on(tls === undefined ? 'connection' : 'secureConnection', () => (fake.connections += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** What the next fitting requests get. Faults count in the order in which they were added. */
  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** Creates or changes an object, as a controller would; watchers of pods hear of it. */
  put(resource: string, object: KubeObject): KubeObject {
    const name = object.metadata?.name ?? '';
    const key = `${resource}/${name}`;
    const old = this.#objects.get(key);
    this.#version += 1;
    const metadata = {
      uid: old?.metadata?.uid ?? `uid-${this.#version}`,
      ...object.metadata,
      resourceVersion: String(this.#version),
    };
    const stored = { ...object, metadata };
    this.#objects.set(key, stored);
    if (resource === 'pods') this.#tell(old === undefined ? 'ADDED' : 'MODIFIED', stored);
    return stored;
  }

  /** Removes an object; watchers of pods hear of it. */
  remove(resource: string, name: string): boolean {
    const key = `${resource}/${name}`;
    const old = this.#objects.get(key);
    if (old === undefined) return false;
    this.#objects.delete(key);
    this.#version += 1;
    const last = { ...old, metadata: { ...old.metadata, resourceVersion: String(this.#version) } };
    if (resource === 'pods') this.#tell('DELETED', last);
    return true;
  }

  /** Resolves as soon as `check` is true; it is asked after each request and each closed connection. */
  async until(check: () => boolean): Promise<void> {
    while (!check()) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  /** A kubeconfig for this server; `user` and `cluster` are merged into the entries. */
  kubeconfig(user: object = {}, cluster: object = {}): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake', namespace: 'ci' } }],
      clusters: [{ name: 'fake', cluster: { server: this.url, ...cluster } }],
      users: [{ name: 'fake', user }],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await read(request);
    this.received.push(received);
    response.on('close', () => this.#notify());
    const entry = this.#faults.find(({ fault, left }) => left > 0 && (fault.when?.(received) ?? true));
    if (entry === undefined) {
      this.#serve(received, response);
    } else {
      entry.left -= 1;
      misbehave(entry.fault, response);
    }
    this.#notify();
  }

  #serve(request: Received, response: ServerResponse): void {
    if (request.path === '/version') {
      json(response, 200, { gitVersion: 'v1.31.2' });
      return;
    }
    if (request.path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') {
      this.#review(request, response);
      return;
    }
    const [, , resource, name, log] = collection.exec(request.path) ?? [];
    if (resource === undefined) {
      status(response, 404, 'NotFound', 'the server could not find the requested resource');
      return;
    }
    if (log !== undefined) {
      this.#log(request, name ?? '', response);
      return;
    }
    if (request.query.get('watch') === 'true') {
      this.#watch(request, response);
      return;
    }
    if (request.method === 'POST') {
      this.#create(resource, request.body as KubeObject, response);
      return;
    }
    if (name === undefined) {
      this.#list(resource, request.query, response);
      return;
    }
    const object = this.#objects.get(`${resource}/${name}`);
    if (object === undefined) {
      status(response, 404, 'NotFound', `${resource} "${name}" not found`);
      return;
    }
    if (request.method === 'DELETE') {
      this.#delete(resource, object, request.body, response);
      return;
    }
    json(response, 200, object);
  }

  #create(resource: string, object: KubeObject, response: ServerResponse): void {
    const name = object.metadata?.name ?? '';
    if (!this.#objects.has(`${resource}/${name}`)) {
      json(response, 201, this.put(resource, object));
      return;
    }
    status(response, 409, 'AlreadyExists', `${resource} "${name}" already exists`);
  }

  #delete(resource: string, object: KubeObject, options: unknown, response: ServerResponse): void {
    const { preconditions } = (options ?? {}) as { readonly preconditions?: { readonly uid?: string } };
    const { uid, name = '' } = object.metadata ?? {};
    if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
      status(response, 409, 'Conflict', `the UID in the precondition does not match`);
      return;
    }
    this.remove(resource, name);
    json(response, 200, object);
  }

  #list(resource: string, query: URLSearchParams, response: ServerResponse): void {
    const items = [...this.#objects]
      .filter(([key, object]) => key.startsWith(`${resource}/`) && selects(query, object))
      .map(([, object]) => object);
    json(response, 200, { items, metadata: { resourceVersion: String(this.#version) } });
  }

  #review(request: Received, response: ServerResponse): void {
    const { spec } = request.body as { readonly spec: { readonly resourceAttributes: Record<string, string> } };
    const { verb = '', resource = '', subresource } = spec.resourceAttributes;
    const allowed = !this.denied.has(`${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`);
    json(response, 201, { status: { allowed, ...(allowed ? {} : { reason: 'no role' }) } });
  }

  #log(request: Received, pod: string, response: ServerResponse): void {
    const text = this.logs.get(`${pod}/${request.query.get('container') ?? ''}`);
    if (text === undefined) {
      status(response, 404, 'NotFound', `pods "${pod}" not found`);
      return;
    }
    const tail = request.query.get('tailLines');
    response.end(tail === null ? text : text.split('\n').slice(-Number(tail)).join('\n'));
  }

  #watch(request: Received, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    this.watches.push(new WatchStream(request, response));
  }

  #tell(type: string, object: KubeObject): void {
    for (const watch of this.watches) {
      if (watch.open && !watch.silent && selects(watch.request.query, object)) void watch.event(type, object);
    }
  }

  #notify(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const url = new URL(request.url ?? '/', 'http://fake');
  const text = Buffer.concat(chunks).toString('utf8');
  const peer = (request.socket as Partial<TLSSocket>).getPeerCertificate?.().subject as { CN?: string } | undefined;
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
    ...(peer?.CN === undefined ? {} : { clientName: peer.CN }),
  };
}

/** Field selectors on the name and the involved object, and label selectors of the form `a=b,c=d`. */
function selects(query: URLSearchParams, object: KubeObject): boolean {
  const field = query.get('fieldSelector') ?? '';
  const { name, labels } = (object.metadata ?? {}) as {
    readonly name?: string;
    readonly labels?: Record<string, string>;
  };
  const involved = (object['involvedObject'] ?? {}) as { readonly uid?: string };
  if (field.startsWith('metadata.name=') && field !== `metadata.name=${name ?? ''}`) return false;
  if (field.startsWith('involvedObject.uid=') && field !== `involvedObject.uid=${involved.uid ?? ''}`) return false;
  const wanted = (query.get('labelSelector') ?? '').split(',').filter((part) => part !== '');
  return wanted.every((part) => labels?.[part.split('=')[0] ?? ''] === part.split('=')[1]);
}

function misbehave(fault: Fault, response: ServerResponse): void {
  if (fault.act === 'mute') return;
  if (fault.act === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  if (fault.act === 'cut') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
    response.write('{"items":', () => response.socket?.destroy());
    return;
  }
  for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
  if (fault.text === undefined) status(response, fault.status ?? 500, fault.reason, fault.message);
  else response.writeHead(fault.status ?? 200).end(fault.text);
}

function status(response: ServerResponse, code: number, reason?: string, message?: string): void {
  json(response, code, { kind: 'Status', status: 'Failure', code, reason, message: message ?? `fault ${code}` });
}

function json(response: ServerResponse, code: number, value: unknown): void {
  response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
