/** The bundles of `dist/`: what is in them, what must not be, and how they are built. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { context, build as esbuild, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { bundledPackages, NOTICES, noticesText } from '../package/notices.ts';

/** The repository's root folder. */
export const root = resolve(import.meta.dirname, '../..');

/** One file of `dist/`. */
export interface Bundle {
  /** Name of the file in `dist/`. */
  readonly file: string;
  /** Entry point, relative to the root. */
  readonly entry: string;
  /** Text put before everything else. */
  readonly banner?: string;
  /** What must not be in it: parts of paths, each with the reason. */
  readonly without: Readonly<Record<string, string>>;
  /** Files that may be in it all the same. */
  readonly but?: readonly string[];
}

const fetchStaysAlone = {
  'node_modules/undici/': 'loading it replaces the process-wide fetch dispatcher',
  'node_modules/@kubernetes/': 'it loads undici; only its types are used',
};
const runnerStaysApart = {
  'node_modules/ws/': 'it belongs into runner.js, which is loaded on the first use of a cluster',
  'node_modules/tar/': 'it belongs into runner.js, which is loaded on the first use of a cluster',
};

/** Everything `npm run build` makes. */
export const bundles: readonly Bundle[] = [
  {
    file: 'cli.js',
    entry: 'cli/src/main.ts',
    banner: '#!/usr/bin/env node',
    without: { 'node_modules/': 'it only loads program.js, so that this comes compiled from the cache' },
  },
  {
    file: 'program.js',
    entry: 'cli/src/program.ts',
    without: {
      ...fetchStaysAlone,
      ...runnerStaysApart,
      'node_modules/vscode-languageserver': 'a terminal speaks no protocol',
    },
  },
  { file: 'runner.js', entry: 'runner/src/index.ts', without: fetchStaysAlone },
  {
    file: 'extension.js',
    entry: 'client/src/extension.ts',
    without: {
      ...fetchStaysAlone,
      ...runnerStaysApart,
      'runner/src/': 'the runner is its own bundle',
      'concourse/src/': 'checking is the work of server.js',
    },
    // Sizes, durations and names of outputs read the same everywhere, also before the runner is loaded.
    but: ['runner/src/model/earlier-output.ts', 'runner/src/model/format.ts'],
  },
  {
    file: 'server.js',
    entry: 'server/src/main.ts',
    without: { 'node_modules/': 'it only loads language-server.js, so that this comes compiled from the cache' },
  },
  {
    file: 'language-server.js',
    entry: 'server/src/language-server.ts',
    without: { ...fetchStaysAlone, ...runnerStaysApart },
  },
];

/** How to build. */
export interface BuildRequest {
  readonly outDir: string;
  /** For the package: small, without source maps. For development: readable, with source maps. */
  readonly minify: boolean;
}

/** A bundle as it was built. */
export interface BuiltBundle {
  readonly file: string;
  readonly bytes: number;
  /** Files of ours and of packages that went into it, relative to the root. */
  readonly inputs: readonly string[];
}

/** Thrown when a bundle holds what it must not; the message names the file, the reason and who imports it. */
export class ForbiddenInputError extends Error {
  override name = 'ForbiddenInputError';
}

