import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { mapConcurrent } from './concurrency.ts';
import { badName, isMissing, unreadable } from './errors.ts';
import type { FileList } from './file-list.ts';
import { statPath } from './file-io.ts';
import { Pace } from './pace.ts';
import type { SnapshotNote } from './types.ts';

/** One path of the list, looked at. */
export interface Inspected {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly stats: BigIntStats;
  /** Mode in git's index, where the file has one. */
  readonly indexMode?: number;
  /** Target of a link. */
  readonly target?: string;
}

const CONCURRENCY = 32;

/**
 * Looks at every path of the list and at every folder above one. Deleted files and what no archive can carry are
 * noted and left out; so is a path that leads through a link (its folder was replaced by the link since it was tracked).
 *
 * @throws SnapshotError for a path that the operating system refuses
 */
export async function inspect(root: string, list: FileList, signal?: AbortSignal): Promise<Inspected[]> {
  const pace = new Pace();
  const look = (path: string): Promise<Inspected | undefined> => lookAt(root, path, list, pace);
  const listed = await mapConcurrent([...list.paths.keys()], CONCURRENCY, look, signal);
  const seen = new Map<string, Inspected>();
  for (const item of listed) if (item !== undefined) seen.set(item.path, item);

  const folders = new Set<string>();
  for (const path of seen.keys()) addParents(path, folders);
  const missing = [...folders].filter((path) => !seen.has(path));
  const parents = await mapConcurrent(missing, CONCURRENCY, look, signal);
  const above = new Map<string, Inspected>();
  for (const item of parents) if (item?.type === 'directory') above.set(item.path, item);
  const isFolder = (path: string): boolean => above.has(path) || seen.get(path)?.type === 'directory';

  const kept = [...seen.values()].filter((item) => {
    const own = new Set<string>();
    addParents(item.path, own);
    if ([...own].every(isFolder)) return true;
    list.notes.push(deleted(item.path));
    return false;
  });
  const needed = new Set<string>();
  for (const item of kept) addParents(item.path, needed);
  for (const path of needed) {
    const folder = above.get(path);
    if (folder !== undefined) kept.push(folder);
  }
  return kept;
}

/** Adds the folders above a path to `into`; stops at one that is in already, for then those above it are too. */
function addParents(path: string, into: Set<string>): void {
  for (let parent = posix.dirname(path); parent !== '.' && !into.has(parent); parent = posix.dirname(parent)) {
    into.add(parent);
  }
}

function deleted(path: string): SnapshotNote {
  return { path, reason: 'deleted', message: `${path} is tracked but deleted in the working tree; it is not sent.` };
}

async function lookAt(root: string, path: string, list: FileList, pace: Pace): Promise<Inspected | undefined> {
  const full = join(root, path);
  const indexMode = list.paths.get(path);
  try {
    const stats = await statPath(full, pace);
    if (stats.isFile()) return { path, type: 'file', stats, ...(indexMode === undefined ? {} : { indexMode }) };
    // A tracked file that became a folder: what is in the folder has its own lines.
    if (stats.isDirectory()) return indexMode === undefined ? { path, type: 'directory', stats } : undefined;
    if (stats.isSymbolicLink()) {
      const target = await readlink(full, { encoding: 'buffer' });
      if (!isUtf8(target)) throw badName(full);
      return { path, type: 'symlink', stats, target: portableTarget(target.toString('utf8')) };
    }
    const reason = stats.isSocket() ? 'socket' : stats.isFIFO() ? 'fifo' : 'device';
    list.notes.push({ path, reason, message: `${path} is a ${reason}; it is not sent.` });
    return undefined;
  } catch (error) {
    if (!isMissing(error))
      throw error instanceof Error && error.name === 'SnapshotError' ? error : unreadable(full, error);
    if (indexMode !== undefined) list.notes.push(deleted(path));
    return undefined;
  }
}

/** Windows stores links with `\`; a container cannot follow those. */
function portableTarget(target: string): string {
  return process.platform === 'win32' ? target.replaceAll('\\', '/') : target;
}
