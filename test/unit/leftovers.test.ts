import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clearLeftovers, processesOf } from '../../scripts/test/leftovers.ts';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'tarmac-leftovers-'));

test('a suite that cleans up has no remark, whatever caches there are', async () => {
  const own = await folder();
  await mkdir(join(own, 'jiti'));
  expect(await clearLeftovers(own)).toEqual([]);
  expect(existsSync(own)).toBe(false);
});

test('files that stay are named and removed', async () => {
  const own = await folder();
  await mkdir(join(own, 'tarmac-pod-1'));
  await writeFile(join(own, 'note'), '');
  expect(await clearLeftovers(own)).toEqual([
    'left behind: note in the temporary folder',
    'left behind: tarmac-pod-1 in the temporary folder',
  ]);
  expect(existsSync(own)).toBe(false);
});

test.each([
  ['its environment', (own: string) => ({ cwd: '/', env: { TMPDIR: own } })],
  ['its working directory alone', (own: string) => ({ cwd: own, env: {} })],
])('a process that stays is found by %s, named and ended', async (_what, options) => {
  const own = await folder();
  const child = spawn('/bin/sleep', ['1000'], { ...options(own), detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  const left = await clearLeftovers(own, 0);
  expect(left).toEqual([`left behind: process ${child.pid ?? 0} (/bin/sleep 1000)`]);
  await ended;
  expect(await processesOf(own)).toEqual([]);
});
