import { expect, test } from 'vitest';
import { noChoices } from '../choices/choices.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { RunMemory } from './run-memory.ts';

const run = {
  run: 'unit-1',
  task: 'unit',
  taskUri: 'file:///ci/unit.yml',
  kubeconfig: '',
  context: 'kind',
  namespace: 'ci',
  startedAt: '2026-01-01T00:00:00.000Z',
  unfinished: true,
  choices: noChoices,
  paths: { dir: '/', inputs: [] },
};

test('a run is remembered as it was given', async () => {
  const memento = new PlainMemory();
  await new RunMemory(memento).add(run);
  expect(new RunMemory(memento).all).toEqual([run]);
});

test('a run that an earlier version remembered, with its start in milliseconds, is read as ISO 8601', async () => {
  const memento = new PlainMemory();
  await memento.update('tarmac.runs', [{ ...run, startedAt: Date.parse(run.startedAt) }]);
  expect(new RunMemory(memento).get('unit-1')).toEqual(run);
  await new RunMemory(memento).finish('unit-1');
  expect(memento.get('tarmac.runs')).toEqual([{ ...run, unfinished: false }]);
});
