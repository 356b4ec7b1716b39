/** Clocks that a test moves. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '#internal/runner/src/cluster/clock.ts';

/** A clock that stands still until a test moves it. Its chance is always 0.5. */
export class ManualClock implements Clock {
  #now: number;
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  /** What was slept for, in order, in milliseconds. */
  readonly slept: number[] = [];

  constructor(begin = Date.UTC(2026, 0, 1)) {
    this.#now = begin;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.#now + ms, wake: () => settle(resolve) };
      const onAbort = () => settle(() => reject(signal?.reason as Error));
      const settle = (finish: () => void) => {
        signal?.removeEventListener('abort', onAbort);
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        finish();
      };
      if (signal?.aborted === true) {
        onAbort();
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** Lets time pass: whoever wakes up meanwhile runs at his time, and what he does next still counts. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      if (!this.wakeNext(end)) break;
    }
    this.#now = end;
    await settled();
  }

  /** Moves on to the next one who wakes, of those at one time the one who lay down first; false when none does by then. */
  protected wakeNext(end = Infinity): boolean {
    const [next] = this.#sleepers.toSorted((a, b) => a.until - b.until);
    if (next === undefined || next.until > end) return false;
    this.#now = next.until;
    next.wake();
    return true;
  }
}

/** A clock on which every sleep is over at once. */
export class InstantClock extends ManualClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return signal?.aborted === true ? Promise.reject(signal.reason as Error) : Promise.resolve();
  }
}

/** Until all that promises and open event-loop turns have ready has run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();
}
