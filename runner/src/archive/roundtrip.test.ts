import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeSnapshot } from '../snapshot/snapshot.ts';
import { seededRandom, temporaryDirectory, writeTree, type TreeNode } from '../snapshot/test-tree.ts';
import type { Snapshot } from '../snapshot/types.ts';
import { extractTar } from './extract.ts';
import { packTree, tarSize } from './pack.ts';
import { listTar, readTarFile } from './read.ts';

const NAMES = ['a', 'é☃😀', 'line\nbreak', '"quotes\'', ' blank ', '-dash', '*', 'x'.repeat(150), 'ü'.repeat(100)];
const LINKS = ['a', 'nowhere', 'a/a', 'ü'.repeat(90)];

/** A tree of up to 25 nodes: deep and long paths, empty files and directories, links, modes, block-border sizes. */
function randomTree(seed: number, links: readonly string[]): Record<string, TreeNode> {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const tree: Record<string, TreeNode> = {};
  for (let i = 0; i < 25; i++) {
    const depth = 1 + Math.floor(random() * 4);
    const path = [...Array.from({ length: depth - 1 }, () => `d${pick(NAMES)}`), `${i}${pick(NAMES)}`].join('/');
    const size = pick([0, 1, 511, 512, 513, 5000, 300_000]);
    const kind = random();
    if (kind < 0.1) tree[path] = null;
    else if (kind < 0.25) tree[path] = { link: pick(links) };
    else if (kind < 0.5) tree[path] = { content: `${i}`.repeat(size), mode: pick([0o755, 0o444, 0o600]) };
    else tree[path] = Buffer.alloc(size, i);
  }
  return tree;
}

async function pack(snapshot: Pick<Snapshot, 'root' | 'entries'>): Promise<Buffer> {
  const buffers: Buffer[] = [];
  for await (const buffer of packTree(snapshot)) buffers.push(buffer);
  return Buffer.concat(buffers);
}

/** The bytes in chunks of odd sizes, as a network hands them over. */
async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const unpackers = [
  { name: 'GNU tar', command: ['tar', 'xf', '-'] },
  { name: 'BusyBox tar', command: ['busybox', 'tar', 'xf', '-'] },
];
const packers = [
  { name: 'GNU tar, gnu format', command: ['tar', 'cf', '-', '.'] },
  { name: 'GNU tar, pax format', command: ['tar', '--format=posix', '-cf', '-', '.'] },
  { name: 'GNU tar, gzip', command: ['tar', 'czf', '-', '.'] },
  { name: 'BusyBox tar', command: ['busybox', 'tar', 'cf', '-', '.'] },
];

describe.each([1, 2])('random tree %i', (seed) => {
  test.each(unpackers)('packed by us, unpacked by $name, is the same tree', async ({ command }) => {
    using directory = temporaryDirectory();
    const [root, copy] = [join(directory.path, 'root'), join(directory.path, 'copy')];
    writeTree(root, randomTree(seed, [...LINKS, '/etc/hostname', '../..', '.']));
    mkdirSync(copy);
    const snapshot = await takeSnapshot(root);
    const archive = await pack(snapshot);
    expect(archive.length).toBe(tarSize(snapshot));
    const [tool = '', ...args] = command;
    const result = spawnSync(tool, args, { cwd: copy, input: archive });
    expect([result.status, result.stderr.toString()]).toEqual([0, '']);
    const unpacked = await takeSnapshot(copy);
    expect(unpacked.entries.map(({ path }) => path)).toEqual(snapshot.entries.map(({ path }) => path));
    expect(unpacked.digest).toBe(snapshot.digest);
  });

  test.each(packers)('packed by $name, unpacked by us, is the same tree', async ({ command }) => {
    using directory = temporaryDirectory();
    const [root, copy] = [join(directory.path, 'root'), join(directory.path, 'copy')];
    writeTree(root, randomTree(seed, LINKS));
    const [tool = '', ...args] = command;
    const archive = execFileSync(tool, args, { cwd: root, maxBuffer: 1 << 28 });
    const result = await extractTar(chunks(archive, 10_007), copy);
    const [before, after] = [await takeSnapshot(root), await takeSnapshot(copy)];
    expect(result).toEqual({ files: before.files, bytes: before.bytes, notes: [] });
    expect(after.digest).toBe(before.digest);
  });

  test.each([1, 511, 1 << 20])('packed and unpacked by us in chunks of %i bytes', async (size) => {
    using directory = temporaryDirectory();
    const [root, copy] = [join(directory.path, 'root'), join(directory.path, 'copy')];
    // A single byte at a time is slow and needs no large file to be telling.
    const tree = randomTree(seed, LINKS);
    if (size === 1) for (const [path, node] of Object.entries(tree)) if (Buffer.isBuffer(node)) tree[path] = 'small';
    if (size === 1) for (const [path, node] of Object.entries(tree)) if (isLong(node)) tree[path] = 'short';
    writeTree(root, tree);
    const snapshot = await takeSnapshot(root);
    expect((await extractTar(chunks(await pack(snapshot), size), copy)).notes).toEqual([]);
    expect((await takeSnapshot(copy)).digest).toBe(snapshot.digest);
  });
});

