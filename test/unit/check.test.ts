/** `npm run check`: which files have changed, and which tests are nearest to them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changedFiles, UnknownBaseError } from '../../scripts/check/changed.ts';
import { nearestTests, orderByDistance, UNIT_TESTS } from '../../scripts/check/near-tests.ts';
import config from '../../vitest.config.ts';

describe('tests in order of their distance', () => {
  // a ← b ← c, and a test of each; d stands alone.
  const importers = new Map([
    ['a.ts', ['a.test.ts', 'b.ts']],
    ['b.ts', ['b.test.ts', 'c.ts']],
    ['c.ts', ['c.test.ts', 'a.ts']],
    ['d.ts', ['d.test.ts']],
  ]);
  const tests = new Set(['a.test.ts', 'b.test.ts', 'c.test.ts', 'd.test.ts', 'pages.test.ts']);
  test.each<{ changed: string[]; mentions?: string[]; most?: number; files: string[]; related: number }>([
    { changed: [], files: [], related: 0 },
    { changed: ['d.ts'], files: ['d.test.ts'], related: 1 },
    { changed: ['a.ts'], files: ['a.test.ts', 'b.test.ts', 'c.test.ts'], related: 3 },
    { changed: ['b.ts'], files: ['b.test.ts', 'c.test.ts', 'a.test.ts'], related: 3 },
    { changed: ['a.ts', 'd.ts'], files: ['a.test.ts', 'd.test.ts', 'b.test.ts', 'c.test.ts'], related: 4 },
    { changed: ['a.ts', 'c.test.ts'], most: 2, files: ['c.test.ts', 'a.test.ts'], related: 3 },
    { changed: ['page.md'], mentions: ['pages.test.ts'], files: ['pages.test.ts'], related: 1 },
    { changed: ['unknown.ts'], files: [], related: 0 },
  ])('$changed: $files', ({ changed, mentions = [], most = 9, files, related }) => {
    expect(orderByDistance(changed, importers, { tests, mentions, most })).toEqual({ files, related });
  });
});

describe('tests of this repository', () => {
  const root = resolve(import.meta.dirname, '../..');

  test('they are looked for where the project unit looks', () => {
    const unit = config.test?.projects
      ?.map((project) => (typeof project === 'object' && 'test' in project ? project.test : undefined))
      .find((project) => project?.name === 'unit');
    expect(UNIT_TESTS).toEqual(unit?.include);
  });

  test('the test beside a file is the nearest; rooms are followed through their names', async () => {
    const { files, related } = await nearestTests(root, ['runner/src/supervisor/frames.ts'], 1000);
    expect(files[0]).toBe('runner/src/supervisor/frames.test.ts');
    expect(files.some((file) => file.startsWith('client/src/'))).toBe(true);
    expect(related).toBe(files.length);
  });

  test('a file that is read and not imported has the tests that name it', async () => {
    const { files } = await nearestTests(root, ['docs/comparison.md'], 1000);
    expect(files).toContain('test/unit/comparison.test.ts');
    expect(files).toContain('test/unit/guide.test.ts');
  });
});

describe('what has changed', () => {
  let folder: string;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  const write = (name: string): void => writeFileSync(join(folder, name), `${Math.random()}\n`);
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tarmac-changed-'));
    git('init', '--quiet', '--initial-branch=main');
    for (const name of ['kept.ts', 'changed.ts', 'removed.ts']) write(name);
    writeFileSync(join(folder, '.gitignore'), 'ignored.ts\n');
    git('add', '.');
    git('commit', '--quiet', '--message=first');
    git('checkout', '--quiet', '-b', 'work');
    write('committed.ts');
    git('add', '.');
    git('commit', '--quiet', '--message=second');
    for (const name of ['changed.ts', 'new ü.ts', 'ignored.ts']) write(name);
    rmSync(join(folder, 'removed.ts'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('since the branch left the main one', async () => {
    expect((await changedFiles(folder)).files).toEqual(['changed.ts', 'committed.ts', 'new ü.ts']);
  });

  test('since a revision', async () => {
    expect((await changedFiles(folder, 'HEAD')).files).toEqual(['changed.ts', 'new ü.ts']);
  });

  test('a revision that is not there is an error that says so', async () => {
    await expect(changedFiles(folder, 'nowhere')).rejects.toThrow(UnknownBaseError);
    await expect(changedFiles(folder, 'nowhere')).rejects.toThrow(/git knows no revision nowhere\./);
  });
});
