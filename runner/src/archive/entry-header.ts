/** The header blocks of a tar archive that we write. */
import { Header, Pax } from 'tar';
import type { SnapshotEntry } from '../snapshot/types.ts';

/** Size of a tar block in bytes: headers are one, content is padded to a multiple. */
export const BLOCK = 512;

/** Largest number that the eleven octal digits of a ustar size or time hold (8 GiB - 1). */
const MAX_OCTAL = 0o77777777777;

/** Bytes that pad `size` to whole blocks. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/**
 * The header blocks of an entry, in POSIX.1-2001 (pax) interchange form: a ustar header, before it an extended header
 * only where ustar cannot say it (names that are long or not ASCII, 8 GiB and more). Owner 0:0 without names, so that
 * unpacking as root gives files to root and as another user to that one; the same bytes on every machine.
 */
export function encodeHeader(entry: SnapshotEntry): Buffer {
  const path = entry.type === 'directory' ? `${entry.path}/` : entry.path;
  const header = new Header({
    path,
    mode: entry.mode,
    uid: 0,
    gid: 0,
    size: entry.size,
    mtime: new Date(headerSeconds(entry) * 1000),
    type: entry.type === 'file' ? 'File' : entry.type === 'directory' ? 'Directory' : 'SymbolicLink',
    uname: '',
    gname: '',
    ...(entry.target === undefined ? {} : { linkpath: entry.target }),
  });
  const block = Buffer.alloc(BLOCK);
  if (!header.encode(block)) return block;
  const extended = new Pax({
    path,
    ...(entry.target === undefined ? {} : { linkpath: entry.target }),
    ...(entry.size > MAX_OCTAL ? { size: entry.size } : {}),
  });
  return Buffer.concat([extended.encode(), block]);
}

/** The time of an entry in its header: whole seconds since the epoch. */
export function headerSeconds({ mtimeMs }: SnapshotEntry): number {
  return Math.min(Math.max(Math.floor(mtimeMs / 1000), 0), MAX_OCTAL);
}

/** Length of `encodeHeader(entry)`. */
export function headerSize(entry: SnapshotEntry): number {
  // The common case without encoding: a ustar name field holds it.
  const plain = (text: string): boolean => text.length < 99 && Buffer.byteLength(text) === text.length;
  if (plain(entry.path) && plain(entry.target ?? '') && entry.size <= MAX_OCTAL) return BLOCK;
  return encodeHeader(entry).length;
}
