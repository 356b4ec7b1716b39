/** The private registry: its password, and pushing an image into it by the OCI distribution API. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output, until } from './command.ts';
import type { Layout, Registry } from './layout.ts';
import { isRecord } from './objects.ts';
import { MANIFEST, blobPath } from './oci.ts';
import { writePrivate } from './pki.ts';
import { ClusterError } from './report.ts';

const REPOSITORY = 'private/busybox';
const TAG = '1';

/** Makes up a password and writes the file from which the registry knows it. */
export async function makeRegistryAccount(at: Layout): Promise<Registry> {
  const account = { username: 'puller', password: randomBytes(18).toString('base64url') };
  // bcrypt is the only kind that the registry accepts; the lowest cost will do for a random password.
  const line = await output('htpasswd', ['-niB', '-C', '4', account.username], { input: account.password });
  await writePrivate(join(at.state, 'registry.htpasswd'), line);
  const host = `127.0.0.1:${at.ports.registry}`;
  return { host, ...account, image: `${host}/${REPOSITORY}:${TAG}` };
}

/**
 * Pushes the first image of a layout as {@link Registry.image}.
 *
 * @param layoutFolder in the OCI image layout
 * @param alive throws when the registry has died
 */
export async function pushImage(registry: Registry, layoutFolder: string, alive: () => Promise<void>): Promise<void> {
  const base = `http://${registry.host}/v2/`;
  const authorization = `Basic ${Buffer.from(`${registry.username}:${registry.password}`).toString('base64')}`;
  const request = async (
    url: string,
    method: string,
    body?: Buffer,
    type = 'application/octet-stream',
  ): Promise<Response> => {
    const headers = { authorization, 'content-type': type };
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ClusterError(`The registry answers ${method} ${url} with ${response.status}: ${text}`);
    return response;
  };
  await until('the registry', 180_000, async () => (await request(base, 'GET'), true), alive);
  const index: unknown = JSON.parse(await readFile(join(layoutFolder, 'index.json'), 'utf8'));
  const manifest = await readFile(blobPath(layoutFolder, digestsIn(index, 'manifests')[0] ?? ''));
  const content: unknown = JSON.parse(manifest.toString());
  for (const digest of [
    ...digestsIn(content, 'layers'),
    ...digestsIn({ config: [isRecord(content) && content['config']] }, 'config'),
  ]) {
    const upload = await request(`${base}${REPOSITORY}/blobs/uploads/`, 'POST', Buffer.alloc(0));
    const location = new URL(upload.headers.get('location') ?? '', base);
    location.searchParams.set('digest', digest);
    await request(location.href, 'PUT', await readFile(blobPath(layoutFolder, digest)));
  }
  await request(`${base}${REPOSITORY}/manifests/${TAG}`, 'PUT', manifest, MANIFEST);
}

/** The digests of the descriptors in a list of a document. */
function digestsIn(document: unknown, property: string): string[] {
  const list = isRecord(document) ? document[property] : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry['digest'] === 'string' ? entry['digest'] : [],
  );
}
