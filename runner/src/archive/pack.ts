/** Packs the files of a snapshot as a tar archive, and checks them against their digests on the way. */
import { createHash, hash } from 'node:crypto';
import { join } from 'node:path';
import { close, openForRead, readFully, readStart } from '../snapshot/file-io.ts';
import { systemCode, unreadable, isMissing } from '../snapshot/errors.ts';
import { Pace } from '../snapshot/pace.ts';
import type { Snapshot, SnapshotEntries, SnapshotEntry } from '../snapshot/types.ts';
import { BLOCK, encodeHeader, headerSize, padding } from './entry-header.ts';
import { FileChangedError } from './errors.ts';

/** Files up to this size are read ahead whole; also what is gathered into one buffer of output. */
const CHUNK = 256 << 10;
const LARGE_CHUNK = 512 << 10;
/** Read-ahead: enough files to keep the thread pool busy, and at most this many bytes of them. */
const AHEAD_FILES = 32;
const AHEAD_BYTES = 4 << 20;

/** How a tree is packed. */
export interface PackOptions {
  readonly signal?: AbortSignal;
  /** Called after each buffer taken by the consumer. `total` is `tarSize` of the snapshot. */
  readonly onProgress?: (progress: { readonly bytes: number; readonly total: number }) => void;
  /** Entries of which only the header is wanted, by their index. `tarSize` does not know of it. */
  readonly isHeaderOnly?: (index: number) => boolean;
}

/** Exact number of bytes that `packTree` yields for the snapshot. */
export function tarSize(snapshot: Pick<Snapshot, 'entries'>): number {
  let size = 2 * BLOCK;
  for (const entry of snapshot.entries) size += headerSize(entry) + entry.size + padding(entry.size);
  return size;
}

/**
 * A POSIX tar archive of the snapshot: its entries in order, then the two zero blocks that end an archive. No sparse
 * files, no hard links, nothing that BusyBox tar does not read. The bytes depend on the snapshot alone; content is
 * checked against its digests while it passes, so a complete archive is the snapshot. At most a few MiB are held.
 *
 * @returns buffers of about 256 KiB; each is the consumer's to keep
 * @throws FileChangedError for a file that is not (any more) what the snapshot says, before the archive is complete
 * @throws SnapshotError for a file that cannot be read
 */
export async function* packTree(
  snapshot: Pick<Snapshot, 'root' | 'entries'>,
  options: PackOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const { signal, onProgress, isHeaderOnly = () => false } = options;
  const total = onProgress === undefined ? 0 : tarSize(snapshot);
  const blocks = new BlockBuffer();
  const ahead = new ReadAhead(snapshot.root, snapshot.entries, isHeaderOnly);
  let bytes = 0;
  const passed = (buffer: Buffer): void => {
    bytes += buffer.length;
    onProgress?.({ bytes, total });
  };
  try {
    let index = -1;
    for (const entry of snapshot.entries) {
      index++;
      signal?.throwIfAborted();
      blocks.add(encodeHeader(entry));
      if (isHeaderOnly(index)) {
        // Its content is had from elsewhere.
      } else if (entry.type === 'file' && entry.size > 0) {
        if (entry.size <= CHUNK) {
          blocks.add(await ahead.take(index));
        } else {
          // What was gathered goes first, so that the large chunks need no copy.
          for (const before of blocks.rest()) {
            yield before;
            passed(before);
          }
          for await (const chunk of readLarge(snapshot.root, entry, signal)) {
            blocks.add(chunk);
            for (const full of blocks.full()) {
              yield full;
              passed(full);
            }
          }
        }
        blocks.addZeros(padding(entry.size));
      } else if (entry.type === 'file') {
        await ahead.take(index);
      }
      for (const full of blocks.full()) {
        yield full;
        passed(full);
      }
    }
    blocks.addZeros(2 * BLOCK);
    for (const rest of blocks.rest()) {
      yield rest;
      passed(rest);
    }
  } finally {
    // The descriptors of reads under way are closed before the caller goes on, also when it stops early.
    await ahead.end();
  }
}

/** Gathers small pieces into buffers of `CHUNK` bytes. They are copied at once, so that little is alive at a time. */
class BlockBuffer {
  #full: Buffer[] = [];
  #buffer = Buffer.allocUnsafeSlow(CHUNK);
  #length = 0;

