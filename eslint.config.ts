import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { defineConfig } from 'eslint/config';

/** The rooms of the house (docs/architecture.md) and, for each, what it never imports. */
const rooms: Record<string, string[]> = {
  task: [
    'server',
    'runner',
    'client',
    'cli',
    'test',
    'vscode',
    '@kubernetes/client-node',
    'vscode-languageserver',
    'node:*',
  ],
  server: ['runner', 'client', 'cli', 'test', 'vscode', '@kubernetes/client-node'],
  runner: ['server', 'client', 'cli', 'test', 'vscode', 'vscode-languageserver'],
  client: ['server', 'cli', 'test'],
  cli: ['server', 'client', 'test', 'vscode', '@kubernetes/client-node'],
};
const ours = Object.keys(rooms).concat('test');

/** One room's rule: another room is forbidden by its folder in a relative import, a package by its name. */
function roomRule(room: string, forbidden: string[]) {
  return {
    files: [`${room}/src/**/*.ts`],
    // A test may read fixtures from disk and use the doubles of test/.
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: forbidden.map((name) => ({
            group: ours.includes(name) ? [`**/${name}/**`] : [name, `${name}/*`],
            message: `The room ${room}/ does not import ${name}: see docs/architecture.md.`,
          })),
        },
      ],
    },
  } as const;
}

export default defineConfig(
  { ignores: ['dist/', 'out/', 'build/', 'coverage/', 'test/fixtures/', 'test/conformance/probes/'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  ...Object.entries(rooms).map(([room, forbidden]) => roomRule(room, forbidden)),
);
