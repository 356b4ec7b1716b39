/** The ways in which whoever holds a run ends it or leaves it, the same for one that was started here and one taken up. */

/** Two signals of one run, and the order in which they are given. */
export class RunSignals {
  readonly #abort = new AbortController();
  readonly #stop = new AbortController();
  #left = false;

  /** First abort: the command gets TERM, or what comes before it stops. */
  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** Second abort, or leaving: nothing is waited for any more. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborts the run; when that was asked for before, at once. Returns whether it was the first time. */
  requestAbort(): boolean {
    if (this.#abort.signal.aborted) {
      this.endNow();
      return false;
    }
    this.#abort.abort(new DOMException('aborted', 'AbortError'));
    return true;
  }

  /** Nothing is waited for any more. */
  endNow(): void {
    this.#stop.abort(new DOMException('aborted', 'AbortError'));
  }

  /** Whoever holds the run goes; the command may go on. */
  leave(): void {
    this.#left = true;
    this.#stop.abort(new DOMException('detached', 'AbortError'));
  }

  /** The run was left as it is: nobody asked for its end before. Who aborts a run and then leaves wants it to end. */
  get isLeft(): boolean {
    return this.#left && !this.#abort.signal.aborted;
  }
}
