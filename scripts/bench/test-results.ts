/**
 * The results of 50,000 tests: from the bytes of a JUnit report to the items of the Test Explorer, through the code of the runner
 * and of the client, beside a plain XML parser that only reads. Needs no cluster and no VS Code: its API is that of the tests.
 */
import { createRequire, registerHooks } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import type { Memento, TestController, TestItem, TestRun } from 'vscode';
import type { ReportSource, RunRecord } from '#runner';
import { median } from './results.ts';

const tests = 50_000;
const goals = { seconds: 2, stallMs: 100 } as const;

/** What is used of the peer, which has no types. */
interface Sax {
  parser(strict: boolean, options: object): { write(text: string): { close(): void } };
}

/** How a piece of work went. */
interface Measured {
  readonly seconds: number;
  /** Of the processor, which a busy machine does not lengthen. */
  readonly cpuSeconds: number;
  /** The longest that nothing else had its turn, in milliseconds: by the clock, and of the thread's own work. */
  readonly stallMs: number;
  readonly busyMs: number;
}

/** Watches while something is done; each turn of the loop is a chance for others. */
async function measured(work: () => Promise<void>): Promise<Measured> {
  let [done, stallMs, busyMs] = [false, 0, 0];
  const busy = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  const watch = async (): Promise<void> => {
    let [at, cpu] = [performance.now(), busy()];
    while (!done) {
      await setImmediate();
      const [now, used] = [performance.now(), busy()];
      stallMs = Math.max(stallMs, now - at);
      busyMs = Math.max(busyMs, Math.min(now - at, used - cpu));
      [at, cpu] = [now, used];
    }
  };
  const watching = watch();
  const [began, before] = [performance.now(), busy()];
  await work();
  const seconds = (performance.now() - began) / 1000;
  const cpuSeconds = (busy() - before) / 1000;
  done = true;
  await watching;
  return { seconds, cpuSeconds, stallMs, busyMs };
}

/** A report as pytest writes it: classes of 50 tests, one in a hundred fails with a trace. */
function report(): Buffer {
  const lines = ['<?xml version="1.0"?>', `<testsuites><testsuite name="pytest" tests="${tests}">`];
  for (let at = 0; at < tests; at++) {
    const head = `<testcase classname="tests.unit.test_${Math.floor(at / 50)}.TestCase" name="test_value_${at}" time="0.0${at % 10}"`;
    const fails = at % 100 === 7;
    const trace = `self = &lt;test&gt;\n\n    def test_value_${at}(self):\n>       assert 1 == 2\nE       AssertionError\n\ntests/unit/test_${Math.floor(at / 50)}.py:12: AssertionError`;
    lines.push(fails ? `${head}><failure message="assert 1 == 2">${trace}</failure></testcase>` : `${head}/>`);
  }
  lines.push('</testsuite></testsuites>', '');
  return Buffer.from(lines.join('\n'));
}

/** Runs the comparison and gives the table. */
export async function benchTestResults(rounds: number): Promise<string> {
  const fake = pathToFileURL(resolve(import.meta.dirname, '../../test/fakes/vscode-results.ts')).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'vscode' ? { url: fake, shortCircuit: true } : next(specifier, context),
  });
  const { findResults } = await import('#runner');
  const { testTree } = await import('#internal/client/src/results/test-tree.ts');
  const { flakyTests, TestHistory } = await import('#internal/client/src/results/history.ts');
  const { LocalFiles } = await import('#internal/client/src/results/local-files.ts');
  const { showResults } = await import('#internal/client/src/testing/result-items.ts');
  const sax = createRequire(import.meta.url)('sax') as Sax;

  const text = report();
  const source: ReportSource = {
    outputs: ['reports'],
    members: () => Promise.resolve([{ path: 'junit.xml', type: 'file', size: text.length }]),
    readFile: (_output, _path, sink) => {
      for (let at = 0; at < text.length; at += 65_536) sink(text.subarray(at, at + 65_536));
      return Promise.resolve();
    },
  };
  const kept = new Map<string, unknown>();
  const memento = {
    keys: () => [...kept.keys()],
    get: (key: string, otherwise?: unknown) => kept.get(key) ?? otherwise,
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  } as Memento;
  const history = new TestHistory(memento);
  const given = { params: {}, command: 'x', surroundings: 'x' };
  const record = { taskFile: '/unit.yml', task: 'unit', imageDigest: 'x', inputs: [], given } as unknown as RunRecord;
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let round = 0; round <= rounds; round++) {
    let shown = 0;
    const one = await measured(async () => {
      const found = await findResults(source);
      const tree = await testTree(found.tests);
      const flaky = await flakyTests(history, { run: `unit-${round}`, state: 'failed' }, record, tree);
      const count = (): void => {
        shown++;
      };
      const testRun = { passed: count, failed: count, errored: count, skipped: count, appendOutput: () => undefined };
      const local = new LocalFiles({ dir: '/w', inputs: [{ container: '/w/app', local: '/nowhere/app' }] });
      await showResults(tree, {
        controller: { createTestItem: newItem } as unknown as TestController,
        parent: newItem('task') as unknown as TestItem,
        testRun: testRun as unknown as TestRun,
        local,
        flaky,
      });
    });
    if (shown !== tests) throw new Error(`${shown} of ${tests} tests were shown`);
    const peer = await measured(() => {
      const parser = sax.parser(true, {});
      parser.write(text.toString()).close();
      return Promise.resolve();
    });
    // The first round compiles the code of both.
    if (round > 0) ours.push(one);
    if (round > 0) theirs.push(peer);
  }
  return table(ours, theirs, text.length);
}

/** As much of an item as is asked for. */
function newItem(id: string): { readonly id: string; readonly children: { readonly replace: () => void } } {
  return { id, children: { replace: () => undefined } };
}

function table(ours: readonly Measured[], theirs: readonly Measured[], bytes: number): string {
  const of = (all: readonly Measured[], key: keyof Measured): number => median(all.map((each) => each[key]));
  const met = (value: number, goal: number): string => (value <= goal ? 'met' : '**missed**');
  const seconds = of(ours, 'cpuSeconds');
  const busy = of(ours, 'busyMs');
  return [
    '# Results of 50,000 tests',
    '',
    'Written by `npm run bench -- --only test-results`. Medians of all rounds. Tarmac reads the report, makes the tree, compares',
    'with earlier runs and makes the items of the Test Explorer; the peer is the XML parser alone, in one piece.',
    '',
    `- ${tests} tests, ${(bytes / 1_000_000).toFixed(1)} MB of JUnit XML; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1) ?? ''}`,
    '',
    '| what | Tarmac | sax | goal | |',
    '|---|---|---|---|---|',
    `| seconds of the processor | ${seconds.toFixed(2)} | ${of(theirs, 'cpuSeconds').toFixed(2)} | ≤ ${goals.seconds} | ${met(seconds, goals.seconds)} |`,
    `| seconds by the clock, with what else the machine did | ${of(ours, 'seconds').toFixed(2)} | ${of(theirs, 'seconds').toFixed(2)} | | |`,
    `| longest stall by the clock, ms | ${of(ours, 'stallMs').toFixed(0)} | ${of(theirs, 'stallMs').toFixed(0)} | | |`,
    `| longest stall of its own work, ms | ${busy.toFixed(0)} | ${of(theirs, 'busyMs').toFixed(0)} | ≤ ${goals.stallMs} | ${met(busy, goals.stallMs)} |`,
    '',
  ].join('\n');
}
