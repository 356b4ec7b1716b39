import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logName, tidyLogs } from './tidy-logs.ts';

const dayMs = 24 * 60 * 60 * 1000;
const now = Date.now();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tarmac-logs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function logOf(run: string, ageDays: number): Promise<string> {
  const file = join(folder, run, logName(run));
  await mkdir(join(folder, run));
  await writeFile(file, 'output');
  await utimes(file, new Date(now - ageDays * dayMs), new Date(now - ageDays * dayMs));
  return file;
}

test('the log of a run has a name of its own, which its editor tab shows', () => {
  expect([logName('unit-1f6d20aa'), logName('lint-9b')]).toEqual(['unit-1f6d20aa.log', 'lint-9b.log']);
});

test('logs go after a month, but for those of runs that go on or that another window writes', async () => {
  await logOf('new', 29);
  await logOf('old', 31);
  await logOf('unfinished', 31);
  await writeFile(`${await logOf('elsewhere', 31)}.lock`, String(process.ppid));
  expect(await tidyLogs(folder, new Set(['unfinished']), now)).toEqual(['old']);
  expect(await readdir(folder)).toEqual(['elsewhere', 'new', 'unfinished']);
});

test('of many logs the oldest go, but none of today', async () => {
  for (let count = 0; count < 201; count++) await logOf(`today-${count}`, 0);
  await logOf('older', 3);
  expect(await tidyLogs(folder, new Set(), now)).toEqual(['older']);
});

test('there need be no logs', async () => {
  expect(await tidyLogs(join(folder, 'nowhere'), new Set(), now)).toEqual([]);
});
