/**
 * `npm run package`: builds the minified bundles and packs them as `build/tarmac-<version>.vsix`.
 *
 *     npm run package                    builds first
 *     npm run package -- --no-build      takes dist/ as it is; refused when a bundle is missing, changed or stale
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll, root } from './build/bundles.ts';
import { findFaults, writeRecord } from './build/record.ts';
import { pack } from './package/pack.ts';

const { values } = parseArgs({ options: { build: { type: 'boolean', default: true } }, allowNegative: true });
const dist = join(root, 'dist');
const staged = join(root, 'build', 'vsix');

async function main(): Promise<number> {
  if (values.build) {
    const request = { outDir: dist, minify: true };
    await writeRecord(request, await buildAll(request));
  }
  const faults = await findFaults(dist);
  if (faults.length > 0) {
    console.error(`error: dist/ is not fit for the package\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    console.error('npm run package builds it anew.');
    return 1;
  }
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const packagePath = join(root, 'build', `tarmac-${version}.vsix`);
  await pack(dist, staged, packagePath);
  console.log(`${packagePath}: ${((await stat(packagePath)).size / 1000).toFixed(0)} kB`);
  return 0;
}

process.exitCode = await main();
