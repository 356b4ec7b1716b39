import { expect, test } from 'vitest';
import { newRun, type RunModel } from '../runs/run-model.ts';
import { isKept, keptText, nextChange, timeLeft } from './kept.ts';

const minute = 60_000;

function kept(facts: Partial<RunModel> = {}): RunModel {
  return newRun({
    id: 'build-1',
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

test.each<[string, number, string]>([
  ['the last minute counts seconds', 59_400, '59 s'],
  ['then whole minutes', 29.9 * minute, '29 min'],
  ['a whole hour', 60 * minute, '1 h'],
  ['and more', 125 * minute, '2 h 5 min'],
  ['never less than nothing', -5, '0 s'],
])('%s', (_name, ms, text) => {
  expect(timeLeft(ms)).toBe(text);
});

test.each<[string, boolean, number, string]>([
  ['its time runs', false, 10 * minute, 'build: pod stays 20 min'],
  ['a shell changes nothing before its time is over', true, 10 * minute, 'build: pod stays 20 min'],
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
