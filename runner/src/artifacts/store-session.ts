/** One pod that looks into a claim, shared by everybody who asks within a while: views ask often, and little. */
import type { StoreShell } from '../store/types.ts';
import type { StorePod } from '../pod/store-pod.ts';

/** Without a question for so long the pod is deleted. It ends by itself too, a few minutes later, should we be gone. */
const idleMs = 120_000;

/** Opens the pod with the first question and closes it when nobody has asked for a while. Disposing closes it at once. */
export class StoreSession implements AsyncDisposable {
  readonly #open: () => Promise<StorePod>;
  readonly #idleMs: number;
  #pod: Promise<StorePod> | undefined;
  #users = 0;
  #idle: NodeJS.Timeout | undefined;
  #closing: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(open: () => Promise<StorePod>, options: { readonly idleMs?: number | undefined } = {}) {
    this.#open = open;
    this.#idleMs = options.idleMs ?? idleMs;
  }

  /** Runs `work` with a shell in the pod. A pod that has gone (deleted, evicted) is replaced with the next question. */
  async use<T>(work: (shell: StoreShell) => Promise<T>): Promise<T> {
    if (this.#disposed) throw new Error('The store session is closed');
    clearTimeout(this.#idle);
    this.#users++;
    try {
      this.#pod ??= this.#open();
      const opened = this.#pod;
      try {
        return await work((await opened).shell);
      } catch (error) {
        if (this.#pod === opened && !isAnswer(error)) this.#drop();
        throw error;
      }
    } finally {
      this.#users--;
      if (this.#users === 0 && this.#pod) this.#idle = setTimeout(() => this.#drop(), this.#idleMs).unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#drop();
    await this.#closing;
  }

  #drop(): void {
    clearTimeout(this.#idle);
    const pod = this.#pod;
    this.#pod = undefined;
    if (!pod) return;
    // A pod that never opened has been told to whoever asked for it; one that is gone needs no closing.
    const close = pod.then((opened) => opened[Symbol.asyncDispose]()).catch(() => undefined);
    this.#closing = Promise.all([this.#closing, close]).then(() => undefined);
  }
}

/** The pod has answered, if only to say no: it is alive. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && (error.name === 'StoreError' || error.name === 'AbortError');
}
