/** Longest run of synchronous calls before other work of the process gets its turn. */
const SLICE_MS = 8;
/** A call that takes longer than this was not answered from memory: a cold disk, a network file system. */
const HITCH_MS = 2;
/** So many calls then go through the thread pool before a synchronous one is tried again. */
const DETOUR = 64;

/**
 * Decides, call by call, between the synchronous and the asynchronous form of a small file operation. A round trip
 * through the thread pool costs ten times what the kernel needs for a cached file (5,000 small files: 0.1 s against
 * 0.5 s), but a synchronous call on a slow file system would hold up the whole process. So: synchronous in short
 * slices while the file system answers at once, asynchronous as soon as it does not.
 */
export class Pace {
  #sliceEnd = 0;
  #detour = 0;
  #turn: Promise<void> | undefined;

  /** Runs one of the two forms of the same operation; it may reject as they do. */
  async run<T>(quick: () => T, slow: () => Promise<T>): Promise<T> {
    while (this.#turn !== undefined) await this.#turn;
    if (this.#detour > 0) {
      this.#detour--;
      return await slow();
    }
    let start = performance.now();
    if (start >= this.#sliceEnd) {
      this.#turn = new Promise((resolve) => setImmediate(resolve));
      await this.#turn;
      this.#turn = undefined;
      start = performance.now();
      this.#sliceEnd = start + SLICE_MS;
    }
    try {
      return quick();
    } finally {
      if (performance.now() - start > HITCH_MS) this.#detour = DETOUR;
    }
  }
}
