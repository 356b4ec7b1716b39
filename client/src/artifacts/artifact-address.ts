/**
 * How a file of an artifact is addressed: `tarmac-artifact://PLACE/runs/RUN/OUTPUT/path`, `…/inputs/TREE/path`,
 * `…/caches/KEY/path`. The authority stands for a cluster, a namespace and a claim (`artifact-places.ts`), so that a path
 * means the same after a reload, and that joining and comparing paths is the editor's own.
 */
import type { ArtifactRef } from '#runner';

export const artifactScheme = 'tarmac-artifact';

/** A file or directory in an artifact. */
export interface ArtifactAddress {
  readonly artifact: ArtifactRef;
  /** Relative to the artifact, with `/` between parts; empty for the artifact itself. */
  readonly path: string;
}

/** The path part of the URI. */
export function addressPath({ artifact, path }: ArtifactAddress): string {
  return path === '' ? rootPath(artifact) : `${rootPath(artifact)}/${path}`;
}

function rootPath(artifact: ArtifactRef): string {
  if (artifact.kind === 'input') return `/inputs/${artifact.tree}`;
  if (artifact.kind === 'cache') return `/caches/${artifact.key}`;
  // A name may hold a slash, which would be two parts.
  return `/runs/${artifact.run}/${encodeURIComponent(artifact.name)}`;
}

/** The address in the path part of a URI; undefined for a path that is none. */
export function parseAddress(path: string): ArtifactAddress | undefined {
  const [, kind, first = '', ...rest] = path.replace(/\/+$/, '').split('/');
  if (first === '') return undefined;
  if (kind === 'inputs') return { artifact: { kind: 'input', tree: first }, path: rest.join('/') };
  if (kind === 'caches') return { artifact: { kind: 'cache', key: first }, path: rest.join('/') };
  const [name = '', ...below] = rest;
  if (kind !== 'runs' || name === '') return undefined;
  return { artifact: { kind: 'output', run: first, name: decodeName(name) }, path: below.join('/') };
}

/** A name that somebody typed may hold a `%` that encodes nothing. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** One string for each artifact, for maps. */
export function artifactKey(artifact: ArtifactRef): string {
  return rootPath(artifact);
}
