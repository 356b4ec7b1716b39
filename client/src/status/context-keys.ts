/** What `when` clauses of the manifest ask for. */
import { commands, type Disposable } from 'vscode';
import type { RunMemory } from '../runs/run-memory.ts';
import type { RunStore } from '../runs/run-store.ts';

/** Keeps `tarmac.hasRuns` and `tarmac.hasActiveRuns` up to date. */
export function contextKeys(store: RunStore, memory: RunMemory): Disposable {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void commands.executeCommand('setContext', key, value);
  };
  const update = (): void => {
    set('tarmac.hasRuns', store.runs.length > 0 || memory.all.length > 0);
    set('tarmac.hasActiveRuns', store.active.length > 0);
  };
  update();
  return store.onDidChange(update);
}
