/**
 * `npm run bench`: Tarmac beside its peers, in one run, the runner on the real test cluster. Each figure is the median of a few
 * rounds in which both sides take turns, because the machine is shared and noisy; what counts is the ratio.
 * Writes results.md, language-server.md, test-results.md and editor.md of test/bench/, whatever they say.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './build/bundles.ts';
import { runChild } from './child.ts';
import { benchEditor } from './bench/editor.ts';
import { benchFirstByte } from './bench/first-byte.ts';
import { benchJob } from './bench/job.ts';
import { benchLanguageServer } from './bench/language-server.ts';
import { benchOutput } from './bench/output.ts';
import { benchTestResults } from './bench/test-results.ts';
import { benchUpload } from './bench/upload.ts';
import { openBench } from './bench/setup.ts';
import { renderResults, type Comparison } from './bench/results.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '5' },
    'no-write': { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1');

const benches: Record<string, typeof benchUpload> = {
  upload: benchUpload,
  'first-byte': benchFirstByte,
  output: benchOutput,
  job: benchJob,
};
/** The benches that need no cluster, and the one in a VS Code: each has a table of its own. */
const [LANGUAGE_SERVER, TEST_RESULTS, EDITOR] = ['language-server', 'test-results', 'editor'];
const all = [...Object.keys(benches), LANGUAGE_SERVER, TEST_RESULTS, EDITOR];
const chosen = values.only ?? all;

/** Runs one of our scripts to its end. */
async function prepare(title: string, script: readonly string[], limitMinutes: number): Promise<void> {
  console.log(`● ${title}`);
  const signal = new AbortController().signal;
  const { exitCode } = await runChild({ script, cwd: root, signal, limitMs: limitMinutes * 60_000 });
  if (exitCode !== 0) throw new Error(`${title}: ended with exit code ${exitCode}`);
}

// As it is packaged: users do not load readable bundles. The editor's bench has a folder of its own.
if (chosen.some((name) => name !== EDITOR && name !== TEST_RESULTS)) {
  await prepare('bundles, minified', ['scripts/build.ts', '--minify'], 5);
}

if (chosen.includes(LANGUAGE_SERVER)) {
  const table = await benchLanguageServer(rounds);
  console.log(`\n${table}`);
  if (!values['no-write']) await writeFile('test/bench/language-server.md', table);
}
if (chosen.includes(TEST_RESULTS)) {
  const table = await benchTestResults(rounds);
  console.log(`\n${table}`);
  if (!values['no-write']) await writeFile('test/bench/test-results.md', table);
}
const onCluster = chosen.filter((name) => ![LANGUAGE_SERVER, TEST_RESULTS, EDITOR].includes(name));
if (onCluster.length > 0 || chosen.includes(EDITOR)) {
  await prepare('a real Kubernetes on this machine (npm run cluster -- up)', ['scripts/cluster.ts', 'up'], 40);
}
if (onCluster.length > 0) await benchCluster(onCluster);
if (chosen.includes(EDITOR)) {
  const table = await benchEditor(rounds);
  console.log(`\n${table}`);
  if (!values['no-write']) await writeFile('test/bench/editor.md', table);
}

/** The comparisons that need a cluster. */
async function benchCluster(names: readonly string[]): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'tarmac-bench-'));
  try {
    await using bench = await openBench(scratch, rounds);
    const comparisons: Comparison[] = [];
    for (const name of names) {
      const run = benches[name];
      if (!run) throw new Error(`no bench is called '${name}'; there are: ${all.join(', ')}`);
      console.log(`bench ${name}`);
      comparisons.push(...(await run(bench)));
    }
    const table = renderResults(comparisons, bench.facts);
    console.log(`\n${table}`);
    if (!values['no-write']) await writeFile('test/bench/results.md', table);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
