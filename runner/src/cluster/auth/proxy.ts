/**
 * Proxies: the kubeconfig's `proxy-url`, else the environment's `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` in the
 * meaning of Go's `golang.org/x/net/http/httpproxy`, which kubectl uses.
 */
import { BlockList, isIP } from 'node:net';
import { KubeconfigError } from '../errors.ts';

/** The proxy of one API server. */
export interface Proxy {
  readonly url: URL;
  readonly source: 'kubeconfig' | 'environment';
}

/**
 * The proxy that leads to `server`; undefined for a direct connection.
 * @throws {KubeconfigError} INVALID when a proxy's URL is none, or of an unknown kind
 */
export function proxyFor(
  server: URL,
  proxyUrl: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Proxy | undefined {
  if (proxyUrl !== undefined) return { url: checked(proxyUrl, 'proxy-url of the kubeconfig'), source: 'kubeconfig' };
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = env[name] || env[name.toLowerCase()];
  if (!value || bypasses(server, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined;
  return { url: checked(value.includes('://') ? value : `http://${value}`, name), source: 'environment' };
}

/** Unused connections are closed after this: shorter than the idle time of any load balancer we know of (60 s). */
export const idleMs = 15_000;

function checked(text: string, where: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:https?|socks5h?):$/u.test(url.protocol)) {
    // The value is not quoted: proxy URLs hold passwords.
    throw new KubeconfigError(
      'INVALID',
      `The ${where} is not a proxy URL.`,
      'Use http://, https:// or socks5://host:port.',
    );
  }
  return url;
}

function bypasses(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/gu, '').toLowerCase();
  const port = server.port === '' ? (server.protocol === 'https:' ? '443' : '80') : server.port;
  if (host === 'localhost' || isLoopback(host)) return true;
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, host, port));
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `*`, an address, a range in CIDR form, or a domain with everything below it; the latter may end with a port. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const range = /^(.+)\/(\d+)$/u.exec(entry);
  if (range !== null) return inRange(host, range[1] ?? '', Number(range[2]));
  const [, name = entry, entryPort] = /^(.*?)(?::(\d+))?$/u.exec(isIP(entry) === 6 ? '' : entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const domain = (name === '' ? entry : name).replace(/^\*(?=\.)/u, '').replace(/^\[|\]$/gu, '');
  if (domain.startsWith('.')) return host.endsWith(domain);
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function inRange(host: string, network: string, bits: number): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || bits > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}
