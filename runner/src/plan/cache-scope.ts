/**
 * Whose caches a task has. The path of a task file says too little: in dev containers, Codespaces and CI everybody's
 * repositories lie at the same path, and a cache holds programs that the next task runs.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { CacheScope } from '../model/plan.ts';

/**
 * @param taskFile absolute path
 * @param stateDir where the ids of this person and of folders without a remote are kept
 */
export function cacheScope(taskFile: string, stateDir: string): CacheScope {
  const root = repositoryRoot(dirname(taskFile));
  const folder = root ?? dirname(taskFile);
  const remote = root === undefined ? undefined : remoteOf(root);
  const id = createHash('sha256').update(real(folder)).digest('hex').slice(0, 32);
  return {
    repository: remote ?? idIn(join(stateDir, 'workspaces'), id),
    file: relative(folder, taskFile).split(sep).join('/'),
    person: idIn(stateDir, 'person'),
  };
}

/** The nearest folder with a `.git`, which is a file in worktrees and submodules. */
function repositoryRoot(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (statSync(join(folder, '.git'), { throwIfNoEntry: false })) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** The URL of `origin`, else of the first remote, in the form that all ways to one repository share. */
function remoteOf(root: string): string | undefined {
  const config = readText(join(gitDirectory(root), 'config'));
  const remotes = new Map<string, string>();
  let name: string | undefined;
  for (const line of (config ?? '').split('\n')) {
    const section = /^\s*\[\s*(?:remote\s+"(.*)")?/.exec(line);
    if (section) name = section[1];
    const url = /^\s*url\s*=\s*(.+?)\s*$/.exec(line)?.[1];
    if (name !== undefined && url !== undefined && !remotes.has(name)) remotes.set(name, url);
  }
  const url = remotes.get('origin') ?? [...remotes.values()][0];
  return url === undefined ? undefined : normalRemote(url);
}

/** Where the configuration lies: a worktree's `.git` file names a folder whose `commondir` leads to the repository's own. */
function gitDirectory(root: string): string {
  const link = /^gitdir:\s*(.+?)\s*$/m.exec(readText(join(root, '.git')) ?? '')?.[1];
  if (link === undefined) return join(root, '.git');
  const own = link.startsWith('/') || /^[A-Za-z]:/.test(link) ? link : join(root, link);
  const common = readText(join(own, 'commondir'))?.trim();
  if (common === undefined) return own;
  return common.startsWith('/') || /^[A-Za-z]:/.test(common) ? common : join(own, common);
}

/** `git@Host:team/repo.git`, `https://me:token@host/team/repo` and `ssh://git@host:22/team/repo/` are one repository. */
export function normalRemote(url: string): string {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.*)$/.exec(url);
  const full = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/:]*)(?::\d+)?\/?(.*)$/i.exec(url);
  const [host, path] = full ? [full[1], full[2]] : scp && !/^[A-Za-z]:[\\/]/.test(url) ? [scp[1], scp[2]] : ['', url];
  const clean = (path ?? '')
    .replace(/[?#].*$/, '')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '');
  return `${(host ?? '').toLowerCase()}/${clean}`;
}

/** A random id that is made once. Where it cannot be kept, nothing is shared with another run. */
function idIn(folder: string, name: string): string {
  const path = join(folder, name);
  const known = readText(path)?.trim();
  if (known !== undefined && /^[0-9a-f]{32}$/.test(known)) return known;
  const made = randomBytes(16).toString('hex');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Two runs that begin at once agree on the first one's.
    writeFileSync(path, `${made}\n`, { mode: 0o600, flag: known === undefined ? 'wx' : 'w' });
    return made;
  } catch {
    const other = readText(path)?.trim();
    return other !== undefined && /^[0-9a-f]{32}$/.test(other) ? other : made;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, or a folder: both say that it names nothing.
    return undefined;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
