/**
 * Every run that this window knows of: the one source of all views. It is fed by the events of runs that are followed
 * (`apply`) and by lists (`merge`), and tells of changes in bundles, so that no view is called more than 20 times a second.
 */
import type { Event } from 'vscode';
import type { RunEvent, RunSummary } from '#runner';
import { reduce } from './reduce.ts';
import { isOver, runOfSummary, startMs, withSummary, type RunModel } from './run-model.ts';

/** Ids of runs that are new, that have changed, and that are known no more. */
export interface RunStoreChange {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What the store needs of VS Code's `EventEmitter`. */
export interface Emitter<T> {
  readonly event: Event<T>;
  fire(value: T): void;
  dispose(): void;
}

/** Time between two announcements of changes, in milliseconds. */
const announceEveryMs = 50;

/** See the file's comment. Whoever makes it disposes of it, and of the two emitters. */
export class RunStore {
  /** Fires after changes; look at `get` or `runs` for what is now. */
  readonly onDidChange: Event<RunStoreChange>;
  /** Each event of each followed run, at once and in order. For consumers that need the bytes; views use `onDidChange`. */
  readonly onDidReceive: Event<RunEvent>;
  readonly #runs = new Map<string, RunModel>();
  /** The runs in their order, until one is added, removed or brought up to date. */
  #sorted: readonly RunModel[] | undefined;
  readonly #changes: Emitter<RunStoreChange>;
  readonly #events: Emitter<RunEvent>;
  readonly #added = new Set<string>();
  readonly #changed = new Set<string>();
  readonly #removed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(changes: Emitter<RunStoreChange>, events: Emitter<RunEvent>) {
    this.#changes = changes;
    this.#events = events;
    this.onDidChange = changes.event;
    this.onDidReceive = events.event;
  }

  /** Newest first. */
  get runs(): readonly RunModel[] {
    this.#sorted ??= [...this.#runs.values()].sort(
      (a, b) => (startMs(b) ?? 0) - (startMs(a) ?? 0) || (a.run < b.run ? -1 : 1),
    );
    return this.#sorted;
  }

  /** Runs that are not over, newest first. */
  get active(): readonly RunModel[] {
    return this.runs.filter((run) => !isOver(run.state));
  }

  get(id: string): RunModel | undefined {
    return this.#runs.get(id);
  }

  /** Adds a run, or replaces what was known of it. */
  put(run: RunModel): void {
    const known = this.#runs.get(run.run);
    if (known === run) return;
    this.#runs.set(run.run, run);
    this.#note(known ? this.#changed : this.#added, run.run);
  }

  /** Adds facts to a run that is known. */
  update(id: string, facts: Partial<RunModel>): void {
    const run = this.#runs.get(id);
    if (run) this.put({ ...run, ...facts });
  }

  /** An event of a run that was `put` before. */
  apply(event: RunEvent): void {
    const run = this.#runs.get(event.run);
    if (run) this.put(reduce(run, event));
    if (event.type === 'finished' || event.type === 'failure') this.#announce();
    this.#events.fire(event);
  }

  /**
   * What a list of one cluster and namespace says: its runs are added or brought up to date; a run of that place that
   * is in no list any more, and that nobody here follows, is known no more unless `keep` says so.
   */
  merge(
    summaries: readonly RunSummary[],
    place: Pick<RunModel, 'context' | 'namespace'>,
    keep: (run: RunModel) => boolean = () => false,
  ): void {
    const listed = new Set(summaries.map(({ run }) => run));
    for (const run of this.#runs.values()) {
      const here = run.context === place.context && run.namespace === place.namespace;
      if (here && !run.following && !listed.has(run.run) && !keep(run)) this.remove(run.run);
    }
    for (const summary of summaries) {
      const known = this.#runs.get(summary.run);
      this.put(known ? withSummary(known, summary) : runOfSummary(summary));
    }
  }

  remove(id: string): void {
    if (this.#runs.delete(id)) this.#note(this.#removed, id);
  }

  /** Announces nothing more. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#changes.dispose();
    this.#events.dispose();
  }

  #note(kind: Set<string>, id: string): void {
    this.#sorted = undefined;
    kind.add(id);
    this.#timer ??= setTimeout(() => this.#announce(), announceEveryMs);
  }

  #announce(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const take = (ids: Set<string>): string[] => {
      const taken = [...ids];
      ids.clear();
      return taken;
    };
    const removed = take(this.#removed).filter((id) => !this.#runs.has(id));
    const added = take(this.#added).filter((id) => this.#runs.has(id));
    const changed = take(this.#changed).filter((id) => this.#runs.has(id) && !added.includes(id));
    if (added.length + changed.length + removed.length > 0) this.#changes.fire({ added, changed, removed });
  }
}
