/** Image references: the grammar of github.com/distribution/reference, with Docker's short names. */

/** The parts of a reference. */
export interface ImageReference {
  /** Registry host with port; `docker.io` for Docker Hub and for names without a host. */
  readonly registry: string;
  /** Path in the registry, `library/` included: `library/busybox`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hex digits, or another algorithm. */
  readonly digest?: string;
  /** True when the text names its registry. */
  readonly explicitRegistry: boolean;
}

/** A parsed reference, or why the text is none. */
export type ImageReferenceResult =
  { readonly ok: true; readonly image: ImageReference } | { readonly ok: false; readonly message: string };

const DOMAIN_PART = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DOMAIN = new RegExp(`^(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?$`);
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** True for the registry of Docker Hub under any of its names. */
function hubName(host: string): boolean {
  return host === 'docker.io' || host === 'index.docker.io' || host === 'registry-1.docker.io';
}

/** Docker's rule: the first part is a host when it has a dot, a port or a capital letter, or is `localhost`. */
function splitRegistry(name: string): { host: string | undefined; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  if (slash > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())) {
    return { host: first, path: name.slice(slash + 1) };
  }
  return { host: undefined, path: name };
}

/**
 * Parses `[host/]path[:tag][@digest]`.
 *
 * @param text without any `docker://` prefix
 */
export function parseImageReference(text: string): ImageReferenceResult {
  const invalid = (reason: string): ImageReferenceResult => ({
    ok: false,
    message: `'${text}' is not an image reference: ${reason}`,
  });
  if (text === '') return invalid('it is empty');
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : undefined;
  const name = tagged ? named.slice(0, colon) : named;
  const { host, path } = splitRegistry(name);
  if (host !== undefined && !DOMAIN.test(host)) return invalid(`'${host}' is not a registry host`);
  if (/^[a-f0-9]{64}$/.test(name)) return invalid('64 hexadecimal digits are an image id, not a name');
  if (/[A-Z]/.test(path)) return invalid('the repository must be in lower case');
  const bad = path.split('/').find((part) => !PATH_PART.test(part));
  if (bad !== undefined) {
    return invalid(bad === '' ? 'a part of the name is empty' : `'${bad}' is not part of a valid name`);
  }
  if (tag !== undefined && !TAG.test(tag)) {
    return invalid(`'${tag}' is not a valid tag (at most 128 letters, digits, '_', '.' and '-')`);
  }
  if (digest !== undefined) {
    const length = DIGEST_LENGTHS[digest.slice(0, digest.indexOf(':'))];
    const hex = digest.slice(digest.indexOf(':') + 1);
    if (!DIGEST.test(digest) || (length !== undefined && hex.length !== length) || hex !== hex.toLowerCase()) {
      return invalid('the digest must be sha256: and 64 lower-case hexadecimal digits');
    }
  }
  const hub = host === undefined || hubName(host);
  const repository = hub && !path.includes('/') ? `library/${path}` : path;
  if (repository.length > 255) return invalid('the name is longer than 255 characters');
  return {
    ok: true,
    image: {
      registry: hub ? 'docker.io' : host,
      repository,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
      explicitRegistry: host !== undefined,
    },
  };
}

/** The key of a registry in a Docker credentials file: Docker Hub has its historical URL. */
export function credentialsServer(registry: string): string {
  return hubName(registry) ? 'https://index.docker.io/v1/' : registry;
}
