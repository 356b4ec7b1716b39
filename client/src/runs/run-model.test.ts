import { expect, test } from 'vitest';
import type { RunRecord, RunSummary } from '#runner';
import { runOfSummary, withRecord } from './run-model.ts';

const summary: RunSummary = {
  ...{ run: 'unit-1', task: 'unit', taskFile: 'ci/unit.yml', context: 'kind', namespace: 'ci' },
  state: 'succeeded',
  startedAt: '2026-01-01T00:00:00.000Z',
};
const record = {
  ...summary,
  ...{ pod: 'task-unit-1', server: 'https://k', image: 'busybox', command: ['sh'], status: 'succeeded' },
  inputs: [{ name: 'src', from: '/src', digest: 'd' }],
  outputs: [{ name: 'report' }],
  saved: [{ name: 'report', files: 2, bytes: 9, kept: true }],
  // The other fields of a record are not read here.
} as unknown as RunRecord;

test('a run of a terminal gets its inputs and outputs from its record', () => {
  const run = withRecord(runOfSummary(summary), record);
  expect(run.inputs).toEqual([{ name: 'src', from: '/src', digest: 'd' }]);
  expect(run.outputs).toEqual([{ name: 'report', files: 2, bytes: 9, kept: true }]);
  expect(run.image).toBe('busybox');
  expect(withRecord(run, record)).toBe(run);
});

test('a run that is followed knows better itself', () => {
  const run = { ...runOfSummary(summary), following: true };
  expect(withRecord(run, record)).toBe(run);
});
