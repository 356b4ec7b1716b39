/** Which files a change has touched, as git knows them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where the main branch may be found, the first that exists counts. */
const MAIN = ['origin/HEAD', 'origin/main', 'main'];

/** Thrown for a revision that git does not know. */
export class UnknownBaseError extends Error {
  override name = 'UnknownBaseError';
}

/** What has changed, and since when. */
export interface Changed {
  /** The revision that the files were compared with. */
  readonly base: string;
  /** Paths from the root, sorted. Files that were removed are left out. */
  readonly files: readonly string[];
}

async function git(root: string, ...args: string[]): Promise<string> {
  return (await execute('git', args, { cwd: root, maxBuffer: 64 << 20 })).stdout;
}

/** The commit where HEAD and a revision parted, or undefined when there is no such revision. */
async function parting(root: string, revision: string): Promise<string | undefined> {
  try {
    return (await git(root, 'merge-base', 'HEAD', revision)).trim();
  } catch {
    return undefined;
  }
}

/**
 * The files that differ from a revision: committed since then, changed, or new and not ignored.
 *
 * @param since without it, where this branch left the main one
 * @throws {UnknownBaseError} when git does not know the revision
 */
export async function changedFiles(root: string, since?: string): Promise<Changed> {
  let base: string | undefined;
  for (const revision of since === undefined ? MAIN : [since]) base ??= await parting(root, revision);
  if (base === undefined && since !== undefined) {
    throw new UnknownBaseError(`git knows no revision ${since}. Name a branch or a commit of this repository.`);
  }
  // A clone without any of the usual names: what is not committed is still known.
  base ??= 'HEAD';
  const differing = await git(root, 'diff', '--name-only', '--diff-filter=d', '-z', base);
  const untracked = await git(root, 'ls-files', '--others', '--exclude-standard', '-z');
  const files = new Set(`${differing}${untracked}`.split('\0').filter((file) => file !== ''));
  // A worktree may have a link to the packages of another one, which a rule for folders does not ignore.
  files.delete('node_modules');
  return { base: base.slice(0, 10), files: [...files].sort() };
}
