/** Many paths in little memory: their bytes stand one after the other. */

/** Bytes of one chunk, and the room for indexes at the beginning, which doubles. */
const CHUNK = 1 << 20;
const FIRST_PATHS = 1 << 10;
const NOTHING = Buffer.alloc(0);

/**
 * Paths, each with its mode in git's index where it has one. A list of 300,000 paths takes some 20 MB outside of
 * JavaScript's heap; as strings they take five times that, and the collector as much again. A path becomes a string when
 * it is asked for.
 */
export class PathList {
  readonly #chunks: Buffer[] = [];
  /** Bytes of the last chunk that are taken. */
  #taken = CHUNK;
  /** Of each path: its chunk, where it starts there, its bytes. */
  #places = new Uint32Array(3 * FIRST_PATHS);
  #modes = new Uint32Array(FIRST_PATHS);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a path, and its mode in git's index. Returns the path's index. */
  add(path: string, mode?: number): number {
    const bytes = Buffer.byteLength(path);
    if (this.#taken + bytes > CHUNK) {
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(CHUNK, bytes)));
      this.#taken = 0;
    }
    const chunk = this.#chunks.length - 1;
    this.#chunks[chunk]?.write(path, this.#taken, 'utf8');
    if (this.#length === this.#modes.length) this.#makeRoom();
    this.#places.set([chunk, this.#taken, bytes], 3 * this.#length);
    this.#modes[this.#length] = mode ?? 0;
    this.#taken += bytes;
    return this.#length++;
  }

  /** The path at an index; empty beyond the end. */
  at(index: number): string {
    const [chunk, start, end] = this.#find(index);
    return chunk.toString('utf8', start, end);
  }

  /** Mode in git's index, where the path has one. */
  mode(index: number): number | undefined {
    const mode = this.#modes[index];
    // No mode of git's is 0.
    return mode === 0 ? undefined : mode;
  }

  *[Symbol.iterator](): IterableIterator<string> {
    for (let index = 0; index < this.#length; index++) yield this.at(index);
  }

  /** The list without the paths that `keep` refuses. */
  filter(keep: (path: string) => boolean): PathList {
    const kept = new PathList();
    for (let index = 0; index < this.#length; index++) {
      const path = this.at(index);
      if (keep(path)) kept.add(path, this.mode(index));
    }
    return kept;
  }

  /** The indexes in the order of the paths' bytes, as `comparePaths` has it; of equal paths in the order they were added. */
  order(): Uint32Array {
    // An array's sort takes one pass over what is in order already, as git's list is; that of a typed array does not.
    const order = Array.from({ length: this.#length }, (_, index) => index);
    return Uint32Array.from(order.sort((a, b) => this.#compare(a, b)));
  }

  /** Whether the paths at two indexes are the same. */
  same(a: number, b: number): boolean {
    return this.#compare(a, b) === 0;
  }

  /** The chunk of a path, and where the path starts and ends in it. */
  #find(index: number): [chunk: Buffer, start: number, end: number] {
    const at = 3 * index;
    const start = this.#places[at + 1] ?? 0;
    return [this.#chunks[this.#places[at] ?? 0] ?? NOTHING, start, start + (this.#places[at + 2] ?? 0)];
  }

  #compare(a: number, b: number): number {
    const [left, leftStart, leftEnd] = this.#find(a);
    const [right, rightStart, rightEnd] = this.#find(b);
    return left.compare(right, rightStart, rightEnd, leftStart, leftEnd);
  }

  #makeRoom(): void {
    const [places, modes] = [new Uint32Array(6 * this.#length), new Uint32Array(2 * this.#length)];
    places.set(this.#places);
    modes.set(this.#modes);
    [this.#places, this.#modes] = [places, modes];
  }
}
