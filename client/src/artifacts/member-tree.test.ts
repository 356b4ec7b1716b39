import { describe, expect, test } from 'vitest';
import type { ArtifactMember } from '#runner';
import { MemberTree } from './member-tree.ts';

const file = (path: string, size = 1): ArtifactMember => ({
  path,
  type: 'file',
  size,
  mtimeMs: 1000,
  executable: false,
});
const link = (path: string, target: string): ArtifactMember => ({
  ...{ path, type: 'symlink', size: 0, mtimeMs: 2000, executable: true, target },
});

const tree = await MemberTree.of([
  file('a10'),
  file('a9', 5),
  file('deep/er/f', 7),
  link('to-file', 'deep/er/f'),
  link('to-dir', './deep'),
  link('deep/up', '../a9'),
  link('out', '../../etc/passwd'),
  link('absolute', '/etc/passwd'),
  link('dangling', 'nothing'),
  link('loop', 'loop'),
  link('root', '.'),
]);

describe('a tree of members', () => {
  test('directories first, names as people count', async () => {
    expect((await tree.children(''))?.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...['deep directory', 'root directory', 'to-dir directory'],
      ...['a9 file', 'a10 file', 'absolute missing', 'dangling missing', 'loop missing', 'out missing', 'to-file file'],
    ]);
  });

  test.each([
    ['deep', ['er', 'up']],
    ['deep/er', ['f']],
    ['to-dir', ['er', 'up']],
    ['to-dir/er', ['f']],
    ['root/deep/er', ['f']],
    ['a9', undefined],
    ['nothing', undefined],
    ['out', undefined],
  ])('children of %s', async (path, names) => {
    expect((await tree.children(path))?.map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ['a9', 'a9'],
    ['to-file', 'deep/er/f'],
    ['to-dir/er/f', 'deep/er/f'],
    ['to-dir/up', 'a9'],
    ['deep', undefined],
    ['out', undefined],
    ['absolute', undefined],
    ['loop', undefined],
    ['dangling', undefined],
    ['..', undefined],
  ])('the file behind %s', (path, real) => {
    expect(tree.file(path)).toBe(real);
  });

  test('a link has the size of its file and a time of its own', () => {
    expect(tree.entry('to-file')).toEqual({
      ...{ name: 'to-file', path: 'to-file', type: 'file', link: true, size: 7, mtimeMs: 2000 },
    });
    expect(tree.entry('deep/er')).toMatchObject({ type: 'directory', link: false });
    expect(tree.entry('none')).toBeUndefined();
  });

  test('files below a directory', () => {
    expect(tree.filesBelow('deep').sort()).toEqual(['er/f', 'up']);
    expect(tree.filesBelow('').sort()).toEqual(['a10', 'a9', 'deep/er/f', 'deep/up', 'to-file']);
  });

  test('sums', async () => {
    expect([tree.files, tree.bytes, tree.mtimeMs]).toEqual([3, 13, 2000]);
    expect(await (await MemberTree.of([])).children('')).toEqual([]);
  });

  test('a hundred thousand files', async () => {
    const many = await MemberTree.of(Array.from({ length: 100_000 }, (_, index) => file(`d${index % 100}/f${index}`)));
    expect(await many.children('')).toHaveLength(100);
    expect(await many.children('d7')).toHaveLength(1000);
    expect(many.files).toBe(100_000);
  });
});
