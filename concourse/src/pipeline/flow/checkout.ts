/** The checkout that holds a pipeline: which resource of the pipeline it is, and its files. */
import type { FileFact } from '../../task/environment.ts';
import { joinLocal, parentOf } from '../../text/local-path.ts';
import { repositoryName } from '../../text/repository-name.ts';
import { entryIn, textAt, type Located } from './place.ts';

/** A working tree of git. */
export interface Checkout {
  /** Absolute. */
  readonly root: string;
  /** Names of the repositories that its remotes are. */
  readonly remotes: ReadonlySet<string>;
  /** The repository of `origin`, else of the first remote. */
  readonly repository: string | undefined;
  /** The branch that is checked out; undefined when none is. */
  readonly branch: string | undefined;
  /** The branch that is checked out, and the one that it follows. */
  readonly branches: ReadonlySet<string>;
  /** The branch that a clone without a name gets; undefined when that is not known. */
  readonly defaultBranch: string | undefined;
  /** Folders that are other repositories. */
  readonly submodules: readonly string[];
}

/** What is asked of the files of a checkout. */
export interface CheckoutFiles {
  stat(path: string): Pick<FileFact, 'type'> | undefined;
  read(path: string): string | undefined;
}

/** The checkout around a path; undefined outside of one. Reads what git keeps, and starts nothing. */
export function findCheckout(files: CheckoutFiles, path: string): Checkout | undefined {
  for (let at = parentOf(path); at !== undefined; at = parentOf(at)) {
    const git = joinLocal(at, '.git');
    const type = files.stat(git)?.type;
    if (type !== undefined) return readCheckout(files, at, git, type === 'file');
  }
  return undefined;
}

function readCheckout(files: CheckoutFiles, root: string, git: string, linked: boolean): Checkout {
  const target = (linked ? /^gitdir:\s*(.+?)\s*$/mu.exec(files.read(git) ?? '')?.[1] : undefined) ?? git;
  const own = /^(?:\/|[A-Za-z]:)/u.test(target) ? target : joinLocal(root, target);
  const shared = files.read(joinLocal(own, 'commondir'))?.trim();
  const common = shared === undefined ? own : /^(?:\/|[A-Za-z]:)/u.test(shared) ? shared : joinLocal(own, shared);
  const config = readConfig(files.read(joinLocal(common, 'config')) ?? '');
  const head = /^ref: refs\/heads\/(.+?)\s*$/u.exec(files.read(joinLocal(own, 'HEAD')) ?? '')?.[1];
  const followed = head === undefined ? undefined : config.get(`branch ${head}`)?.get('merge');
  const urls = [...config].flatMap(([section, values]): [string, string][] => {
    const url = section.startsWith('remote ') ? values.get('url') : undefined;
    return url === undefined || url === '' ? [] : [[section.slice('remote '.length), repositoryName(url)]];
  });
  const remotes = new Map(urls);
  const remoteHead = files.read(joinLocal(common, 'refs/remotes/origin/HEAD')) ?? '';
  return {
    root,
    remotes: new Set(remotes.values()),
    repository: remotes.get('origin') ?? urls[0]?.[1],
    branch: head,
    branches: new Set([head, followed?.replace(/^refs\/heads\//u, '')].filter((name) => name !== undefined)),
    defaultBranch: /^ref: refs\/remotes\/origin\/(.+?)\s*$/u.exec(remoteHead)?.[1],
    submodules: [...(files.read(joinLocal(root, '.gitmodules')) ?? '').matchAll(/^\s*path\s*=\s*(.+?)\s*$/gmu)].map(
      ([, path = '']) => path,
    ),
  };
}

/** Values by section of a git config file; of equal keys the first counts. */
function readConfig(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/u)) {
    const head = /^\s*\[([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\]/u.exec(line);
    if (head) {
      const name = `${(head[1] ?? '').toLowerCase()} ${head[2] ?? ''}`;
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
    } else {
      const [, key = '', value = ''] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/u.exec(line) ?? [];
      if (key !== '' && section && !section.has(key.toLowerCase())) section.set(key.toLowerCase(), value);
    }
  }
  return sections;
}

/** Keys of a git resource with which a get may be another commit than the newest of its branch. */
const OTHER_COMMIT = ['tag_filter', 'tag_regex', 'commit_filter', 'version_type'] as const;
/** Keys of a git resource with which a get is less than all of its commit. */
const PART_OF_COMMIT = ['sparse_paths', 'sparse'] as const;

/** True when a get of a git resource with this source is the newest commit of its branch, or a part of it. */
export function isNewestCommit(hasKey: (key: string) => boolean): boolean {
  return !OTHER_COMMIT.some(hasKey);
}

/** True when a git resource is the checkout at its branch. */
export function isCheckout(resource: Located, checkout: Checkout | undefined): boolean {
  const source = entryIn(resource, 'source');
  if (!checkout || !source || entryIn(resource, 'version')) return false;
  // A login in front of the host does not say which repository it is.
  const uri = textAt(source, 'uri')?.text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/iu, '$1');
  if (uri === undefined || uri.includes('((') || !checkout.remotes.has(repositoryName(uri))) return false;
  const hasKey = (key: string): boolean => entryIn(source, key) !== undefined;
  if (!isNewestCommit(hasKey) || PART_OF_COMMIT.some(hasKey)) return false;
  if (!entryIn(source, 'branch')) {
    const { defaultBranch, branches } = checkout;
    return defaultBranch === undefined ? branches.has('main') || branches.has('master') : branches.has(defaultBranch);
  }
  return checkout.branches.has(textAt(source, 'branch')?.text ?? '');
}

/** A path below the root, without `.` and `..`; undefined when it leads out of it or into another repository. */
export function pathInside(path: string, { submodules }: Checkout): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '' && part !== '.') {
      parts.push(part);
    }
  }
  const inside = parts.join('/');
  if (parts[0] === '.git' || submodules.some((folder) => inside === folder || inside.startsWith(`${folder}/`))) {
    return undefined;
  }
  return inside;
}
