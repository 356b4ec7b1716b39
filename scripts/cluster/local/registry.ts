/** The private registry: its password, and pushing an image into it by the OCI distribution API. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output, until } from '../../machine/command.ts';
import type { Layout, Registry } from '../layout.ts';
import { RESOURCE } from '../build/images.ts';
import { isRecord } from '../contents/objects.ts';
import { MANIFEST, blobPath } from '../build/oci.ts';
import { writePrivate } from '../pki.ts';
import { ScriptError } from '../../machine/report.ts';

const REPOSITORY = 'private/busybox';
const TAG = '1';

/** Makes up a password and writes the file from which the registry knows it. */
export async function makeRegistryAccount(at: Layout): Promise<Registry> {
  const account = { username: 'puller', password: randomBytes(18).toString('base64url') };
  // bcrypt is the only kind that the registry accepts; the lowest cost will do for a random password.
  const line = await output('htpasswd', ['-niB', '-C', '4', account.username], { input: account.password });
  await writePrivate(join(at.state, 'registry.htpasswd'), line);
  const host = `127.0.0.1:${at.ports.registry}`;
  // The node has the resource type without a registry, as `images.ts` names it.
  return { host, ...account, image: `${host}/${REPOSITORY}:${TAG}`, resource: RESOURCE };
}

/**
 * Pushes the first image of a layout as {@link Registry.image}.
 *
 * @param layoutFolder in the OCI image layout
 * @param alive throws when the registry has died
 */
export async function pushImage(registry: Registry, layoutFolder: string, alive: () => Promise<void>): Promise<void> {
  const authorization = basic(registry);
  const [first] = await manifestsOf(layoutFolder);
  if (first) await push({ host: registry.host, authorization, alive }, layoutFolder, first.digest, REPOSITORY, TAG);
}

function basic({ username, password }: Pick<Registry, 'username' | 'password'>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/**
 * Pushes the images of a layout that Docker Hub would have, under the names that Docker Hub knows them by.
 *
 * @param mirror its host and port, and the account that may push
 */
export async function fillMirror(
  mirror: Pick<Registry, 'host' | 'username' | 'password'>,
  layoutFolder: string,
  alive: () => Promise<void>,
): Promise<void> {
  for (const { name, digest } of await manifestsOf(layoutFolder)) {
    const [, repository, tag] = /^docker\.io\/(.+):([^:/]+)$/.exec(name) ?? [];
    if (repository !== undefined && tag !== undefined) {
      await push({ host: mirror.host, authorization: basic(mirror), alive }, layoutFolder, digest, repository, tag);
    }
  }
}

/** A registry that takes pushes. */
interface Target {
  readonly host: string;
  readonly authorization?: string;
  /** Throws when the registry has died. */
  readonly alive: () => Promise<void>;
}

/** Pushes one image by the OCI distribution API; a blob that the registry has is not sent again. */
async function push(
  target: Target,
  layoutFolder: string,
  digest: string,
  repository: string,
  tag: string,
): Promise<void> {
  const base = `http://${target.host}/v2/`;
  const send = (url: string, method: string, body?: Buffer, type = 'application/octet-stream'): Promise<Response> =>
    fetch(url, {
      method,
      headers: {
        'content-type': type,
        ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
      },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
  const request = async (...args: Parameters<typeof send>): Promise<Response> => {
    const response = await send(...args);
    const text = await response.text();
    if (!response.ok) {
      throw new ScriptError(`The registry answers ${args[1]} ${args[0]} with ${response.status}: ${text}`);
    }
    return response;
  };
  await until('the registry', 180_000, async () => (await request(base, 'GET'), true), target.alive);
  const manifest = await readFile(blobPath(layoutFolder, digest));
  const content: unknown = JSON.parse(manifest.toString());
  const config = digestsIn({ config: [isRecord(content) && content['config']] }, 'config');
  for (const blob of [...digestsIn(content, 'layers'), ...config]) {
    if ((await send(`${base}${repository}/blobs/${blob}`, 'HEAD')).ok) continue;
    const upload = await request(`${base}${repository}/blobs/uploads/`, 'POST', Buffer.alloc(0));
    const location = new URL(upload.headers.get('location') ?? '', base);
    location.searchParams.set('digest', blob);
    await request(location.href, 'PUT', await readFile(blobPath(layoutFolder, blob)));
  }
  await request(`${base}${repository}/manifests/${tag}`, 'PUT', manifest, MANIFEST);
}

/** The images of a layout: the name that each is imported under, and the digest of its manifest. */
async function manifestsOf(layoutFolder: string): Promise<{ name: string; digest: string }[]> {
  const index: unknown = JSON.parse(await readFile(join(layoutFolder, 'index.json'), 'utf8'));
  const list = isRecord(index) && Array.isArray(index['manifests']) ? (index['manifests'] as unknown[]) : [];
  return list.flatMap((entry) => {
    if (!isRecord(entry) || typeof entry['digest'] !== 'string' || !isRecord(entry['annotations'])) return [];
    const name = entry['annotations']['io.containerd.image.name'];
    return typeof name === 'string' ? [{ name, digest: entry['digest'] }] : [];
  });
}

/** The digests of the descriptors in a list of a document. */
function digestsIn(document: unknown, property: string): string[] {
  const list = isRecord(document) ? document[property] : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry['digest'] === 'string' ? entry['digest'] : [],
  );
}
