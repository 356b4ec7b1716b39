import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { fileKey, globsOf, withoutFile } from './kind-globs.ts';

test.each(['ci/build.yml', 'a b/[draft] (1).yml', 'x/{env}/deploy?.yml', 'ci/*.yml'])(
  'the glob of %s matches this file and none like it',
  (path) => {
    // As the server and VS Code take it: from any folder.
    const matches = picomatch(`**/${fileKey(path)}`, { dot: true });
    expect(matches(`/home/me/app/${path}`)).toBe(true);
    expect(matches(`/home/me/app/${path.replace(/.\.yml$/u, '_.yml')}`)).toBe(false);
  },
);

test('a path of Windows has slashes', () => {
  expect(fileKey('ci\\build.yml')).toBe('ci/build.yml');
});

test('one file is taken out, and globs are found by their kind', () => {
  const kinds = { 'ci/a.yml': 'task', '*.tpl.yml': 'none', 'ci/b.yml': 'task' } as const;
  expect(withoutFile(kinds, 'ci/a.yml')).toEqual({ '*.tpl.yml': 'none', 'ci/b.yml': 'task' });
  expect(globsOf(kinds, 'task')).toEqual(['ci/a.yml', 'ci/b.yml']);
});
