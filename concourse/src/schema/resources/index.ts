/** What is known of the core resource types: keys of `source`, `params` and `version`, files that a get leaves. */
import { GIT } from './git.ts';
import { DOCKER_IMAGE, REGISTRY_IMAGE } from './images.ts';
import { GITHUB_RELEASE, S3 } from './stores.ts';
import type { ResourceFacts } from './type.ts';
import { MOCK, POOL, SEMVER, TIME } from './values.ts';

/**
 * By name of the type; it holds only where a pipeline does not define a type of that name. The lists are open: resources
 * take keys that their READMEs do not name, so nothing is wrong because it is not in here.
 */
export const RESOURCE_FACTS: ReadonlyMap<string, ResourceFacts> = new Map([
  ['git', GIT],
  ['registry-image', REGISTRY_IMAGE],
  ['docker-image', DOCKER_IMAGE],
  ['time', TIME],
  ['s3', S3],
  ['semver', SEMVER],
  ['pool', POOL],
  ['github-release', GITHUB_RELEASE],
  ['mock', MOCK],
]);
