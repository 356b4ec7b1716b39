import { describe, expect, test } from 'vitest';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '#internal/runner/src/cluster/clock.ts';
import { openCluster } from '#internal/runner/src/cluster/cluster.ts';
import type { Cluster, V1Pod } from '#internal/runner/src/cluster/types.ts';
import { FakeApiServer, type Fault } from '../../fakes/api-server.ts';
import { InstantClock } from '../../fakes/clock.ts';

/** A fake server and a cluster that talks to it. */
async function setUp(options: { user?: object; cluster?: object; timeoutMs?: number; clock?: Clock } = {}) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await FakeApiServer.start());
  const folder = await mkdtemp(join(tmpdir(), 'rest-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'config');
  await writeFile(kubeconfig, server.kubeconfig(options.user, options.cluster));
  const clock = new InstantClock();
  const { timeoutMs = 5000 } = options;
  const cluster: Cluster = stack.use(
    await openCluster({ kubeconfig, env: {}, clock: options.clock ?? clock, timeoutMs }),
  );
  return { server, cluster, clock, folder, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const pod: V1Pod = { metadata: { name: 'p', labels: { run: '1' } }, spec: { containers: [{ name: 'main' }] } };
const create = (cluster: Cluster) => cluster.createPod(pod);
const read = (cluster: Cluster) => cluster.listPods('');

describe('the calls', () => {
  test('create, get, list, delete', async () => {
    await using at = await setUp();
    const made = await at.cluster.createPod(pod);
    expect(made).toMatchObject({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } });
    expect(await at.cluster.getPod('p')).toEqual(made);
    expect(await at.cluster.listPods('run=1')).toEqual([made]);
    expect(await at.cluster.listPods('run=2')).toEqual([]);
    await at.cluster.deletePod('p', { gracePeriodSeconds: 5, uid: made.metadata?.uid ?? '' });
    expect(at.server.received.at(-1)).toMatchObject({
      method: 'DELETE',
      path: '/api/v1/namespaces/ci/pods/p',
      body: { kind: 'DeleteOptions', gracePeriodSeconds: 5, preconditions: { uid: made.metadata?.uid } },
    });
    expect(await at.cluster.getPod('p')).toBeUndefined();
    await at.cluster.deletePod('p');
  });

  test('a pod that has the name but another uid is not deleted, and that is no error', async () => {
    await using at = await setUp();
    await create(at.cluster);
    await at.cluster.deletePod('p', { uid: 'other' });
    expect(await at.cluster.getPod('p')).toBeDefined();
  });

  test('secrets and claims', async () => {
    await using at = await setUp();
    await at.cluster.createSecret({ metadata: { name: 's' }, stringData: { a: 'b' } });
    await at.cluster.deleteSecret('s');
    await at.cluster.deleteSecret('s');
    expect(await at.cluster.getClaim('c')).toBeUndefined();
    await at.cluster.createClaim({ metadata: { name: 'c' } });
    expect(await at.cluster.getClaim('c')).toMatchObject({ kind: 'PersistentVolumeClaim' });
  });

  test('events of one object, oldest first, and none where the account may not read them', async () => {
    await using at = await setUp();
    const event = (name: string, uid: string, time: object) =>
      at.server.put('events', { metadata: { name }, involvedObject: { uid }, reason: name, ...time });
    event('later', 'u', { lastTimestamp: '2026-01-01T00:00:02Z' });
    event('earlier', 'u', { eventTime: '2026-01-01T00:00:01.000001Z' });
    event('foreign', 'v', { lastTimestamp: '2026-01-01T00:00:00Z' });
    expect((await at.cluster.listEvents('u')).map(({ reason }) => reason)).toEqual(['earlier', 'later']);
    at.server.fail({ status: 403, reason: 'Forbidden' });
    expect(await at.cluster.listEvents('u')).toEqual([]);
  });

  test('a container’s log', async () => {
    await using at = await setUp();
    at.server.logs.set('p/main', 'one\ntwo');
    expect(await at.cluster.podLog('p', 'main')).toBe('one\ntwo');
    expect(await at.cluster.podLog('p', 'main', { tailLines: 1, previous: true })).toBe('two');
    expect(at.server.received.at(-1)?.query.get('previous')).toBe('true');
  });

  test('an access review asks for resource and subresource', async () => {
    await using at = await setUp();
    at.server.denied.add('create pods/exec');
    const questions = [
      { verb: 'get', resource: 'pods' },
      { verb: 'create', resource: 'pods/exec' },
    ];
    expect(await at.cluster.accessReview(questions)).toEqual([
      { verb: 'get', resource: 'pods', allowed: true },
      { verb: 'create', resource: 'pods/exec', allowed: false, reason: 'no role' },
    ]);
  });

  test('a watch over the network: what is there, a change, the end', async () => {
    await using at = await setUp({ clock: systemClock });
    at.server.put('pods', { metadata: { name: 'p' } });
    const seen: string[] = [];
    for await (const { type } of at.cluster.watchPod('p')) {
      seen.push(type);
      await at.server.until(() => at.server.watches.some((watch) => watch.open));
      if (type === 'ADDED') at.server.put('pods', { metadata: { name: 'p' }, status: { phase: 'Running' } });
      if (type === 'MODIFIED') at.server.remove('pods', 'p');
    }
    expect(seen).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    await at.server.watches[0]?.closed();
    expect(Object.fromEntries(at.server.watches[0]?.request.query ?? [])).toMatchObject({
      fieldSelector: 'metadata.name=p',
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '300',
    });
  });

  test('a path in the server’s URL stays in front', async () => {
    await using server = await FakeApiServer.start();
    await using at = await setUp({ cluster: { server: `${server.url}/k8s/clusters/c-1/` } });
    await expect(at.cluster.version()).rejects.toMatchObject({ code: 404 });
    expect(server.received[0]?.path).toBe('/k8s/clusters/c-1/version');
  });

  test('one connection serves call after call', async () => {
    await using at = await setUp();
    for (let call = 0; call < 5; call += 1) await at.cluster.version();
    expect(at.server.connections).toBe(1);
  });
});

describe('what is tried again', () => {
  const cases: [what: string, fault: Fault, call: (cluster: Cluster) => Promise<unknown>, requests: number][] = [
    ['a read after 429', { status: 429 }, read, 2],
    ['a read after 500', { status: 500 }, read, 2],
    ['a read after 503, three times at most', { status: 503, times: 3 }, read, 4],
    ['a read after a broken connection', { act: 'reset' }, read, 2],
    ['a read whose answer was cut', { act: 'cut' }, read, 2],
    ['a create after 429, which means that it was not executed', { status: 429 }, create, 2],
  ];
  test.each(cases)('%s', async (_, fault, call, requests) => {
    await using at = await setUp();
    at.server.fail(fault);
    await call(at.cluster);
    expect(at.server.received).toHaveLength(requests);
  });

  const failures: [what: string, fault: Fault, call: (cluster: Cluster) => Promise<unknown>, code: number | string][] =
    [
      ['a create after 500: it may have been executed', { status: 500 }, create, 500],
      ['a create after a broken connection', { act: 'reset' }, create, 'ECONNRESET'],
      ['403', { status: 403 }, read, 403],
      ['404', { status: 404 }, read, 404],
      ['409', { status: 409 }, create, 409],
      ['422', { status: 422 }, create, 422],
    ];
  test.each(failures)('but not %s', async (_, fault, call, code) => {
    await using at = await setUp();
    at.server.fail(fault);
    await expect(call(at.cluster)).rejects.toMatchObject({ name: 'ApiError', code });
    expect(at.server.received).toHaveLength(1);
  });

  test('waiting grows, and is at least what the server asks for', async () => {
    await using at = await setUp();
    at.server.fail({ status: 503, times: 2 });
    at.server.fail({ status: 429, headers: { 'Retry-After': '7' } });
    await read(at.cluster);
    expect(at.clock.slept).toEqual([375, 750, 7000]);
  });

  test('a server that never answers', async () => {
    await using at = await setUp({ timeoutMs: 50 });
    at.server.fail({ act: 'mute', times: 9 });
    await expect(read(at.cluster)).rejects.toMatchObject({ code: 'ETIMEDOUT', verb: 'list', resource: 'pods' });
    expect(at.server.received).toHaveLength(4);
  });

  test('a server that is not there', async () => {
    const server = await FakeApiServer.start();
    const { url } = server;
    await server[Symbol.asyncDispose]();
    await using at = await setUp({ cluster: { server: url } });
    const message = expect.stringContaining(`Can’t reach ${url} (ECONNREFUSED)`) as string;
    await expect(create(at.cluster)).rejects.toMatchObject({ code: 'ECONNREFUSED', message });
    expect(at.clock.slept).toHaveLength(3);
  });
});

describe('errors', () => {
  test('carry what the Status object says', async () => {
    await using at = await setUp();
    at.server.fail({ status: 403, reason: 'Forbidden', message: 'pods is forbidden: exceeded quota: q' });
    await expect(create(at.cluster)).rejects.toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'pods is forbidden: exceeded quota: q',
      verb: 'create',
      resource: 'pods',
    });
  });

  test('of something that is no API server are plain', async () => {
    await using at = await setUp();
    at.server.fail({ text: '<html>Log in</html>' });
    await expect(at.cluster.version()).rejects.toMatchObject({ code: 'EBADBODY' });
    at.server.fail({ status: 404, text: '<html>' });
    await expect(at.cluster.version()).rejects.toThrow('HTTP 404 for get version');
    at.server.fail({ status: 302, text: '', headers: { Location: 'https://login.example' } });
    await expect(at.cluster.version()).rejects.toThrow('redirects to https://login.example');
  });

  test('an aborted call rejects with the reason, and the request ends', async () => {
    await using at = await setUp();
    at.server.fail({ act: 'mute' });
    const stop = new AbortController();
    const call = at.cluster.version(stop.signal);
    await at.server.until(() => at.server.received.length === 1);
    stop.abort(new Error('cancelled'));
    await expect(call).rejects.toThrow('cancelled');
    await expect(at.cluster.version(stop.signal)).rejects.toThrow('cancelled');
    expect(at.server.received).toHaveLength(1);
  });
});

