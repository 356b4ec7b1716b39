/** One step of `npm test`. */
export interface Suite {
  /** What it is called on the command line and in the report. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly about: string;
  /** Script and arguments for Node, relative to the root. Vitest suites have `project` instead. */
  readonly script?: readonly string[];
  /** Whether the script counts tests: it writes a report as Vitest's to the file that TARMAC_TEST_REPORT names. */
  readonly counts?: boolean;
  /** Whether it is run beside those in front of it, as it keeps one processor busy only. Its output is shown at its turn. */
  readonly beside?: boolean;
  /** Name of the Vitest project. */
  readonly project?: string;
  /** Suites that have to work for this one to be run. */
  readonly needs?: readonly string[];
  /** Minutes after which it counts as hung. */
  readonly limit: number;
  /** Environment variable with the folder that it reads, outside of the repository. Without it the suite is not run. */
  readonly folder?: string;
}

/** Everything `npm test` runs, in this order. */
export const suites: readonly Suite[] = [
  { name: 'types', about: 'tsc --build', script: ['node_modules/typescript/bin/tsc', '--build'], limit: 5 },
  {
    name: 'format',
    about: 'prettier --check',
    script: ['node_modules/prettier/bin/prettier.cjs', '--check', '.'],
    limit: 5,
  },
  { name: 'build', about: 'bundles in dist/', script: ['scripts/build.ts'], limit: 5 },
  {
    name: 'cluster-up',
    about: 'a real Kubernetes on this machine',
    script: ['scripts/cluster.ts', 'up'],
    // The first time, it builds Kubernetes from source. Early, because it installs what unit tests use too (BusyBox).
    limit: 40,
  },
  {
    name: 'lint',
    about: 'eslint, no warnings; shellcheck over the shell scripts',
    script: ['scripts/lint.ts'],
    beside: true,
    limit: 20,
  },
  { name: 'unit', about: 'tests beside the code, test/unit, test/fakes', project: 'unit', limit: 20 },
  {
    name: 'conformance',
    about: "upstream's verdicts on probes and on our own task files",
    project: 'conformance',
    limit: 15,
  },
  {
    name: 'corpus',
    about: 'public task files, which are kept outside of the repository',
    project: 'corpus',
    folder: 'TARMAC_CORPUS',
    limit: 15,
  },
  { name: 'protocol', about: 'the language server over a connection', project: 'protocol', limit: 5 },
  { name: 'fuzz', about: 'texts that nobody would write, with a fixed seed', project: 'fuzz', limit: 15 },
  {
    name: 'cluster',
    about: 'runner and command line on that Kubernetes',
    project: 'cluster',
    needs: ['build', 'cluster-up'],
    limit: 35,
  },
  {
    name: 'editor',
    about: 'the extension in the extension host of a real VS Code',
    script: ['test/editor/run.ts'],
    counts: true,
    needs: ['build', 'cluster-up'],
    // The first time, it installs VS Code and a browser.
    limit: 15,
  },
  { name: 'package', about: 'build/tarmac-<version>.vsix', script: ['scripts/package.ts'], limit: 5 },
  {
    name: 'ui',
    about: 'the packaged extension, installed in a fresh VS Code and used as a person would',
    project: 'ui',
    needs: ['package', 'cluster-up'],
    limit: 20,
  },
];

/** Takes down what `cluster-up` started: run at the end in CI. */
export const clusterDown: Suite = {
  name: 'cluster-down',
  about: 'takes it down again',
  script: ['scripts/cluster.ts', 'down'],
  limit: 5,
};

/**
 * Why a suite cannot be run here, and that is no failure: the folder which it reads is none of the repository's.
 * @returns undefined when it can be run
 */
export function notHere(
  { folder }: Suite,
  env: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean,
): string | undefined {
  if (folder === undefined) return undefined;
  const path = env[folder];
  if (path === undefined || path === '') return `${folder} is not set`;
  return exists(path) ? undefined : `${folder} names ${path}, which is not there`;
}

/** Thrown for a name that is no suite's. */
export class UnknownSuiteError extends Error {
  override name = 'UnknownSuiteError';
}

/**
 * The suites with these names and those they need, in the order of the table; no names: all.
 * @throws {UnknownSuiteError} naming the suites there are.
 */
export function chooseSuites(names: readonly string[]): Suite[] {
  if (names.length === 0) return [...suites];
  const chosen = new Set<string>();
  const choose = (name: string): void => {
    const suite = suites.find((each) => each.name === name);
    if (suite === undefined) {
      throw new UnknownSuiteError(
        `no suite is called ${name}; there are ${suites.map((each) => each.name).join(', ')}`,
      );
    }
    chosen.add(name);
    suite.needs?.forEach(choose);
  };
  names.forEach(choose);
  return suites.filter(({ name }) => chosen.has(name));
}
