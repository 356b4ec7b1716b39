/** A clock that moves by itself when everything waits. */
import { setImmediate } from 'node:timers/promises';
import { ManualClock } from './clock.ts';

/** A clock that begins at 0 and moves on by itself whenever everything waits for it: hours pass in no time. */
export class SimulatedClock extends ManualClock {
  constructor() {
    super(0);
  }

  /**
   * Lets time pass until the work is done.
   *
   * @throws Error when the work waits for something that no time brings
   */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    const state = { over: false };
    const end = work.finally(() => {
      state.over = true;
    });
    // How it ends is told below; until then nobody listens.
    end.catch(() => undefined);
    for (;;) {
      await setImmediate();
      if (state.over) return end;
      if (!this.wakeNext()) throw new Error('The work waits for something that is not time.');
    }
  }
}