describe('logins', () => {
  test.each([
    ['a token', { token: 'abc' }, 'Bearer abc'],
    ['user and password', { username: 'u', password: 'p' }, `Basic ${Buffer.from('u:p').toString('base64')}`],
    ['nothing', {}, undefined],
  ])('%s', async (_, user, authorization) => {
    await using at = await setUp({ user });
    await at.cluster.version();
    expect(at.server.received[0]?.headers.authorization).toBe(authorization);
  });

  test('a token file is read anew for each call', async () => {
    await using at = await setUp({ user: { tokenFile: 'token' } });
    await writeFile(join(at.folder, 'token'), 'first\n');
    await at.cluster.version();
    await writeFile(join(at.folder, 'token'), 'second\n');
    await at.cluster.version();
    expect(at.server.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });

  test('401 with a fixed token is an error at once', async () => {
    await using at = await setUp({ user: { token: 'old' } });
    at.server.fail({ status: 401, reason: 'Unauthorized' });
    await expect(at.cluster.version()).rejects.toMatchObject({ code: 401 });
    expect(at.server.received).toHaveLength(1);
  });

  test('impersonation, with every field', async () => {
    const as = { as: 'jané', 'as-uid': '7', 'as-groups': ['a', 'b'], 'as-user-extra': { 'example.com/Team': ['x'] } };
    await using at = await setUp({ user: { token: 't', ...as } });
    await at.cluster.version();
    const headers = at.server.received[0]?.headers;
    expect(Buffer.from(String(headers?.['impersonate-user']), 'latin1').toString('utf8')).toBe('jané');
    expect(headers).toMatchObject({
      'impersonate-uid': '7',
      'impersonate-group': 'a, b',
      'impersonate-extra-example.com%2fteam': 'x',
    });
  });
});
