/**
 * When a watched task runs: what a change, a look at the files and the end of a run lead to. No clock, no file and no
 * process of its own, so that each order of events can be tested.
 */

/** What a change does while a run goes on: abort it and start again, or start again when it has ended. */
export type WhileRunning = 'restart' | 'queue';

/** What a look at the files found. */
export type Seen =
  /** Git is at work: the files are between two states. */
  | { readonly kind: 'busy' }
  /** Nothing may start: a merge is unfinished, the task file has an error. */
  | { readonly kind: 'wrong'; readonly reasons: readonly string[] }
  /** `state`: digest of all that the run depends on. */
  | { readonly kind: 'ready'; readonly state: string };

/** What is to be done. */
export type WatchAction =
  /** Call `tick` at this time; it takes the place of an earlier one. */
  | { readonly kind: 'wake'; readonly at: number }
  /** Look at the files and call `looked`. */
  | { readonly kind: 'look'; readonly evenIfBusy: boolean }
  /** Start a run of what the last look found, and call `ended` after it. */
  | { readonly kind: 'start' }
  /** Abort the run. */
  | { readonly kind: 'abort' }
  /** Say that the next run waits for the end of this one. */
  | { readonly kind: 'queued' }
  /** Say why nothing starts. */
  | { readonly kind: 'blocked'; readonly reasons: readonly string[] }
  /** Say that what was wrong is gone, and that nothing has changed since the last run. */
  | { readonly kind: 'unchanged' }
  /** Say that files do not come to rest. */
  | { readonly kind: 'restless'; readonly path: string | undefined };

export interface WatchTimes {
  /** Files have to be left alone for so long before they are looked at. */
  readonly quietMs: number;
  /** What changes for so long without a rest is looked at all the same, but starts nothing; after twice as long it is named. */
  readonly restlessMs: number;
  /** How often a look is tried again while git is at work. */
  readonly busyEveryMs: number;
  /** A lock of git's that is older than this, with no file changing, was left by a git that was killed. */
  readonly busyLimitMs: number;
}

/** A save takes 0.25 s to become a run: editors write a file in several steps, and formatters write it once more. */
export const watchTimes: WatchTimes = { quietMs: 250, restlessMs: 5000, busyEveryMs: 200, busyLimitMs: 30_000 };

/** Files that change: since when, when last, and how often they were looked at without a rest. */
interface Change {
  readonly since: number;
  last: number;
  looks: number;
}

/** The rules. Each method takes what happened and the time in milliseconds, and returns what is to be done, in order. */
export class WatchRules {
  readonly #whileRunning: WhileRunning;
  readonly #times: WatchTimes;
  /** Undefined when the files are at rest. */
  #change: Change | undefined;
  /** A look goes on; `stale`: files have changed since it began. */
  #look: { stale: boolean } | undefined;
  #busySince: number | undefined;
  #running = false;
  /** The state of the run that goes on, else of the last one that came to its end. */
  #state: string | undefined;
  #aborting = false;
  #queued = false;
  /** The reasons that were said last. */
  #said = '';

  constructor(whileRunning: WhileRunning, times: WatchTimes = watchTimes) {
    this.#whileRunning = whileRunning;
    this.#times = times;
  }

  /** The watch begins: the first run needs no change. */
  begin(): WatchAction[] {
    return this.#lookNow();
  }

  /** Something was written, made or removed. */
  change(now: number): WatchAction[] {
    if (this.#look) this.#look.stale = true;
    if (this.#change) this.#change.last = now;
    else this.#change = { since: now, last: now, looks: 0 };
    this.#busySince = undefined;
    return this.#look ? [] : [this.#wake(this.#change)];
  }

  /** The time of the last `wake` has come. `path`: what has changed last, for people. */
  tick(now: number, path?: string): WatchAction[] {
    if (this.#look || (!this.#change && this.#busySince === undefined)) return [];
    const change = this.#change;
    if (change && now < change.last + this.#times.quietMs) {
      const looks = Math.floor((now - change.since) / this.#times.restlessMs);
      if (looks <= change.looks) return [this.#wake(change)];
      // A look tells files that are sent from those that are not. What is not at rest after that is named, once.
      change.looks = looks;
      return [...(looks === 2 ? [{ kind: 'restless', path } as const] : []), ...this.#lookNow(now)];
    }
    return this.#lookNow(now);
  }

  /** A look has ended. */
  looked(now: number, seen: Seen): WatchAction[] {
    const stale = this.#look?.stale === true;
    this.#look = undefined;
    // What was found may be half of a change.
    const moving = this.#change !== undefined && now < this.#change.last + this.#times.quietMs;
    if (this.#change && (stale || moving)) return [this.#wake(this.#change)];
    if (seen.kind === 'busy') {
      this.#busySince ??= now;
      return [{ kind: 'wake', at: now + this.#times.busyEveryMs }];
    }
    this.#change = undefined;
    this.#busySince = undefined;
    if (seen.kind === 'wrong') return this.#wrong(seen.reasons);
    const wasBlocked = this.#said !== '';
    this.#said = '';
    if (seen.state === this.#state && !this.#aborting) {
      // A change that was taken back needs no run.
      this.#queued = false;
      return wasBlocked ? [{ kind: 'unchanged' }] : [];
    }
    if (!this.#running) {
      this.#running = true;
      this.#state = seen.state;
      return [{ kind: 'start' }];
    }
    if (this.#whileRunning === 'restart') {
      if (this.#aborting) return [];
      this.#aborting = true;
      return [{ kind: 'abort' }];
    }
    if (this.#queued) return [];
    this.#queued = true;
    return [{ kind: 'queued' }];
  }

  /** The run has ended, or could not start. */
  ended(): WatchAction[] {
    const again = this.#aborting || this.#queued;
    // A run that we have aborted has no result: its state still waits for one.
    if (this.#aborting) this.#state = undefined;
    this.#running = false;
    this.#aborting = false;
    this.#queued = false;
    // While files change, or are looked at, the next look is due anyway.
    return again && !this.#change && !this.#look && this.#busySince === undefined ? this.#lookNow() : [];
  }

  #wrong(reasons: readonly string[]): WatchAction[] {
    const text = reasons.join('\n');
    if (text === this.#said) return [];
    this.#said = text;
    return [{ kind: 'blocked', reasons }];
  }

  #wake({ since, last, looks }: Change): WatchAction {
    const { quietMs, restlessMs } = this.#times;
    return { kind: 'wake', at: Math.min(last + quietMs, since + (looks + 1) * restlessMs) };
  }

  #lookNow(now?: number): WatchAction[] {
    this.#look = { stale: false };
    const since = this.#busySince;
    const evenIfBusy = since !== undefined && now !== undefined && now - since >= this.#times.busyLimitMs;
    return [{ kind: 'look', evenIfBusy }];
  }
}
