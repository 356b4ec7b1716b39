/**
 * The repository needs nothing but itself. Each test file is watched while it runs (test/support/outside.ts); here a copy
 * that has nothing beside it runs the tests that read most files, and no source names a path that leaves the root.
 */
import { execFile } from 'node:child_process';
import { copyFile, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const execute = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** The files of the repository as they are now, with those that are new. */
async function ownFiles(): Promise<string[]> {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await execute('git', listing, { cwd: root, maxBuffer: 64 << 20 });
  return [...new Set(stdout.split('\0'))].filter((file) => file !== '');
}

let files: string[];
beforeAll(async () => {
  files = await ownFiles();
});

describe('a copy with nothing beside it', () => {
  let parent: string;
  let copy: string;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'tarmac-copy-'));
    copy = join(parent, 'repository');
    for (const file of files) {
      // A file that was removed is still in the index; a link to node_modules is none of the repository.
      const there = await lstat(join(root, file)).catch(() => undefined);
      if (there?.isFile() !== true) continue;
      await mkdir(dirname(join(copy, file)), { recursive: true });
      await copyFile(join(root, file), join(copy, file));
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  }, 120_000);
  afterAll(() => rm(parent, { recursive: true, force: true }));

  /** Runs Vitest in the copy, without a variable that points elsewhere. */
  async function vitest(...args: string[]): Promise<{ passed: boolean; said: string }> {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('TARMAC_') && !name.startsWith('VITEST')),
    );
    const script = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args];
    try {
      const { stdout } = await execute(process.execPath, script, { cwd: copy, env, maxBuffer: 64 << 20 });
      return { passed: true, said: stdout };
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      return { passed: false, said: stdout + stderr };
    }
  }

  test('passes the tests that read files of tasks', async () => {
    const names = ['own-corpus', 'features/formatting', 'json-schema', 'cluster-scripts', 'test-counts'];
    const { passed, said } = await vitest('--project', 'unit', '--project', 'conformance', ...names);
    expect(passed, said).toBe(true);
  }, 240_000);

  test('fails a test that looks beside it, and names the file', async () => {
    const beside = join(copy, 'test/unit/beside.test.ts');
    await writeFile(
      beside,
      `import { existsSync } from 'node:fs';
import { test } from 'vitest';
test('looks', () => void existsSync(\`\${import.meta.dirname}/../../../shared/corpus\`));
`,
    );
    const { passed, said } = await vitest('--project', 'unit', 'test/unit/beside');
    expect(passed).toBe(false);
    expect(said).toContain(join(parent, 'shared/corpus'));
  }, 120_000);
});

test('no source climbs out of the repository', async () => {
  const climbing: string[] = [];
  for (const file of files.filter((name) => /\.(?:ts|mts|mjs)$/.test(name))) {
    const text = await readFile(join(root, file), 'utf8').catch(() => '');
    const depth = file.split('/').length - 1;
    for (const [place] of text.matchAll(/import\.meta\.dirname\}?[^\n;]*/g)) {
      if ((place.match(/\.\.(?=[/'"`])/g) ?? []).length > depth) climbing.push(`${file}: ${place}`);
    }
  }
  // The line in this file that looks beside the copy on purpose.
  expect(climbing.filter((line) => !line.startsWith('test/unit/own-files.test.ts'))).toEqual([]);
});
