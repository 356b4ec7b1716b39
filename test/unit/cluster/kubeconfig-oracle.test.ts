/**
 * The kubeconfig as two readers understand it: ours, and that of `@kubernetes/client-node`, which was written without it.
 * Where both follow kubectl they must say the same: which server, which user, which CA, token and certificate. Where
 * client-node does not follow kubectl, a table says so with the reason; docs/adr/0001-types-only-client-node.md has them too.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- the independent reader that ours is held to
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openConnection } from '#internal/runner/src/cluster/auth/connection.ts';
import { selectCluster } from '#internal/runner/src/cluster/auth/kubeconfig.ts';
import { systemClock } from '#internal/runner/src/cluster/clock.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'kubeconfig-oracle-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('KUBECONFIG', '');
  for (const [name, text] of Object.entries({ 'pki/ca.pem': 'CA', 'pki/cert.pem': 'CERT', 'pki/key.pem': 'KEY' })) {
    await write(name, text);
  }
  await write('pki/token', 'from-file\n');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(home, name)), { recursive: true });
  await writeFile(join(home, name), text);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
  /** False: the file has no `current-context`. */
  readonly current?: boolean;
}

/** A kubeconfig, as JSON, whose context, cluster and user have this name. */
function config(name: string, { cluster, user, context, current = true }: Parts = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    ...(current ? { 'current-context': name } : {}),
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
    clusters: [{ name, cluster: { server: `https://${name}.example:6443`, ...cluster } }],
    users: [{ name, user: user ?? { token: `token-of-${name}` } }],
  });
}

