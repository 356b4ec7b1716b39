import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { circlesRule } from '../../scripts/eslint/circles.ts';

/** A small house of these files, and what the rule says of one of them. */
async function objections(files: Readonly<Record<string, string>>, file: string): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'tarmac-circles-'));
  try {
    const imports = { '#one': './one/index.ts', '#internal/*': './*' };
    for (const [name, text] of Object.entries({ ...files, 'package.json': JSON.stringify({ imports }) })) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    const eslint = new ESLint({
      cwd: root,
      overrideConfigFile: true,
      overrideConfig: {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        plugins: { tarmac: { rules: { circles: circlesRule } } },
        rules: { 'tarmac/circles': 'error' },
      },
    });
    const results = await eslint.lintFiles(file);
    return results.flatMap(({ messages }) => messages.map(({ message }) => message));
  } finally {
    await rm(root, { recursive: true });
  }
}

const circle = (...files: string[]): string => `This import closes a circle: ${files.join(' → ')}.`;

describe('an import that leads back to its own file fails the lint', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['two files', { 'b.ts': `import { a } from './a.ts';` }, ['a.ts', 'b.ts', 'a.ts']],
    ['types only', { 'b.ts': `import type { A } from './a.ts';` }, ['a.ts', 'b.ts', 'a.ts']],
    [
      'three files, the last by a re-export',
      { 'b.ts': `export { c } from './c.ts';`, 'c.ts': `export * from './a.ts';` },
      ['a.ts', 'b.ts', 'c.ts', 'a.ts'],
    ],
    ['an import that is made later', { 'b.ts': `const a = await import('./a.ts');` }, ['a.ts', 'b.ts', 'a.ts']],
    ['a type that is named in place', { 'b.ts': `export type A = import('./a.ts').A;` }, ['a.ts', 'b.ts', 'a.ts']],
    [
      'through the name of a room',
      { 'b.ts': `import '#one';`, 'one/index.ts': `import '#internal/a.ts';` },
      ['a.ts', 'b.ts', 'one/index.ts', 'a.ts'],
    ],
  ])('%s', async (_what, files, expected) => {
    expect(await objections({ 'a.ts': `import { b } from './b.ts';`, ...files }, 'a.ts')).toEqual([
      circle(...expected),
    ]);
  });

  test.each([
    `import type { B } from './b.ts';`,
    `export * from './b.ts';`,
    `export { b } from './b.ts';`,
    `void import('./b.ts');`,
    `export type B = import('./b.ts').B;`,
  ])('in whatever way it imports: %s', async (text) => {
    const files = { 'a.ts': text, 'b.ts': `import './a.ts';` };
    expect(await objections(files, 'a.ts')).toEqual([circle('a.ts', 'b.ts', 'a.ts')]);
  });

  test('a file that imports itself', async () => {
    expect(await objections({ 'a.ts': `import './a.ts';` }, 'a.ts')).toEqual([circle('a.ts', 'a.ts')]);
  });
});

test('two ways to one file are no circle, nor is a circle that others have', async () => {
  const files = {
    'a.ts': `import './b.ts'; import './c.ts'; import 'yaml';`,
    'b.ts': `import './c.ts';`,
    'c.ts': `import './d.ts';`,
    'd.ts': `import './c.ts';`,
  };
  expect(await objections(files, 'a.ts')).toEqual([]);
});
