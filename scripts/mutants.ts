/**
 * `npm run mutants -- [--only NAME,…]`: switches guards of the runner off, one at a time, in a copy of the repository, and runs the
 * tests that must notice. A mutant that no test catches is a guard that no test holds. Not part of `npm test`.
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './build/bundles.ts';
import { mutants, type Mutant } from './mutants/list.ts';

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } });
const only = values.only.flatMap((names) => names.split(','));
for (const name of only) {
  if (mutants.some((mutant) => mutant.name === name)) continue;
  console.error(`There is no mutant '${name}'; there are ${mutants.map((mutant) => mutant.name).join(', ')}.`);
  process.exit(1);
}

/** Of a report of Vitest, what is read here. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Runs test files in the copy, up to the first failure. The names of tests that failed; undefined when none did. */
async function failedTests(
  copy: string,
  tests: readonly string[],
  more: readonly string[] = [],
): Promise<string[] | undefined> {
  const report = join(copy, 'report.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  // Longer than a test takes anywhere, since a timeout would count as caught.
  const flags = ['--project', 'unit', '--reporter=json', `--outputFile=${report}`, '--bail=1', '--testTimeout=180000'];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...flags, ...more, ...tests], {
    cwd: copy,
    stdio: 'ignore',
  });
  if (status === 0) return undefined;
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report;
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  return all.filter((test) => test.status === 'failed').map(({ fullName }) => fullName);
}

/** Whether a test notices the mutant that passes without it. */
async function isCaught(copy: string, { file, from, to, tests, name, about }: Mutant): Promise<boolean> {
  const path = join(copy, file);
  const text = await readFile(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${name}: the text to change does not occur once in ${file}.`);
  let failed: string[] | undefined;
  try {
    await writeFile(
      path,
      text.replace(from, () => to),
    );
    failed = await failedTests(copy, tests);
  } finally {
    await writeFile(path, text);
  }
  const [first] = failed ?? [];
  const pattern = first?.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const isProven = pattern !== undefined && (await failedTests(copy, tests, ['-t', pattern])) === undefined;
  console.log(`${isProven ? '✓ caught    ' : '✗ not caught'} ${name}: ${about}`);
  if (first !== undefined) console.log(`    ${isProven ? 'by' : 'fails without it, too:'} ${first}`);
  return isProven;
}

const copy = await mkdtemp(join(tmpdir(), 'tarmac-mutants-'));
let caught = 0;
const chosen = mutants.filter(({ name }) => only.length === 0 || only.includes(name));
try {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = spawnSync('git', list, { cwd: root, encoding: 'utf8' }).stdout.split('\0');
  for (const file of files.filter((name) => name !== '')) await cp(join(root, file), join(copy, file));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const mutant of chosen) if (await isCaught(copy, mutant)) caught += 1;
} finally {
  await rm(copy, { recursive: true, force: true });
}
console.log(`${caught} of ${chosen.length} mutants caught`);
process.exitCode = caught === chosen.length ? 0 : 1;
