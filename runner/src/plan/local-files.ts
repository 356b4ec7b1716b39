/** `LocalFiles` of the real machine. */
import { accessSync, closeSync, constants, openSync, readFileSync, readSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { cacheScope } from './cache-scope.ts';
import type { LocalFiles } from '../model/plan.ts';

/** How much of a script `head` reads: a shebang line is at most 255 bytes on Linux (`BINPRM_BUF_SIZE`). */
const headBytes = 256;

/**
 * Looks at the file system when asked, and changes nothing there, but for two ids in the state folder.
 *
 * @param state the state folder of this person
 */
export function localFiles(state: string): LocalFiles {
  return { stat, head, read, whyNotWritable, cacheScope: (taskFile) => cacheScope(taskFile, state) };
}

/** Undefined when nothing is there, or when it cannot be looked at (a file where a folder should be, no permission). */
function lookUp(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function stat(path: string): ReturnType<LocalFiles['stat']> {
  const found = lookUp(path);
  if (!found) return undefined;
  return {
    type: found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other',
    executable: (found.mode & 0o111) !== 0,
  };
}

function head(path: string): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const buffer = Buffer.alloc(headBytes);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, headBytes, 0));
  } catch {
    // Unreadable here means: nothing to say about its shebang. The snapshot names the file when it cannot be sent.
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The plan says what it needs the file for, and that it cannot be read.
    return undefined;
  }
}

/** The nearest ancestor that exists decides: it must be a directory in which we may create entries. */
function whyNotWritable(directory: string): string | undefined {
  for (let path = directory; ; path = dirname(path)) {
    const found = lookUp(path);
    if (!found) {
      if (dirname(path) === path) return `${path} does not exist`;
      continue;
    }
    if (!found.isDirectory()) return `${path} is not a folder`;
    try {
      accessSync(path, constants.W_OK | constants.X_OK);
      return undefined;
    } catch {
      return `no permission to write to ${path}`;
    }
  }
}
