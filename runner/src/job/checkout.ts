/** The repository that a folder is a checkout of, and which gets of a job stand for it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { normalRemote } from '../plan/cache-scope.ts';
import type { GetNode } from './plan.ts';

const run = promisify(execFile);

/** A working copy. */
export interface Checkout {
  readonly folder: string;
  /** Of its remotes, in the form that all ways to one repository share. */
  readonly remotes: readonly string[];
  /** Undefined when none is checked out. */
  readonly branch: string | undefined;
}

/** The working copy that a folder is in; undefined where there is none, or no git. */
export async function checkoutOf(cwd: string): Promise<Checkout | undefined> {
  const git = async (...args: readonly string[]): Promise<string> => {
    try {
      return (await run('git', ['-C', cwd, ...args])).stdout.trim();
    } catch {
      // No git, no repository, or no value: each means that nothing is known.
      return '';
    }
  };
  const folder = await git('rev-parse', '--show-toplevel');
  if (folder === '') return undefined;
  const urls = await git('config', '--get-regexp', String.raw`^remote\..*\.url$`);
  const branch = await git('symbolic-ref', '--short', '-q', 'HEAD');
  const remotes = urls.split('\n').flatMap((line) => {
    const url = line.slice(line.indexOf(' ') + 1);
    return url === '' ? [] : [normalRemote(url)];
  });
  return { folder, remotes, branch: branch === '' ? undefined : branch };
}

/** Sources of a git resource that make something else than the branch's newest state of it. */
const CHOOSING = ['tag_filter', 'tag_regex', 'commit_filter', 'version_depth'];

/**
 * Which of the gets stand for a working copy: git resources of its repository and branch. A resource that names no branch
 * does so only when it is the only one of this repository.
 */
export function getsOf(checkout: Checkout, gets: readonly GetNode[]): GetNode[] {
  const same = gets.filter((get) => {
    const uri = get.source['uri'];
    const plain =
      !CHOOSING.some((key) => key in get.source) && (get.version === undefined || typeof get.version === 'string');
    return get.type === 'git' && typeof uri === 'string' && plain && checkout.remotes.includes(normalRemote(uri));
  });
  const branched = same.filter((get) => get.source['branch'] === checkout.branch && checkout.branch !== undefined);
  const resources = new Set(same.map(({ resource }) => resource));
  return branched.length > 0
    ? branched
    : same.filter((get) => get.source['branch'] === undefined && resources.size === 1);
}
