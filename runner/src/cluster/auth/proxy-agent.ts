/** Connections through a proxy. Loaded where there is one: the packages behind it are a tenth of the time of a start. */
import type { Agent } from 'node:http';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { idleMs, type Proxy } from './proxy.ts';

/** An agent that opens each connection to `server` through the proxy, and keeps it for the next request. */
export function proxyAgent(proxy: Proxy, server: URL): Agent {
  const options = { keepAlive: true, timeout: idleMs };
  const agent = proxy.url.protocol.startsWith('socks')
    ? new SocksProxyAgent(proxy.url, options)
    : new HttpsProxyAgent(proxy.url, options);
  // Both guess the protocol from the call stack where it is not set; it is known here.
  agent.protocol = server.protocol;
  agent.defaultPort = server.protocol === 'https:' ? 443 : 80;
  return agent;
}
