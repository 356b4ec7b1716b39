/**
 * Where the parts of a task stand in its container (concourse/concourse atc/worker: paths are relative to the working
 * directory, since 7.5 absolute paths are kept, since 7.13 every `..` is taken out of relative ones).
 */
import type { CacheConfig, InputConfig, OutputConfig, TaskConfig } from './config.ts';

/**
 * Working directory of every one-off task: `/tmp/build/` and the first four bytes of SHA-256 of the step name
 * `one-off` (Concourse 8.0.2 and later).
 */
export const WORK_DIR = '/tmp/build/b1dda4c3';

/** Go's `path.Clean` of an absolute path. */
function clean(path: string): string {
  // Nearly all paths are clean as they stand.
  if (!/\/[./]|\/$/.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/**
 * The absolute path of something in the container.
 *
 * @param path as written: absolute, or relative to the working directory
 * @param workDir absolute
 */
export function effectivePath(path: string, workDir: string = WORK_DIR): string {
  if (path.startsWith('/')) return clean(path);
  // Upstream removes the two dots wherever they stand, also in the middle of a name.
  return clean(`${workDir}/${path.replaceAll('..', '')}`);
}

/** Absolute path of an input; its name is the default. */
export function inputPath(input: InputConfig, workDir: string = WORK_DIR): string {
  return effectivePath(input.path ?? input.name, workDir);
}

/** Absolute path of an output; its name is the default. */
export function outputPath(output: OutputConfig, workDir: string = WORK_DIR): string {
  return effectivePath(output.path ?? output.name, workDir);
}

/** Absolute path of a cache. */
export function cachePath(cache: CacheConfig, workDir: string = WORK_DIR): string {
  return effectivePath(cache.path ?? '', workDir);
}

/** A directory that a task asks for. */
export interface Mount {
  readonly kind: 'input' | 'output' | 'cache';
  /** Position in the list of its kind. */
  readonly index: number;
  /** Name of the artifact; the written path of a cache. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** All directories of a task: inputs, outputs, caches, each in the order of the file. */
export function taskMounts(config: TaskConfig, workDir: string = WORK_DIR): Mount[] {
  return [
    ...(config.inputs ?? []).map((input, index): Mount => ({
      kind: 'input',
      index,
      name: input.name,
      path: inputPath(input, workDir),
    })),
    ...(config.outputs ?? []).map((output, index): Mount => ({
      kind: 'output',
      index,
      name: output.name,
      path: outputPath(output, workDir),
    })),
    ...(config.caches ?? []).map((cache, index): Mount => ({
      kind: 'cache',
      index,
      name: cache.path ?? '',
      path: cachePath(cache, workDir),
    })),
  ];
}

/** Two directories that touch each other: the same place, or `inner` below `outer`. */
export interface Overlap {
  readonly kind: 'same' | 'nested';
  readonly outer: Mount;
  readonly inner: Mount;
}

/**
 * Directories that touch. An input and an output at one path are allowed and common: the output starts with the
 * input's contents. Two inputs, or two outputs, at one path hide each other. Of several directories of one kind at a
 * path only the first is named as the other side, and of several around a directory only the innermost, so that the
 * result grows with the list and not with its square.
 */
export function findOverlaps(mounts: readonly Mount[]): Overlap[] {
  const overlaps: Overlap[] = [];
  const root: Directory = { children: new Map(), firsts: [] };
  const places = mounts.map((mount) => placeOf(root, mount.path));
  mounts.forEach((mount, index) => {
    const own = places[index]?.own ?? root;
    for (const outer of own.firsts) overlaps.push({ kind: 'same', outer, inner: mount });
    if (!own.firsts.some(({ kind }) => kind === mount.kind)) own.firsts.push(mount);
  });
  mounts.forEach((mount, index) => {
    const around = places[index]?.parents.findLast(({ firsts }) => firsts.length > 0);
    for (const outer of around?.firsts ?? []) overlaps.push({ kind: 'nested', outer, inner: mount });
  });
  return overlaps;
}

/** A directory in the tree of all mounts. */
interface Directory {
  readonly children: Map<string, Directory>;
  /** The first mount of each kind at this place. */
  readonly firsts: Mount[];
}

/** Finds or makes the directory of a path, with those around it. */
function placeOf(root: Directory, path: string): { own: Directory; parents: Directory[] } {
  const parents: Directory[] = [];
  let own = root;
  for (const name of path.split('/')) {
    if (name === '') continue;
    parents.push(own);
    let child = own.children.get(name);
    if (!child) own.children.set(name, (child = { children: new Map(), firsts: [] }));
    own = child;
  }
  return { own, parents };
}
