/** Paths, limits, durations and environment: what a run needs to know of a task. */
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../text/duration.ts';
import { isEnvName, mergeParams } from './env.ts';
import { taskLimits } from './limits.ts';
import { effectivePath, findOverlaps, taskMounts } from './paths.ts';

test.each([
  ['a', '/tmp/build/b1dda4c3/a'],
  ['.', '/tmp/build/b1dda4c3'],
  ['', '/tmp/build/b1dda4c3'],
  ['../x', '/tmp/build/b1dda4c3/x'],
  ['a/../b', '/tmp/build/b1dda4c3/a/b'],
  ['foo..bar', '/tmp/build/b1dda4c3/foobar'],
  ['a/./b/', '/tmp/build/b1dda4c3/a/b'],
  ['/etc/x', '/etc/x'],
  ['/a/../b', '/b'],
])('the effective path of %j is %s', (path, expected) => {
  expect(effectivePath(path)).toBe(expected);
});

test('overlaps are found, each with its kind', () => {
  const mounts = taskMounts({
    run: { path: '' },
    inputs: [{ name: 'a' }, { name: 'b', path: 'a' }],
    outputs: [{ name: 'c', path: 'a/out' }],
    caches: [{ path: '.cache' }],
  });
  expect(findOverlaps(mounts).map(({ kind, outer, inner }) => `${inner.name} ${kind} ${outer.name}`)).toEqual([
    'b same a',
    'c nested a',
  ]);
});

test.each([
  ['none', {}, {}],
  ['zero means unlimited', { cpu: 0n, memory: 0n }, {}],
  ['plain', { cpu: 1000n, memory: 1_073_741_824n }, { cpuMillis: 1000, memoryBytes: 1_073_741_824 }],
  ['a negative number that wrapped', { cpu: 2n ** 64n - 1n }, {}],
])('limits: %s', (_name, limits, expected) => {
  expect(taskLimits({ run: { path: '' }, container_limits: limits })).toEqual(expected);
});

describe('durations', () => {
  test.each([
    ['0', 0n],
    ['1h30m', 5_400_000_000_000n],
    ['1.5s', 1_500_000_000n],
    ['.5h', 1_800_000_000_000n],
    ['-2m', -120_000_000_000n],
    ['+1ms', 1_000_000n],
    ['1µs2ns', 1_002n],
  ])('%s', (text, nanoseconds) => {
    expect(parseDuration(text)).toEqual({ ok: true, nanoseconds });
  });

  test.each([
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['24', 'time: missing unit in duration "24"'],
    ['', 'time: invalid duration ""'],
    ['1h 2m', 'time: unknown unit "h " in duration "1h 2m"'],
    ['9999999h', 'time: invalid duration "9999999h"'],
  ])('%j is none', (text, message) => {
    expect(parseDuration(text)).toEqual({ ok: false, message });
  });
});

test.each([
  ['A', true],
  ['a-b.c', true],
  ['_1', true],
  ['1A', false],
  ['A=B', false],
  ['A B', false],
  ['', false],
  ['..', false],
])('%j as an environment name: %s', (name, legal) => {
  expect(isEnvName(name)).toBe(legal);
});

test('the user wins over the environment, which wins over the file', () => {
  const config = { run: { path: '' }, params: { A: 'file', B: 'file', C: 'file' } };
  expect(mergeParams(config, { B: '', C: 'env', OTHER: 'env' }, { C: 'user', NEW: 'user' })).toEqual([
    { name: 'A', value: 'file', origin: 'file' },
    { name: 'B', value: '', origin: 'environment' },
    { name: 'C', value: 'user', origin: 'user' },
    { name: 'NEW', value: 'user', origin: 'user' },
  ]);
});
