import { expect, test } from 'vitest';
import type { RunRecord } from '#runner';
import { differencesText, lastGreen } from './differences.ts';

const at = (hour: number): string => `2026-03-02T${String(hour).padStart(2, '0')}:00:00.000Z`;
const runOf = (run: string, hour: number, more: Partial<RunRecord> = {}): RunRecord =>
  ({
    ...{ run, task: 'unit', taskFile: '/ci/unit.yml', status: 'succeeded', startedAt: at(hour) },
    ...more,
  }) as RunRecord;
const red = runOf('unit-5', 15, { status: 'failed' });

test('the last green run is the newest before it of the same task that succeeded', () => {
  const records = [
    runOf('unit-6', 16),
    red,
    runOf('unit-4', 14, { status: 'failed' }),
    runOf('other-1', 13, { task: 'other' }),
    runOf('unit-3', 13),
    runOf('unit-2', 12),
  ];
  expect(lastGreen(red, records)?.run).toBe('unit-3');
  expect(lastGreen(red, [red])).toBeUndefined();
});

test('each difference is named, and the value of a param is not', () => {
  const text = differencesText(runOf('unit-3', 13), red, [
    { kind: 'input', name: 'source', before: 'aa', after: 'bb' },
    { kind: 'param', name: 'TOKEN', before: 'd1', after: 'd2' },
    { kind: 'param', name: 'NEW', after: 'd3' },
    { kind: 'image', name: '', before: 'busybox:1', after: 'busybox:2' },
  ]);
  expect(text.split('\n').slice(5)).toEqual([
    'Input source: is another one',
    '  before: aa',
    '  after: bb',
    'Param TOKEN: is another one',
    'Param NEW: was not there before',
    'Image: is another one',
    '  before: busybox:1',
    '  after: busybox:2',
    '',
  ]);
});

test('no difference, and what is not known, are told', () => {
  expect(differencesText(runOf('unit-3', 13), red, [])).toMatch(/Nothing: inputs, params, image and command/u);
  expect(differencesText(runOf('unit-3', 13), red, undefined)).toMatch(/older version/u);
});
