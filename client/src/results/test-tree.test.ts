import { afterEach, describe, expect, test, vi } from 'vitest';
import type { FoundReport, TestResult } from '#runner';
import { countTests, testTree, type TestNode } from './test-tree.ts';

function reportOf(tests: readonly TestResult[]): FoundReport {
  const counts = { tests: tests.length, passed: tests.length, failed: 0, errored: 0, skipped: 0 };
  return { format: 'junit', path: 'report/a.xml', problems: [], counts, tests };
}

function result(name: string, ...suite: readonly string[]): TestResult {
  return { suite, name, outcome: 'passed' };
}

function lines(nodes: readonly TestNode[], indent = ''): string[] {
  return nodes.flatMap(({ label, children }) => [`${indent}${label}`, ...lines(children, `${indent}  `)]);
}

/** Each look at the clock is a millisecond after the last one: how long the machine takes does not matter. */
function tickAtEachLook(): void {
  let clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock++);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the tree of results', () => {
  test('has a suite once, though it is in two reports', async () => {
    const tree = await testTree([
      reportOf([result('adds', 'cart', 'total'), result('removes', 'cart')]),
      reportOf([result('converts', 'price'), result('empties', 'cart', 'total'), result('alone')]),
    ]);
    expect(lines(tree)).toEqual([
      'cart',
      '  total',
      '    adds',
      '    empties',
      '  removes',
      'price',
      '  converts',
      'alone',
    ]);
    expect(countTests(tree)).toBe(5);
  });

  test('tells tests of one name apart', async () => {
    const tree = await testTree([reportOf([result('a', 's'), result('a', 's'), result('a', 's')])]);
    expect(lines(tree)).toEqual(['s', '  a', '  a (2)', '  a (3)']);
    expect(new Set(tree[0]?.children.map(({ id }) => id)).size).toBe(3);
  });

  test('has names that VS Code takes', async () => {
    const tree = await testTree([reportOf([result('a\0b\n', ''), result('x'.repeat(5000)), result('__proto__')])]);
    expect(tree.map(({ label }) => label.length)).toEqual([9, 501, 9]);
    expect(tree[0]?.children[0]?.label).toBe('a b');
  });

  test('lets others have their turn: 50,000 tests are made in more than fifty slices', async () => {
    const tests = Array.from({ length: 50_000 }, (_, number) => result(`test ${number}`, `suite ${number % 100}`));
    tickAtEachLook();
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns++;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const tree = await testTree([reportOf(tests)]);
    isDone = true;
    expect(countTests(tree)).toBe(50_000);
    expect(turns).toBeGreaterThanOrEqual(49);
  });

  test('ends when nobody wants it any more', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    tickAtEachLook();
    const tests = Array.from({ length: 5000 }, (_, number) => result(`test ${number}`));
    await expect(testTree([reportOf(tests)], stop.signal)).rejects.toThrow('enough');
  });
});
