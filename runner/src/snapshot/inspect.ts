/** Looks at one path of the list: what it is, and whether it can be sent. */
import { isUtf8 } from 'node:buffer';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { SnapshotError, isMissing, unreadable } from './errors.ts';
import { fileStatus, statPath, type FileStatus } from './file-io.ts';
import type { Pace } from './pace.ts';
import type { SnapshotNote } from './types.ts';

/** One path of the list, looked at. */
export interface Inspected {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly stats: FileStatus;
  /** Mode in git's index, where the file has one. */
  readonly indexMode?: number;
  /** Target of a link. */
  readonly target?: string;
}

/** A path of the list. */
export interface ListedPath {
  readonly path: string;
  /** Mode in git's index, where the path has one. */
  readonly indexMode?: number | undefined;
  /** Another listed path lies below it. */
  readonly above: boolean;
}

/** What is said of a path that git has in its index and that is not there. */
export function deleted(path: string): SnapshotNote {
  return { path, reason: 'deleted', message: `${path} is tracked but deleted in the working tree; it is not sent.` };
}

/** What is said of a path that was there when the files were listed. */
export function removed(path: string): SnapshotNote {
  const message = `${path} was removed while the directory was being read; it is not sent.`;
  return { path, reason: 'deleted', message };
}

/**
 * Looks at a path of the list. Undefined for what is gone and for what no archive can carry; notes say so.
 *
 * @throws SnapshotError for a path that the operating system refuses
 */
export async function inspect(
  root: string,
  { path, indexMode, above }: ListedPath,
  notes: SnapshotNote[],
  pace: Pace,
): Promise<Inspected | undefined> {
  const full = join(root, path);
  try {
    const whole = await statPath(full, pace);
    const stats = fileStatus(whole);
    if (whole.isFile()) return { path, type: 'file', stats, ...(indexMode === undefined ? {} : { indexMode }) };
    if (whole.isDirectory()) {
      // A tracked file that became a folder: it is sent for what is in it, which has its own lines.
      return indexMode === undefined || above ? { path, type: 'directory', stats } : undefined;
    }
    if (whole.isSymbolicLink()) {
      const target = await readlink(full, { encoding: 'buffer' });
      if (isUtf8(target)) return { path, type: 'symlink', stats, target: portableTarget(target.toString('utf8')) };
      const message = `The target of the link ${path} is not valid UTF-8; the link is not sent.`;
      notes.push({ path, reason: 'bad-name', message });
      return undefined;
    }
    const reason = whole.isSocket() ? 'socket' : whole.isFIFO() ? 'fifo' : 'device';
    notes.push({ path, reason, message: `${path} is a ${reason}; it is not sent.` });
    return undefined;
  } catch (error) {
    if (error instanceof SnapshotError) throw error;
    if (!isMissing(error)) throw unreadable(full, error);
    if (indexMode !== undefined) notes.push(deleted(path));
    // Of a folder that is gone the paths below it tell.
    else if (!above) notes.push(removed(path));
    return undefined;
  }
}

/** Windows stores links with `\`; a container cannot follow those. */
function portableTarget(target: string): string {
  return process.platform === 'win32' ? target.replaceAll('\\', '/') : target;
}
