/** An archive cut into the segments that an upload sends and the pod acknowledges. */
import { createHash, type Hash } from 'node:crypto';
import { StoreError } from './errors.ts';

/** A piece of an archive. */
export interface Segment {
  /** Where it begins. */
  readonly at: number;
  readonly length: number;
  /** Finds accidents of the way, at a quarter of the cost of SHA-256 in BusyBox. */
  readonly md5: string;
  readonly chunks: readonly Uint8Array[];
}

/** Cuts `total` bytes of a source, in order, and takes their SHA-256. */
export class SegmentCutter {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #total: number;
  readonly #sha256 = createHash('sha256');
  #rest: Uint8Array | undefined;
  #at = 0;
  #ended = false;
  #digest: string | undefined;

  constructor(source: AsyncIterable<Uint8Array>, total: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#total = total;
  }

  /** SHA-256 of all bytes; only when `next` has returned undefined. */
  get sha256(): string {
    return this.#digest ?? '';
  }

  /**
   * The next segment of at most `size` bytes; undefined after the last one.
   *
   * @throws what the source throws; StoreError PROTOCOL when it yields more or less than was announced
   */
  async next(size: number): Promise<Segment | undefined> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    while (length < size) {
      const chunk = await this.#chunk();
      if (chunk === undefined) break;
      const part = chunk.subarray(0, size - length);
      if (part.length < chunk.length) this.#rest = chunk.subarray(part.length);
      this.#sha256.update(part);
      chunks.push(part);
      length += part.length;
    }
    const end = this.#at + length;
    if (end > this.#total || (length < size && end < this.#total)) throw wrongLength(end, this.#total);
    if (length === 0) {
      this.#digest ??= this.#sha256.digest('hex');
      return undefined;
    }
    const at = this.#at;
    this.#at = end;
    return segmentAt(at, chunks);
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#source.return?.();
  }

  async #chunk(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) return rest;
    while (!this.#ended) {
      const next = await this.#source.next();
      if (next.done === true) this.#ended = true;
      else if (next.value.length > 0) return next.value;
    }
    return undefined;
  }
}

function wrongLength(bytes: number, total: number): StoreError {
  return new StoreError('PROTOCOL', `The archive has ${bytes} bytes or more instead of ${total}`);
}

function segmentAt(at: number, chunks: readonly Uint8Array[]): Segment {
  const md5 = createHash('md5');
  let length = 0;
  for (const chunk of chunks) {
    md5.update(chunk);
    length += chunk.length;
  }
  return { at, length, md5: md5.digest('hex'), chunks };
}

/** The same bytes in segments of at most `size`. */
export function resplit(segments: readonly Segment[], size: number): Segment[] {
  return segments.flatMap((segment) => {
    if (segment.length <= size) return [segment];
    const parts: Segment[] = [];
    let at = segment.at;
    let chunks: Uint8Array[] = [];
    let length = 0;
    const flush = (): void => {
      if (length === 0) return;
      parts.push(segmentAt(at, chunks));
      at += length;
      chunks = [];
      length = 0;
    };
    for (const chunk of segment.chunks) {
      for (let from = 0; from < chunk.length;) {
        const part = chunk.subarray(from, from + size - length);
        chunks.push(part);
        from += part.length;
        length += part.length;
        if (length === size) flush();
      }
    }
    flush();
    return parts;
  });
}

/** The digest over the lines `LENGTH MD5` of all segments, in the order of their acceptance. */
export class SegmentList {
  readonly #lines: Hash = createHash('md5');
  #count = 0;

  add(segment: Segment): void {
    this.#lines.update(line(segment));
    this.#count += 1;
  }

  /** Number of segments and digest of the list, if these were added. */
  with(segments: readonly Segment[]): { readonly count: number; readonly md5: string } {
    const lines = this.#lines.copy();
    for (const segment of segments) lines.update(line(segment));
    return { count: this.#count + segments.length, md5: lines.digest('hex') };
  }
}

function line({ length, md5 }: Segment): string {
  return `${length} ${md5}\n`;
}
