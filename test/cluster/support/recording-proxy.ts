/** A plain HTTP front of the test cluster's API server that remembers what a client asked for: what kubectl proxy does. */
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, request as requestHttps, type RequestOptions } from 'node:https';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, type Duplex } from 'node:stream';
import { parse } from 'yaml';

/** The parts of the test cluster's kubeconfigs that matter here: a CA and a token, both inline. */
interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data'?: string } }[];
}

/** A running proxy; disposing ends it and its connections. */
export interface RecordingProxy extends AsyncDisposable {
  /** A kubeconfig that leads through the proxy. */
  readonly kubeconfig: string;
  /** `POST /api/v1/namespaces/tarmac/pods?…`, in order; the query is decoded. */
  readonly requests: string[];
}

/** @param kubeconfig path of one with a CA and a token */
export async function openRecordingProxy(kubeconfig: string): Promise<RecordingProxy> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const cluster = config.clusters[0]?.cluster;
  if (!cluster) throw new Error(`${kubeconfig} names no cluster.`);
  const { hostname, port } = new URL(cluster.server);
  const ca = Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64');
  const agent = new Agent({ keepAlive: true, ca });
  const requests: string[] = [];
  const onward = (from: IncomingMessage): RequestOptions => {
    requests.push(`${from.method ?? ''} ${decodeURIComponent((from.url ?? '').replaceAll('+', ' '))}`);
    return {
      agent,
      hostname,
      port,
      path: from.url,
      method: from.method,
      headers: { ...from.headers, host: `${hostname}:${port}` },
    };
  };
  const server = createServer((from, to) => {
    const upstream = requestHttps(onward(from), (answer) => {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, to, () => undefined);
    });
    upstream.on('error', () => to.destroy());
    to.on('close', () => upstream.destroy());
    from.pipe(upstream);
  });
  server.on('upgrade', (from: IncomingMessage, socket: Duplex, head: Buffer) => {
    const upstream = requestHttps({ ...onward(from), agent: false, ca });
    const raw = (answer: IncomingMessage): string => {
      const lines: string[] = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`];
      for (let at = 0; at < answer.rawHeaders.length; at += 2) {
        lines.push(`${answer.rawHeaders[at] ?? ''}: ${answer.rawHeaders[at + 1] ?? ''}`);
      }
      return `${lines.join('\r\n')}\r\n\r\n`;
    };
    upstream.on('upgrade', (answer, far, farHead) => {
      socket.write(raw(answer));
      if (farHead.length > 0) socket.write(farHead);
      if (head.length > 0) far.write(head);
      pipeline(socket, far, socket, () => undefined);
    });
    // The server refused to upgrade: its answer is passed on as it is.
    upstream.on('response', (answer) => {
      socket.write(raw(answer));
      pipeline(answer, socket, () => undefined);
    });
    upstream.on('error', () => socket.destroy());
    upstream.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await mkdtemp(join(tmpdir(), 'tarmac-proxy-'));
  const file = join(folder, 'kubeconfig');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const through = { ...config, clusters: config.clusters.map(({ name }) => ({ name, cluster: { server: url } })) };
  await writeFile(file, JSON.stringify(through), { mode: 0o600 });
  return {
    kubeconfig: file,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
