import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../snapshot/test-tree.ts';
import { cacheScope } from './cache-scope.ts';

/** A working copy at `path`, with a remote where one is given. */
function clone(path: string, remote?: string): string {
  mkdirSync(join(path, '.git'), { recursive: true });
  mkdirSync(join(path, 'ci'), { recursive: true });
  writeFileSync(
    join(path, '.git/config'),
    `[core]\n\tbare = false\n${remote === undefined ? '' : `[remote "origin"]\n\turl = ${remote}\n`}`,
  );
  return join(path, 'ci/unit.yml');
}

test('two people, two repositories, one path: nothing is shared', () => {
  using tree = temporaryDirectory();
  const [mine, theirs] = [join(tree.path, 'me'), join(tree.path, 'they')];
  const task = clone(join(tree.path, 'src'), 'git@h:a/one.git');
  const first = cacheScope(task, mine);
  clone(join(tree.path, 'src'), 'git@h:a/two.git');
  const second = cacheScope(task, theirs);
  expect(first).toMatchObject({ repository: 'h/a/one', file: 'ci/unit.yml' });
  expect(second).toMatchObject({ repository: 'h/a/two', file: 'ci/unit.yml' });
  expect(first.person).not.toBe(second.person);
  expect(cacheScope(task, theirs)).toEqual(second);
});

test('without a remote a working copy has an id of its own, which it keeps', () => {
  using tree = temporaryDirectory();
  const state = join(tree.path, 'state');
  const [one, two] = [clone(join(tree.path, 'one')), clone(join(tree.path, 'two'))];
  const first = cacheScope(one, state);
  expect(first.repository).toMatch(/^[0-9a-f]{32}$/);
  expect(cacheScope(one, state)).toEqual(first);
  expect(cacheScope(two, state).repository).not.toBe(first.repository);
});
