/**
 * Descriptor based file reading. `FileHandle` costs a promise-laden object per file, which is most of the time when a
 * tree is thousands of small files; these are the same system calls on the same thread pool without it.
 */
import fs from 'node:fs';
import { promisify } from 'node:util';

/** Never follow a link that took the file's place, never hang on a fifo that did. Both are absent on Windows. */
const OPEN_FLAGS =
  fs.constants.O_RDONLY |
  ((fs.constants as Partial<typeof fs.constants>).O_NOFOLLOW ?? 0) |
  ((fs.constants as Partial<typeof fs.constants>).O_NONBLOCK ?? 0);

const openFile = promisify(fs.open);

/** Closes a descriptor. */
export const close = promisify(fs.close);

/** Opens a regular file for reading; the caller closes the descriptor. `withFile` is the safer form. */
export function openForRead(path: string): Promise<number> {
  return openFile(path, OPEN_FLAGS);
}

/** Status of an open file, times in nanoseconds. */
export function statOpen(fd: number): Promise<fs.BigIntStats> {
  return new Promise((resolve, reject) => {
    fs.fstat(fd, { bigint: true }, (error, stats) => (error === null ? resolve(stats) : reject(error)));
  });
}

/** Status of a path itself (links are not followed), times in nanoseconds. */
export function statPath(path: string): Promise<fs.BigIntStats> {
  return new Promise((resolve, reject) => {
    fs.lstat(path, { bigint: true }, (error, stats) => (error === null ? resolve(stats) : reject(error)));
  });
}

/** Reads up to `length` bytes into `buffer` at `offset`; resolves with the bytes read, 0 at the end of the file. */
export function readSome(fd: number, buffer: Uint8Array, offset: number, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, buffer, offset, length, null, (error, bytesRead) =>
      error === null ? resolve(bytesRead) : reject(error),
    );
  });
}

/** Reads until `length` bytes are in `buffer` or the file ends; resolves with the bytes read. */
export async function readFully(fd: number, buffer: Uint8Array, length: number): Promise<number> {
  let filled = 0;
  while (filled < length) {
    const count = await readSome(fd, buffer, filled, length - filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** Opens a regular file for reading, hands its descriptor to `use` and closes it whatever happens. */
export async function withFile<T>(path: string, use: (fd: number) => Promise<T>): Promise<T> {
  const fd = await openForRead(path);
  try {
    return await use(fd);
  } finally {
    await close(fd);
  }
}
