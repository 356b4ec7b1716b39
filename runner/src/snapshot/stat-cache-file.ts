/**
 * The file of a table about paths: a checksum, then one line of JSON with what it is, then one for each row, ordered by
 * path. The stat cache has this form, and the list of what an archive holds (`artifacts/sent-trees.ts`).
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { comparePaths } from './digest.ts';
import { openForRead, readFully } from './file-io.ts';

/** A path, the fingerprint of its status in base64, the SHA-256 of its content, and whether that starts with `#!`. */
export type Row = readonly [path: string, fingerprint: string, sha256: string, script: 0 | 1];

/** What a file says of itself. */
export interface CacheIdentity {
  readonly format: string;
  /** What the table is about: one that is about something else is not read. */
  readonly root: string;
}

/** A row of any table: its path comes first. */
type AnyRow = readonly [path: string, ...unknown[]];

const CHUNK = 256 << 10;
/** A SHA-256 in hex and a line break. */
const CHECKSUM = 65;

/** Reads the rows in their order, a piece of the file at a time. */
export class CacheReader<R extends AnyRow = Row> implements Disposable {
  /** Number of rows. */
  count = 0;
  /** The line about the file, with all that was written into it. */
  header: Readonly<Record<string, unknown>> = {};
  #fd: number | undefined;
  #buffer = Buffer.alloc(0);
  #row: R | undefined;
  #position = 0;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Undefined when the file is not there, damaged, or about something else. */
  static async open<R extends AnyRow = Row>(
    file: string,
    identity: CacheIdentity,
  ): Promise<CacheReader<R> | undefined> {
    let fd: number;
    try {
      fd = await openForRead(file);
    } catch {
      return undefined; // Not there yet, or not ours to read: the files are read instead.
    }
    const reader = new CacheReader<R>(fd);
    try {
      if (await isWhole(fd)) {
        reader.#position = CHECKSUM;
        reader.header = JSON.parse(reader.#line() ?? '{}') as Readonly<Record<string, unknown>>;
        const { format, root, rows } = reader.header as unknown as CacheIdentity & { rows: number };
        reader.count = rows;
        if (format === identity.format && root === identity.root) return reader;
      }
    } catch {
      // As above.
    }
    reader[Symbol.dispose]();
    return undefined;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** The row of a path. Paths are asked for in rising order. */
  find(path: string): R | undefined {
    try {
      for (;;) {
        this.#row ??= this.next();
        const order = this.#row === undefined ? 1 : comparePaths(this.#row[0], path);
        if (order > 0) return undefined;
        if (order === 0) return this.#row;
        this.#row = undefined;
      }
    } catch {
      this[Symbol.dispose](); // A disk that fails: the files are read instead.
      return undefined;
    }
  }

  /** The next row, for whoever takes them all; throws what the disk says. */
  next(): R | undefined {
    const line = this.#line();
    return line === undefined ? undefined : (JSON.parse(line) as R);
  }

  #line(): string | undefined {
    for (;;) {
      const end = this.#buffer.indexOf(0x0a);
      if (end !== -1) {
        const line = this.#buffer.toString('utf8', 0, end);
        this.#buffer = this.#buffer.subarray(end + 1);
        return line;
      }
      if (this.#fd === undefined) return undefined;
      const chunk = Buffer.allocUnsafeSlow(CHUNK);
      const count = fs.readSync(this.#fd, chunk, 0, CHUNK, this.#position);
      if (count === 0) return undefined;
      this.#position += count;
      this.#buffer = Buffer.concat([this.#buffer, chunk.subarray(0, count)]);
    }
  }
}

/** A flipped bit in a digest would fail every later run; the checksum makes it a cache miss. */
async function isWhole(fd: number): Promise<boolean> {
  const start = Buffer.alloc(CHECKSUM);
  if ((await readFully(fd, start, CHECKSUM)) < CHECKSUM) return false;
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafeSlow(CHUNK);
  for (let count = -1; count !== 0;) {
    count = await readFully(fd, chunk, CHUNK);
    hash.update(chunk.subarray(0, count));
  }
  return start.toString('latin1') === `${hash.digest('hex')}\n`;
}

/** Writes a new file, a piece at a time. The rows come in the order of their paths. */
export async function writeCache(
  file: string,
  identity: CacheIdentity,
  rows: Iterable<AnyRow> & { readonly length: number },
): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  const hash = createHash('sha256');
  await handle.write(`${'0'.repeat(CHECKSUM - 1)}\n`);
  let text = `${JSON.stringify({ ...identity, rows: rows.length })}\n`;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(text);
    text = '';
    hash.update(bytes);
    await handle.writeFile(bytes);
  };
  for (const row of rows) {
    text += `${JSON.stringify(row)}\n`;
    if (text.length > CHUNK) await flush();
  }
  await flush();
  await handle.write(hash.digest('hex'), 0);
}
