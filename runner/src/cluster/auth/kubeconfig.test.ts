import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseKubeconfig } from './kubeconfig-file.ts';
import { selectCluster, type KubeconfigOptions } from './kubeconfig.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rm(home, { recursive: true }));

/** Writes files below the home directory. */
async function files(contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(contents)) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), text);
  }
}

/** A kubeconfig with the context, cluster and user `name`. */
function config(name: string, options: { server?: string; current?: boolean; namespace?: string; user?: string } = {}) {
  return `
apiVersion: v1
kind: Config
${options.current === false ? '' : `current-context: ${name}`}
contexts:
- name: ${name}
  context: { cluster: ${name}, user: ${name}, namespace: ${options.namespace ?? '""'} }
clusters:
- name: ${name}
  cluster: { server: "${options.server ?? `https://${name}.example:6443`}" }
users:
- name: ${name}
  user: ${options.user ?? '{ token: t }'}
`;
}

/** Paths below the home directory, as KUBECONFIG lists them. */
const list = (...names: string[]) => ({ KUBECONFIG: names.map((name) => join(home, name)).join(delimiter) });

const select = (options: KubeconfigOptions = {}) => selectCluster({ env: {}, home, ...options });

describe('which kubeconfig counts', () => {
  test('~/.kube/config without any setting', async () => {
    await files({ '.kube/config': config('one', { namespace: 'ci' }) });
    const { target } = await select();
    expect(target).toEqual({ context: 'one', server: 'https://one.example:6443', namespace: 'ci' });
  });

  test('KUBECONFIG instead of it', async () => {
    await files({ '.kube/config': config('one'), other: config('two') });
    expect((await select({ env: list('other') })).target.context).toBe('two');
  });

  test('an explicit path instead of both, with ~ for the home directory', async () => {
    await files({ '.kube/config': config('one'), other: config('two'), third: config('three') });
    expect((await select({ env: list('other'), kubeconfig: '~/third' })).target.context).toBe('three');
  });

  test.each([
    ['the first file’s current-context wins', ['a', 'b'], 'one'],
    ['a file without current-context leaves it to the next', ['none', 'b'], 'two'],
    ['a missing file is ignored', ['missing', 'b'], 'two'],
    ['an empty file is ignored', ['empty', 'b'], 'two'],
    ['a file of comments is ignored', ['comment', 'b'], 'two'],
    ['a file that is listed twice counts once', ['a', 'a'], 'one'],
  ])('in a list: %s', async (_, names, context) => {
    const none = config('none', { current: false });
    await files({ a: config('one'), b: config('two'), none, empty: '', comment: '# nothing yet\n' });
    expect((await select({ env: list(...names) })).target.context).toBe(context);
  });

  test('in a list: the first entry of a name wins as a whole', async () => {
    await files({ a: config('one', { server: 'https://first' }), b: config('one', { server: 'https://second' }) });
    expect((await select({ env: list('a', 'b') })).target.server).toBe('https://first');
    expect((await select({ env: list('b', 'a') })).target.server).toBe('https://second');
  });

  test('in a list: a context may name a cluster and user of another file', async () => {
    const context = 'contexts: [{ name: mixed, context: { cluster: two, user: one } }]';
    await files({ a: config('one'), b: config('two'), c: context });
    const { target, files: read } = await select({ env: list('c', 'a', 'b'), context: 'mixed' });
    expect(target.server).toBe('https://two.example:6443');
    expect(read).toHaveLength(3);
  });

  test.each([
    ['context', { context: 'two' }, { context: 'two', namespace: 'default' }],
    ['namespace', { namespace: 'mine' }, { context: 'one', namespace: 'mine' }],
  ])('an explicit %s wins over the file', async (_, options, expected) => {
    await files({ a: config('one', { namespace: 'ci' }), b: config('two') });
    expect((await select({ env: list('a', 'b'), ...options })).target).toMatchObject(expected);
  });

  test('JSON is as good as YAML', async () => {
    const clusters = [{ name: 'c', cluster: { server: 'https://json/' } }];
    const contexts = [{ name: 'x', context: { cluster: 'c' } }];
    await files({ '.kube/config': JSON.stringify({ 'current-context': 'x', clusters, contexts, users: null }) });
    expect((await select()).target).toEqual({ context: 'x', server: 'https://json', namespace: 'default' });
  });
});

describe('relative paths belong to the folder of their file', () => {
  test('certificates, keys, token files and programs with a slash; a bare program is left to PATH', async () => {
    const user = `{ client-certificate: c.pem, client-key: keys/k.pem, tokenFile: ../token,
      exec: { apiVersion: v1, command: ./bin/login } }`;
    await files({ 'team/config': config('one', { user }) });
    const { user: read } = await select({ env: list('team/config') });
    expect(read).toMatchObject({
      certFile: join(home, 'team', 'c.pem'),
      keyFile: join(home, 'team', 'keys', 'k.pem'),
      tokenFile: join(home, 'token'),
      exec: { command: join(home, 'team', 'bin', 'login') },
    });
    const bare = parseKubeconfig(config('one', { user: '{ exec: { apiVersion: v1, command: aws } }' }), '/x/config');
    expect(bare.users.get('one')?.exec?.command).toBe('aws');
  });
});

describe('inside a pod', () => {
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const account = { 'sa/token': 'secret', 'sa/ca.crt': 'pem', 'sa/namespace': 'builds\n' };

  test('without a kubeconfig the service account is used', async () => {
    await files(account);
    const { target, user, cluster } = await select({ env, serviceAccountDir: join(home, 'sa') });
    expect(target).toEqual({ context: 'in-cluster', server: 'https://10.0.0.1:443', namespace: 'builds' });
    expect(user.tokenFile).toBe(join(home, 'sa', 'token'));
    expect(cluster.caFile).toBe(join(home, 'sa', 'ca.crt'));
  });

  test('an IPv6 address is put in brackets', async () => {
    await files(account);
    const selected = await select({ env: { KUBERNETES_SERVICE_HOST: 'fd00::1' }, serviceAccountDir: join(home, 'sa') });
    expect(selected.target.server).toBe('https://[fd00::1]:443');
  });

  test('a kubeconfig wins', async () => {
    await files({ ...account, '.kube/config': config('one') });
    expect((await select({ env, serviceAccountDir: join(home, 'sa') })).target.context).toBe('one');
  });

  test('a pod without a token says so', async () => {
    await expect(select({ env, serviceAccountDir: join(home, 'sa') })).rejects.toThrow(/no service account token/u);
  });
});

describe('what is wrong is said with the place and the next step', () => {
  const cases: [
    what: string,
    content: Record<string, string>,
    options: KubeconfigOptions,
    code: string,
    says: RegExp,
  ][] = [
    ['no file at all', {}, {}, 'NOT_FOUND', /no kubeconfig that names a cluster \(searched: .*config\).*KUBECONFIG/u],
    ['an explicit file that is missing', {}, { kubeconfig: '~/nope' }, 'NOT_FOUND', /nope does not exist/u],
    ['a folder', { 'd/x': '' }, { kubeconfig: '~/d' }, 'UNREADABLE', /cannot be read/u],
    ['YAML', { '.kube/config': 'a: [1,\nb: }' }, {}, 'INVALID', /config is not valid: line \d+, column \d+/u],
    ['not a mapping', { '.kube/config': '- 1' }, {}, 'INVALID', /the document must be a mapping/u],
    ['clusters', { '.kube/config': 'clusters: {}' }, {}, 'INVALID', /clusters must be a list/u],
    [
      'a number for a token',
      { '.kube/config': config('a', { user: '{ token: 12 }' }) },
      {},
      'INVALID',
      /users\[0\]\.user\.token must be text \(put it in quotes\)/u,
    ],
    [
      'data that is no base64',
      { '.kube/config': config('a', { user: '{ client-key-data: "<key>" }' }) },
      {},
      'INVALID',
      /users\[0\]\.user\.client-key-data is not base64/u,
    ],
    [
      'a name given twice',
      { '.kube/config': 'users: [{ name: a, user: {} }, { name: a, user: {} }]' },
      {},
      'INVALID',
      /users\[1\]\.name is given twice: "a"/u,
    ],
    [
      'no context is current',
      { '.kube/config': config('one', { current: false }) },
      {},
      'NO_CONTEXT',
      /No context is current.*Choose one of: one; or run `kubectl config use-context/u,
    ],
    [
      'a mistyped context',
      { '.kube/config': config('production') },
      { context: 'prodution' },
      'UNKNOWN_CONTEXT',
      /"prodution" does not exist.*Did you mean "production"\? Existing contexts: production/u,
    ],
    [
      'a context that is nothing like the others',
      { '.kube/config': config('production') },
      { context: 'kind' },
      'UNKNOWN_CONTEXT',
      /does not exist in \S+config\. Existing contexts: production\.$/u,
    ],
    [
      'a context whose cluster is missing',
      { '.kube/config': 'current-context: a\ncontexts: [{ name: a, context: { cluster: b } }]' },
      {},
      'DANGLING',
      /The context "a" names the cluster "b", which does not exist.*there are no clusters/u,
    ],
    [
      'a cluster without a server',
      { '.kube/config': config('one', { server: '' }) },
      {},
      'INVALID',
      /The cluster "one" in .* has no valid server URL/u,
    ],
  ];

  test.each(cases)('%s', async (_, content, options, code, says) => {
    await files(content);
    const failure = await select(options).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: 'KubeconfigError', code, message: expect.stringMatching(says) as string });
  });

  test('no message quotes a value of the file', async () => {
    await files({ '.kube/config': 'users:\n- name: a\n  user: { token: "s3cret" "s3cret" }\n' });
    await expect(select()).rejects.toThrow(/not valid/u);
    await expect(select()).rejects.not.toThrow(/s3cret/u);
  });
});
