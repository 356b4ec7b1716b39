import { expect, test } from 'vitest';
import type { ArtifactSummary } from '#runner';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { PinnedRuns } from './pinned-runs.ts';

function scene(memory = new PlainMemory()): { pinned: PinnedRuns; changes: string[][]; memory: PlainMemory } {
  const emitter = new PlainEmitter<ReadonlySet<string>>();
  const changes: string[][] = [];
  emitter.event((runs) => void changes.push([...runs]));
  return { pinned: new PinnedRuns(memory, emitter), changes, memory };
}

function output(run: string, pinned?: boolean): ArtifactSummary {
  const facts = { kind: 'output', name: 'out', bytes: 1, digest: '', place: 'store' } as const;
  return { ...facts, run, id: run, ...(pinned === undefined ? {} : { pinned }) };
}

test('a run is pinned in its own store only, also in the next window', () => {
  const { pinned, changes, memory } = scene();
  pinned.set('a', 'unit-1', true);
  pinned.set('a', 'unit-1', true);
  expect(changes).toEqual([['unit-1']]);
  expect([pinned.has('a', 'unit-1'), pinned.has('b', 'unit-1'), pinned.has('a', 'unit-2')]).toEqual([
    true,
    false,
    false,
  ]);
  const next = scene(memory).pinned;
  expect(next.has('a', 'unit-1')).toBe(true);
  next.set('a', 'unit-1', false);
  expect(next.has('a', 'unit-1')).toBe(false);
});

test('a listing of the store is the truth', () => {
  const { pinned, changes } = scene();
  pinned.set('a', 'unit-1', true);
  pinned.set('a', 'unit-2', true);
  changes.length = 0;
  pinned.see('a', [output('unit-1', false), output('unit-2', true), output('unit-3', true), output('unit-3', true)]);
  expect(['unit-1', 'unit-2', 'unit-3'].map((run) => pinned.has('a', run))).toEqual([false, true, true]);
  expect(changes.map((runs) => runs.sort())).toEqual([['unit-1', 'unit-3']]);
});

test('a listing that does not tell changes nothing', () => {
  const { pinned, changes } = scene();
  pinned.set('a', 'unit-1', true);
  changes.length = 0;
  pinned.see('a', [output('unit-1'), output('unit-2')]);
  expect(pinned.has('a', 'unit-1')).toBe(true);
  expect(changes).toEqual([]);
});

test('what an empty store had is forgotten', () => {
  const { pinned } = scene();
  pinned.set('a', 'unit-1', true);
  pinned.see('a', []);
  expect(pinned.has('a', 'unit-1')).toBe(false);
});
