import { describe, expect, test, vi } from 'vitest';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { newRun } from '../runs/run-model.ts';
import { RunStore } from '../runs/run-store.ts';
import { firstLine, LastResultLenses, resultLines, resultText, withResult } from './last-results.ts';

vi.mock('vscode', () => import('../../../test/fakes/vscode-results.ts'));

const now = Date.parse('2026-03-02T10:00:00Z');
const ended = { run: 'unit-1', state: 'succeeded', durationMs: 8000, endedAt: now - 120_000 } as const;

test.each<[Partial<Parameters<typeof resultText>[0]>, string]>([
  [{}, '$(pass) 8.0s · 2 minutes ago'],
  [{ state: 'failed', exitCode: 3 }, '$(error) failed (3) · 8.0s · 2 minutes ago'],
  [{ state: 'errored', endedAt: now }, '$(error) errored · 8.0s · just now'],
  [{ state: 'aborted' }, '$(circle-slash) aborted · 8.0s · 2 minutes ago'],
])('the text of %j', (change, text) => {
  expect(resultText({ ...ended, ...change }, now)).toBe(text);
});

test.each([
  ['platform: linux', 0],
  ['# task\n\n---\n  # more\nplatform: linux', 4],
  ['', 0],
])('the first line of %j', (text, line) => {
  expect(firstLine(text)).toBe(line);
});

test('a step of a pipeline has its result above it', () => {
  const all = { 'file:///ci/p.yml#unit%20test': ended, 'file:///ci/p.yml#gone': ended, 'file:///ci/other.yml': ended };
  const text = 'jobs:\n- name: a\n  plan:\n  - get: source\n  - task: build\n  - task: "unit test" # here\n';
  expect(resultLines(all, 'file:///ci/p.yml', text).map(({ line }) => line)).toEqual([5]);
});

describe('what is remembered', () => {
  test('is the newest run of each task', () => {
    const known = withResult({}, 'a', ended);
    expect(withResult(known, 'a', { ...ended, run: 'unit-0', endedAt: 1 })).toBe(known);
    expect(withResult(known, 'a', { ...ended, run: 'unit-2', endedAt: now })['a']?.run).toBe('unit-2');
  });

  test('is bounded', () => {
    let all = {};
    for (let number = 0; number < 300; number++) all = withResult(all, `task ${number}`, ended);
    expect(Object.keys(all)).toHaveLength(200);
    expect(Object.keys(all)[0]).toBe('task 299');
  });
});

test('the lens stands above the task when its run has ended, also after a reload', async () => {
  const memento = new PlainMemory();
  const store = new RunStore(new PlainEmitter(), new PlainEmitter());
  const uri = { toString: () => 'file:///ci/unit.yml' };
  const memory = { get: (run: string) => (run === 'unit-1' ? { taskUri: uri.toString() } : undefined) };
  const parts = {
    store,
    memory,
    memento,
    languages: ['yaml'],
    isShown: () => true,
  } as unknown as ConstructorParameters<typeof LastResultLenses>[0];
  const lenses = new LastResultLenses(parts);
  const document = { uri, getText: () => '# task\nplatform: linux\n' } as unknown as Parameters<
    typeof lenses.provideCodeLenses
  >[0];
  expect(lenses.provideCodeLenses(document)).toEqual([]);
  const run = newRun({ run: 'unit-1', task: 'unit', taskFile: '/ci/unit.yml', context: 'c', namespace: 'n' });
  store.put({ ...run, state: 'failed', exitCode: 2, durationMs: 1000, startedAt: new Date().toISOString() });
  await vi.waitFor(() => expect(lenses.provideCodeLenses(document)).toHaveLength(1), { timeout: 25_000 });
  lenses.dispose();
  store.dispose();
  const later = new LastResultLenses({ ...parts, store: new RunStore(new PlainEmitter(), new PlainEmitter()) });
  const [lens] = later.provideCodeLenses(document);
  expect(lens?.command).toMatchObject({ command: 'tarmac.showOutput', arguments: ['unit-1'] });
  expect(lens?.command?.title).toContain('failed (2)');
  expect(lens?.range.start.line).toBe(1);
  later.dispose();
});
