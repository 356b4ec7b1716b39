/** From a sink that is written to, to an iterable that is read from: one piece at a time, so nothing piles up. */

export interface ByteChannel {
  readonly readable: AsyncIterable<Uint8Array>;
  /** Settles when the reader has taken the piece; rejects when the reader has gone. */
  write(chunk: Uint8Array): Promise<void>;
  /** No more comes. Settles when the reader has taken everything. */
  end(): void;
  /** The reader gets this error after what was written. */
  fail(error: unknown): void;
  /** The reader does not read on: a pending or later write rejects. */
  close(): void;
}

type Item = { readonly chunk: Uint8Array } | { readonly end: true } | { readonly error: unknown };

interface Offer {
  readonly item: Item;
  readonly taken: () => void;
  readonly refused: (error: Error) => void;
}

/** Makes a channel. Whoever makes it closes it. */
export function byteChannel(): ByteChannel {
  let pending: Offer | undefined;
  /** What the reader works on: a reader that gives up there has not taken it. */
  let reading: Offer | undefined;
  let wake: (() => void) | undefined;
  let closed = false;
  const gone = (): Error => new Error('the reader of this stream has stopped');
  const offer = (item: Item): Promise<void> =>
    new Promise((taken, refused) => {
      if (closed) {
        refused(gone());
        return;
      }
      pending = { item, taken, refused };
      wake?.();
    });
  const close = (): void => {
    closed = true;
    for (const each of [reading, pending]) each?.refused(gone());
    reading = undefined;
    pending = undefined;
  };
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        if (!pending) await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
        const next = pending;
        pending = undefined;
        if (!next) continue;
        if ('error' in next.item) throw next.item.error;
        if ('end' in next.item) return;
        reading = next;
        yield next.item.chunk;
        reading = undefined;
        next.taken();
      }
    } finally {
      close();
    }
  }
  // The last item is nobody's to wait for: a reader that has gone needs neither an end nor an error.
  const last = (item: Item): void => void offer(item).catch(() => undefined);
  return {
    readable: read(),
    write: (chunk) => offer({ chunk }),
    end: () => last({ end: true }),
    fail: (error) => last({ error }),
    close,
  };
}