function isLong(node: TreeNode): boolean {
  return typeof node === 'object' && node !== null && 'content' in node && node.content.length > 600;
}

describe('packing', () => {
  test('equal snapshots give equal bytes', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, randomTree(4, LINKS));
    const snapshot = await takeSnapshot(directory.path);
    expect((await pack(snapshot)).equals(await pack(await takeSnapshot(directory.path)))).toBe(true);
  });

  test('an empty tree is an archive', async () => {
    using directory = temporaryDirectory();
    const archive = await pack(await takeSnapshot(directory.path));
    expect(archive.equals(Buffer.alloc(1024))).toBe(true);
  });

  const changes: { change: string; size: number; apply: (path: string) => void }[] = [
    { change: 'other content', size: 10, apply: (path) => writeFileSync(path, 'x'.repeat(10)) },
    { change: 'shorter', size: 10, apply: (path) => truncateSync(path, 3) },
    { change: 'removed', size: 10, apply: (path) => rmSync(path) },
    { change: 'a directory now', size: 10, apply: (path) => [rmSync, mkdirSync].forEach((step) => step(path)) },
    { change: 'emptied and large', size: 600_000, apply: (path) => truncateSync(path, 0) },
    { change: 'large, one byte', size: 600_000, apply: (path) => writeFileSync(path, `${'y'.repeat(599_999)}z`) },
  ];
  test.each(changes)('a file that changed since ($change) ends the archive with its name', async ({ size, apply }) => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'f');
    writeTree(directory.path, { a: 'a', f: 'y'.repeat(size), z: 'z' });
    const snapshot = await takeSnapshot(directory.path);
    apply(path);
    await expect(pack(snapshot)).rejects.toMatchObject({ name: 'SnapshotError', code: 'CHANGED', path });
  });

  test('a file that only grew is sent as it was', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { log: 'one\n' });
    const snapshot = await takeSnapshot(directory.path);
    appendFileSync(join(directory.path, 'log'), 'two\n');
    const content = await readTarFile(chunks(await pack(snapshot), 512), 'log', 100);
    expect(content?.toString()).toBe('one\n');
  });

  test('8 GiB and more are announced exactly, in a form that GNU and BusyBox tar read', async () => {
    const size = 9 * 2 ** 30;
    const entry = { path: 'big', type: 'file', mode: 0o644, size, mtimeMs: 0, sha256: '' } as const;
    expect(tarSize({ entries: [entry] })).toBe(512 + 512 + 512 + size + 1024);
    using directory = temporaryDirectory();
    const sparse = join(directory.path, 'big');
    writeFileSync(sparse, '');
    truncateSync(sparse, size);
    const iterator = packTree({ root: directory.path, entries: [entry] });
    const first = await iterator.next();
    await iterator.return();
    const header = first.done === true ? Buffer.alloc(0) : first.value;
    // Neither tool can finish without 9 GiB of zeros; both list a header before they look for the content.
    for (const tool of [
      ['tar', 'tvf', '-'],
      ['busybox', 'tar', 'tvf', '-'],
    ]) {
      const listing = spawnSync(tool[0] ?? '', tool.slice(1), { input: header });
      expect(listing.stdout.toString()).toContain(` ${size} `);
    }
  });

  test('progress ends at the announced total; a consumer may stop early', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { a: 'a'.repeat(700_000), b: 'b' });
    const snapshot = await takeSnapshot(directory.path);
    const seen: number[] = [];
    const onProgress = ({ bytes, total }: { bytes: number; total: number }): void => void seen.push(bytes / total);
    let buffers = 0;
    for await (const buffer of packTree(snapshot, { onProgress })) buffers += Math.sign(buffer.length);
    expect(buffers).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(1);
    const iterator = packTree(snapshot);
    await iterator.next();
    expect(await iterator.return()).toEqual({ done: true, value: undefined });
  });
});

describe('reading', () => {
  test('lists entries and reads one file', async () => {
    using directory = temporaryDirectory();
    writeTree(directory.path, { 'd/f': 'content', l: { link: 'd/f' } });
    const archive = execFileSync('tar', ['cf', '-', '.'], { cwd: directory.path });
    const entries = await listTar(chunks(archive, 1000));
    const row = ({ path, type, size, linkpath }: (typeof entries)[number]): unknown[] => [path, type, size, linkpath];
    expect(entries.map(row).sort()).toEqual([
      ['./', 'directory', 0, undefined],
      ['./d/', 'directory', 0, undefined],
      ['./d/f', 'file', 7, undefined],
      ['./l', 'symlink', 0, 'd/f'],
    ]);
    expect((await readTarFile(chunks(archive, 1000), 'd/f', 4))?.toString()).toBe('cont');
    expect(await readTarFile(chunks(archive, 1000), 'none', 4)).toBeUndefined();
  });
});
