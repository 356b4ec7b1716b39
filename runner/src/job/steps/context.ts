/** Contexts of steps, as Go's: a step runs in one, it can end once, and what is started below it ends with it. */
import type { Clock } from '../../cluster/clock.ts';

/** The end of a context by the user's abort, or by `fail_fast`. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';

  constructor() {
    super('interrupted');
  }
}

/** The end of a context by a `timeout`. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';

  constructor() {
    super('timeout exceeded');
  }
}

/** Why a context has ended. */
export type ContextEnd = Cancelled | DeadlineExceeded;

/** A context. Who makes a child closes it, when what runs in it has ended. */
export class StepContext implements Disposable {
  readonly #controller = new AbortController();
  readonly #leave: () => void;

  /**
   * @param parent ends this one with it; undefined for the build's own and for what nothing may end
   */
  constructor(parent?: StepContext | AbortSignal) {
    const signal = parent instanceof StepContext ? parent.signal : parent;
    const onEnd = () => this.end(parent instanceof StepContext ? (parent.error ?? new Cancelled()) : new Cancelled());
    this.#leave = () => signal?.removeEventListener('abort', onEnd);
    if (signal?.aborted === true) onEnd();
    else signal?.addEventListener('abort', onEnd, { once: true });
  }

  /** Aborted when the context ends; its reason is `error`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the context has ended; undefined as long as it has not. */
  get error(): ContextEnd | undefined {
    return this.signal.aborted ? (this.signal.reason as ContextEnd) : undefined;
  }

  /** Ends the context; only the first end counts. */
  end(reason: ContextEnd): void {
    if (!this.signal.aborted) this.#controller.abort(reason);
  }

  /** A child that ends with this one. */
  child(): StepContext {
    return new StepContext(this);
  }

  /** Ends the context after so many milliseconds. */
  async endAfter(milliseconds: number, clock: Clock, stop: AbortSignal): Promise<void> {
    if (milliseconds <= 0) {
      this.end(new DeadlineExceeded());
      return;
    }
    try {
      await clock.sleep(milliseconds, stop);
    } catch {
      return;
    }
    this.end(new DeadlineExceeded());
  }

  /** Lets go of the parent. */
  [Symbol.dispose](): void {
    this.#leave();
  }
}
