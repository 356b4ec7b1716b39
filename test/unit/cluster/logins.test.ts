/** Exec plugins, OIDC, TLS and proxies: real child processes and real sockets. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openCluster } from '#internal/runner/src/cluster/cluster.ts';
import type { LoginNotice } from '#internal/runner/src/cluster/login-output.ts';
import type { Cluster } from '#internal/runner/src/cluster/types.ts';
import { FakeApiServer } from '../../fakes/api-server.ts';
import { makeCertificate } from '../../fakes/certificates.ts';
import { ManualClock } from '../../fakes/clock.ts';

const authority = makeCertificate({ name: 'authority', authority: true });
const identity = makeCertificate({ name: 'server', hosts: ['127.0.0.1'], issuer: authority });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const trust = { 'certificate-authority-data': base64(authority.cert) };

interface SetUpOptions {
  readonly user?: object;
  readonly cluster?: object;
  readonly env?: Record<string, string>;
  readonly trusted?: boolean;
  readonly onLogin?: (notice: LoginNotice) => void;
}

/** A server that asks for client certificates, and a way to open clusters that talk to it. */
async function setUp() {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await FakeApiServer.start({ identity, clients: authority }));
  const folder = await mkdtemp(join(tmpdir(), 'logins-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const clock = new ManualClock();
  const open = async ({ user, cluster = trust, env = {}, trusted = true, ...more }: SetUpOptions): Promise<Cluster> => {
    await writeFile(join(folder, 'config'), server.kubeconfig(user, cluster));
    const path = process.env['PATH'] ?? '';
    return stack.use(
      await openCluster({ kubeconfig: join(folder, 'config'), env: { PATH: path, ...env }, trusted, clock, ...more }),
    );
  };
  return { server, folder, clock, open, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A zombie that nobody has waited for yet does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/su.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const v1 = 'client.authentication.k8s.io/v1';
/** A plugin: a program that notes each run in the file `runs` and prints what `status` says. */
function plugin(folder: string, body: string, more: object = {}) {
  const start = `const fs = require('node:fs'); const runs = ${JSON.stringify(join(folder, 'runs'))};
    fs.appendFileSync(runs, process.env.KUBERNETES_EXEC_INFO + '\\n');
    const count = fs.readFileSync(runs, 'utf8').trim().split('\\n').length;
    const print = (status) => console.log(JSON.stringify({ apiVersion: '${v1}', kind: 'ExecCredential', status }));`;
  return {
    exec: {
      apiVersion: v1,
      command: process.execPath,
      args: ['-e', `${start}${body}`],
      interactiveMode: 'Never',
      ...more,
    },
  };
}
const runs = async (folder: string) => (await readFile(join(folder, 'runs'), 'utf8')).trim().split('\n');

describe('an exec plugin', () => {
  test('that wants a person is shown while it waits, and ends when the person does not want', async () => {
    await using at = await setUp();
    const said = 'To sign in, open https://login.example.com/device and enter the code ABC-123.';
    const pids = join(at.folder, 'pids');
    // What the plugin has started must end with it, too.
    const body = `const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      fs.writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid);
      console.error('token=abc'); console.error(${JSON.stringify(said)}); setInterval(() => {}, 1000);`;
    const lines: string[] = [];
    const onLogin = ({ line, address, code, cancel }: LoginNotice) => {
      lines.push(line);
      if (address === undefined) return;
      expect({ address, code }).toEqual({ address: 'https://login.example.com/device', code: 'ABC-123' });
      cancel();
    };
    const cluster = await at.open({ user: plugin(at.folder, body), onLogin });
    await expect(cluster.version()).rejects.toThrow('was canceled');
    expect(lines).toEqual(['token=***', said]);
    const running = (await readFile(pids, 'utf8')).split(' ').map(Number);
    await vi.waitFor(() => {
      for (const pid of running) expect(isRunning(pid)).toBe(false);
    });
  });

  test('prints its credential where nobody sees it', async () => {
    await using at = await setUp();
    const lines: string[] = [];
    const body = "console.error('refreshing'); print({ token: 't' + count })";
    const cluster = await at.open({ user: plugin(at.folder, body), onLogin: ({ line }) => lines.push(line) });
    await cluster.version();
    expect(lines).toEqual(['refreshing']);
  });

  test('runs once for all calls, also when they come together', async () => {
    await using at = await setUp();
    const cluster = await at.open({ user: plugin(at.folder, "print({ token: 't' + count })") });
    await Promise.all([cluster.version(), cluster.version(), cluster.version()]);
    await cluster.version();
    expect(at.server.received.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('Bearer t1'));
    expect(await runs(at.folder)).toHaveLength(1);
  });

  test('runs again a minute before its credential ends', async () => {
    await using at = await setUp();
    const expires = new Date(at.clock.now() + 600_000).toISOString();
    const status = `{ token: 't' + count, expirationTimestamp: '${expires}' }`;
    const cluster = await at.open({ user: plugin(at.folder, `print(${status})`) });
    await cluster.version();
    await at.clock.advance(539_000);
    await cluster.version();
    expect(await runs(at.folder)).toHaveLength(1);
    await at.clock.advance(2000);
    await cluster.version();
    expect(at.server.received.at(-1)?.headers.authorization).toBe('Bearer t2');
  });

  test('runs again after a 401, and the call is repeated', async () => {
    await using at = await setUp();
    const cluster = await at.open({ user: plugin(at.folder, "print({ token: 't' + count })") });
    at.server.fail({ status: 401 });
    await cluster.version();
    expect(at.server.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t2']);
    at.server.fail({ status: 401, times: 2 });
    await expect(cluster.version()).rejects.toMatchObject({ code: 401 });
  });

  test('may give a client certificate, and a new one takes effect', async () => {
    await using at = await setUp();
    const [one, two] = ['one', 'two'].map((name) => makeCertificate({ name, issuer: authority }));
    const statuses = [one, two].map((each) => ({ clientCertificateData: each?.cert, clientKeyData: each?.key }));
    const user = plugin(at.folder, `print(${JSON.stringify(statuses)}[count - 1])`);
    const cluster = await at.open({ user });
    await cluster.version();
    at.server.fail({ status: 401 });
    await cluster.version();
    expect(at.server.received.map(({ clientName }) => clientName)).toEqual(['one', 'one', 'two']);
  });

  test('is told its version and, if it asks, about the cluster', async () => {
    await using at = await setUp();
    const body = 'print({ token: process.env.WHO })';
    const more = { provideClusterInfo: true, env: [{ name: 'WHO', value: 'me' }] };
    const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }];
    const cluster = await at.open({ user: plugin(at.folder, body, more), cluster: { ...trust, extensions } });
    await cluster.version();
    expect(at.server.received[0]?.headers.authorization).toBe('Bearer me');
    expect(JSON.parse((await runs(at.folder))[0] ?? '')).toEqual({
      apiVersion: v1,
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: at.server.url, ...trust, config: { audience: 'a' } } },
    });
  });

  const faults: [what: string, body: string, more: object, code: string, says: RegExp][] = [
    [
      'that is not installed: the hint says how to install it',
      '',
      { command: 'no-such-login', installHint: 'brew install login' },
      'PLUGIN_NOT_FOUND',
      /`no-such-login` was not found\. brew install login/u,
    ],
    [
      'that fails: its last words',
      "console.error('SSO session expired'); process.exit(3)",
      {},
      'PLUGIN_FAILED',
      /failed \(exit code 3\): SSO session expired/u,
    ],
    ['that prints nothing', '', {}, 'PLUGIN_OUTPUT', /printed nothing/u],
    ['that prints no JSON', "console.log('s3cret')", {}, 'PLUGIN_OUTPUT', /did not print JSON/u],
    ['that gives nothing', 'print({})', {}, 'PLUGIN_OUTPUT', /neither a token nor a certificate/u],
    [
      'that gives half a key pair',
      "print({ clientKeyData: 's3cret' })",
      {},
      'PLUGIN_OUTPUT',
      /only one of clientCertificateData and clientKeyData/u,
    ],
    [
      'of another version',
      "print({ token: 's3cret' })",
      { apiVersion: 'client.authentication.k8s.io/v1beta1' },
      'PLUGIN_OUTPUT',
      /another version/u,
    ],
    [
      'of a version that is gone',
      '',
      { apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      'UNSUPPORTED',
      /aws eks update-kubeconfig/u,
    ],
    ['that needs a terminal', '', { interactiveMode: 'Always' }, 'PLUGIN_INTERACTIVE', /must ask in a terminal/u],
  ];
  test.each(faults)('%s', async (_, body, more, code, says) => {
    await using at = await setUp();
    const cluster = await at.open({ user: plugin(at.folder, body, more) });
    const failure: unknown = await cluster.version().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'CredentialError', code, message: expect.stringMatching(says) as string });
    expect(String(failure)).not.toContain('s3cret');
    expect(at.server.received).toHaveLength(0);
  });

  test('is not started in an untrusted workspace', async () => {
    await using at = await setUp();
    const opening = at.open({ user: plugin(at.folder, "print({ token: 't' })"), trusted: false });
    await expect(opening).rejects.toMatchObject({ code: 'UNTRUSTED' });
    await expect(runs(at.folder)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('ends with the cluster', async () => {
    await using at = await setUp();
    const cluster = await at.open({ user: plugin(at.folder, 'setInterval(() => {}, 1000)') });
    const call = cluster.version();
    const ended = expect(call).rejects.toThrow('The cluster was closed.');
    await cluster[Symbol.asyncDispose]();
    await ended;
  });
});

describe('auth providers', () => {
  test.each([
    ['gcp', /gke-gcloud-auth-plugin/u],
    ['azure', /kubelogin convert-kubeconfig/u],
  ])('%s is refused with the way out', async (name, says) => {
    await using at = await setUp();
    await expect(at.open({ user: { 'auth-provider': { name } } })).rejects.toThrow(says);
  });

  const jwt = (expires: number) =>
    `e30.${Buffer.from(JSON.stringify({ exp: expires / 1000 })).toString('base64url')}.x`;

  test('oidc: a token that is still good is used as it is', async () => {
    await using at = await setUp();
    const token = jwt(at.clock.now() + 3_600_000);
    const cluster = await at.open({ user: { 'auth-provider': { name: 'oidc', config: { 'id-token': token } } } });
    await cluster.version();
    expect(at.server.received[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });

  test('oidc: an expired token without a refresh token says so', async () => {
    await using at = await setUp();
    const config = { 'id-token': jwt(1000), 'idp-issuer-url': 'https://idp', 'client-id': 'c' };
    const cluster = await at.open({ user: { 'auth-provider': { name: 'oidc', config } } });
    await expect(cluster.version()).rejects.toMatchObject({
      code: 'OIDC',
      message: expect.stringContaining('has expired and the kubeconfig has no refresh-token') as string,
    });
  });

  test('oidc: an identity provider that is not there is named', async () => {
    await using at = await setUp();
    const config = { 'idp-issuer-url': 'https://127.0.0.1:1', 'client-id': 'c', 'refresh-token': 's3cret' };
    const cluster = await at.open({ user: { 'auth-provider': { name: 'oidc', config } } });
    const failure: unknown = await cluster.version().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'OIDC' });
    expect(String(failure)).toContain('The identity provider https://127.0.0.1:1 gave no new token');
    expect(String(failure)).not.toContain('s3cret');
  });
});

describe('TLS', () => {
  test('client certificates from files, read anew for each call', async () => {
    await using at = await setUp();
    const write = async (name: string) => {
      const { cert, key } = makeCertificate({ name, issuer: authority });
      await writeFile(join(at.folder, 'c.pem'), cert);
      await writeFile(join(at.folder, 'k.pem'), key);
    };
    await write('first');
    const cluster = await at.open({ user: { 'client-certificate': 'c.pem', 'client-key': 'k.pem' } });
    await cluster.version();
    await write('second');
    await cluster.version();
    expect(at.server.received.map(({ clientName }) => clientName)).toEqual(['first', 'second']);
  });

  test.each([
    [
      'another authority',
      { 'certificate-authority-data': base64(makeCertificate({ name: 'x' }).cert) },
      'certificate-authority',
    ],
    ['no authority', {}, 'certificate-authority'],
    ['another name than the certificate’s', { ...trust, 'tls-server-name': 'k8s.example' }, 'tls-server-name'],
  ])('%s', async (_, cluster, says) => {
    await using at = await setUp();
    await expect((await at.open({ cluster })).version()).rejects.toThrow(says);
  });

  test('insecure-skip-tls-verify takes any certificate', async () => {
    await using at = await setUp();
    expect(await (await at.open({ cluster: { 'insecure-skip-tls-verify': true } })).version()).toBe('v1.31.2');
  });

  test('a certificate file that is missing is named', async () => {
    await using at = await setUp();
    const opening = at.open({ cluster: { 'certificate-authority': 'ca.pem' } });
    await expect(opening).rejects.toMatchObject({ code: 'FILE', message: expect.stringContaining('ca.pem') as string });
  });
});

describe('proxies', () => {
  /** A proxy that opens tunnels, or refuses to. */
  async function startProxy(refuse?: number) {
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, client) => {
      tunnels.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      if (refuse !== undefined) {
        client.end(`HTTP/1.1 ${refuse} No\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      const [host, port] = (request.url ?? '').split(':');
      const target = connect(Number(port), host);
      target.once('connect', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(client).pipe(target);
      });
      // Either end may vanish with the test.
      target.on('error', () => client.destroy());
      client.on('error', () => target.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    return {
      tunnels,
      port,
      [Symbol.asyncDispose]: async () => {
        proxy.closeAllConnections();
        proxy.close();
        await once(proxy, 'close');
      },
    };
  }

  test('the kubeconfig’s proxy-url leads every call through one kept tunnel', async () => {
    await using proxy = await startProxy();
    await using at = await setUp();
    const cluster = await at.open({ cluster: { ...trust, 'proxy-url': `http://user:pass@127.0.0.1:${proxy.port}` } });
    await cluster.version();
    await cluster.version();
    expect(proxy.tunnels).toEqual([`127.0.0.1:${at.server.port} Basic ${base64('user:pass')}`]);
    await cluster[Symbol.asyncDispose]();
  });

  test('a proxy that refuses is named as such', async () => {
    await using proxy = await startProxy(407);
    await using at = await setUp();
    const cluster = await at.open({ cluster: { ...trust, 'proxy-url': `http://127.0.0.1:${proxy.port}` } });
    await expect(cluster.version()).rejects.toMatchObject({
      code: 'EPROXY',
      message: expect.stringContaining('The proxy refused the connection') as string,
    });
  });
});

describe('an OIDC login against a provider', () => {
  test('is refreshed once, and used until it ends', async () => {
    await using at = await setUp();
    const token = (expires: number) =>
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ exp: expires / 1000 })).toString('base64url')}.x`;
    let grants = 0;
    const provider = createTlsServer({ cert: identity.cert, key: identity.key }, (request, response) => {
      const issuer = `https://127.0.0.1:${(provider.address() as AddressInfo).port}`;
      const discovery = { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` };
      if (request.url === '/token') grants += 1;
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: issuer, sub: 'me', aud: 'c', iat: now, exp: now + 3600 };
      const header = Buffer.from(JSON.stringify({ alg: 'RS256' })).toString('base64url');
      const idToken = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
      const grant = { token_type: 'bearer', access_token: 'a', id_token: idToken, expires_in: 3600 };
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(request.url === '/token' ? grant : discovery));
    });
    provider.listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const config = {
      'idp-issuer-url': `https://127.0.0.1:${(provider.address() as AddressInfo).port}`,
      'idp-certificate-authority-data': base64(authority.cert),
      'client-id': 'c',
      'refresh-token': 'r',
      'id-token': token(1000),
    };
    const cluster = await at.open({ user: { 'auth-provider': { name: 'oidc', config } } });
    await Promise.all([cluster.version(), cluster.version()]);
    await cluster.version();
    expect(grants).toBe(1);
    const sent = at.server.received.map(({ headers }) => headers.authorization ?? '');
    expect(new Set(sent).size).toBe(1);
    expect(sent[0]).toMatch(/^Bearer .+\.c2ln$/u);
    provider.closeAllConnections();
    provider.close();
    await once(provider, 'close');
  });
});
