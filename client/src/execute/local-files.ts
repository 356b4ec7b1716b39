/** The local files as the matching of inputs sees them. */
import { readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import type { DirectoryEntry, FileFact, Files } from '#concourse';

/** Larger files are no scripts. */
const maxText = 1024 * 1024;
const maxEntries = 5000;

/** Looks at the disk at every call: it lives as long as one question to the user. */
export const localTaskFiles: Files = {
  stat: (path) => fact(path),
  list(path) {
    try {
      return readdirSync(path, { withFileTypes: true })
        .slice(0, maxEntries)
        .map((entry): DirectoryEntry => ({
          name: entry.name,
          type: entry.isDirectory() ? 'directory' : entry.isFile() ? 'file' : 'other',
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
      return undefined; // Not there, or not ours to read: for matching that is the same.
    }
  },
  read(path) {
    if ((fact(path)?.size ?? Infinity) > maxText) return undefined;
    try {
      const text = readFileSync(path, 'utf8');
      return text.includes('\0') ? undefined : text;
    } catch {
      return undefined; // As above.
    }
  },
};

/** Is there a file at this absolute path? */
export function isLocalFile(path: string): boolean {
  return fact(path)?.type === 'file';
}

function fact(path: string): FileFact | undefined {
  let found: Stats | undefined;
  try {
    found = statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // A file where a folder should be, or no permission.
  }
  if (!found) return undefined;
  return {
    type: found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other',
    executable: (found.mode & 0o111) !== 0,
    size: found.size,
  };
}
