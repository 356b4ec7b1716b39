/** A record of what the bundles were built from, so that a stale one is never packaged. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NOTICES } from '../package/notices.ts';
import { root, bundles, type BuildRequest, type BuiltBundle } from './bundles.ts';

/** What `dist/build.json` holds: enough to tell whether the bundles are those of today's sources. */
interface BuildRecord {
  readonly minified: boolean;
  /** File of `dist/` → SHA-256 of its bytes. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Source file, relative to the root → SHA-256 of its bytes. */
  readonly inputs: Readonly<Record<string, string>>;
}

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** SHA-256 of each file, or undefined for one that is not there any more. */
async function digests(folder: string, files: Iterable<string>): Promise<Record<string, string | undefined>> {
  const entries = await Promise.all(
    Array.from(files, async (file) => {
      const digest = await sha256(join(folder, file)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      });
      return [file, digest] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/** Writes `build.json` beside the bundles. */
export async function writeRecord({ outDir, minify }: BuildRequest, built: readonly BuiltBundle[]): Promise<void> {
  const sources = new Set(built.flatMap(({ inputs }) => inputs).filter((input) => !input.includes(':')));
  const record = {
    minified: minify,
    outputs: await digests(outDir, built.map(({ file }) => file).concat(NOTICES)),
    inputs: await digests(root, sources),
  };
  await writeFile(join(outDir, 'build.json'), `${JSON.stringify(record, undefined, 1)}\n`);
}

/** The names of the files whose digest is not the recorded one. */
async function changed(folder: string, recorded: Readonly<Record<string, string>>): Promise<string[]> {
  const now = await digests(folder, Object.keys(recorded));
  return Object.keys(recorded).filter((file) => now[file] !== recorded[file]);
}

/**
 * What keeps the bundles in `outDir` from being packaged: missing, changed by hand, older than the sources, or built for
 * development. An empty list means that they are fit.
 */
export async function findFaults(outDir: string): Promise<string[]> {
  const text = await readFile(join(outDir, 'build.json'), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return [`${outDir} holds no finished build: run npm run build -- --minify`];
  const { minified, outputs, inputs } = JSON.parse(text) as BuildRecord;

  const wanted = bundles.map(({ file }) => file).concat(NOTICES);
  const present = await digests(outDir, wanted);
  const missing = wanted.filter((file) => present[file] === undefined || !(file in outputs));
  const touched = (await changed(outDir, outputs)).filter((file) => !missing.includes(file));
  const stale = await changed(root, inputs);
  return [
    ...missing.map((file) => `${file} is missing`),
    ...touched.map((file) => `${file} is not the one that was built`),
    ...stale.map((file) => `${file} has changed since the build`),
    ...(minified ? [] : ['the bundles are built for development, not minified']),
  ];
}