/** What is loaded from its own bundle, which lies beside: the runner when it is needed, server and command line by their doors. */
const ownBundles: Plugin = {
  name: 'own-bundles',
  setup(build) {
    build.onResolve({ filter: /^#runner$/ }, () => ({ path: './runner.js', external: true }));
    build.onResolve({ filter: /\/(?:language-server|program)\.ts$/ }, ({ kind, path }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/\.ts$/, '.js'), external: true },
    );
  },
};

function options(bundle: Bundle, { outDir, minify }: BuildRequest): BuildOptions & { metafile: true } {
  return {
    absWorkingDir: root,
    entryPoints: [bundle.entry],
    outfile: join(outDir, bundle.file),
    bundle: true,
    metafile: true,
    platform: 'node',
    // Node 22.15 is the oldest that runs it: VS Code 1.101's extension host.
    target: 'node22.15',
    format: 'cjs',
    // CommonJS loads CommonJS: import() of a bundle becomes require(), which needs no loader hook in the editor's host.
    supported: { 'dynamic-import': false },
    external: ['vscode'],
    mainFields: ['module', 'main'],
    conditions: ['module'],
    plugins: bundle.file === 'runner.js' ? [] : [ownBundles],
    ...(bundle.banner === undefined ? {} : { banner: { js: bundle.banner } }),
    minify,
    sourcemap: minify ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** Who of the inputs imports `input`: the first line of the answer to "how did that get in?". */
function importers(metafile: Metafile, input: string): string[] {
  return Object.entries(metafile.inputs)
    .filter(([, { imports }]) => imports.some(({ path }) => path === input))
    .map(([path]) => path);
}

/**
 * Checks that a bundle holds nothing it must not.
 * @throws {ForbiddenInputError} naming the first forbidden file.
 */
export function checkInputs(bundle: Bundle, metafile: Metafile): void {
  for (const [part, reason] of Object.entries(bundle.without)) {
    // Files of which nothing is left after tree shaking are inputs, too; only what reaches the output counts.
    const outputs = Object.values(metafile.outputs);
    const input = Object.keys(metafile.inputs).find(
      (path) =>
        path.includes(part) &&
        bundle.but?.includes(path) !== true &&
        outputs.some(({ inputs }) => (inputs[path]?.bytesInOutput ?? 0) > 0),
    );
    if (input === undefined) continue;
    throw new ForbiddenInputError(
      `dist/${bundle.file} contains ${input}: ${reason}. Imported by ${importers(metafile, input).join(', ')}.`,
    );
  }
}

function built(bundle: Bundle, metafile: Metafile): BuiltBundle {
  checkInputs(bundle, metafile);
  const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith(bundle.file));
  return { file: bundle.file, bytes: output?.[1].bytes ?? 0, inputs: Object.keys(metafile.inputs) };
}

/** Marks `outDir` as CommonJS: the root's package.json says `"type": "module"`. */
async function markAsCommonJs(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, 'package.json'), '{ "type": "commonjs" }\n');
}

/**
 * Builds all bundles, and writes the licences of the packages that are in them.
 * @throws {ForbiddenInputError} when a bundle holds what it must not; esbuild's own error when one cannot be built.
 */
export async function buildAll(request: BuildRequest): Promise<BuiltBundle[]> {
  const result = await Promise.all(
    bundles.map(async (bundle) => built(bundle, (await esbuild(options(bundle, request))).metafile)),
  );
  await markAsCommonJs(request.outDir);
  const packages = await bundledPackages(
    root,
    result.flatMap(({ inputs }) => inputs),
  );
  await writeFile(join(request.outDir, NOTICES), noticesText(packages));
  return result;
}

/** Builds all bundles and again whenever one of their files changes, until `signal` fires. */
export async function watchAll(
  request: BuildRequest,
  onBuilt: (bundle: BuiltBundle) => void,
  signal: AbortSignal,
): Promise<void> {
  const contexts = await Promise.all(
    bundles.map((bundle) => {
      const report: Plugin = {
        name: 'report',
        setup(each) {
          each.onEnd(({ metafile, errors }) => {
            if (metafile === undefined || errors.length > 0) return undefined;
            try {
              onBuilt(built(bundle, metafile));
              return undefined;
            } catch (error) {
              return { errors: [{ text: (error as Error).message }] };
            }
          });
        },
      };
      const settings = options(bundle, request);
      return context({ ...settings, plugins: [...(settings.plugins ?? []), report] });
    }),
  );
  await Promise.all(contexts.map((each) => each.watch()));
  await markAsCommonJs(request.outDir);
  await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
  await Promise.all(contexts.map((each) => each.dispose()));
}
