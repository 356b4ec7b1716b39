/** The registry that is made on a cluster which is not ours: its script runs here under the machine's BusyBox. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PREPARE, resourceScripts } from '../../scripts/cluster/given/small-registry.ts';

let work: string;
const env = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', WORK: work, ACCOUNT: 'me:secret' });

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'tarmac-registry-'));
  const variables = { ...env(), ...(await resourceScripts()), FOLDERS: 'etc/apt' };
  const made = spawnSync('busybox', ['sh', '-c', PREPARE], { env: variables, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** What is answered to a request, as a node's runtime asks. */
async function ask(method: string, path: string, authorization?: string): Promise<{ head: string; body: string }> {
  const child = spawn('busybox', ['sh', join(work, 'answer')], { env: env(), stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const login = authorization === undefined ? '' : `Authorization: Basic ${authorization}\r\n`;
  child.stdin.end(`${method} ${path} HTTP/1.1\r\nHost: registry\r\n${login}Accept: */*\r\n\r\n`);
  const answer = (await buffer(child.stdout)).toString('latin1');
  await closed;
  const [head = '', ...body] = answer.split('\r\n\r\n');
  return { head, body: body.join('\r\n\r\n') };
}

const account = Buffer.from('me:secret').toString('base64');
const digestOf = (content: string): string => `sha256:${createHash('sha256').update(content, 'latin1').digest('hex')}`;

test.each([
  ['no password', '/v2/private/busybox/manifests/1', undefined, '401 Unauthorized'],
  [
    'a wrong password',
    '/v2/private/busybox/manifests/1',
    Buffer.from('me:wrong').toString('base64'),
    '401 Unauthorized',
  ],
  ['an image that is not there', '/v2/private/none/manifests/1', account, '404 Not Found'],
  ['a way out of its folder', '/v2/private/busybox/blobs/sha256:../../account', account, '404 Not Found'],
])('%s', async (_what, path, authorization, status) => {
  const { head, body } = await ask('GET', path, authorization);
  expect(head).toContain(`HTTP/1.1 ${status}\r\n`);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ code: expect.any(String) as string }] });
  expect(head.includes('WWW-Authenticate: Basic')).toBe(status.startsWith('401'));
});

test('the image is whole: every digest in it is that of what is sent', async () => {
  const manifest = await ask('GET', '/v2/private/busybox/manifests/1', account);
  const digest = /Docker-Content-Digest: (\S+)/.exec(manifest.head)?.[1] ?? '';
  expect(digest).toBe(digestOf(manifest.body));
  expect((await ask('GET', `/v2/private/busybox/manifests/${digest}`, account)).body).toBe(manifest.body);
  const asked = await ask('HEAD', '/v2/private/busybox/manifests/1', account);
  expect(asked).toEqual({ head: manifest.head, body: '' });
  interface Part {
    readonly digest: string;
    readonly size: number;
  }
  const { config, layers } = JSON.parse(manifest.body) as { config: Part; layers: readonly [Part] };
  for (const part of [config, layers[0]]) {
    const blob = await readFile(join(work, 'blobs', part.digest), 'latin1');
    const sent = await ask('GET', `/v2/private/busybox/blobs/${part.digest}`, account);
    expect(sent.head).toContain(`Content-Length: ${part.size}`);
    expect(sent.body).toBe(blob);
    expect(digestOf(sent.body)).toBe(part.digest);
  }
  const { body } = await ask('GET', `/v2/private/busybox/blobs/${config.digest}`, account);
  expect(JSON.parse(body)).toMatchObject({ os: 'linux', rootfs: { diff_ids: [layers[0].digest] } });
});

test('an image is given to everybody while the registry is told to, and to nobody afterwards', async () => {
  const path = '/v2/private/only-here/manifests/latest';
  expect((await ask('GET', path)).head).toContain('401 Unauthorized');
  expect((await ask('GET', path, account)).head).toContain('404 Not Found');
  await writeFile(join(work, 'open'), '');
  try {
    const { head, body } = await ask('GET', path);
    expect(head).toContain('200 OK');
    const { layers } = JSON.parse(body) as { layers: readonly [{ digest: string }] };
    expect((await ask('GET', `/v2/private/only-here/blobs/${layers[0].digest}`)).head).toContain('200 OK');
    expect((await ask('GET', '/v2/private/busybox/manifests/1')).head).toContain('401 Unauthorized');
  } finally {
    await rm(join(work, 'open'));
  }
});

test.each([
  ['1', undefined],
  ['app', '1000'],
])('the resource type %s is given to everybody, with its scripts on top', async (tag, user) => {
  interface Part {
    readonly digest: string;
  }
  const manifest = await ask('GET', `/v2/public/resource/manifests/${tag}`);
  expect(manifest.head).toContain('200 OK');
  const { config, layers } = JSON.parse(manifest.body) as { config: Part; layers: readonly Part[] };
  const blob = async ({ digest }: Part): Promise<string> => {
    const sent = await ask('GET', `/v2/public/resource/blobs/${digest}`);
    expect(digestOf(sent.body)).toBe(digest);
    return sent.body;
  };
  expect(JSON.parse(await blob(config))).toMatchObject({
    config: user === undefined ? {} : { User: user },
    rootfs: { diff_ids: layers.map(({ digest }) => digest) },
  });
  const [, scripts] = layers;
  const tar = spawnSync('busybox', ['tar', '-tf', '-'], {
    input: Buffer.from(await blob(scripts ?? { digest: '' }), 'latin1'),
    encoding: 'utf8',
  });
  expect(tar.stdout.split('\n')).toEqual(
    expect.arrayContaining(['./opt/resource/check', './opt/resource/in', './opt/resource/out']),
  );
});
