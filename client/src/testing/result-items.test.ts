import { describe, expect, test, vi } from 'vitest';
import type { TestController, TestItem, TestRun } from 'vscode';
import type { TestResult } from '#runner';
import type { FlakyTest } from '../results/history.ts';
import { LocalFiles } from '../results/local-files.ts';
import { testTree } from '../results/test-tree.ts';
import type { Location, TestMessage, Uri } from '../../../test/fakes/vscode-results.ts';
import { messageText, showResults } from './result-items.ts';

vi.mock('vscode', () => import('../../../test/fakes/vscode-results.ts'));

/** An item as VS Code has it, in plain words. */
class Item {
  description: string | undefined;
  range: unknown;
  readonly all = new Map<string, Item>();
  readonly children = {
    replace: (items: readonly Item[]) => {
      this.all.clear();
      for (const item of items) this.all.set(item.id, item);
    },
  };
  readonly id: string;
  readonly label: string;
  readonly uri: Uri | undefined;

  constructor(id: string, label: string, uri?: Uri) {
    this.id = id;
    this.label = label;
    this.uri = uri;
  }

  get lines(): string[] {
    return [...this.all.values()].flatMap((item) => [item.label, ...item.lines.map((line) => `  ${line}`)]);
  }
}

/** Writes down what a test run is told. */
class Run {
  readonly told: string[] = [];
  readonly messages: TestMessage[] = [];
  output = '';

  passed(item: Item, ms?: number): void {
    this.told.push(`passed ${item.label} ${ms ?? ''}`.trim());
  }
  skipped(item: Item): void {
    this.told.push(`skipped ${item.label}`);
  }
  failed(item: Item, message: TestMessage): void {
    this.told.push(`failed ${item.label}`);
    this.messages.push(message);
  }
  errored(item: Item, message: TestMessage): void {
    this.told.push(`errored ${item.label}`);
    this.messages.push(message);
  }
  appendOutput(text: string): void {
    this.output += text;
  }
}

async function show(
  tests: readonly TestResult[],
  flaky: ReadonlyMap<string, FlakyTest> = new Map(),
): Promise<{ readonly parent: Item; readonly run: Run }> {
  const counts = { tests: 0, passed: 0, failed: 0, errored: 0, skipped: 0 };
  const tree = await testTree([{ format: 'junit', path: 'r/a.xml', problems: [], counts, tests }]);
  const disk = {
    isFile: (path: string) => Promise.resolve(path === '/home/me/shop/src/cart.test.js'),
    entries: () => Promise.resolve([]),
    text: () => Promise.resolve(''),
  };
  const local = new LocalFiles({ dir: '/w', inputs: [{ container: '/w/source', local: '/home/me/shop' }] }, disk);
  const parent = new Item('file:///ci/unit.yml', 'ci/unit.yml');
  const run = new Run();
  const controller = { createTestItem: (id: string, label: string, uri?: Uri) => new Item(id, label, uri) };
  await showResults(tree, {
    controller: controller as unknown as TestController,
    parent: parent as unknown as TestItem,
    testRun: run as unknown as TestRun,
    local,
    flaky,
  });
  return { parent, run };
}

const failure: TestResult = {
  suite: ['cart'],
  name: 'removes',
  outcome: 'failed',
  message: 'expected 1, got 2',
  details: 'expected 1, got 2\n at <b>x</b>',
  place: { file: '/w/source/src/cart.test.js', line: 12, column: 3 },
};

describe('the results of a run', () => {
  test('stand below the task by suite, with outcome and duration', async () => {
    const { parent, run } = await show([
      { suite: ['cart'], name: 'adds', outcome: 'passed', durationMs: 12 },
      failure,
      { suite: ['price'], name: 'later', outcome: 'skipped' },
      { suite: ['price'], name: 'breaks', outcome: 'errored' },
    ]);
    expect(parent.lines).toEqual(['cart', '  adds', '  removes', 'price', '  later', '  breaks']);
    expect(run.told).toEqual(['passed adds 12', 'failed removes', 'skipped later', 'errored breaks']);
  });

  test('a failure is at its local line, with its text as it is', async () => {
    const { run } = await show([failure]);
    const location = run.messages[0]?.location as Location;
    expect([location.uri.fsPath, location.range.start.line, location.range.start.character]).toEqual([
      '/home/me/shop/src/cart.test.js',
      11,
      2,
    ]);
    expect(run.messages[0]?.message).toBe('expected 1, got 2\n at <b>x</b>');
    expect(run.output).toBe('removes\r\nexpected 1, got 2\r\n at <b>x</b>\r\n');
  });

  test('a failure in a file that is not here has no place', async () => {
    const { run } = await show([{ ...failure, place: { file: '/etc/passwd', line: 1 } }]);
    expect(run.messages[0]?.location).toBeUndefined();
  });

  test('a flaky test is marked, and names both runs', async () => {
    const both = { failedIn: 'unit-2', passedIn: 'unit-1' };
    const { parent, run } = await show([failure], new Map([['suite cart\ntest removes', both]]));
    expect(parent.all.get('suite cart')?.all.get('test removes')?.description).toBe('flaky');
    expect(run.messages[0]?.message).toMatch(/^Flaky: it failed in run unit-2 and passed in run unit-1/u);
    const again = await show([{ suite: [], name: 'a', outcome: 'passed', flaky: true }]);
    expect(again.parent.all.get('test a')?.description).toBe('flaky');
  });

  test('a failure that says nothing has a message all the same', () => {
    expect(messageText({ suite: [], name: 'a', outcome: 'failed' })).toBe('The test did not pass.');
  });

  test('escape sequences of a task do not reach a terminal', async () => {
    const details = 'no\u001B]52;c;ZXZpbA==\u0007 \u001B[31mred\u001B[0m';
    const { run } = await show([{ ...failure, message: 'no', details }]);
    expect([run.output, run.messages[0]?.message]).toEqual(['removes\r\nno red\r\n', 'no red']);
  });

  test('50,000 of them let others have their turn', async () => {
    const tests = Array.from({ length: 50_000 }, (_, number): TestResult => {
      return { suite: [`suite ${number % 100}`], name: `test ${number}`, outcome: 'passed' };
    });
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    try {
      const { run } = await show(tests);
      expect(run.told).toHaveLength(50_000);
      expect(turns).toBeGreaterThan(1);
    } finally {
      clearInterval(ticking);
    }
  });
});
