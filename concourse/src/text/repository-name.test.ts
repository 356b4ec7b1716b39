import { expect, test } from 'vitest';
import { repositoryName } from './repository-name.ts';

test.each([
  'git@github.com:team/repo.git',
  'ssh://git@GitHub.com:22/team/repo/',
  'https://me:token@github.com/team/repo.git',
  'https://github.com/team/repo?x=1',
])('%s is one repository, without a login', (url) => {
  expect(repositoryName(url)).toBe('github.com/team/repo');
});
