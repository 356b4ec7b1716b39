import { expect, test } from 'vitest';
import { comparePaths } from './digest.ts';
import { OrderedPaths } from './ordered-paths.ts';
import { PathList } from './path-list.ts';

const listOf = (...paths: readonly string[]): PathList => {
  const list = new PathList();
  for (const path of paths) list.add(path);
  return list;
};

test('gives back what was added, however much it is', () => {
  const paths = Array.from(
    { length: 5000 },
    (_, index) => `folder-${index % 70}/fïle-${index}-${'x'.repeat(index % 90)}-😀`,
  );
  const list = listOf(...paths);
  expect(list.length).toBe(5000);
  expect([...list]).toEqual(paths);
  expect(list.at(4999)).toBe(paths[4999]);
  expect(list.at(5000)).toBe('');
});

test('orders paths as comparePaths does, by the bytes of their UTF-8 form', () => {
  const paths = ['b', 'a/c', 'a', 'a-b', 'a.b', '\uFFFD', '😀', 'é', 'z', 'a/', 'A', '\uE000/x'];
  const list = listOf(...paths);
  expect(Array.from(list.order(), (index) => list.at(index))).toEqual([...paths].sort(comparePaths));
});

test('a path that was added twice is there once, with the mode it got last', () => {
  const list = new PathList();
  list.add('b', 0o100644);
  list.add('a', 0o100644);
  list.add('b', 0o100755);
  list.add('a');
  const ordered = new OrderedPaths(list);
  expect([ordered.at(0), ordered.at(1), ordered.at(2)]).toEqual(['a', 'b', '']);
  expect([ordered.indexMode(0), ordered.indexMode(1)]).toEqual([undefined, 0o100755]);
});

test('leaves out what is refused, and keeps the modes of the others', () => {
  const list = new PathList();
  list.add('a', 1);
  list.add('b', 2);
  list.add('c', 3);
  const kept = list.filter((path) => path !== 'b');
  expect([...kept]).toEqual(['a', 'c']);
  expect(kept.mode(1)).toBe(3);
});

test('the folders above the paths are put in order with them', () => {
  const list = listOf('b/c/d', 'a-b', 'b/c', 'a/x');
  const ordered = new OrderedPaths(list);
  const all = Array.from({ length: ordered.length }, (_, place) => [
    ordered.at(place),
    ordered.listed(place),
    ordered.above(place),
  ]);
  expect(all).toEqual([
    ['a', false, true],
    ['a-b', true, false],
    ['a/x', true, false],
    ['b', false, true],
    ['b/c', true, true],
    ['b/c/d', true, false],
  ]);
});
