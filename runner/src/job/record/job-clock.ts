/**
 * The clock of a job that was taken up again: it begins when the job did, runs through what is written down without
 * waiting, and then goes on as the real one. So limits count from where they began, and what happened comes in its order.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../cluster/clock.ts';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** A clock with a past. */
export class JobClock implements Clock {
  readonly #real: Clock;
  readonly #sleepers = new Set<Sleeper>();
  #at: number;
  #held = 0;
  #isPast = true;

  /** @param start when the job began, in milliseconds since the epoch */
  constructor(real: Clock, start: number) {
    this.#real = real;
    this.#at = start;
  }

  /** Whether it still runs through what was. */
  get isPast(): boolean {
    return this.#isPast;
  }

  /** Whether it stands still. */
  get isHeld(): boolean {
    return this.#held > 0;
  }

  now(): number {
    return this.#isPast ? this.#at : this.#real.now();
  }

  random(): number {
    return this.#real.random();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#isPast) {
      await this.#real.sleep(ms, signal);
      return;
    }
    const due = this.#at + ms;
    let sleeper: Sleeper | undefined;
    let leave: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        sleeper = { due, wake: resolve };
        this.#sleepers.add(sleeper);
        leave = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', leave, { once: true });
      });
    } finally {
      if (leave !== undefined) signal?.removeEventListener('abort', leave);
      if (sleeper !== undefined) this.#sleepers.delete(sleeper);
    }
    // What was still to come when the past ended is waited for in the real time.
    const left = this.isPast ? 0 : due - this.now();
    if (left > 0) await this.#real.sleep(left, signal);
  }

  /** Stands still until the result is disposed of: something is read again that took no time then. */
  hold(): Disposable {
    this.#held += 1;
    return { [Symbol.dispose]: () => void (this.#held -= 1) };
  }

  /**
   * Runs up to the end of what is written down; from there on it is the real time.
   *
   * @param end when the last thing that is written down happened
   */
  async runTo(end: number): Promise<void> {
    for (;;) {
      await setImmediate();
      if (this.#held > 0) continue;
      const next = [...this.#sleepers].sort((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > end) break;
      this.#at = Math.max(this.#at, next.due);
      this.#sleepers.delete(next);
      next.wake();
    }
    this.#at = Math.max(this.#at, end);
    this.#isPast = false;
    for (const { wake } of [...this.#sleepers]) wake();
  }
}
