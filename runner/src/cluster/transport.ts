/** One HTTP exchange with the API server over Node's own client, and the meaning of what can go wrong in it. */
import http, { ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { ApiConnection } from './auth/connection.ts';
import { ApiError, errorCode, type StatusDetails } from './errors.ts';
import { errorText } from '../model/format.ts';
import { idleMs } from './auth/proxy.ts';

/** One call of the API. */
export interface RestCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path below the server's URL, e.g. `/api/v1/namespaces/ci/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Verb and resource as Kubernetes' authorization names them: for errors. */
  readonly verb: string;
  readonly resource: string;
  readonly signal?: AbortSignal;
}

/** Sends requests over kept-alive connections; `Symbol.dispose` closes the idle ones. */
export class Transport implements Disposable {
  readonly #connection: ApiConnection;
  readonly #agent: http.Agent;

  constructor(connection: ApiConnection) {
    this.#connection = connection;
    const Agent = connection.target.server.startsWith('https:') ? https.Agent : http.Agent;
    this.#agent = new Agent({ keepAlive: true, timeout: idleMs });
  }

  /**
   * Resolves with the headers of a successful answer; the body is the caller's to read or to destroy.
   * @param options what the connection gives for one request
   * @param signal ends the request and the body
   * @throws {ApiError} for connection trouble and for every status that is not 2xx
   */
  async send(call: RestCall, options: https.RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await this.#response(call, { agent: this.#agent, ...options }, signal);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    throw statusError(call, response, await text(response, call, this.#connection.target.server, mostErrorText));
  }

  #response(call: RestCall, options: https.RequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
    const { server } = this.#connection.target;
    const url = requestUrl(server, call);
    const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
    const full: https.RequestOptions = {
      ...options,
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/gu, ''),
      port: url.port,
      path: url.pathname + url.search,
      method: call.method,
      signal,
      headers: {
        Accept: 'application/json, */*',
        'User-Agent': 'tarmac',
        ...(payload === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
        ...(options.headers as http.OutgoingHttpHeaders),
      },
    };
    return new Promise((resolve, reject) => {
      const request = this.#open(full);
      request.on('response', resolve);
      request.on('error', (error) => reject(networkError(call, server, error)));
      // A proxy that refuses: its answer must not be taken for the API server's.
      request.on('proxyConnect', ({ statusCode }: { statusCode: number }) => {
        if (statusCode === 200) return;
        const message = `The proxy refused the connection to ${server} (HTTP ${statusCode}).`;
        reject(new ApiError({ code: 'EPROXY', message, verb: call.verb, resource: call.resource }));
        request.destroy();
      });
      request.end(payload);
    });
  }

  #open(options: https.RequestOptions): ClientRequest {
    // VS Code replaces `http.request` and `https.request`, but not the class behind them: see connection.ts.
    if (this.#connection.tunnels) return new ClientRequest(options);
    return options.protocol === 'https:' ? https.request(options) : http.request(options);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** Errors are short; a proxy's page need not be read to its end. */
const mostErrorText = 256 * 1024;

/**
 * The whole body as text.
 * @throws {ApiError} when the connection breaks before its end
 */
export async function text(
  response: IncomingMessage,
  call: RestCall,
  server: string,
  most = Infinity,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > most) break;
    }
  } catch (error) {
    throw networkError(call, server, error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function requestUrl(server: string, call: RestCall): URL {
  const url = new URL(server + call.path);
  for (const [key, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}

/** The error of a connection that failed or broke, in words; TLS trouble names what to check. */
function networkError(call: RestCall, server: string, error: unknown): Error {
  if (error instanceof ApiError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const code = errorCode(error) ?? 'ECONNRESET';
  const message = `Can’t reach ${server} (${code})${reason(errorText(error), code)}.${hint(code)}`;
  return new ApiError({ code, message, verb: call.verb, resource: call.resource, cause: error });
}

/** What else is known: Node repeats the code, and gives advice that is about itself. */
function reason(text: string, code: string): string {
  const said = text.replace(/; if the root CA is installed locally.*$/u, '');
  return new RegExp(`^(?:connect|getaddrinfo) ${code}\\b`, 'u').test(said) ? '' : `: ${said}`;
}

function hint(code: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return ' Is the VPN up, and the name right?';
  if (code === 'CERT_HAS_EXPIRED') return ' The server’s certificate is past its end.';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return ' Set tls-server-name in the kubeconfig if that is on purpose.';
  if (/CERT|VERIFY|ISSUER/u.test(code)) return ' Is the kubeconfig’s certificate-authority the one of this cluster?';
  return '';
}

/** The error of an answer that is not 2xx: the Status object's words where there is one. */
function statusError(call: RestCall, response: IncomingMessage, body: string): ApiError {
  const code = response.statusCode ?? 0;
  const status = parseStatus(body);
  const retryAfter = status?.details?.retryAfterSeconds ?? retryAfterSeconds(response.headers['retry-after']);
  return new ApiError({
    code,
    message: status?.message ?? plainMessage(call, response, body),
    verb: call.verb,
    resource: call.resource,
    ...(status?.reason === undefined ? {} : { reason: status.reason }),
    ...(status?.details === undefined ? {} : { details: status.details }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
}

/** A Status object, or undefined for anything else (a load balancer's page, plain text). */
function parseStatus(body: string): Status | undefined {
  try {
    const value = JSON.parse(body) as (Status & { readonly kind?: unknown }) | null;
    return value?.kind === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}

function plainMessage(call: RestCall, response: IncomingMessage, body: string): string {
  const type = response.headers['content-type'] ?? '';
  const said = type.startsWith('text/plain') ? body.trim().slice(0, 300) : '';
  const to = response.headers.location === undefined ? '' : ` (it redirects to ${response.headers.location})`;
  return `HTTP ${response.statusCode ?? 0} for ${call.verb} ${call.resource}${to}${said === '' ? '' : `: ${said}`}`;
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterSeconds(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d+$/u.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
