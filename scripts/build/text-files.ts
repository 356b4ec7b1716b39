/**
 * Shell scripts are imported as text, `import x from './x.sh' with { type: 'text' }`. esbuild does so by itself, Node with
 * the flag that `scripts/run.mjs` gives it; Vite needs this plugin.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vitest/config';

/** Vite's and Vitest's plugin: a file `*.sh` is a module whose default export is its text. */
export const textFiles: Plugin = {
  name: 'text-files',
  enforce: 'pre',
  async load(id) {
    if (!id.endsWith('.sh')) return undefined;
    return `export default ${JSON.stringify(await readFile(id, 'utf8'))};`;
  },
};
