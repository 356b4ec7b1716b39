/** Walks through a directory by the ignore files that it meets on the way. */
import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badName, escapedName, isMissing, unreadable } from './errors.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import type { SnapshotNote } from './types.ts';

/** Tarmac's own ignore file: gitignore syntax, in any folder, with a say over git's rules in both directions. */
export const IGNORE_FILE = '.tarmacignore';

/** How a walk decides. */
export interface WalkOptions {
  /** Rules of `.tarmacignore` files; they win. */
  readonly own: IgnoreRules;
  /** Rules of `.gitignore` files, where git itself does not decide; absent: only `own` decides. */
  readonly git?: IgnoreRules;
  /** Read the ignore files met on the way. */
  readonly readRules: boolean;
  /** The start folder is ignored by git: only what `own` asks back is taken. */
  readonly ignored?: boolean;
  /** Enter and list `.git`. */
  readonly includeGit: boolean;
  /** Takes a word on each name that is no valid UTF-8: it is left out, with all below it. */
  readonly notes: SnapshotNote[];
  readonly signal?: AbortSignal;
}

/** One hit of a walk. */
export interface WalkedPath {
  /** Relative to the root. */
  readonly path: string;
  readonly directory: boolean;
}

/**
 * Everything below `folder` (relative to `root`, empty for the root itself) that the rules do not leave out, folders
 * too, goes to `found`. Links are listed, not followed. A folder that is gone when it is to be read has nothing in it.
 *
 * @returns the number of hits
 * @throws SnapshotError for a folder that cannot be read
 */
export async function walk(
  root: string,
  folder: string,
  options: WalkOptions,
  found: (hit: WalkedPath) => void,
): Promise<number> {
  let hits = 0;
  const pending: { folder: string; options: WalkOptions }[] = [{ folder, options }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    next.options.signal?.throwIfAborted();
    const children = await list(join(root, next.folder));
    const here = next.options.readRules ? await withRules(root, next.folder, children, next.options) : next.options;
    for (const child of children) {
      // `join` makes a flat string; a template would keep its parts as well.
      const path = next.folder === '' ? child.name : [next.folder, child.name].join('/');
      if (child.name === '.git' && !here.includeGit) continue;
      const directory = child.isDirectory();
      const own = here.own.verdict(path, directory);
      if (own === 'ignored') continue;
      const ignored =
        child.name !== '.git' &&
        own !== 'included' &&
        (here.ignored === true || here.git?.verdict(path, directory) === 'ignored');
      if (child.bytes !== undefined) {
        if (!ignored) {
          const name = escapedName(child.bytes);
          here.notes.push(badName(next.folder === '' ? name : `${next.folder}/${name}`));
        }
        continue;
      }
      if (!ignored) {
        hits++;
        found({ path, directory });
      }
      if (directory && (!ignored || here.own.mayAskBelow(path))) {
        // What lies below a folder that is asked back, or below .git, is no longer subject to git's rules above it.
        pending.push({ folder: path, options: { ...here, ignored } });
      }
    }
  }
  return hits;
}

async function withRules(root: string, folder: string, children: Child[], options: WalkOptions): Promise<WalkOptions> {
  const read = async (name: string, rules: IgnoreRules): Promise<IgnoreRules> => {
    if (!children.some((child) => child.name === name && child.isFile())) return rules;
    const path = join(root, folder, name);
    return rules.with(folder, await readText(path));
  };
  const own = folder === '' ? options.own : await read(IGNORE_FILE, options.own);
  return options.git === undefined
    ? { ...options, own }
    : { ...options, own, git: await read('.gitignore', options.git) };
}

/** Text of an ignore file; empty when there is none. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw unreadable(path, error);
  }
}

type Child = Pick<Dirent, 'name' | 'isDirectory' | 'isFile'> & {
  /** The bytes of a name that is no valid UTF-8. */
  readonly bytes?: Buffer;
};

async function list(path: string): Promise<Child[]> {
  try {
    const children = await readdir(path, { withFileTypes: true });
    // A replacement character is either part of the name or the sign of bytes that are no text; only the bytes tell.
    if (!children.some((child) => child.name.includes('\uFFFD'))) return children;
    const raw = await readdir(path, { encoding: 'buffer' });
    const bad = new Map(raw.filter((name) => !isUtf8(name)).map((name) => [name.toString('utf8'), name]));
    return children.map((child) => {
      const bytes = bad.get(child.name);
      return {
        name: child.name,
        isDirectory: () => child.isDirectory(),
        isFile: () => child.isFile(),
        ...(bytes === undefined ? {} : { bytes }),
      };
    });
  } catch (error) {
    if (isMissing(error)) return [];
    throw unreadable(path, error);
  }
}
