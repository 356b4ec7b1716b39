import { createHash, hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFully, readSome, statOpen, statPath, withFile } from './file-io.ts';
import { SnapshotError } from './errors.ts';
import type { KnownContent } from './stat-cache.ts';

const CHUNK = 1 << 20;

/** A file's content and the status that belongs to it. */
export interface HashedFile extends KnownContent {
  readonly stats: BigIntStats;
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
export async function hashFile(path: string, before: BigIntStats, signal?: AbortSignal): Promise<HashedFile> {
  const first = await attempt(path, before, signal);
  if (first?.steady === true) return first;
  const again = await statPath(path);
  const second = again.isFile() ? await attempt(path, again, signal) : undefined;
  if (second !== undefined) return second;
  const message = `${JSON.stringify(path)} was rewritten while it was being read, twice. Stop what writes it, or list it in .tarmacignore.`;
  throw new SnapshotError('CHANGED', path, message);
}

/** One reading; undefined when fewer bytes were there than `before` says, or another file took its place. */
async function attempt(path: string, before: BigIntStats, signal?: AbortSignal): Promise<HashedFile | undefined> {
  const size = Number(before.size);
  return await withFile(path, async (fd) => {
    const content = size <= CHUNK ? await hashSmall(fd, size) : await hashLarge(fd, size, signal);
    const after = await statOpen(fd);
    if (content === undefined || after.ino !== before.ino) return undefined;
    const steady = after.size === before.size && after.mtimeNs === before.mtimeNs && after.ctimeNs === before.ctimeNs;
    return { ...content, stats: before, size, steady };
  });
}

async function hashSmall(fd: number, size: number): Promise<KnownContent | undefined> {
  const buffer = Buffer.allocUnsafe(size);
  if ((await readFully(fd, buffer, size)) < size) return undefined;
  return { sha256: hash('sha256', buffer, 'hex'), script: isScript(buffer) };
}

async function hashLarge(fd: number, size: number, signal?: AbortSignal): Promise<KnownContent | undefined> {
  const digest = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  let script = false;
  for (let done = 0; done < size;) {
    signal?.throwIfAborted();
    const count = await readSome(fd, buffer, 0, Math.min(CHUNK, size - done));
    if (count === 0) return undefined;
    if (done === 0) script = isScript(buffer.subarray(0, count));
    digest.update(buffer.subarray(0, count));
    done += count;
  }
  return { sha256: digest.digest('hex'), script };
}

function isScript(start: Buffer): boolean {
  return start[0] === 0x23 && start[1] === 0x21;
}
