/**
 * The authenticated way to one API server. The policy for sockets, in the order in which it is decided:
 *
 * 1. `proxy-url` of the kubeconfig: our own tunnel, and requests that VS Code's network patches do not touch. (Its
 *    default, `http.proxySupport: override`, replaces the agent of every `https.request`, so the proxy that the user
 *    wrote down would be ignored without a word.)
 * 2. `HTTPS_PROXY`/`HTTP_PROXY` of the environment: a tunnel through the usual `https.request`; inside VS Code its own
 *    proxy settings then win, as its users expect.
 * 3. Otherwise `https.request` with a keep-alive agent; inside VS Code that means its proxy settings and certificates.
 *
 * TLS material always stands at the top level of the options: agents are replaced, and a cached agent would keep a
 * client certificate that has been rotated.
 */
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import tls, { type PeerCertificate } from 'node:tls';
import { credentialSource, type CredentialOptions, type CredentialSource } from './credentials.ts';
import type { SelectedCluster } from './kubeconfig.ts';
import type { LoginNotice } from '../login-output.ts';
import { material } from './material.ts';
import { proxyFor } from './proxy.ts';
import type { ClusterTarget, Connection } from '../types.ts';

/** A `Connection` with what our own transport needs to know of it. */
export interface ApiConnection extends Connection, Disposable {
  /** True when the options' agent must be used as it is, past the patches of VS Code. */
  readonly tunnels: boolean;
}

/** What a connection depends on beside the kubeconfig. */
export interface ConnectionOptions extends CredentialOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until an exec plugin is killed; default 60 s. */
  readonly pluginTimeoutMs?: number;
  /** Told what a login program says to a person, line by line as it comes. */
  readonly onLogin?: ((notice: LoginNotice) => void) | undefined;
}

/**
 * Makes the connection; nothing is sent yet.
 * @throws {CredentialError} UNTRUSTED, UNSUPPORTED, FILE
 * @throws {KubeconfigError} INVALID proxy URL
 */
export async function openConnection(selected: SelectedCluster, options: ConnectionOptions): Promise<ApiConnection> {
  const { cluster, user, target } = selected;
  const ca = await material(cluster.caData, cluster.caFile, 'certificate authority');
  const server = new URL(target.server);
  const proxy = proxyFor(server, cluster.proxyUrl, options.env);
  const closing = new AbortController();
  const plugin = {
    cluster,
    server: target.server,
    env: options.env,
    signal: closing.signal,
    ca,
    onLogin: options.onLogin,
    timeoutMs: options.pluginTimeoutMs,
  };
  return new KubeConnection(
    target,
    tlsOptions(selected, ca, proxy !== undefined),
    credentialSource(user, plugin, options),
    closing,
    proxy === undefined ? undefined : (await import('./proxy-agent.ts')).proxyAgent(proxy, server),
    proxy?.source === 'kubeconfig',
  );
}

class KubeConnection implements ApiConnection {
  readonly target: ClusterTarget;
  readonly tunnels: boolean;
  readonly #tls: RequestOptions;
  readonly #credentials: CredentialSource;
  readonly #closing: AbortController;
  readonly #agent: Agent | undefined;

  constructor(
    target: ClusterTarget,
    tlsMaterial: RequestOptions,
    credentials: CredentialSource,
    closing: AbortController,
    agent: Agent | undefined,
    tunnels: boolean,
  ) {
    this.target = target;
    this.tunnels = tunnels;
    this.#tls = tlsMaterial;
    this.#credentials = credentials;
    this.#closing = closing;
    this.#agent = agent;
  }

  async requestOptions(signal?: AbortSignal): Promise<RequestOptions> {
    const { headers, cert, key } = await unlessAborted(this.#credentials.current(), signal);
    return {
      ...this.#tls,
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(this.#agent === undefined ? {} : { agent: this.#agent }),
      headers: { ...headers },
    };
  }

  refresh(): Promise<boolean> {
    return Promise.resolve(this.#credentials.forget());
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new DOMException('The cluster was closed.', 'AbortError'));
    this.#agent?.destroy();
  }
}

function tlsOptions({ cluster, target }: SelectedCluster, ca: Buffer | undefined, proxied: boolean): RequestOptions {
  const { protocol, hostname } = new URL(target.server);
  if (protocol !== 'https:') return {};
  const authorities = ca ?? systemAuthorities();
  const address = hostname.replace(/^\[|\]$/gu, '');
  // TLS inside a tunnel knows no host but the servername, and an address may not be one: it is checked by name here.
  const byAddress = proxied && isIP(address) !== 0 && cluster.tlsServerName === undefined;
  return {
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(cluster.tlsServerName === undefined ? {} : { servername: cluster.tlsServerName }),
    ...(byAddress
      ? { checkServerIdentity: (_: string, peer: PeerCertificate) => tls.checkServerIdentity(address, peer) }
      : {}),
    rejectUnauthorized: !cluster.insecureSkipTlsVerify,
  };
}

/** Node's own list and the operating system's, as kubectl trusts the latter: company CAs live there. */
function systemAuthorities(): string[] | undefined {
  // Absent before Node 22.15, and in hosts that are built without it: then Node's defaults count.
  if (typeof tls.getCACertificates !== 'function') return undefined;
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}

/** Waits for a shared promise only as long as this caller wants to; the others go on waiting. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
