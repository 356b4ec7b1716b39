import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeSnapshot } from '../snapshot/snapshot.ts';
import { temporaryDirectory, writeTree, type TreeNode } from '../snapshot/test-tree.ts';
import { extractTar } from './extract.ts';
import { listTar } from './read.ts';

/** A path of `length` bytes, with the `./` that tar puts before it, whose first folder ends before byte `slash`. */
function pathOf(length: number, slash: number, letter: string): string | undefined {
  const folder = 'd'.repeat(slash - './/'.length);
  const name = length - slash;
  return name < 1 || name > 250 ? undefined : `${folder}/${letter}${'n'.repeat(name - 1)}`;
}

/**
 * Files, empty files, folders and links of each length around the borders of a header: a name of 100 bytes, a prefix of
 * 155. The slash lies before, on and behind the last byte of the name.
 */
function longTree(lengths: readonly number[]): Record<string, TreeNode> {
  const tree: Record<string, TreeNode> = {};
  for (const length of lengths) {
    for (const slash of length % 25 <= 5 ? [40, 99, 100, 101] : [100]) {
      const at = (letter: string): string | undefined => pathOf(length, slash, letter);
      const [file, empty, folder, link] = [at('f'), at('e'), at('o'), at('l')];
      if (!file || !empty || !folder || !link) continue;
      tree[file] = `content of ${length} ${slash}`;
      tree[empty] = '';
      tree[folder] = null;
      tree[link] = { link: `x/${'t'.repeat(length - 2)}` };
    }
  }
  return tree;
}

const lengths = Array.from({ length: 166 }, (_, index) => 95 + index);

describe.each([
  ["BusyBox's tar", ['busybox', 'tar', '-cf', '-', '.'], lengths],
  ['GNU tar', ['tar', '-cf', '-', '.'], lengths],
  ['GNU tar, oldgnu', ['tar', '--format=oldgnu', '-cf', '-', '.'], lengths],
  ['GNU tar, pax', ['tar', '--format=posix', '-cf', '-', '.'], lengths],
  // Links hold 100 bytes there, and names need a slash at the right place.
  ['GNU tar, ustar with a prefix', ['tar', '--format=ustar', '-cf', '-', '.'], [95, 96, 97, 98, 99, 100]],
])('paths of 95 to 260 bytes, packed by %s', (_, [tool = '', ...args], wanted) => {
  test('come back as they were', { timeout: 120_000 }, async () => {
    using directory = temporaryDirectory();
    const [root, copy] = [join(directory.path, 'root'), join(directory.path, 'copy')];
    writeTree(root, longTree(wanted));
    linkSync(join(root, pathOf(100, 40, 'f') ?? ''), join(root, pathOf(100, 40, 'h') ?? ''));
    const archive = execFileSync(tool, args, { cwd: root, maxBuffer: 1 << 28 });
    const source = (async function* () {
      for (let at = 0; at < archive.length; at += 5003) yield await Promise.resolve(archive.subarray(at, at + 5003));
    })();
    const { notes } = await extractTar(source, copy);
    const [before, after] = [await takeSnapshot(root), await takeSnapshot(copy)];
    expect(notes).toEqual([]);
    expect(after.entries.map(({ path, type }) => [path, type])).toEqual(
      before.entries.map(({ path, type }) => [path, type]),
    );
    expect(after.digest).toBe(before.digest);
    expect(readFileSync(join(copy, pathOf(100, 40, 'h') ?? ''), 'utf8')).toBe('content of 100 40');
  });
});

describe('a prefix of a header', () => {
  test('of up to 155 bytes, as ustar splits names', async () => {
    using directory = temporaryDirectory();
    const [root, copy] = [join(directory.path, 'root'), join(directory.path, 'copy')];
    const tree: Record<string, TreeNode> = {};
    for (const prefix of [1, 50, 127, 128, 129, 130, 150]) {
      for (const name of [1, 50, 99, 100]) {
        tree[`${'pp/'.repeat(prefix / 3)}${'p'.repeat(prefix % 3)}x/${'n'.repeat(name)}`] = `${prefix} ${name}`;
      }
    }
    writeTree(root, tree);
    const archive = execFileSync('tar', ['--format=ustar', '-cf', '-', '.'], { cwd: root });
    mkdirSync(copy);
    await extractTar(
      (async function* () {
        yield await Promise.resolve(archive);
      })(),
      copy,
    );
    expect((await takeSnapshot(copy)).digest).toBe((await takeSnapshot(root)).digest);
  });
});

describe('a header after an extended one', () => {
  /** A header block with these fields, its checksum right. */
  function header(name: string, type: string, size: number): Buffer {
    const block = Buffer.alloc(512);
    block.write(name, 0, 100);
    const numbers = ['0000644', '0000000', '0000000', size.toString(8).padStart(11, '0'), '00000000000'];
    block.write(numbers.map((each) => `${each}\x00`).join(''), 100);
    block.write('        ', 148);
    block.write(type, 156);
    block.write('ustar\x0000', 257);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148);
    return block;
  }
  const block = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.alloc(512 - (text.length % 512))]);
  const pax = (...records: readonly [string, string][]): Buffer => {
    const text = records
      .map(([key, value]) => {
        const rest = ` ${key}=${value}\n`;
        let length = rest.length + 1;
        while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
        return `${length}${rest}`;
      })
      .join('');
    return Buffer.concat([header('PaxHeader', 'x', text.length), block(text)]);
  };
  const list = async (...parts: readonly Buffer[]): Promise<unknown[]> => {
    const source = (async function* () {
      yield await Promise.resolve(Buffer.concat([...parts, Buffer.alloc(1024)]));
    })();
    return (await listTar(source)).map(({ path, type, size, linkpath }) => [
      path,
      type,
      size,
      ...(linkpath === undefined ? [] : [linkpath]),
    ]);
  };
  const cut = `./${'d'.repeat(97)}/`;

  test.each([
    ['path', [pax(['path', `${cut}file`]), header(cut, '0', 5), block('hello')], [[`${cut}file`, 'file', 5]]],
    [
      'path and size',
      [pax(['path', `${cut}file`], ['size', '5']), header(cut, '0', 0), block('hello')],
      [[`${cut}file`, 'file', 5]],
    ],
    [
      'linkpath',
      [pax(['path', `${cut}l`], ['linkpath', 't'.repeat(200)]), header(cut, '2', 0)],
      [[`${cut}l`, 'symlink', 0, 't'.repeat(200)]],
    ],
    [
      'a folder with a long name',
      [pax(['path', `${cut}more/`]), header(cut, '5', 0)],
      [[`${cut}more/`, 'directory', 0]],
    ],
    ['a folder of the oldest format', [header('old/', '0', 0)], [['old/', 'directory', 0]]],
    ['and with a long name', [pax(['path', `${cut}more/`]), header(cut, '0', 0)], [[`${cut}more/`, 'directory', 0]]],
  ])('%s', async (_, parts, expected) => {
    const after = [header('after', '0', 0)];
    expect(await list(...parts, ...after)).toEqual([...expected, ['after', 'file', 0]]);
  });

  test('a long name counts for the next entry only', async () => {
    const parts = [pax(['path', `${cut}file`]), header(cut, '0', 5), block('hello'), header('second', '0', 0)];
    expect(await list(...parts)).toEqual([
      [`${cut}file`, 'file', 5],
      ['second', 'file', 0],
    ]);
  });
});
