import { expect, test } from 'vitest';
import { idsOf } from './list-commands.ts';

test('the ids of runs and jobs are what is copied of the selected lines', () => {
  expect(
    idsOf([
      { kind: 'run', id: 'r', run: 'unit-1' },
      { kind: 'log', id: 'l', run: 'unit-1' },
      { kind: 'job', id: 'j', jobId: 'build-2' },
    ]),
  ).toEqual(['unit-1', 'build-2']);
});
