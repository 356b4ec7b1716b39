import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeFiles } from './node-files.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tarmac-files-'));
  file = join(folder, 'unit.yml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file that is written twice in one tick is read as it is', () => {
  const files = new NodeFiles();
  writeFileSync(file, 'one');
  const { atime, mtime } = statSync(file);
  expect(files.read(file)).toBe('one');
  writeFileSync(file, 'two');
  utimesSync(file, atime, mtime);
  files.forget();
  expect(files.read(file)).toBe('two');
});

test('a file that was changed long ago is read again when it changes, and when it is gone it is not there', () => {
  const files = new NodeFiles();
  writeFileSync(file, 'one');
  utimesSync(file, 1, 1);
  expect(files.read(file)).toBe('one');
  files.forget();
  expect(files.read(file)).toBe('one');
  writeFileSync(file, 'longer');
  utimesSync(file, 2, 2);
  files.forget();
  expect(files.read(file)).toBe('longer');
  rmSync(file);
  files.forget();
  expect(files.read(file)).toBeUndefined();
});
