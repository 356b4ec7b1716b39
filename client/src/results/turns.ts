/** Long work in slices: others have their turn in between. */
import { setImmediate } from 'node:timers/promises';

/** So long something works before others have their turn, in milliseconds: far less than a person notices. */
const sliceMs = 10;

/** The turns of one piece of work: `if (turns.isDue) await turns.give();` */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  /** @param signal ends the work; its reason is thrown at the next turn */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Others have waited long enough. Asked for first, since a promise for each of 50,000 steps costs more than they do. */
  get isDue(): boolean {
    return performance.now() - this.#since >= sliceMs;
  }

  /** Lets others have their turn. */
  async give(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
