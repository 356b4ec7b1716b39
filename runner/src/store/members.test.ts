import { describe, expect, test } from 'vitest';
import { parseMembers, type ArtifactMember } from './members.ts';

const at = Date.UTC(2026, 10, 23, 20, 33, 56);
const time = '2026-11-23 20:33:56';
const file = (path: string, size = 0, executable = false): ArtifactMember => ({
  ...{ path, type: 'file', size, mtimeMs: at, executable },
});

describe('a listing', () => {
  test.each<[string, string, ArtifactMember[]]>([
    ['nothing', '', []],
    ['only the root', `drwxr-xr-x root/root         0 ${time} ./\n`, []],
    ['a file', `-rw-r--r-- root/root        12 ${time} ./a b\n`, [file('a b', 12)]],
    ['an executable, of an unknown user', `-rwxr-xr-x 1000/7 5 ${time} ./run\n`, [file('run', 5, true)]],
    [
      'a directory before its file, with and without a slash',
      `drwxr-xr-x 0/0 0 ${time} d/\n-rw-r--r-- 0/0 1 ${time} d/f\n`,
      [{ path: 'd', type: 'directory', size: 0, mtimeMs: at, executable: true }, file('d/f', 1)],
    ],
    [
      'a name with a line break',
      `-rw-r--r-- 0/0 1 ${time} ./n\nl\n-rw-r--r-- 0/0 2 ${time} ./o\n`,
      [file('n\nl', 1), file('o', 2)],
    ],
    ['a name that ends with line breaks', `-rw-r--r-- 0/0 1 ${time} ./n\n\n\n`, [file('n\n\n', 1)]],
    [
      'a link',
      `lrwxrwxrwx 0/0 0 ${time} ./l -> a b\n`,
      [{ path: 'l', type: 'symlink', size: 0, mtimeMs: at, executable: true, target: 'a b' }],
    ],
    [
      'a second name of a file has its size',
      `-rw-r--r-- 0/0 9 ${time} ./a\n-rw-r--r-- 0/0 0 ${time} ./hard -> ./a\n`,
      [file('a', 9), file('hard', 9)],
    ],
    ['an empty file that only looks like one', `-rw-r--r-- 0/0 0 ${time} ./x -> y\n`, [file('x -> y')]],
    ['special files are left out', `prw-r--r-- 0/0 0 ${time} ./pipe\ncrw-r--r-- 0/0 0 ${time} ./null\n`, []],
    ['a live directory', `-rw-r--r-- 0/0 3 ${time}.123456789 +0000 ./f\n`, [file('f', 3)]],
    ['sorted by path', `-rw-r--r-- 0/0 0 ${time} ./b\n-rw-r--r-- 0/0 0 ${time} ./a\n`, [file('a'), file('b')]],
  ])('%s', async (_what, listing, members) => {
    expect(await parseMembers(listing)).toEqual(members);
  });

  test('anything else is a broken answer', async () => {
    await expect(parseMembers('sh: tar: not found\n')).rejects.toThrow('The pod answered');
  });

  test('other work gets its turn during a long one', async () => {
    let turns = 0;
    const other = setInterval(() => turns++, 1);
    const listing = Array.from({ length: 40_000 }, (_, index) => `-rw-r--r-- 0/0 0 ${time} ./f${index}\n`).join('');
    expect(await parseMembers(listing)).toHaveLength(40_000);
    clearInterval(other);
    expect(turns).toBeGreaterThan(1);
  });
});
