import { describe, expect, test } from 'vitest';
import type { RunRecord } from '#runner';
import { omit } from '../ui/omit.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { givenKey, outcomesOf, TestHistory, wholeTask } from './history.ts';

const record = {
  taskFile: '/ci/unit.yml',
  task: 'unit',
  image: 'busybox',
  imageDigest: `sha256:${'1'.repeat(64)}`,
  inputs: [{ name: 'source', from: '/src', digest: 'aa' }],
  given: { params: { A: '1', B: '2' }, command: 'c', surroundings: 's' },
} as unknown as RunRecord;

describe('what a run was given', () => {
  test('is the same for the same inputs, image and params, in any order', () => {
    const other = { ...record, given: { params: { B: '2', A: '1' }, command: 'c', surroundings: 's' } };
    expect(givenKey(other)).toBe(givenKey(record));
  });

  test.each<[string, Partial<RunRecord>]>([
    ['another tree', { inputs: [{ name: 'source', from: '/src', digest: 'bb' }] }],
    ['another image', { imageDigest: `sha256:${'2'.repeat(64)}` }],
    ['another param', { given: { params: { A: '1', B: '3' }, command: 'c', surroundings: 's' } }],
    ['another command', { given: { params: { A: '1', B: '2' }, command: 'd', surroundings: 's' } }],
    ['another task', { task: 'other' }],
  ])('is not the same with %s', (_what, change) => {
    expect(givenKey({ ...record, ...change })).not.toBe(givenKey(record));
  });

  test('is not known without the digests of everything', () => {
    expect(givenKey(omit(record, 'given') as RunRecord)).toBeUndefined();
    expect(givenKey({ ...record, inputs: [{ name: 'source', from: '/src' }] })).toBeUndefined();
    expect(givenKey({ ...record, inputs: [{ name: 'source', from: 'run:a-1/out' }] })).toBeDefined();
  });
});

describe('a flaky test', () => {
  const outcomes = (a: 'passed' | 'failed', b: 'passed' | 'failed') =>
    new Map([
      ['a', a],
      ['b', b],
      [wholeTask, b],
    ] as const);

  test('is one that ended otherwise with the same, and both runs are named', async () => {
    const history = new TestHistory(new PlainMemory());
    expect((await history.add('unit-1', 'k', outcomes('passed', 'passed'))).size).toBe(0);
    const failed = await history.add('unit-2', 'k', outcomes('passed', 'failed'));
    expect([...failed]).toEqual([
      ['b', { passedIn: 'unit-1', failedIn: 'unit-2' }],
      [wholeTask, { passedIn: 'unit-1', failedIn: 'unit-2' }],
    ]);
    const again = await history.add('unit-3', 'k', outcomes('passed', 'passed'));
    expect(again.get('b')).toEqual({ passedIn: 'unit-3', failedIn: 'unit-2' });
  });

  test('is not one that ended otherwise with something else, or with what nobody knows', async () => {
    const history = new TestHistory(new PlainMemory());
    await history.add('unit-1', 'k', outcomes('passed', 'passed'));
    expect((await history.add('unit-2', 'other', outcomes('failed', 'failed'))).size).toBe(0);
    expect((await history.add('unit-3', undefined, outcomes('failed', 'failed'))).size).toBe(0);
  });

  test('does not fill the memory of the workspace', async () => {
    const memory = new PlainMemory();
    const history = new TestHistory(memory);
    const one = new Map([['a', 'passed'] as const]);
    const many = new Map(Array.from({ length: 5200 }, (_, number) => [`t${number}`, 'passed'] as const));
    for (let number = 0; number < 30; number++) await history.add(`unit-${number}`, `k${number}`, one);
    await history.add('unit-30', 'k', many);
    const kept = memory.get<{ passed: string[] }[]>('tarmac.testHistory', []);
    expect([kept.length, kept[0]?.passed.length]).toEqual([20, 5000]);
  });
});

test('while 50,000 tests are compared with an earlier run, others have their turn', async () => {
  const memory = new PlainMemory();
  const history = new TestHistory(memory);
  const many = new Map(Array.from({ length: 50_000 }, (_, number) => [`suite\ntest ${number}`, 'passed'] as const));
  await history.add('unit-1', 'k', many);
  let [turns, isOver] = [0, false];
  const take = (): void => {
    turns++;
    if (!isOver) setImmediate(take);
  };
  setImmediate(take);
  await history.add('unit-2', 'k', many);
  isOver = true;
  expect(turns).toBeGreaterThan(1);
});

test('tests that did not run have no outcome', async () => {
  const leaf = (id: string, outcome: 'passed' | 'errored' | 'skipped') => ({
    ...{ id, label: id, children: [] },
    test: { suite: [], name: id, outcome },
  });
  const tree = [{ id: 's', label: 's', children: [leaf('a', 'passed'), leaf('b', 'errored'), leaf('c', 'skipped')] }];
  expect([...(await outcomesOf(tree))]).toEqual([
    ['s\na', 'passed'],
    ['s\nb', 'failed'],
  ]);
});