/** What a request to the cluster would be made with. */
interface Way {
  readonly context: string;
  readonly namespace: string;
  readonly server: string;
  readonly proxy: string | undefined;
  readonly verifies: boolean;
  readonly servername: string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
  readonly impersonates: string | undefined;
  /** The program that logs in. It is named here, and never started. */
  readonly plugin: { readonly command: string; readonly args: readonly string[]; readonly env: object } | undefined;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' || Buffer.isBuffer(value) ? value.toString() : undefined;

function header(options: RequestOptions, name: string): string | undefined {
  return text((options.headers as Record<string, unknown> | undefined)?.[name]);
}

async function ours(files: readonly string[]): Promise<Way> {
  const env = { KUBECONFIG: files.map((name) => join(home, name)).join(delimiter) };
  const selected = await selectCluster({ env, home });
  const { cluster, user, target } = selected;
  let options: RequestOptions = { rejectUnauthorized: !cluster.insecureSkipTlsVerify };
  if (!user.exec) {
    using connection = await openConnection(selected, { env: {}, trusted: true, clock: systemClock });
    options = await connection.requestOptions();
  }
  return {
    context: target.context,
    namespace: target.namespace,
    server: target.server,
    proxy: cluster.proxyUrl,
    verifies: options.rejectUnauthorized !== false,
    servername: options.servername,
    // Without a CA of its own the authorities of the system count, for client-node those of Node.
    ca: cluster.caData || cluster.caFile ? text(options.ca) : undefined,
    cert: text(options.cert),
    key: text(options.key),
    authorization: header(options, 'Authorization'),
    impersonates: header(options, 'Impersonate-User'),
    plugin: user.exec && { command: user.exec.command, args: user.exec.args, env: user.exec.env },
  };
}

interface OracleExec {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

async function theirs(files: readonly string[]): Promise<Way> {
  vi.stubEnv('KUBECONFIG', files.map((name) => join(home, name)).join(delimiter));
  const config = new KubeConfig();
  config.loadFromDefault();
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  const exec = user?.exec as OracleExec | null | undefined;
  const options: RequestOptions = cluster?.skipTLSVerify === true ? { rejectUnauthorized: false } : {};
  if (!exec) await config.applyToHTTPSOptions(options);
  const basic = typeof options.auth === 'string' ? `Basic ${base64(options.auth)}` : undefined;
  return {
    context: config.getCurrentContext(),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    server: cluster?.server ?? '',
    proxy: cluster?.proxyUrl,
    verifies: options.rejectUnauthorized !== false,
    servername: options.servername,
    ca: text(options.ca),
    cert: text(options.cert),
    key: text(options.key),
    authorization: header(options, 'Authorization') ?? basic,
    impersonates: header(options, 'Impersonate-User'),
    plugin: exec
      ? {
          command: exec.command,
          args: exec.args ?? [],
          env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
        }
      : undefined,
  };
}

/** Files by name, in the order of KUBECONFIG, and what of the way the row is about. */
type Row = readonly [why: string, files: Readonly<Record<string, string>>, expected: Partial<Way>];

const plugin = {
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'no-such-login-program',
    args: ['get-token', '--cluster', 'a'],
    env: [{ name: 'PROFILE', value: 'ci' }],
    interactiveMode: 'Never',
  },
};

describe('both readers say the same of', () => {
  test.each<Row>([
    [
      'server, namespace and token',
      { a: config('a', { context: { namespace: 'ci' } }) },
      { context: 'a', namespace: 'ci', server: 'https://a.example:6443', authorization: 'Bearer token-of-a' },
    ],
    ['no namespace', { a: config('a') }, { namespace: 'default' }],
    [
      'a slash at the end of the server',
      { a: config('a', { cluster: { server: 'https://a.example/' } }) },
      { server: 'https://a.example' },
    ],
    [
      'a path in the server',
      { a: config('a', { cluster: { server: 'https://a.example/k8s/c' } }) },
      { server: 'https://a.example/k8s/c' },
    ],
    [
      'name and password',
      { a: config('a', { user: { username: 'me', password: 'p:w' } }) },
      { authorization: `Basic ${base64('me:p:w')}` },
    ],
    ['a user without a way to log in', { a: config('a', { user: {} }) }, { authorization: undefined, cert: undefined }],
    [
      'CA, certificate and key as data',
      {
        a: config('a', {
          cluster: { 'certificate-authority-data': base64('ca') },
          user: { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
        }),
      },
      { ca: 'ca', cert: 'cert', key: 'key', authorization: undefined },
    ],
    [
      'CA, certificate and key as paths beside the file',
      {
        'pki/config': config('a', {
          cluster: { 'certificate-authority': 'ca.pem' },
          user: { 'client-certificate': './cert.pem', 'client-key': '../pki/key.pem' },
        }),
      },
      { ca: 'CA', cert: 'CERT', key: 'KEY' },
    ],
    [
      'paths that belong to the folder of the second file',
      {
        a: config('a', { context: { cluster: 'b', user: 'b' } }),
        'pki/b': config('b', {
          current: false,
          cluster: { 'certificate-authority': 'ca.pem' },
          user: { 'client-certificate': 'cert.pem', 'client-key': 'key.pem' },
        }),
      },
      { context: 'a', server: 'https://b.example:6443', ca: 'CA', cert: 'CERT', key: 'KEY' },
    ],
    [
      'a certificate beside a token',
      {
        a: config('a', {
          user: { token: 't', 'client-certificate-data': base64('c'), 'client-key-data': base64('k') },
        }),
      },
      { authorization: 'Bearer t', cert: 'c', key: 'k' },
    ],
    [
      'several files with names of their own',
      { a: config('a', { current: false }), b: config('b'), c: config('c', { current: false }) },
      { context: 'b', server: 'https://b.example:6443', authorization: 'Bearer token-of-b' },
    ],
    [
      'insecure-skip-tls-verify',
      { a: config('a', { cluster: { 'insecure-skip-tls-verify': true } }) },
      { verifies: false },
    ],
    [
      'insecure-skip-tls-verify: false',
      { a: config('a', { cluster: { 'insecure-skip-tls-verify': false } }) },
      { verifies: true },
    ],
    [
      'tls-server-name',
      { a: config('a', { cluster: { 'tls-server-name': 'other' } }) },
      { servername: 'other', verifies: true },
    ],
    [
      'proxy-url',
      { a: config('a', { cluster: { 'proxy-url': 'http://proxy.example:3128' } }) },
      { proxy: 'http://proxy.example:3128' },
    ],
    ['a user to act as', { a: config('a', { user: { token: 't', as: 'jane' } }) }, { impersonates: 'jane' }],
    [
      'an exec plug-in',
      { a: config('a', { user: plugin }) },
      { plugin: { command: 'no-such-login-program', args: ['get-token', '--cluster', 'a'], env: { PROFILE: 'ci' } } },
    ],
  ])('%s', async (_, files, expected) => {
    for (const [name, content] of Object.entries(files)) await write(name, content);
    const mine = await ours(Object.keys(files));
    expect(mine).toMatchObject(expected);
    expect(mine).toEqual(await theirs(Object.keys(files)));
  });
});

/** Each row: what we say, as kubectl does; and what client-node says instead. */
type Difference = readonly [
  why: string,
  files: Readonly<Record<string, string | undefined>>,
  mine: Partial<Way>,
  theirs: Partial<Way> | RegExp,
];

describe('ours follows kubectl, and client-node does not:', () => {
  test.each<Difference>([
    [
      'of two entries with one name the first counts',
      { a: config('a'), b: config('a', { cluster: { server: 'https://second.example' } }) },
      { server: 'https://a.example:6443' },
      /Duplicate cluster: a/,
    ],
    ['the first current-context counts', { a: config('a'), b: config('b') }, { context: 'a' }, { context: 'b' }],
    [
      'a file of KUBECONFIG that is not there is passed over',
      { gone: undefined, b: config('b') },
      { context: 'b' },
      /ENOENT/,
    ],
    ['an empty file is an empty kubeconfig', { empty: '', b: config('b') }, { context: 'b' }, /expected a document/],
    [
      'tokenFile is the key of client-go, and is read',
      { 'pki/config': config('a', { user: { tokenFile: 'token' } }) },
      { authorization: 'Bearer from-file' },
      { authorization: undefined },
    ],
    [
      'data wins over a file',
      {
        'pki/config': config('a', {
          cluster: { 'certificate-authority-data': base64('data'), 'certificate-authority': 'ca.pem' },
        }),
      },
      { ca: 'data' },
      { ca: 'CA' },
    ],
    [
      'the CA counts for a context without a user, too',
      { a: config('a', { context: { user: '' }, cluster: { 'certificate-authority-data': base64('ca') } }) },
      { ca: 'ca', authorization: undefined },
      { ca: undefined },
    ],
    [
      'a plug-in with a path belongs to the folder of its file',
      { 'pki/config': config('a', { user: { exec: { ...plugin.exec, command: './login' } } }) },
      { plugin: { command: join('pki', 'login'), args: plugin.exec.args, env: { PROFILE: 'ci' } } },
      { plugin: { command: './login', args: plugin.exec.args, env: { PROFILE: 'ci' } } },
    ],
  ])('%s', async (_, files, mine, other) => {
    for (const [name, content] of Object.entries(files)) if (content !== undefined) await write(name, content);
    const names = Object.keys(files);
    const way = await ours(names);
    const { plugin: named } = way;
    const below = named && { ...named, command: named.command.replace(`${home}/`, '') };
    expect({ ...way, plugin: below }).toMatchObject(mine);
    if (other instanceof RegExp) await expect(theirs(names)).rejects.toThrow(other);
    else expect(await theirs(names)).toMatchObject(other);
  });
});
