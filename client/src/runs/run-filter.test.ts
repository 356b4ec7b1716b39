import { describe, expect, test } from 'vitest';
import { groupOf, isFiltering, noFilter, shownRuns, type RunFilter } from './run-filter.ts';
import { newRun, type RunModel } from './run-model.ts';

const run = (id: string, facts: Partial<RunModel> = {}): RunModel =>
  newRun({ run: id, task: id.replace(/-.*/u, ''), taskFile: '', context: 'kind', namespace: 'ci', ...facts });

const runs = [
  run('unit-1', { state: 'succeeded' }),
  run('unit-2', { state: 'failed' }),
  run('lint-3', { state: 'errored' }),
  run('lint-4', { state: 'running', elsewhere: true, owner: 'ci-bot@build' }),
  run('lint-5', { state: 'lost' }),
];

const shown = (filter: Partial<RunFilter>): string[] =>
  shownRuns(runs, { ...noFilter, ...filter }).map(({ run: id }) => id);

describe('the filter of runs', () => {
  test.each<[Partial<RunFilter>, string[]]>([
    [{}, ['unit-1', 'unit-2', 'lint-3', 'lint-4', 'lint-5']],
    [{ mine: true }, ['unit-1', 'unit-2', 'lint-3', 'lint-5']],
    [{ states: ['failed'] }, ['unit-2', 'lint-3', 'lint-5']],
    [{ states: ['running', 'succeeded'] }, ['unit-1', 'lint-4']],
    [{ tasks: ['unit'] }, ['unit-1', 'unit-2']],
    [{ tasks: ['unit'], states: ['failed'] }, ['unit-2']],
    [{ text: 'LINT' }, ['lint-3', 'lint-4', 'lint-5']],
    [{ text: '-4', mine: true }, []],
  ])('%j', (filter, ids) => expect(shown(filter)).toEqual(ids));

  test('without a choice is no filter', () => {
    expect(isFiltering(noFilter)).toBe(false);
    expect(shownRuns(runs, noFilter)).toBe(runs);
    expect(isFiltering({ ...noFilter, text: 'x' })).toBe(true);
  });

  test('takes a run that is being collected for one that goes on', () => {
    expect(groupOf({ state: 'ended' })).toBe('running');
  });
});
