/**
 * `npm test`: everything, from the type check to a real Kubernetes. A suite that fails does not keep the later ones from
 * running, one that cannot run has failed, and the last line is `N passed, N failed`.
 *
 *     npm test                     all suites
 *     npm test -- unit cluster     these, and those they need
 *     npm test -- --list           which suites there are
 *
 * The test cluster stays up for the next run; with CI=true it is taken down at the end.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChild } from './child.ts';
import { countsLine, oneTest, readReport, total, withLeftovers, type SuiteResult } from './test/counts.ts';
import { clearLeftovers } from './test/leftovers.ts';
import { chooseSuites, clusterDown, notHere, suites, UnknownSuiteError, type Suite } from './test/suites.ts';

const root = resolve(import.meta.dirname, '..');

/** A suite that has been run. */
interface SuiteOutcome extends SuiteResult {
  readonly suite: Suite;
  readonly durationMs: number;
  /** Why it was not run, where that is no failure. */
  readonly notHere?: string;
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}

function describe({ suite, passed, failed, skipped, durationMs, notHere: why }: SuiteOutcome): string {
  if (why !== undefined) return `– ${suite.name.padEnd(14)} not here: ${why}`;
  return `${failed > 0 ? '✗' : '✓'} ${suite.name.padEnd(14)} ${countsLine({ passed, failed, skipped }).padEnd(32)} ${seconds(durationMs).padStart(8)}`;
}

async function run(suite: Suite, reportDir: string, signal: AbortSignal, output?: number): Promise<SuiteResult> {
  const report = join(reportDir, `${suite.name}.json`);
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', suite.project ?? '', '--reporter=default'];
  const script = suite.script ?? [...vitest, '--reporter=json', `--outputFile.json=${report}`];
  // A temporary folder of its own: what is left in it, and who still works there, is this suite's. The name is short, as
  // sockets lie below it.
  const temporary = await mkdtemp(join(tmpdir(), 't-'));
  // Other users pass through it, as through every temporary folder: tests become them.
  await chmod(temporary, 0o711);
  const env = { TARMAC_TEST_REPORT: report, TMPDIR: temporary };
  const { exitCode, timedOut } = await runChild({
    script,
    cwd: root,
    signal,
    limitMs: suite.limit * 60_000,
    env,
    output,
  });
  const left = await clearLeftovers(temporary);
  if (timedOut) return withLeftovers(oneTest(false, `stopped after ${suite.limit} minutes`), left);
  const counted = suite.script === undefined || suite.counts === true;
  return withLeftovers(counted ? await readReport(report, exitCode) : oneTest(exitCode === 0), left);
}

/** A result, and how long it was waited for, in milliseconds. */
async function timed(result: Promise<SuiteResult>): Promise<[SuiteResult, number]> {
  const began = performance.now();
  return [await result, performance.now() - began];
}

/** A suite that runs beside others. */
interface Beside {
  /** How it ended, and its time in milliseconds. */
  readonly ended: Promise<[SuiteResult, number]>;
  /** The file with its output. */
  readonly log: string;
}

/** Starts a suite whose output goes into a file. */
async function startBeside(suite: Suite, reportDir: string, signal: AbortSignal): Promise<Beside> {
  const log = join(reportDir, `${suite.name}.log`);
  const file = await open(log, 'w');
  const ended = timed(run(suite, reportDir, signal, file.fd)).finally(() => file.close());
  // Whoever awaits it at its turn gets its error; until then it must not end the process as one that nobody handles.
  ended.catch(() => undefined);
  return { ended, log };
}

/** Runs one suite after the other, some beside those in front of them, and says so. */
async function runAll(chosen: readonly Suite[], reportDir: string, signal: AbortSignal): Promise<SuiteOutcome[]> {
  const outcomes: SuiteOutcome[] = [];
  const beside = new Map<Suite, Beside>();
  for (const suite of chosen) {
    if (suite.beside === true) beside.set(suite, await startBeside(suite, reportDir, signal));
  }
  for (const suite of chosen) {
    const started = beside.get(suite);
    if (signal.aborted) {
      // Nothing that was started is left.
      await started?.ended;
      continue;
    }
    console.log(`● ${suite.name}: ${suite.about}`);
    const why = notHere(suite, process.env, existsSync);
    if (why !== undefined) {
      outcomes.push({ suite, passed: 0, failed: 0, skipped: 0, remarks: [], durationMs: 0, notHere: why });
      console.log(`– not here: ${why}\n`);
      continue;
    }
    const missing = suite.needs?.filter((name) => outcomes.some((done) => done.suite.name === name && done.failed > 0));
    const [result, durationMs] = await (started?.ended ??
      timed(
        missing === undefined || missing.length === 0
          ? run(suite, reportDir, signal)
          : Promise.resolve(oneTest(false, `could not run: it needs ${missing.join(' and ')}`)),
      ));
    if (started !== undefined) process.stdout.write(await readFile(started.log));
    const outcome = { suite, ...result, durationMs };
    outcomes.push(outcome);
    for (const remark of outcome.remarks) console.log(`  ${remark}`);
    console.log(`${describe(outcome)}\n`);
  }
  return outcomes;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { list: { type: 'boolean' } } });
  if (values.list === true) {
    for (const { name, about } of suites) console.log(`${name.padEnd(14)} ${about}`);
    return 0;
  }
  const chosen = chooseSuites(positionals);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

  const began = performance.now();
  const reportDir = await mkdtemp(join(tmpdir(), 'tarmac-test-'));
  try {
    const outcomes = await runAll(chosen, reportDir, stop.signal);
    if (process.env['CI'] === 'true' && outcomes.some(({ suite }) => suite.name === 'cluster-up')) {
      outcomes.push(...(await runAll([clusterDown], reportDir, new AbortController().signal)));
    }
    for (const outcome of outcomes) console.log(describe(outcome));
    // Once more at the end, where a reader of a long log looks first.
    for (const { suite, remarks, failures = [] } of outcomes.filter(({ failed }) => failed > 0)) {
      console.log(`\n${suite.name} failed:`);
      for (const line of [...remarks, ...failures]) console.log(`  ${line}`);
    }
    for (const { suite, unsteady = [] } of outcomes) {
      if (unsteady.length > 0) console.log(`\n${suite.name} passed at the second try only:`);
      for (const line of unsteady) console.log(`  ${line}`);
    }
    const counts = total(outcomes);
    console.log(`\n${stop.signal.aborted ? 'interrupted' : 'done'} after ${seconds(performance.now() - began)}`);
    console.log(countsLine(counts));
    return counts.failed > 0 || stop.signal.aborted ? 1 : 0;
  } finally {
    await rm(reportDir, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UnknownSuiteError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
