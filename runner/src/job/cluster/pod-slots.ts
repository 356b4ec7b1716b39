/** So many pods of a job at once: whoever comes later waits for his turn. */

/** Slots that are handed on in the order in which they were asked for. */
export class PodSlots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param count how many pods may be there at once */
  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Waits for a slot; disposing hands it on.
   *
   * @throws the signal's reason when it is aborted before a slot is free
   */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    return { [Symbol.dispose]: () => this.#handOn() };
  }

  #handOn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      // Who is gone must not be handed a slot that somebody else waits for.
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(begin);
    });
  }
}
