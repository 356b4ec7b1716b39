/** Which files of a directory a run sends: those that `fly execute` sends, with differences that are named here. */
import { lstat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { badName, escapedName, isMissing, unreadable } from './errors.ts';
import { gitFiles, gitIgnored, GITLINK } from './git-files.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { PathList } from './path-list.ts';
import type { SnapshotNote, SnapshotOptions } from './types.ts';
import { IGNORE_FILE, readText, walk, type WalkOptions } from './walk.ts';

/** The paths that a snapshot of a directory is made of; what they are is seen when they are looked at. */
export interface FileList {
  /** Paths relative to the root, in no order; one may come twice. Folders only if they may be empty. */
  readonly paths: PathList;
  readonly notes: SnapshotNote[];
  readonly source: 'git' | 'walk';
}

interface Gathered {
  readonly root: string;
  paths: PathList;
  readonly notes: SnapshotNote[];
  /** Paths that are no valid UTF-8, as text with replacement characters, each with its escaped form. */
  readonly badNames: Map<string, string>;
  /** Repositories entered, relative to the root: the root itself, submodules, nested ones. */
  readonly repositories: string[];
}

/**
 * Decides which files of `root` are sent, as `fly execute` does (git's tracked and untracked files, or everything),
 * with these differences: submodules and nested repositories follow their own ignore rules instead of being sent
 * whole; `.git` is sent only on request; `.tarmacignore` files have the last word, also over `includeIgnored`;
 * without git the `.gitignore` files are honoured by ourselves.
 *
 * A name that is no valid UTF-8 is left out and noted.
 *
 * @throws SnapshotError for unreadable folders
 */
export async function listFiles(root: string, options: SnapshotOptions): Promise<FileList> {
  const own = IgnoreRules.none.with('', await readText(join(root, IGNORE_FILE)));
  const includeGit = options.includeGit === true;
  const notes: SnapshotNote[] = [];
  const base = { own, readRules: true, includeGit, notes, ...(options.signal ? { signal: options.signal } : {}) };
  if (options.includeIgnored !== true) {
    const gathered: Gathered = { root, paths: new PathList(), notes, badNames: new Map(), repositories: [] };
    const problem = await enterRepository(gathered, '', own, options.signal);
    if (problem === undefined) {
      await applyOwnRules(gathered, own, { ...base, readRules: false });
      return { paths: gathered.paths, notes, source: 'git' };
    }
    if (problem !== '') notes.push({ path: '.', reason: 'git-unavailable', message: problem });
  }
  const git = options.includeIgnored === true ? {} : { git: IgnoreRules.none };
  const paths = new PathList();
  await walk(root, '', { ...base, ...git }, ({ path }) => paths.add(path));
  return { paths, notes, source: 'walk' };
}

/** Adds git's list for one repository. Returns why it could not: empty text when there simply is no repository. */
async function enterRepository(
  gathered: Gathered,
  prefix: string,
  own: IgnoreRules,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { root, paths, notes } = gathered;
  const folder = join(root, prefix);
  let found = 0;
  /** Repositories inside this one. */
  const nested: { readonly path: string; readonly kind: string }[] = [];
  const refused = await gitFiles(folder, signal, (file) => {
    found++;
    if (file.bytes !== undefined) {
      gathered.badNames.set(posix.join(prefix, file.path), posix.join(prefix, escapedName(file.bytes)));
      return;
    }
    const path = posix.join(prefix, file.path).replace(/\/$/, '');
    if (file.indexMode !== GITLINK && !file.path.endsWith('/')) {
      paths.add(path, file.indexMode);
    } else if (own.verdict(path, true) !== 'ignored') {
      nested.push({ path, kind: file.indexMode === GITLINK ? 'submodule' : 'nested repository' });
    }
  });
  if (refused !== undefined) {
    if (refused.refusal === 'no-repository') return '';
    return `git could not list the files (${refused.message}): the folder was walked and its .gitignore files applied.`;
  }
  if (found === 0 && prefix === '' && !(await exists(join(folder, '.git')))) {
    // A folder inside a repository that ignores it as a whole. To send nothing would be a riddle to the user.
    const rules = { own, git: IgnoreRules.none, readRules: true, includeGit: false, notes: [] };
    if ((await walk(root, '', rules, () => undefined)) === 0) return undefined;
    return 'The git repository around this folder ignores it: the folder was walked and its own .gitignore files applied.';
  }
  gathered.repositories.push(prefix);
  for (const { path, kind } of nested) await enterNested(gathered, path, kind, own, signal);
  if (prefix !== '' && found === 0) {
    paths.add(prefix);
    notes.push({ path: prefix, reason: 'nested-repository', message: `This repository holds no files: ${prefix}` });
  }
  return undefined;
}

async function enterNested(
  gathered: Gathered,
  path: string,
  kind: string,
  own: IgnoreRules,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { root, paths, notes } = gathered;
  const note = (message: string): number => notes.push({ path, reason: 'nested-repository', message });
  if (!(await exists(join(root, path)))) {
    notes.push({ path, reason: 'deleted', message: `The ${kind} ${path} is deleted in the working tree.` });
    return;
  }
  // Without its own .git, git would answer for the repository around it.
  const problem = (await exists(join(root, path, '.git')))
    ? await enterRepository(gathered, path, own, signal)
    : `it has no .git`;
  if (problem === undefined) {
    if (kind !== 'submodule') note(`The ${kind} ${path} is sent by its own ignore rules.`);
    return;
  }
  const rules = { own, git: IgnoreRules.none, readRules: true, includeGit: false, notes };
  paths.add(path);
  const found = await walk(root, path, signal === undefined ? rules : { ...rules, signal }, (child) => {
    paths.add(child.path);
  });
  note(
    found === 0
      ? `The ${kind} ${path} is empty: it is not checked out (git submodule update --init).`
      : `The ${kind} ${path} could not be listed by git (${problem || 'not a repository'}): the folder was walked.`,
  );
}

/** Takes out what `.tarmacignore` files exclude, adds what they ask back, and `.git` where it is wanted. */
async function applyOwnRules(gathered: Gathered, atRoot: IgnoreRules, options: WalkOptions): Promise<void> {
  const { root, repositories } = gathered;
  let own = atRoot;
  const ruleFiles: string[] = [];
  for (const path of gathered.paths) if (path.endsWith(`/${IGNORE_FILE}`)) ruleFiles.push(path);
  for (const path of ruleFiles.sort((a, b) => a.split('/').length - b.split('/').length)) {
    own = own.with(posix.dirname(path), await readText(join(root, path)));
  }
  if (!own.empty) gathered.paths = gathered.paths.filter((path) => own.verdict(path, false) !== 'ignored');
  const { paths } = gathered;
  for (const [path, escaped] of gathered.badNames) {
    if (own.verdict(path, false) !== 'ignored') gathered.notes.push(badName(escaped));
  }
  const rules: WalkOptions = { ...options, own, includeGit: false };
  if (own.asksBack) {
    for (const repository of repositories) {
      const ignored = await gitIgnored(join(root, repository), options.signal);
      if ('refusal' in ignored) continue; // It listed its files a moment ago; what it ignores can only be asked back.
      for (const line of ignored) {
        const path = posix.join(repository, line).replace(/\/$/, '');
        if (!line.endsWith('/')) {
          if (own.verdict(path, false) === 'included') paths.add(path);
        } else if (own.mayAskBelow(path) && own.verdict(path, true) !== 'ignored') {
          const asked = own.verdict(path, true) === 'included';
          await walk(root, path, { ...rules, ignored: !asked }, (hit) => {
            if (!hit.directory) paths.add(hit.path);
          });
        }
      }
    }
  }
  if (!options.includeGit) return;
  for (const repository of repositories) await addGitFolder(gathered, repository, { ...rules, includeGit: true });
}

async function addGitFolder({ root, paths, notes }: Gathered, repository: string, rules: WalkOptions): Promise<void> {
  const path = posix.join(repository, '.git');
  if (!(await exists(join(root, path)))) {
    const message = 'The .git folder lies above this folder and is not sent.';
    notes.push({ path: '.', reason: 'nested-repository', message });
    return;
  }
  paths.add(path);
  if ((await lstat(join(root, path))).isDirectory()) {
    await walk(root, path, rules, (hit) => paths.add(hit.path));
  } else if (repository === '') {
    const message =
      '.git is a link to a repository elsewhere (a worktree or submodule): git will not work in the task.';
    notes.push({ path, reason: 'nested-repository', message });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw unreadable(path, error);
  }
}
