/** Which gets of a job the working copy of its repository stands for. */
import { type Checkout, isNewestCommit, repositoryName } from '#concourse';
import type { GetNode } from './plan.ts';

/**
 * Which of the gets stand for a working copy: git resources of its repository and branch. A resource that names no branch
 * does so only when it is the only one of this repository.
 */
export function getsOf(checkout: Checkout, gets: readonly GetNode[]): GetNode[] {
  const same = gets.filter((get) => {
    const uri = get.source['uri'];
    const plain =
      isNewestCommit((key) => Object.hasOwn(get.source, key)) &&
      (get.version === undefined || typeof get.version === 'string');
    return get.type === 'git' && typeof uri === 'string' && plain && checkout.remotes.has(repositoryName(uri));
  });
  const branched = same.filter((get) => get.source['branch'] === checkout.branch && checkout.branch !== undefined);
  const resources = new Set(same.map(({ resource }) => resource));
  return branched.length > 0
    ? branched
    : same.filter((get) => get.source['branch'] === undefined && resources.size === 1);
}
