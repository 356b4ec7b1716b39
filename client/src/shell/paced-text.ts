/**
 * Between a remote terminal and the editor's, which takes what it is given without a word about its own speed: bundles
 * what comes and holds the remote back, so that nothing is lost, nothing piles up, and Ctrl-C is answered at once.
 */
import { StringDecoder } from 'node:string_decoder';

export interface PacedTextOptions {
  readonly write: (text: string) => void;
  /** Time between two bundles, in milliseconds. */
  readonly everyMs?: number;
  /** From so many characters on, whoever brings more has to wait for the next bundle. */
  readonly bundle?: number;
}

/** Somebody who waits for room. */
interface Waiter {
  readonly settled: Promise<void>;
  readonly resolve: () => void;
}

function waiter(): Waiter {
  let resolve = (): void => undefined;
  const settled = new Promise<void>((settle) => (resolve = settle));
  return { settled, resolve };
}

/** See the file's comment. Whoever makes it disposes of it. */
export class PacedText implements Disposable {
  readonly #decoder = new StringDecoder('utf8');
  readonly #options: Required<PacedTextOptions>;
  #waiting = '';
  #timer: NodeJS.Timeout | undefined;
  #room: Waiter | undefined;

  constructor(options: PacedTextOptions) {
    this.#options = { everyMs: 8, bundle: 32 * 1024, ...options };
  }

  /** A promise where the next piece has to wait. Characters that are cut in two come whole. */
  add(data: Uint8Array): void | Promise<void> {
    this.#waiting += this.#decoder.write(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    this.#timer ??= setTimeout(() => this.flush(), this.#options.everyMs);
    if (this.#waiting.length < this.#options.bundle) return;
    this.#room ??= waiter();
    return this.#room.settled;
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '') this.#options.write(text);
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** What waits is not written any more; nobody waits for it. */
  [Symbol.dispose](): void {
    this.#waiting = '';
    this.flush();
  }
}
