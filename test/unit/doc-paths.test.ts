/** What the documentation names in back-ticks as a file or folder of this repository is there. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Folders that are made; a page may name what is in them. */
const MADE = ['dist', 'out', 'build', 'coverage', 'node_modules'];

const folders = readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && !MADE.includes(entry.name) && entry.name !== '.git' ? [entry.name] : [],
);

const pages = [
  ...globSync('*.md', { cwd: root }),
  ...globSync('docs/**/*.md', { cwd: root }),
  ...globSync('.github/**/*.md', { cwd: root }),
].sort();

/**
 * The texts in back-ticks that name files of this repository: they begin with one of its folders, or are a source file.
 * `*` and braces stand for several.
 */
function pathsIn(page: string): string[] {
  const prose = page.replaceAll(/^```[^]*?^```$/gmu, '');
  return [...prose.matchAll(/`([\w.@/*{},-]+)`/gu)].flatMap(([, text = '']) => {
    const inFolder = text.includes('/') && folders.includes(text.split('/')[0] ?? '');
    return inFolder || /[\w*}]\.(?:ts|mts|mjs)$/u.test(text) ? [text] : [];
  });
}

function isThere(path: string): boolean {
  return existsSync(resolve(root, path)) || globSync(path, { cwd: root }).length > 0;
}

test.each(pages)('%s names files that there are', (page) => {
  const missing = pathsIn(readFileSync(resolve(root, page), 'utf8')).filter((path) => !isThere(path));
  expect(missing).toEqual([]);
});

test.each([
  ['`runner/src/pod/pod.ts` and `dist/server.js`', ['runner/src/pod/pod.ts']],
  ['`pod.ts`, `a/b.test.ts`, `out/x`', ['pod.ts', 'a/b.test.ts']],
  ['`client/src/choices/ask-*.ts`, `ci/unit.yml`, `git log`, `.ts`', ['client/src/choices/ask-*.ts']],
  ['```sh\n`runner/src/none.ts`\n```\n', []],
])('%s', (text, paths) => {
  expect(pathsIn(text)).toEqual(paths);
});

test('a path that is not there is missed', () => {
  expect(isThere('runner/src/pod/pod.ts')).toBe(true);
  expect(isThere('runner/src/pod/{pod,names}.ts')).toBe(true);
  expect(isThere('runner/src/pod/none.ts')).toBe(false);
  expect(isThere('pod.ts')).toBe(false);
});
