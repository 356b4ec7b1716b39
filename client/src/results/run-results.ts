/** Looks for the reports of each run that has ended, and tells of what it found. The last results are remembered. */
import { env } from 'node:process';
import type { Event, LogOutputChannel } from 'vscode';
import type { FoundResults } from '#runner';
import type { RunnerHost } from '../cluster/runner-host.ts';
import type { RunModel } from '../runs/run-model.ts';
import type { Emitter, RunStore } from '../runs/run-store.ts';
import { resultSource, type Reach, type StoredArtifacts } from './result-source.ts';

export interface ResultsOfRun extends FoundResults {
  readonly run: RunModel;
}

export interface RunResultsParts {
  readonly host: Pick<RunnerHost, 'load'>;
  readonly store: Pick<RunStore, 'get'>;
  readonly log: Pick<LogOutputChannel, 'warn'>;
  readonly found: Emitter<ResultsOfRun>;
  /** Whether runs are looked into by themselves, and how far. */
  readonly reach: () => Reach | 'never';
}

/** Results may have hundreds of thousands of tests. */
const maxRuns = 8;

/** Whoever makes it disposes of it. */
export class RunResults {
  /** A run has results of its own: tests, coverage or pages. */
  readonly onDidFind: Event<ResultsOfRun>;
  readonly #parts: RunResultsParts;
  readonly #known = new Map<string, Promise<ResultsOfRun | undefined>>();
  readonly #closed = new AbortController();
  #stored: StoredArtifacts | undefined;

  constructor(parts: RunResultsParts) {
    this.#parts = parts;
    this.onDidFind = parts.found.event;
  }

  /** From now on the store is looked into, too. */
  readFrom(stored: StoredArtifacts): void {
    this.#stored = stored;
  }

  /** A followed run has ended: called once, when its log is on disk. Resolves when it was looked into; never rejects. */
  async ended(id: string): Promise<ResultsOfRun | undefined> {
    const reach = this.#parts.reach();
    const run = this.#parts.store.get(id);
    // What was aborted, or never ran, has no results that mean anything.
    if (reach === 'never' || (run?.state !== 'succeeded' && run?.state !== 'failed')) return undefined;
    try {
      return await this.#look(run, reach);
    } catch (error) {
      const isClosed = this.#closed.signal.aborted;
      if (!isClosed) this.#parts.log.warn(`The reports of run ${id} could not be read: ${String(error)}`);
      return undefined;
    }
  }

  /** What a run left, looked for everywhere. Rejects with what the store rejects with. */
  async read(run: RunModel): Promise<ResultsOfRun | undefined> {
    this.#known.delete(run.run);
    return this.#look(run, 'all');
  }

  /** What is known of a run already. */
  async known(id: string): Promise<ResultsOfRun | undefined> {
    return this.#known.get(id)?.catch(() => undefined);
  }

  dispose(): void {
    this.#closed.abort(new Error('The extension has ended.'));
    this.#parts.found.dispose();
    this.#known.clear();
  }

  #look(run: RunModel, reach: Reach): Promise<ResultsOfRun | undefined> {
    const known = this.#known.get(run.run);
    if (known) return known;
    const looking = this.#find(run, reach);
    this.#known.set(run.run, looking);
    for (const [oldest] of this.#known) if (this.#known.size > maxRuns) this.#known.delete(oldest);
    looking.catch(() => this.#known.delete(run.run));
    return looking;
  }

  async #find(run: RunModel, reach: Reach): Promise<ResultsOfRun | undefined> {
    const runner = await this.#parts.host.load();
    const { signal } = this.#closed;
    const source = resultSource(run, runner, runner.stateDir(env), this.#stored, reach);
    const found = await runner.findResults(source, signal);
    signal.throwIfAborted();
    if (found.tests.length + found.coverage.length + found.pages.length === 0) return undefined;
    const results = { ...found, run };
    this.#parts.found.fire(results);
    return results;
  }
}
