import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunSummary } from '#runner/model';
import { newRun } from './run-model.ts';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { RunStore, type RunStoreChange } from './run-store.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const store = new RunStore(new PlainEmitter(), new PlainEmitter());
  const changes: RunStoreChange[] = [];
  store.onDidChange((change) => changes.push(change));
  return { store, changes };
}

const place = { context: 'kind', namespace: 'ci' };
const run = (id: string, startedMs = 0) =>
  newRun({ run: id, task: 'unit', taskFile: '', startedAt: new Date(startedMs).toISOString(), ...place });
const summary = (id: string, state: RunSummary['state'] = 'running'): RunSummary => ({
  run: id,
  task: 'unit',
  taskFile: '',
  state,
  startedAt: '2026-01-01T00:00:00.000Z',
  ...place,
});

describe('the store of runs', () => {
  it('has them newest first', () => {
    const { store } = setUp();
    for (const [id, at] of [
      ['a', 1],
      ['c', 3],
      ['b', 2],
    ] as const) {
      store.put(run(id, at));
    }
    expect(store.runs.map(({ run: id }) => id)).toEqual(['c', 'b', 'a']);
  });

  it('tells of many changes in one word', () => {
    const { store, changes } = setUp();
    store.put(run('a'));
    store.update('a', { waiting: 'for a node' });
    store.put(run('b'));
    expect(changes).toEqual([]);
    vi.advanceTimersByTime(50);
    expect(changes).toEqual([{ added: ['a', 'b'], changed: [], removed: [] }]);
    store.update('a', { waiting: 'for an image' });
    store.remove('b');
    vi.advanceTimersByTime(50);
    expect(changes[1]).toEqual({ added: [], changed: ['a'], removed: ['b'] });
  });

  it('tells of an end at once', () => {
    const { store, changes } = setUp();
    store.put(run('a'));
    store.apply({ type: 'finished', status: 'failed', exitCode: 2, durationMs: 10, run: 'a', time: '' });
    expect(changes).toHaveLength(1);
    expect(store.get('a')).toMatchObject({ state: 'failed', exitCode: 2 });
    expect(store.active).toEqual([]);
  });

  it('takes a list for what is there, but knows a run that it follows better itself', () => {
    const { store } = setUp();
    store.put(run('gone'));
    store.put({ ...run('followed'), following: true, state: 'running' });
    store.put({ ...run('elsewhere'), namespace: 'other' });
    store.put(run('remembered'));
    store.merge([summary('found'), summary('followed', 'ended')], place, ({ run: id }) => id === 'remembered');
    expect(store.runs.map(({ run: id }) => id).sort()).toEqual(['elsewhere', 'followed', 'found', 'remembered']);
    expect(store.get('followed')?.state).toBe('running');
    expect(store.get('found')).toMatchObject({ state: 'running', startedAt: '2026-01-01T00:00:00.000Z' });
  });

  it('keeps an end that it has seen, whatever a list that was asked for earlier says', () => {
    const { store } = setUp();
    store.put({ ...run('a'), state: 'failed', exitCode: 2 });
    store.merge([summary('a', 'ended')], place);
    expect(store.get('a')).toMatchObject({ state: 'failed', exitCode: 2 });
    store.merge([{ ...summary('a', 'aborted'), exitCode: 143 }], place);
    expect(store.get('a')).toMatchObject({ state: 'aborted', exitCode: 143 });
  });

  it('tells of a list only what it changes', () => {
    const { store, changes } = setUp();
    store.merge([summary('a'), summary('b')], place);
    vi.advanceTimersByTime(50);
    store.merge([summary('a'), summary('b', 'succeeded')], place);
    vi.advanceTimersByTime(50);
    store.merge([summary('a'), summary('b', 'succeeded')], place);
    vi.advanceTimersByTime(50);
    expect(changes).toEqual([
      { added: ['a', 'b'], changed: [], removed: [] },
      { added: [], changed: ['b'], removed: [] },
    ]);
  });

  it('forgets the pod that a list has no more', () => {
    const { store } = setUp();
    store.merge([{ ...summary('a'), pod: 'task-a' }], place);
    store.merge([summary('a', 'lost')], place);
    expect(store.get('a')).toMatchObject({ state: 'lost' });
    expect(store.get('a')?.pod).toBeUndefined();
  });
});
