/** Reads and hashes one file that may change meanwhile. */
import { createHash, hash } from 'node:crypto';
import { SnapshotError } from './errors.ts';
import { close, openForRead, readFully, readStart, statDescriptor, statPath, type FileStatus } from './file-io.ts';
import type { Pace } from './pace.ts';
import type { KnownContent } from './stat-cache.ts';

/** Files up to this size are read whole: hashing one takes a fraction of a millisecond. */
const CHUNK = 256 << 10;
/** Larger files are read in pieces of this size, one while the one before it is hashed. */
const PIECE = 1 << 20;

/** A file's content and the status that belongs to it. */
export interface HashedFile extends KnownContent {
  readonly stats: FileStatus;
  /** Bytes that the digest covers. */
  readonly size: number;
  /** False when the file was written to while it was read, twice; the digest is that of the bytes then seen. */
  readonly steady: boolean;
}

/**
 * Reads a regular file of status `before` and hashes its first `before.size` bytes. A file that changes meanwhile is
 * read once more; if it still changes but only grows (a log), the part seen is taken and `steady` is false.
 *
 * @throws SnapshotError CHANGED when the file shrank or was replaced each time; system errors as they are
 */
export async function hashFile(
  path: string,
  before: FileStatus,
  pace: Pace,
  signal?: AbortSignal,
): Promise<HashedFile> {
  const first = await attempt(path, before, pace, signal);
  if (first?.steady === true) return first;
  const again = await statPath(path, pace);
  const second = again.isFile() ? await attempt(path, again, pace, signal) : undefined;
  if (second !== undefined) return second;
  const message =
    `${JSON.stringify(path)} was rewritten while it was being read, twice. ` +
    'Stop what writes it, or list it in .tarmacignore.';
  throw new SnapshotError('CHANGED', path, message);
}

/** One reading; undefined when fewer bytes were there than `before` says, or another file took its place. */
async function attempt(
  path: string,
  before: FileStatus,
  pace: Pace,
  signal?: AbortSignal,
): Promise<HashedFile | undefined> {
  const size = Number(before.size);
  const { content, after } = size <= CHUNK ? await small(path, size, pace) : await large(path, size, signal);
  if (content === undefined || after.ino !== before.ino) return undefined;
  const steady = after.size === before.size && after.mtimeNs === before.mtimeNs && after.ctimeNs === before.ctimeNs;
  return { ...content, stats: before, size, steady };
}

interface Reading {
  readonly content: KnownContent | undefined;
  readonly after: FileStatus;
}

async function small(path: string, size: number, pace: Pace): Promise<Reading> {
  const { content, after } = await readStart(path, size, pace);
  if (content.length < size) return { content: undefined, after };
  return { content: { sha256: hash('sha256', content, 'hex'), script: isScript(content) }, after };
}

async function large(path: string, size: number, signal?: AbortSignal): Promise<Reading> {
  const fd = await openForRead(path);
  try {
    const digest = createHash('sha256');
    const buffers = [Buffer.allocUnsafe(PIECE), Buffer.allocUnsafe(PIECE)] as const;
    const read = async (buffer: Buffer, left: number): Promise<Buffer> =>
      buffer.subarray(0, await readFully(fd, buffer, Math.min(PIECE, left)));
    let script = false;
    let reading = read(buffers[0], size);
    for (let done = 0, count = 1; done < size; count++) {
      // Nothing is being read when this throws, so that the descriptor can be closed.
      const piece = await reading;
      signal?.throwIfAborted();
      if (piece.length === 0) return { content: undefined, after: await statDescriptor(fd) };
      if (done === 0) script = isScript(piece);
      done += piece.length;
      // The thread pool fills the other buffer while this one is hashed here.
      if (done < size) reading = read(count % 2 === 0 ? buffers[0] : buffers[1], size - done);
      digest.update(piece);
    }
    return { content: { sha256: digest.digest('hex'), script }, after: await statDescriptor(fd) };
  } finally {
    await close(fd);
  }
}

function isScript(start: Buffer): boolean {
  return start[0] === 0x23 && start[1] === 0x21;
}
