import type { Plugin } from 'esbuild';

/**
 * Keeps undici and the generated API of `@kubernetes/client-node` 2.x out of the bundles. Loading undici replaces the
 * fetch dispatcher of the whole process, so every other extension in the same host would send its requests through our
 * copy; and the generated API is more than a megabyte that nobody calls.
 *
 * Of that package we run only `dist/oidc_auth.js` (see runner/src/cluster/cluster.ts), which reaches both through
 * `./config.js`, for the sake of one function. This gives it that function alone.
 */
export const slimKubernetesClient: Plugin = {
  name: 'slim-kubernetes-client',
  setup(build) {
    build.onLoad({ filter: /[\\/]@kubernetes[\\/]client-node[\\/]dist[\\/]config\.js$/ }, () => ({ contents: config }));
  },
};

/** `bufferFromFileOrString` of client-node's `config.js`: the bytes of a file, else of base64 text, else null. */
const config = `
import { readFileSync } from 'node:fs';
export function bufferFromFileOrString(file, data) {
  if (file) return readFileSync(file);
  return data ? Buffer.from(data, 'base64') : null;
}
`;
