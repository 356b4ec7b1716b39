/** Which image a pod gets for a task: `image_resource` and `rootfs_uri` without a Concourse worker. */
import { credentialsServer, parseImageReference, type ImageReference } from './image-reference.ts';
import type { ImageResource, JsonObject, JsonValue, TaskConfig } from './config.ts';
import { varNames } from '../vars/vars.ts';

/** Credentials for one registry, in the terms of a Docker credentials file. */
export interface RegistryCredentials {
  /** Registry host; `https://index.docker.io/v1/` for Docker Hub. */
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

/** An image that a pod can name. */
export interface ResolvedImage {
  /** Reference for the pod's `image`. */
  readonly reference: string;
  /** Registry host of the reference; `docker.io` for Docker Hub. */
  readonly registry: string;
  /** For an image pull secret. */
  readonly credentials?: RegistryCredentials;
  /** For the node selector `kubernetes.io/arch`. */
  readonly architecture?: string;
  /** The origin, to be used when the mirror in `reference` does not have the image. */
  readonly fallbackReference?: string;
  /** Credentials for the registry of `fallbackReference`. */
  readonly fallbackCredentials?: RegistryCredentials;
  /** What differs from Concourse, for the user to know. */
  readonly notes: readonly string[];
}

/** An image, or why there is none and what to do. */
export type ImageResolution = ResolvedImage | { readonly unresolved: string };

/** Choices of the user. */
export interface ImageOptions {
  /** Image to use whatever the file says. */
  readonly override?: string | undefined;
  /** Mirror host by registry host, e.g. `{'docker.io': 'mirror.example.com'}`; a path prefix may follow the host. */
  readonly mirrors?: Readonly<Record<string, string>>;
}

const NO_IMAGE =
  'The task names no image. Set image_resource in the task file, or choose an image override for this run.';
const OVERRIDE = 'or choose an image override for this run.';

/** Removes URI prefixes: `docker:///R#T`, `docker://HOST/R`, `raw:///R`. */
function withoutScheme(uri: string): string {
  const bare = uri.replace(/^(?:docker|raw):\/\/\/?/, '');
  const hash = bare.lastIndexOf('#');
  return hash < 0 ? bare : `${bare.slice(0, hash)}:${bare.slice(hash + 1)}`;
}

function undefinedVars(text: string, where: string): { unresolved: string } | undefined {
  const names = varNames(text);
  if (names.length === 0) return undefined;
  return { unresolved: `${where} has undefined vars: ${names.join(', ')}. Give them values, ${OVERRIDE}` };
}

/** A bare reference, from an override or `rootfs_uri`. */
function fromText(text: string, where: string, options: ImageOptions): ImageResolution {
  const missing = undefinedVars(text, where);
  if (missing) return missing;
  const reference = withoutScheme(text.trim());
  const parsed = parseImageReference(reference);
  if (!parsed.ok) return { unresolved: `${where}: ${parsed.message}. Correct it, ${OVERRIDE}` };
  return mirrored({ reference, registry: parsed.image.registry, notes: [] }, parsed.image, options);
}

/** Puts the user's mirror in front of a registry. */
function mirrored(image: ResolvedImage, parts: ImageReference, options: ImageOptions): ResolvedImage {
  const mirrors = options.mirrors ?? {};
  const mirror = Object.hasOwn(mirrors, parts.registry) ? mirrors[parts.registry] : undefined;
  if (mirror === undefined || mirror === '' || image.fallbackReference !== undefined) return image;
  return viaMirror(image, mirror, parts, undefined);
}

/** The same image behind a mirror, with the origin as fallback. */
function viaMirror(
  image: ResolvedImage,
  mirror: string,
  parts: ImageReference,
  credentials: RegistryCredentials | undefined,
): ResolvedImage {
  const base = mirror.replace(/^[a-z]+:\/\//, '').replace(/\/+$/, '');
  const host = base.split('/')[0] ?? base;
  const { credentials: originCredentials, ...rest } = image;
  const suffix = parts.digest !== undefined ? `@${parts.digest}` : parts.tag !== undefined ? `:${parts.tag}` : '';
  return {
    ...rest,
    reference: `${base}/${parts.repository}${suffix}`,
    registry: host,
    ...(credentials ? { credentials } : {}),
    fallbackReference: image.reference,
    ...(originCredentials ? { fallbackCredentials: originCredentials } : {}),
    notes: [...image.notes, `The image is pulled from the mirror ${host}; ${image.reference} is the fallback.`],
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function credentialsOf(source: JsonObject, registry: string): RegistryCredentials | undefined {
  const username = textOf(source['username']);
  const password = textOf(source['password']);
  if (username === undefined || password === undefined) return undefined;
  return { server: credentialsServer(registry), username, password };
}

/** What the source asks for that a kubelet decides on its own. */
function notesOf(source: JsonObject, type: string): string[] {
  const notes: string[] = [];
  const has = (key: string): boolean => {
    const value = source[key];
    return value !== undefined && value !== null && value !== false && value !== '';
  };
  if (has('insecure') || has('insecure_registries')) {
    notes.push('insecure is ignored: a registry without TLS must be allowed on the nodes of the cluster.');
  }
  if (has('ca_certs') || has('client_certs')) {
    notes.push('Certificates are ignored: the nodes of the cluster must trust the registry.');
  }
  if (has('content_trust')) notes.push('content_trust is ignored: the cluster does not check signatures.');
  if (has('aws_access_key_id') || has('aws_role_arn') || has('aws_role_arns') || has('aws_region')) {
    notes.push(
      'AWS credentials are not passed on: the nodes pull from ECR with their own role or an image pull secret.',
    );
  }
  if (has('azure_acr')) notes.push('Azure credentials are not passed on: the nodes pull with their own identity.');
  if (typeof source['tag'] === 'number' && !Number.isInteger(source['tag'])) {
    notes.push(`The tag is a decimal number and is read as ${source['tag']}. Quote it in the task file.`);
  }
  if (type === 'registry-image' && has('platform') && textOf(objectOf(source['platform'])?.['os']) === 'windows') {
    notes.push('platform.os windows is ignored: runs need Linux nodes.');
  }
  return notes;
}

/** Tag or digest that a source and a pinned version choose; undefined for the registry's default. */
function chosenVersion(image: ImageResource, source: JsonObject): { suffix: string } | { unresolved: string } {
  const digest = image.version?.['digest'];
  if (digest !== undefined && digest !== '') return { suffix: `@${digest}` };
  const tag = image.version?.['tag'] ?? textOf(source['tag']);
  if (tag !== undefined && tag !== '') return { suffix: `:${tag}` };
  for (const key of ['tag_regex', 'semver_constraint', 'pre_releases', 'pre_release_prefixes']) {
    const value = source[key];
    if (value === undefined || value === null || value === false || value === '') continue;
    return {
      unresolved: `image_resource.source.${key} needs the list of all tags, which a cluster cannot ask for. Set source.tag, pin version.digest, ${OVERRIDE}`,
    };
  }
  const variant = textOf(source['variant']);
  return { suffix: variant === undefined ? '' : `:${variant}` };
}

/** ECR repositories may be given without their host, which account and region make up. */
function ecrRepository(repository: string, source: JsonObject): string | { unresolved: string } {
  const region = textOf(source['aws_region']);
  if (region === undefined || /^[^/]*\.dkr\.ecr[^/]*\.amazonaws\.com(?:\.cn)?\//.test(repository)) return repository;
  const account = textOf(source['aws_account_id']) ?? textOf(source['aws_ecr_registry_id']);
  if (account === undefined) {
    return {
      unresolved: `image_resource.source.aws_region needs the account of the registry. Set aws_account_id, or write the repository as ACCOUNT.dkr.ecr.${region}.amazonaws.com/${repository}, ${OVERRIDE}`,
    };
  }
  return `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/${repository}`;
}

function fromRegistry(image: ImageResource, options: ImageOptions): ImageResolution {
  const source = image.source ?? {};
  for (const key of ['repository', 'tag', 'username', 'password', 'variant', 'aws_region', 'aws_account_id']) {
    const missing = undefinedVars(textOf(source[key]) ?? '', `image_resource.source.${key}`);
    if (missing) return missing;
  }
  for (const [key, value] of Object.entries(image.version ?? {})) {
    const missing = undefinedVars(value, `image_resource.version.${key}`);
    if (missing) return missing;
  }
  const written = textOf(source['repository']);
  if (written === undefined) {
    return { unresolved: `image_resource.source has no repository. Add it, ${OVERRIDE}` };
  }
  const repository = ecrRepository(written, source);
  if (typeof repository !== 'string') return repository;
  const version = chosenVersion(image, source);
  if ('unresolved' in version) return version;
  const bare = withoutScheme(repository);
  const alone = parseImageReference(bare);
  const notes = notesOf(source, image.type);
  let reference = `${bare}${version.suffix}`;
  if (alone.ok && (alone.image.tag !== undefined || alone.image.digest !== undefined)) {
    notes.push(
      'The repository holds a tag or digest, which Concourse rejects when it fetches the image. Move it to tag.',
    );
    if (version.suffix === '') reference = bare;
    else reference = `${bare.slice(0, bare.length - suffixLength(alone.image))}${version.suffix}`;
  }
  const parsed = parseImageReference(reference);
  if (!parsed.ok) return { unresolved: `image_resource: ${parsed.message}. Correct it, ${OVERRIDE}` };
  const credentials = credentialsOf(source, parsed.image.registry);
  const architecture = textOf(objectOf(source['platform'])?.['architecture']);
  const resolved: ResolvedImage = {
    reference,
    registry: parsed.image.registry,
    ...(credentials ? { credentials } : {}),
    ...(architecture === undefined ? {} : { architecture }),
    notes,
  };
  return mirrored(sourceMirror(resolved, parsed.image, source), parsed.image, options);
}

function suffixLength(image: ImageReference): number {
  return (
    (image.tag === undefined ? 0 : image.tag.length + 1) + (image.digest === undefined ? 0 : image.digest.length + 1)
  );
}

/** `registry_mirror`, which both resources use for names without a registry host only. */
function sourceMirror(image: ResolvedImage, parts: ImageReference, source: JsonObject): ResolvedImage {
  if (parts.explicitRegistry) return image;
  const setting = source['registry_mirror'];
  const mirror = objectOf(setting);
  const host = mirror ? textOf(mirror['host']) : textOf(setting);
  if (host === undefined) return image;
  const name = host.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '');
  return viaMirror(image, host, parts, mirror ? credentialsOf(mirror, name) : undefined);
}

/**
 * Chooses the image of a run: the override, else `image_resource`, else `rootfs_uri`.
 *
 * @param config a decoded task, variables put in
 */
export function resolveImage(config: TaskConfig, options: ImageOptions = {}): ImageResolution {
  if (options.override !== undefined && options.override.trim() !== '') {
    return fromText(options.override, 'The image override', options);
  }
  const image = config.image_resource;
  if (!image) {
    if (config.rootfs_uri === undefined) return { unresolved: NO_IMAGE };
    return fromText(config.rootfs_uri, 'rootfs_uri', options);
  }
  switch (image.type) {
    case 'registry-image':
    case 'docker-image':
      return fromRegistry(image, options);
    case 'mock':
      if (image.source?.['mirror_self'] === true) {
        return fromText('concourse/mock-resource', 'The mock image', options);
      }
      return { unresolved: `A mock image needs source.mirror_self: true. Set it, ${OVERRIDE}` };
    case '':
      return { unresolved: `image_resource has no type. Add 'type: registry-image', ${OVERRIDE}` };
    default:
      return {
        unresolved: `The image resource type '${image.type}' cannot be fetched without Concourse. Use registry-image, ${OVERRIDE}`,
      };
  }
}