  /** Adds a piece; one as large as a buffer is handed on as it is. */
  add(piece: Buffer): void {
    if (this.#length + piece.length > CHUNK) this.#flush();
    if (piece.length > CHUNK) {
      this.#full.push(piece);
      return;
    }
    this.#length += piece.copy(this.#buffer, this.#length);
  }

  addZeros(count: number): void {
    if (count > 0) this.add(Buffer.alloc(count));
  }

  /** The buffers that are full. */
  full(): Buffer[] {
    const full = this.#full;
    if (full.length > 0) this.#full = [];
    return full;
  }

  /** All that has been gathered. */
  rest(): Buffer[] {
    this.#flush();
    return this.full();
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#full.push(this.#buffer.subarray(0, this.#length));
    this.#buffer = Buffer.allocUnsafeSlow(CHUNK);
    this.#length = 0;
  }
}

/** Reads the small files that come next while the present ones are being sent. */
class ReadAhead {
  readonly #root: string;
  readonly #entries: SnapshotEntries;
  readonly #isLeftOut: (index: number) => boolean;
  readonly #reading = new Map<number, Promise<Buffer>>();
  readonly #pace = new Pace();
  #next = 0;
  #bytes = 0;

  constructor(root: string, entries: SnapshotEntries, isLeftOut: (index: number) => boolean) {
    this.#root = root;
    this.#entries = entries;
    this.#isLeftOut = isLeftOut;
  }

  /** The verified content of the small file at `index`; indexes are asked for in rising order. */
  async take(index: number): Promise<Buffer> {
    this.#start(index);
    const reading = this.#reading.get(index);
    const entry = this.#entries.at(index);
    if (reading === undefined || entry === undefined) throw new RangeError(`no small file at ${index}`);
    const content = await reading;
    this.#reading.delete(index);
    this.#bytes -= entry.size;
    return content;
  }

  /** Waits for what is under way. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#reading.values());
  }

  #start(wanted: number): void {
    for (; this.#next < this.#entries.length; this.#next++) {
      const index = this.#next;
      const entry = this.#entries.at(index);
      if (entry?.type !== 'file' || entry.size > CHUNK || this.#isLeftOut(index)) continue;
      const room = this.#reading.size < AHEAD_FILES && this.#bytes + entry.size <= AHEAD_BYTES;
      if (!room && index > wanted) return;
      const reading = readSmall(this.#root, entry, this.#pace);
      // A failure is thrown when its turn comes; until then it is not an unhandled one.
      reading.catch(() => undefined);
      this.#reading.set(index, reading);
      this.#bytes += entry.size;
    }
  }
}

async function readSmall(root: string, entry: SnapshotEntry, pace: Pace): Promise<Buffer> {
  const path = join(root, entry.path);
  return await guarded(path, async () => {
    const { content } = await readStart(path, entry.size, pace);
    if (content.length < entry.size || hash('sha256', content, 'hex') !== entry.sha256) {
      throw new FileChangedError(path);
    }
    return content;
  });
}

/** The content of a large file in chunks, the next one being read while one is sent. Its digest is checked at its end. */
async function* readLarge(root: string, entry: SnapshotEntry, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const path = join(root, entry.path);
  const digest = createHash('sha256');
  const fd = await guarded(path, () => openForRead(path));
  const readChunk = (left: number): Promise<Buffer> =>
    guarded(path, async () => {
      const buffer = Buffer.allocUnsafe(Math.min(LARGE_CHUNK, left));
      if ((await readFully(fd, buffer, buffer.length)) < buffer.length) throw new FileChangedError(path);
      return buffer;
    });
  let pending: Promise<Buffer> | undefined;
  try {
    let left = entry.size;
    pending = readChunk(left);
    while (pending !== undefined) {
      const buffer: Buffer = await pending;
      left -= buffer.length;
      pending = left > 0 ? readChunk(left) : undefined;
      pending?.catch(() => undefined);
      digest.update(buffer);
      yield buffer;
      signal?.throwIfAborted();
    }
    if (digest.digest('hex') !== entry.sha256) throw new FileChangedError(path);
  } finally {
    await pending?.catch(() => undefined);
    await close(fd);
  }
}

/** Gives a failed read its meaning: what cannot be found or is no plain file any more has changed. */
async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FileChangedError) throw error;
    const replaced = isMissing(error) || ['ELOOP', 'EISDIR', 'ENXIO'].includes(systemCode(error) ?? '');
    throw replaced ? new FileChangedError(path, error) : unreadable(path, error);
  }
}
