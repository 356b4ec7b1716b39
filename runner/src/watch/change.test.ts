import { expect, it } from 'vitest';
import { changedPaths, changeText, shownPath } from './change.ts';

it('names what was added, written and removed, and a folder only by itself', () => {
  const before = new Map(Object.entries({ a: '1', b: '1', c: '1', 'd/': '', 'd/e': '1', 'empty/': '' }));
  const after = new Map(Object.entries({ a: '1', b: '2', 'd/': '', 'd/e': '1', 'f/': '', 'f/g': '1' }));
  expect(changedPaths(before, after)).toEqual(['b', 'c', 'empty/', 'f/g']);
  expect(changedPaths(after, after)).toEqual([]);
});

it.each([
  [{ number: 1, paths: [], files: 128 }, '128 files'],
  [{ number: 2, paths: ['a'], files: 9 }, '1 file changed: a'],
  [{ number: 2, paths: ['a', 'b', 'c'], files: 9 }, '3 files changed: a, b, c'],
  [{ number: 2, paths: ['a', 'b', 'c', 'd', 'e'], files: 9 }, '5 files changed: a, b, c and 2 more'],
  [{ number: 2, paths: [], files: 9 }, 'no file changed'],
])('says %o', (change, text) => {
  expect(changeText(change)).toBe(text);
});

it('shows paths from where people are', () => {
  expect(shownPath('/home/me/repo', '/home/me/repo/ci/task.yml')).toBe('ci/task.yml');
  expect(shownPath('/home/me/repo', '/home/me/other/task.yml')).toBe('../other/task.yml');
  expect(shownPath('/home/me/repo', '/srv/task.yml')).toBe('/srv/task.yml');
});
