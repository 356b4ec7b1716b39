import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryDirectory } from './test-tree.ts';

/** Bytes that a file may take while the last files are read: path, entry, row of the cache. It was some 1,200 with an object for each. */
const bytesPerFile = 500;

/** Says what is alive (garbage does not count) near the end of a snapshot with an empty cache and with a full one. */
const child = `
const [module, root, cacheDir] = process.argv.slice(1);
const { appendFileSync } = await import('node:fs');
const { takeSnapshot } = await import(module);
const alive = () => {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const measure = async (last) => {
  let bytes = 0;
  const onProgress = ({ files }) => {
    if (files >= last && bytes === 0) bytes = alive();
  };
  await takeSnapshot(root, { cacheDir, onProgress });
  return bytes;
};
const cold = await measure(Number(process.argv[4]));
appendFileSync(root + '/z', 'changed');
console.log(JSON.stringify([cold, await measure(1)]));
`;

async function measure(root: string, cacheDir: string, files: number): Promise<[cold: number, warm: number]> {
  for (let folder = 0; folder < files / 100; folder++) {
    const path = join(root, `folder-${folder}`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < 100; file++) writeFileSync(join(path, `a-file-of-source-${file}.ts`), `${file}`);
  }
  writeFileSync(join(root, 'z'), 'last');
  const module = new URL('snapshot.ts', import.meta.url).href;
  const flags = ['--expose-gc', '--input-type=module', '-e', child];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    module,
    root,
    cacheDir,
    String(files - 64),
  ]);
  return JSON.parse(stdout) as [number, number];
}

test('the memory that a file takes is small, with an empty stat cache and with a full one', async () => {
  using folder = temporaryDirectory();
  const at = (name: string): string => join(folder.path, name);
  const few = await measure(at('few'), at('cache'), 4_000);
  const many = await measure(at('many'), at('cache'), 24_000);
  expect((many[0] - few[0]) / 20_000).toBeLessThan(bytesPerFile);
  expect((many[1] - few[1]) / 20_000).toBeLessThan(bytesPerFile);
  // Something is held for each: the figures are no zeros.
  expect((many[0] - few[0]) / 20_000).toBeGreaterThan(50);
}, 120_000);
