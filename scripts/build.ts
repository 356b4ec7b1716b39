/**
 * `npm run build`: makes the bundles in `dist/` and prints their sizes.
 *
 *     npm run build                for development: readable, with source maps
 *     npm run build -- --minify    for the package
 *     npm run build -- --watch     again at every change, until Ctrl-C
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll, ForbiddenInputError, root, watchAll, type BuiltBundle } from './build/bundles.ts';
import { writeRecord } from './build/record.ts';

const { values } = parseArgs({
  options: { minify: { type: 'boolean', default: false }, watch: { type: 'boolean', default: false } },
});
const request = { outDir: join(root, 'dist'), minify: values.minify };

function print({ file, bytes }: BuiltBundle): void {
  console.log(`  dist/${file.padEnd(14)}${(bytes / 1000).toFixed(0).padStart(7)} kB`);
}

async function main(): Promise<void> {
  if (values.watch) {
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    process.once('SIGTERM', () => stop.abort());
    console.log('watching; Ctrl-C ends it');
    await watchAll(request, print, stop.signal);
    return;
  }
  const built = await buildAll(request);
  await writeRecord(request, built);
  built.forEach(print);
}

try {
  await main();
} catch (error) {
  // What a file's author did wrong is told in full; esbuild has printed its messages by now. The rest is a bug here.
  if (error instanceof ForbiddenInputError) console.error(`error: ${error.message}`);
  else if (!(error instanceof Error && 'errors' in error)) throw error;
  process.exitCode = 1;
}
