/** What ESLint checks: strict types, the table of rooms, and the rules of this house (`scripts/eslint`). */
import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { defineConfig } from 'eslint/config';
import { circlesRule } from './scripts/eslint/circles.ts';
import { headerRule } from './scripts/eslint/header.ts';
import { roomsRule } from './scripts/eslint/rooms.ts';
import { shellTexts } from './scripts/eslint/shell.ts';
import { rawTexts } from './scripts/eslint/texts.ts';

export default defineConfig(
  { ignores: ['dist/', 'out/', 'build/', 'coverage/', 'test/fixtures/', 'test/conformance/probes/'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { tarmac: { rules: { circles: circlesRule, header: headerRule, rooms: roomsRule } } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // One import for each module: types stand inline beside values, and have an import of their own where there is no value.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      'no-duplicate-imports': 'error',
      // Without braces is what stands on one line.
      curly: ['error', 'multi-line', 'consistent'],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'tarmac/circles': 'error',
      'tarmac/rooms': 'error',
    },
  },
  {
    files: ['client/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-restricted-syntax': ['error', ...rawTexts] },
  },
  {
    files: ['runner/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**', '**/store-contract.ts'],
    rules: { 'no-restricted-syntax': ['error', ...shellTexts] },
  },
  { ignores: ['**/*.test.ts'], rules: { 'tarmac/header': 'error' } },
  // Plain JavaScript has its types in comments: `tsc` checks them, and what Node defines; the typed rules cannot see them.
  { files: ['**/*.mjs'], extends: [tseslint.configs.disableTypeChecked], rules: { 'no-undef': 'off' } },
  {
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@kubernetes/client-node', '@kubernetes/client-node/*'],
              allowTypeImports: true,
              message: 'Only its types are used: loading it replaces the fetch dispatcher of the process.',
            },
          ],
        },
      ],
    },
  },
);
