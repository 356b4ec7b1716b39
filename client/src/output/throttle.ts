/**
 * Between a task that may print without measure and a view that may not be called without measure: bundles what comes,
 * hands on at most so much at a time, and leaves out the middle of what is too much. What it leaves out is counted.
 */
import type { LogPiece } from './run-log.ts';

export interface ThrottleOptions {
  /** Gets the pieces that are due, and the number of bytes that were left out before them. */
  readonly show: (pieces: readonly LogPiece[], leftOut: number) => void;
  /** Time between two bundles, in milliseconds. */
  readonly everyMs?: number;
  /** Bytes in a bundle. */
  readonly bundleBytes?: number;
  /** Bytes that may wait; beyond them the oldest are left out. */
  readonly waitingBytes?: number;
}

const newline = 0x0a;

/** See the file's comment. Whoever makes it disposes of it. */
export class Throttle implements Disposable {
  readonly #options: Required<ThrottleOptions>;
  #waiting: LogPiece[] = [];
  #bytes = 0;
  #leftOut = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ThrottleOptions) {
    this.#options = { everyMs: 50, bundleBytes: 64 * 1024, waitingBytes: 1024 * 1024, ...options };
  }

  add(piece: LogPiece): void {
    this.#waiting.push(piece);
    this.#bytes += piece.data.length;
    if (this.#bytes > this.#options.waitingBytes) this.#leaveOut();
    if (this.#timer) return;
    // The first piece after a pause is shown at once.
    this.#timer = setTimeout(() => this.#due(), this.#options.everyMs);
    this.#showBundle();
  }

  /** Shows everything that waits. */
  flush(): void {
    while (this.#waiting.length > 0) this.#showBundle();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  #due(): void {
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => this.#due(), this.#options.everyMs);
    this.#showBundle();
  }

  #showBundle(): void {
    const pieces: LogPiece[] = [];
    let room = this.#options.bundleBytes;
    while (room > 0) {
      const first = this.#waiting.shift();
      if (!first) break;
      const data = first.data.subarray(0, room);
      if (data.length < first.data.length) this.#waiting.unshift({ ...first, data: first.data.subarray(room) });
      pieces.push({ ...first, data });
      room -= data.length;
      this.#bytes -= data.length;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    if (pieces.length > 0) this.#options.show(pieces, leftOut);
  }

  /** Leaves out the oldest half, up to the end of a line. Our own lines stay: they are few. */
  #leaveOut(): void {
    const keep = this.#options.waitingBytes / 2;
    const own: LogPiece[] = [];
    while (this.#bytes > keep) {
      const first = this.#waiting.shift();
      if (!first) break;
      this.#bytes -= first.data.length;
      if (first.source === 'tarmac') {
        own.push(first);
        continue;
      }
      const rest = this.#bytes > keep ? undefined : afterFirstLine(first.data);
      this.#leftOut += first.data.length - (rest?.length ?? 0);
      if (!rest) continue;
      this.#waiting.unshift({ ...first, data: rest });
      this.#bytes += rest.length;
      break;
    }
    this.#waiting.unshift(...own);
    this.#bytes += own.reduce((sum, { data }) => sum + data.length, 0);
  }
}

function afterFirstLine(data: Uint8Array): Uint8Array | undefined {
  const end = data.indexOf(newline);
  return end < 0 || end + 1 === data.length ? undefined : data.subarray(end + 1);
}
