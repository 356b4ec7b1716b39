/** Container images in the OCI image layout, made from folders and without a container engine. */
import { createHash } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../machine/cache.ts';
import { run } from '../../machine/command.ts';

/** What an image tells about how to run it: the `config` object of the OCI image specification. */
export interface ImageConfig {
  readonly Env: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
}

/** A reference to content: the OCI content descriptor. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The manifest of an image with one layer. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: typeof MANIFEST;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** One image: its names and how it runs. Several images of a layout share the layer. */
export interface Image {
  /** Full names, such as `docker.io/library/busybox:latest`. */
  readonly names: readonly string[];
  readonly config: ImageConfig;
}

/** Media types of the OCI image specification. */
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** The PATH that images have by custom. */
export const IMAGE_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A JSON document as a blob. */
export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** Serializes a document and describes it. */
export function jsonBlob(mediaType: string, document: unknown): Blob {
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
}

/**
 * The configuration and manifest of an image with one uncompressed layer.
 *
 * @param layer describes the layer; uncompressed, its digest is its diff id as well
 */
export function imageBlobs(config: ImageConfig, layer: Descriptor): { config: Blob; manifest: Blob } {
  const configBlob = jsonBlob(CONFIG, {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [{ created_by: 'tarmac scripts/cluster' }],
  });
  const manifest: Manifest = { schemaVersion: 2, mediaType: MANIFEST, config: configBlob.descriptor, layers: [layer] };
  return { config: configBlob, manifest: jsonBlob(MANIFEST, manifest) };
}

/**
 * The layout's index. containerd names an image after the first of the two annotations, other tools after the second.
 *
 * @param images manifests with the names they go by
 */
export function imageIndex(images: readonly { names: readonly string[]; manifest: Descriptor }[]): unknown {
  return {
    schemaVersion: 2,
    manifests: images.flatMap(({ names, manifest }) =>
      names.map((name) => ({
        ...manifest,
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
      })),
    ),
  };
}

/**
 * Writes an image layout: a file tree as the one layer, with times and order that depend on nothing but the tree.
 *
 * @param folder empty, becomes the layout
 * @param root the file tree; owners, modes and links go into the image as they are
 */
export async function writeImageLayout(
  folder: string,
  root: string,
  images: readonly Image[],
  options: { log: string; env: Record<string, string> },
): Promise<void> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const tar = join(blobs, 'layer');
  const stable = [
    '--format=posix',
    '--pax-option=delete=atime,delete=ctime',
    '--sort=name',
    '--mtime=@0',
    '--numeric-owner',
  ];
  await run('tar', ['-C', root, ...stable, '-cf', tar, '.'], options);
  const digest = await sha256(tar);
  const layer = { mediaType: LAYER, digest: `sha256:${digest}`, size: (await stat(tar)).size };
  await rename(tar, join(blobs, digest));
  const entries: { names: readonly string[]; manifest: Descriptor }[] = [];
  for (const image of images) {
    const { config, manifest } = imageBlobs(image.config, layer);
    for (const blob of [config, manifest]) await writeFile(blobPath(folder, blob.descriptor.digest), blob.bytes);
    entries.push({ names: image.names, manifest: manifest.descriptor });
  }
  await writeFile(join(folder, 'index.json'), JSON.stringify(imageIndex(entries)));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

/** Where a layout keeps a blob. */
export function blobPath(layoutFolder: string, digest: string): string {
  return join(layoutFolder, 'blobs', ...digest.split(':'));
}
