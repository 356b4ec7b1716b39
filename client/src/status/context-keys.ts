/** What `when` clauses of the manifest ask for. */
import { commands, Disposable } from 'vscode';
import type { JobStore } from '../jobs/job-store.ts';
import type { RunMemory } from '../runs/run-memory.ts';
import type { RunStore } from '../runs/run-store.ts';
import { isKept } from '../shell/kept.ts';

/** Keeps the keys up to date that say what kinds of runs there are. */
export function contextKeys(store: RunStore, memory: RunMemory, jobs: JobStore): Disposable {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void commands.executeCommand('setContext', key, value);
  };
  const update = (): void => {
    set('tarmac.hasRuns', store.runs.length > 0 || memory.all.length > 0 || jobs.jobs.length > 0);
    set('tarmac.hasActiveRuns', store.active.length > 0 || jobs.active.length > 0);
    set(
      'tarmac.hasFailures',
      store.runs.some(({ failure }) => failure !== undefined),
    );
    const now = Date.now();
    set(
      'tarmac.hasKeptPods',
      store.runs.some((run) => isKept(run, now)),
    );
  };
  update();
  return Disposable.from(store.onDidChange(update), jobs.onDidChange(update));
}
