/**
 * Which runs their store keeps until somebody says otherwise, as this workspace saw it last: by a listing of the store, or by
 * its own commands. Remembered, so that no cluster is asked to draw a list of runs.
 */
import type { Event, Memento } from 'vscode';
import type { ArtifactSummary } from '#runner';
import type { Emitter } from '../runs/run-store.ts';

const key = 'tarmac.pinnedRuns';
/** Of each store; the oldest ones are forgotten first. */
const maxRuns = 1000;

type Remembered = Readonly<Record<string, readonly string[]>>;

export class PinnedRuns {
  readonly #memento: Memento;
  readonly #changed: Emitter<ReadonlySet<string>>;

  /** @param changed is disposed of by whoever made it */
  constructor(memento: Memento, changed: Emitter<ReadonlySet<string>>) {
    this.#memento = memento;
    this.#changed = changed;
  }

  /** Fires with the ids of the runs that are pinned now, or no longer. */
  get onDidChange(): Event<ReadonlySet<string>> {
    return this.#changed.event;
  }

  /** @param place the short name of the store. A run that nothing is known of is not pinned: to pin it again does no harm. */
  has(place: string, run: string): boolean {
    return this.#of(place).includes(run);
  }

  set(place: string, run: string, pinned: boolean): void {
    const others = this.#of(place).filter((each) => each !== run);
    this.#put(place, pinned ? [...others, run] : others);
  }

  /** Takes over what a listing of the whole store says; where that does not say it, what was known stays. */
  see(place: string, listed: readonly ArtifactSummary[]): void {
    const told = listed.filter(({ run, pinned }) => run !== undefined && pinned !== undefined);
    if (told.length === 0 && listed.some(({ run }) => run !== undefined)) return;
    this.#put(place, [...new Set(told.filter(({ pinned }) => pinned).map(({ run = '' }) => run))]);
  }

  #of(place: string): readonly string[] {
    const all = this.#memento.get<Remembered>(key, {});
    return Object.hasOwn(all, place) ? (all[place] ?? []) : [];
  }

  #put(place: string, runs: readonly string[]): void {
    const before = this.#of(place);
    const kept = runs.slice(-maxRuns);
    const known = { before: new Set(before), now: new Set(kept) };
    const different = new Set([
      ...before.filter((run) => !known.now.has(run)),
      ...kept.filter((run) => !known.before.has(run)),
    ]);
    if (different.size === 0) return;
    void this.#memento.update(key, { ...this.#memento.get<Remembered>(key, {}), [place]: kept });
    this.#changed.fire(different);
  }
}
