/** Flow control of one exec stream: how bytes leave and arrive without piling up in memory. */
import type { ByteSink } from '../types.ts';

/** The part of a WebSocket that {@link Sender} needs. */
export interface FrameSender {
  send(frame: Uint8Array, done: (error?: Error | null) => void): void;
}

/**
 * Sends messages and holds the producer back: once `high` bytes wait for the network, {@link Sender.send} resolves
 * only after they fell to `low`.
 */
export class Sender {
  readonly #socket: FrameSender;
  readonly #high: number;
  readonly #low: number;
  #waiting = 0;
  #closed = false;
  #wake: (() => void)[] = [];

  constructor(socket: FrameSender, limits: { readonly high: number; readonly low: number }) {
    this.#socket = socket;
    this.#high = limits.high;
    this.#low = limits.low;
  }

  /** Bytes handed over that the operating system has not taken yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** False once {@link Sender.close} was called: what is sent afterwards is dropped. */
  get open(): boolean {
    return !this.#closed;
  }

  /** Queues one message; resolves when the next may follow, at once after `close`. Never rejects: see the socket's own events. */
  async send(frame: Uint8Array): Promise<void> {
    if (this.#closed) return;
    this.#waiting += frame.length;
    // An error needs no handling here: the socket reports it as its own `error` and `close`.
    this.#socket.send(frame, () => {
      this.#waiting -= frame.length;
      if (this.#waiting <= this.#low) this.#release();
    });
    if (this.#waiting > this.#high) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** Takes no further messages and lets waiting producers go. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #release(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}

/** The part of a WebSocket that {@link Receiver} needs. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

interface Delivery {
  readonly sink: ByteSink;
  readonly chunk: Uint8Array;
}

/**
 * Hands chunks to their sinks one after the other, in the order of arrival, and pauses the socket while a sink is
 * busy. A paused socket still hands over what it had read (at most one network read and the message it completes),
 * which is what `queued` can grow to.
 */
export class Receiver {
  readonly #socket: Pausable;
  readonly #onError: (error: unknown) => void;
  #queue: Delivery[] = [];
  #queued = 0;
  #draining: Promise<void> | undefined;
  #closed = false;

  /** `onError` gets what a sink throws; nothing is delivered after that. */
  constructor(socket: Pausable, onError: (error: unknown) => void) {
    this.#socket = socket;
    this.#onError = onError;
  }

  /** True while a sink works or chunks wait for one. */
  get busy(): boolean {
    return this.#draining !== undefined;
  }

  /** Bytes received that no sink has taken yet. */
  get queued(): number {
    return this.#queued;
  }

  /** Delivers a chunk: at once where the sinks are idle, else after those before it. */
  push(sink: ByteSink, chunk: Uint8Array): void {
    if (this.#closed) return;
    if (this.#draining !== undefined) {
      this.#queue.push({ sink, chunk });
      this.#queued += chunk.length;
      return;
    }
    try {
      const pending = sink(chunk);
      if (pending === undefined) return;
      this.#socket.pause();
      this.#draining = this.#drain(pending);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Resolves when all that was pushed has been taken by its sink, or after `close`. */
  async idle(): Promise<void> {
    while (this.#draining !== undefined && !this.#closed) await this.#draining;
  }

  /** Drops what waits and delivers nothing more. A sink that is at work is not waited for. */
  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#queued = 0;
  }

  async #drain(first: Promise<void>): Promise<void> {
    try {
      await first;
      while (this.#queue.length > 0) {
        const batch = this.#queue;
        this.#queue = [];
        for (const { sink, chunk } of batch) {
          if (this.#closed) return;
          this.#queued -= chunk.length;
          await sink(chunk);
        }
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#draining = undefined;
      // After `close` the socket is torn down: it must not be kept from noticing its end.
      this.#socket.resume();
    }
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    this.close();
    this.#onError(error);
  }
}
