/** A clock that moves by itself when everything waits. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '#internal/runner/src/cluster/clock.ts';

/** A clock that begins at 0 and moves on by itself whenever everything waits for it: hours pass in no time. */
export class SimulatedClock implements Clock {
  #now = 0;
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
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

  /**
   * Lets time pass until the work is done. Who wakes at one time wakes in the order in which he lay down.
   *
   * @throws Error when the work waits for something that no time brings
   */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    const state = { over: false };
    const end = work.finally(() => {
      state.over = true;
    });
    end.catch(() => undefined);
    for (;;) {
      await setImmediate();
      if (state.over) return end;
      const [next] = this.#sleepers.toSorted((a, b) => a.until - b.until);
      if (next === undefined) throw new Error('The work waits for something that is not time.');
      this.#now = next.until;
      next.wake();
    }
  }
}
