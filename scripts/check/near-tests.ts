/**
 * The unit tests that are nearest to changed files: those that were changed themselves, those that import a changed file,
 * those that import what imports it, and so on. Most files are related to most tests in the end, through the faces of the
 * rooms; the nearest ones find most faults.
 */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { build } from 'esbuild';

/** Where the project `unit` of vitest.config.ts looks. */
export const UNIT_TESTS = [
  '{concourse,workspace,server,runner,cli,client}/src/**/*.test.ts',
  'test/fakes/**/*.test.ts',
  'test/unit/**/*.test.ts',
  'test/golden/**/*.test.ts',
];

/** Tests that read every page of the documentation, whatever it is called. */
const PAGE_TESTS = ['test/unit/guide.test.ts', 'test/unit/doc-paths.test.ts'];

/** Tests that bundle, package or copy the whole repository: they take minutes, and are run when they have changed themselves. */
const SLOW_TESTS: ReadonlySet<string> = new Set(
  ['package', 'bundles', 'own-files', 'rooms', 'cluster/bundle'].map((name) => `test/unit/${name}.test.ts`),
);

/** Test files to be run. */
export interface NearTests {
  /** Paths from the root, the nearest first. */
  readonly files: readonly string[];
  /** How many there would be without a limit. */
  readonly related: number;
}

/** For each file, the files that import it; all paths are from the root. */
export type Importers = ReadonlyMap<string, readonly string[]>;

/**
 * Orders tests by how many imports lie between them and a changed file.
 *
 * @param changed paths from the root
 * @param mentions tests that name a changed file in their text, for files that are read and not imported
 * @param most at most so many are given
 */
export function orderByDistance(
  changed: readonly string[],
  importers: Importers,
  { tests, mentions, most }: { tests: ReadonlySet<string>; mentions: readonly string[]; most: number },
): NearTests {
  const found = new Set(changed.filter((file) => tests.has(file)));
  for (const test of mentions) found.add(test);
  const seen = new Set(changed);
  for (let level: readonly string[] = changed; level.length > 0;) {
    const next = new Set(level.flatMap((file) => importers.get(file) ?? []).filter((file) => !seen.has(file)));
    for (const file of next) {
      seen.add(file);
      if (tests.has(file)) found.add(file);
    }
    level = [...next];
  }
  return { files: [...found].slice(0, most), related: found.size };
}

/** Reads the imports of all unit tests, and of what they import. */
async function readImporters(root: string, tests: readonly string[]): Promise<Importers> {
  const { metafile } = await build({
    absWorkingDir: root,
    // One entry for all: a bundle for each would take several times as long, and nobody wants the bundles.
    stdin: { contents: tests.map((test) => `import './${test}';`).join('\n'), resolveDir: root },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    loader: { '.sh': 'text', '.md': 'text' },
    plugins: [
      {
        // Packages do not change; what begins with `#` is ours.
        name: 'packages-are-external',
        setup: (building) => {
          building.onResolve({ filter: /^[^.#/]/ }, ({ path }) => ({ path, external: true }));
        },
      },
    ],
  });
  const importers = new Map<string, string[]>();
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    for (const { path, external } of imports) {
      if (external === true) continue;
      const known = importers.get(path);
      if (known === undefined) importers.set(path, [file]);
      else known.push(file);
    }
  }
  return importers;
}

/** Tests that name one of these files: they read it. */
async function mentioning(root: string, files: readonly string[], tests: readonly string[]): Promise<string[]> {
  const names = files.map((file) => basename(file));
  if (names.length === 0) return [];
  const found = files.some((file) => file.endsWith('.md')) ? [...PAGE_TESTS] : [];
  for (const test of tests) {
    const text = await readFile(join(root, test), 'utf8');
    if (names.some((name) => text.includes(name))) found.push(test);
  }
  return found;
}

/** The unit tests that are nearest to the changed files; see the head of this file. */
export async function nearestTests(root: string, changed: readonly string[], most: number): Promise<NearTests> {
  if (changed.length === 0) return { files: [], related: 0 };
  const tests = globSync(UNIT_TESTS, { cwd: root })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => !SLOW_TESTS.has(file) || changed.includes(file));
  const isCode = (file: string): boolean => file.endsWith('.ts');
  const mentions = await mentioning(
    root,
    changed.filter((file) => !isCode(file)),
    tests,
  );
  const importers = changed.some(isCode) ? await readImporters(root, tests) : new Map<string, string[]>();
  return orderByDistance(changed, importers, { tests: new Set(tests), mentions, most });
}
