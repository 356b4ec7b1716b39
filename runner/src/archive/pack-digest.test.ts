import { createHash } from 'node:crypto';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeSnapshot } from '../snapshot/snapshot.ts';
import { temporaryDirectory, writeTree } from '../snapshot/test-tree.ts';
import { packDigest } from './pack-digest.ts';
import { packTree, tarSize } from './pack.ts';

test('it is the digest of the archive that is sent, of each size of file', async () => {
  using tree = temporaryDirectory();
  writeTree(tree.path, { 'a/small': 'x', empty: '', large: 'z'.repeat(700_000), 'a/link': { link: 'small' } });
  const snapshot = await takeSnapshot(tree.path);
  const chunks: Buffer[] = [];
  for await (const chunk of packTree(snapshot)) chunks.push(chunk);
  const archive = Buffer.concat(chunks);
  const expected = { sha256: createHash('sha256').update(archive).digest('hex'), bytes: tarSize(snapshot) };
  expect(await packDigest(snapshot)).toEqual(expected);
  expect(await packDigest(await takeSnapshot(tree.path))).toEqual(expected);
});

test('the times of the files are in the archive, but not in the id of the tree', async () => {
  using tree = temporaryDirectory();
  writeTree(tree.path, { file: 'x' });
  const before = await takeSnapshot(tree.path);
  await utimes(join(tree.path, 'file'), 1_000_000, 1_000_000);
  const after = await takeSnapshot(tree.path);
  expect(after.digest).toBe(before.digest);
  expect((await packDigest(after)).sha256).not.toBe((await packDigest(before)).sha256);
});

test('a file that was rewritten since the snapshot has no digest', async () => {
  using tree = temporaryDirectory();
  writeTree(tree.path, { file: 'one' });
  const snapshot = await takeSnapshot(tree.path);
  await writeFile(join(tree.path, 'file'), 'two');
  await expect(packDigest(snapshot)).rejects.toMatchObject({ code: 'CHANGED' });
});
