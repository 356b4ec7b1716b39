import { expect, test } from 'vitest';
import { newRun, type RunModel } from '../runs/run-model.ts';
import { isKept, keptText, nextChange } from './kept.ts';

const minute = 60_000;

function kept(facts: Partial<RunModel> = {}): RunModel {
  return newRun({
    run: 'build-1',
    task: 'build',
    taskFile: '/w/build.yml',
    context: 'here',
    namespace: 'ci',
    state: 'failed',
    pod: 'task-build-1',
    podKeptUntil: 30 * minute,
    ...facts,
  });
}

test.each<[string, boolean, number, string]>([
  ['its time runs', false, 10 * minute, 'build: pod stays 20m'],
  ['a shell changes nothing before its time is over', true, 10 * minute, 'build: pod stays 20m'],
  ['its time is over', false, 30 * minute, 'build: pod is ending'],
  ['its time is over, but a shell holds it', true, 31 * minute, 'build: pod stays while its shell is open'],
])('%s', (_name, hasShell, now, text) => {
  expect(keptText(kept(), hasShell, now)).toBe(text);
});

test.each<[string, Partial<RunModel>, number, boolean]>([
  ['a failed run whose pod stays', {}, 0, true],
  ['one that still runs', { state: 'running' }, 0, false],
  ['long after its time', {}, 32 * minute, false],
])('kept: %s', (_name, facts, now, expected) => {
  expect(isKept(kept(facts), now)).toBe(expected);
});

test('the text changes at each minute, then at each second', () => {
  expect(nextChange(kept(), 10 * minute - 500)).toBe(1000);
  expect(nextChange(kept(), 10 * minute - 20_000)).toBe(20_000);
  expect(nextChange(kept(), 29.5 * minute)).toBe(1000);
});
