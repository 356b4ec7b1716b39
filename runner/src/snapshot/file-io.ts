/**
 * Descriptor based file reading, each operation in a synchronous and an asynchronous form for `Pace` to choose from.
 * `FileHandle` would cost several promises per file, which is most of the time when a tree is thousands of small files.
 */
import fs from 'node:fs';
import { promisify } from 'node:util';
import type { Pace } from './pace.ts';

/** Never follow a link that took the file's place, never hang on a fifo that did. Both are absent on Windows. */
const OPEN_FLAGS =
  fs.constants.O_RDONLY |
  ((fs.constants as Partial<typeof fs.constants>).O_NOFOLLOW ?? 0) |
  ((fs.constants as Partial<typeof fs.constants>).O_NONBLOCK ?? 0);

const openFile = promisify(fs.open);
const statOpen = promisify(fs.fstat) as (fd: number, options: { bigint: true }) => Promise<fs.BigIntStats>;
const statLink = promisify(fs.lstat) as (path: string, options: { bigint: true }) => Promise<fs.BigIntStats>;
const BIG = { bigint: true } as const;

/** What of a file's status tells one content from another. A hundred thousand whole ones would fill the memory. */
export type FileStatus = Pick<fs.BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs' | 'ino' | 'mode'>;

/** The part of a status that is kept. */
export function fileStatus({ size, mtimeNs, ctimeNs, ino, mode }: fs.BigIntStats): FileStatus {
  return { size, mtimeNs, ctimeNs, ino, mode };
}

/** Closes a descriptor. */
export const close = promisify(fs.close);

/** Opens a regular file for reading; the caller closes the descriptor. */
export function openForRead(path: string): Promise<number> {
  return openFile(path, OPEN_FLAGS);
}

/** Status of a path itself (links are not followed), times in nanoseconds. */
export function statPath(path: string, pace: Pace): Promise<fs.BigIntStats> {
  return pace.run(
    () => fs.lstatSync(path, BIG),
    () => statLink(path, BIG),
  );
}

/** Status of an open file, times in nanoseconds. */
export function statDescriptor(fd: number): Promise<fs.BigIntStats> {
  return statOpen(fd, BIG);
}

/** Reads until `length` bytes are in `buffer` or the file ends; resolves with the bytes read. */
export async function readFully(fd: number, buffer: Uint8Array, length: number): Promise<number> {
  let filled = 0;
  while (filled < length) {
    const count = await new Promise<number>((resolve, reject) => {
      fs.read(fd, buffer, filled, length - filled, null, (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      );
    });
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** The start of a file, and the file's status after it was read. */
export interface FileStart {
  /** As many bytes as asked for, fewer if the file is shorter. */
  readonly content: Buffer;
  readonly after: fs.BigIntStats;
}

/** Reads the first `size` bytes of a small regular file. */
export function readStart(path: string, size: number, pace: Pace): Promise<FileStart> {
  return pace.run(
    () => readStartNow(path, size),
    async () => {
      const fd = await openForRead(path);
      try {
        const buffer = Buffer.allocUnsafe(size);
        const filled = await readFully(fd, buffer, size);
        return { content: buffer.subarray(0, filled), after: await statDescriptor(fd) };
      } finally {
        await close(fd);
      }
    },
  );
}

function readStartNow(path: string, size: number): FileStart {
  const fd = fs.openSync(path, OPEN_FLAGS);
  try {
    const buffer = Buffer.allocUnsafe(size);
    let filled = 0;
    for (let count = -1; filled < size && count !== 0; filled += count) {
      count = fs.readSync(fd, buffer, filled, size - filled, null);
    }
    return { content: buffer.subarray(0, filled), after: fs.fstatSync(fd, BIG) };
  } finally {
    fs.closeSync(fd);
  }
}
