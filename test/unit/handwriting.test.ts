/** The rules of the lint that keep one handwriting: headers, imports, braces. */
import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { beforeAll, describe, expect, test } from 'vitest';
import config from '../../eslint.config.ts';

// The repository's own configuration, without the rules that need types: the files of these tables do not exist.
const eslint = new ESLint({
  cwd: resolve(import.meta.dirname, '../..'),
  overrideConfigFile: true,
  overrideConfig: [...config, tseslint.configs.disableTypeChecked],
});

/** The rules that object to this code, but for those about what is unused. */
async function objections(code: string, filePath = 'runner/src/example.ts'): Promise<(string | null)[]> {
  const results = await eslint.lintText(code, { filePath });
  const messages = results.flatMap((each) => each.messages);
  expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
  return messages.map(({ ruleId }) => ruleId).filter((rule) => rule !== '@typescript-eslint/no-unused-vars');
}

// The first call loads the parser.
beforeAll(async () => {
  await objections('');
}, 60_000);

describe('a source file begins with what it is for', () => {
  test.each([
    ['no comment', 'export const one = 1;\n'],
    [
      'a comment behind the imports',
      `import { join } from 'node:path';\n/** Joins paths. */\nexport const one = join;\n`,
    ],
    ['a comment for a tool', '// eslint-disable-next-line no-var\nexport const one = 1;\n'],
    ['a comment without words', '/* --- */\nexport const one = 1;\n'],
    ['nothing at all', ''],
  ])('%s', async (_what, code) => {
    expect(await objections(code)).toContain('tarmac/header');
  });

  test.each([
    ['a comment for documentation', '/** Counts to one. */\nexport const one = 1;\n'],
    ['a line comment', '// Counts to one.\nexport const one = 1;\n'],
    ['behind the line that names the interpreter', '#!/usr/bin/env node\n// Counts to one.\nexport const one = 1;\n'],
    [
      'behind a comment for a tool',
      '/* eslint-disable no-control-regex -- they are looked for */\n/** Counts to one. */\nexport const one = 1;\n',
    ],
  ])('fine: %s', async (_what, code) => {
    expect(await objections(code)).not.toContain('tarmac/header');
  });

  test('a test has its name', async () => {
    expect(await objections('export const one = 1;\n', 'runner/src/example.test.ts')).not.toContain('tarmac/header');
  });
});

describe('each module is imported once', () => {
  test.each([
    ["import { a } from './a.ts';\nimport { b } from './a.ts';", 'no-duplicate-imports'],
    ["import type { A } from './a.ts';\nimport { b } from './a.ts';", 'no-duplicate-imports'],
    ["import { type A } from './a.ts';", '@typescript-eslint/no-import-type-side-effects'],
  ])('%j', async (code, rule) => {
    expect(await objections(`/** What it does. */\n${code}\n`)).toContain(rule);
  });

  test.each(["import { b, type A } from './a.ts';", "import type { A } from './a.ts';"])('fine: %s', async (code) => {
    expect(await objections(`/** What it does. */\n${code}\n`)).toEqual([]);
  });
});

describe('braces are around what takes several lines', () => {
  test.each(['for (const a of b)\n  c(a);', 'if (a) b();\nelse {\n  c();\n  d();\n}', 'if (a)\n  b(\n    c,\n  );'])(
    '%j',
    async (code) => {
      expect(await objections(`/** What it does. */\n${code}\n`)).toContain('curly');
    },
  );

  test.each(['if (a) b();', 'for (const a of b) c(a);', 'if (a) {\n  b();\n}', 'if (a) b();\nelse c();'])(
    'fine: %j',
    async (code) => {
      expect(await objections(`/** What it does. */\n${code}\n`)).not.toContain('curly');
    },
  );
});
