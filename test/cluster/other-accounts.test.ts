/** Other accounts of this machine reach the ports of our cluster. They get nothing from them, and no file. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { layout } from '../../scripts/cluster/layout.ts';
import { testCluster } from './support/cluster.ts';

const at = layout(process.env);
const { kind } = await testCluster();

/** What a command prints for the account `nobody`, and its exit code. */
async function asNobody(script: string, ...args: string[]): Promise<{ said: string; code: number | null }> {
  const account = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const child = spawn('setpriv', [...account, 'timeout', '20', 'bash', '-c', script, 'nobody', ...args], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { said: out + err, code };
}

function request(method: string, path: string, body = ''): string {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', `Content-Length: ${body.length}`];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

const plain = 'exec 3<>"/dev/tcp/127.0.0.1/$1" && printf %s "$2" >&3 && cat <&3';
const tls = 'printf %s "$2" | openssl s_client -connect "127.0.0.1:$1" -quiet -ign_eof';
/** All keys of etcd: the range from the first to the last. */
const keys = request('POST', '/v3/kv/range', JSON.stringify({ key: 'AA==', range_end: 'AA==', count_only: true }));
const manifest = request('PUT', '/v2/library/busybox/manifests/musl', '{}');

/** What a cluster of ours listens on; the ports of a given one are not on this machine. */
function portsOfOurs(): void {
  test.each([
    ['etcd in plain text', plain, at.ports.etcdClient, keys],
    ['etcd without a certificate', tls, at.ports.etcdClient, keys],
    ["etcd's peers in plain text", plain, at.ports.etcdPeer, request('GET', '/members')],
    ["etcd's peers without a certificate", tls, at.ports.etcdPeer, request('GET', '/members')],
  ])('gets no answer from %s', async (_what, script, port, text) => {
    const { said } = await asNobody(script, String(port), text);
    expect(said).not.toMatch(/HTTP\/1|revision|count|member/);
  });

  test.each([
    ["the API server's Secrets", tls, at.ports.apiServer, request('GET', '/api/v1/secrets'), /HTTP\/1.1 40[13] /],
    ["the kubelet's pods", tls, at.ports.kubelet, request('GET', '/pods'), /HTTP\/1.1 40[13] /],
    ['the controller manager', tls, at.ports.controllerManager, request('GET', '/metrics'), /HTTP\/1.1 40[13] /],
    ['the scheduler', tls, at.ports.scheduler, request('GET', '/metrics'), /HTTP\/1.1 40[13] /],
    ['the registry', plain, at.ports.registry, request('GET', '/v2/_catalog'), /HTTP\/1.1 401 /],
    ['the mirror, which only gives', plain, at.ports.mirror, manifest, /HTTP\/1.1 405 /],
  ])('is refused by %s', async (_what, script, port, text, answer) => {
    const { said } = await asNobody(script, String(port), text);
    expect(said).toMatch(answer);
  });
}

describe('the account nobody', () => {
  if (kind === 'local') portsOfOurs();

  test('does not see the folder with volumes, keys and sockets', async () => {
    const { said, code } = await asNobody('ls "$1" && ls "$1/volumes"', at.state);
    expect(said).toMatch(/Permission denied/);
    expect(code).not.toBe(0);
  });
});
