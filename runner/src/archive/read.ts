/** Reads tar archives from a stream: ustar, pax and the long names of GNU tar. */
import { Header } from 'tar';
import { ByteReader } from './byte-reader.ts';
import { BLOCK, padding } from './entry-header.ts';
import { ArchiveError } from './errors.ts';
import { longName, parsePax, type PaxFields } from './pax-records.ts';

/** What an entry is; `other` stands for devices, fifos and everything that is no part of a tree of files. */
export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

/** One member of an archive. Names are as the archive has them: not checked, not normalized. */
export interface TarEntry {
  readonly path: string;
  readonly type: TarEntryType;
  /** The archive's own word for the type, e.g. `CharacterDevice`. */
  readonly kind: string;
  /** All mode bits of the header, setuid included. */
  readonly mode: number;
  /** Bytes of content. */
  readonly size: number;
  /** Undefined when the archive gives none that is a time. */
  readonly mtime?: Date;
  /** Target of a symbolic or hard link. */
  readonly linkpath?: string;
  /** The content. To be read before the next entry is asked for; what is not read is skipped. */
  readonly body: AsyncIterable<Buffer>;
}

/** Size of the name field of a header. */
const NAME_BYTES = 100;

/** Names and attributes of one entry; more than this is no honest archive. */
const MAX_META = 1 << 20;

const TYPES: Partial<Record<string, TarEntryType>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
};

/**
 * The entries of a tar archive (ustar, pax, GNU long names) as they come by. Header blocks are decoded by the tar
 * package; the stream and the extended headers are read here, because its parser loses names with line breaks, cuts
 * UTF-8 at chunk borders and takes an archive without its end mark for a whole one. Data after the end mark is ignored,
 * but read, so that the sender can finish.
 *
 * @throws ArchiveError TRUNCATED without the two zero blocks at the end, CORRUPT, LIMIT
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<TarEntry, void, undefined> {
  const reader = new ByteReader(source);
  let local: PaxFields = {};
  let global: PaxFields = {};
  try {
    for (;;) {
      signal?.throwIfAborted();
      const block = await fullBlock(reader);
      if (isZero(block)) {
        if (!isZero(await fullBlock(reader))) throw corrupt('a lone zero block between entries', reader);
        break;
      }
      const header = decode(block, local, global, reader);
      const size = header.size ?? 0;
      // The header object puts the ustar prefix before a pax path too, and drops the pax target.
      const path = (isMeta(header.type) ? undefined : local.path) ?? header.path ?? '';
      const linkpath = local.linkpath ?? header.linkpath ?? '';
      if (isMeta(header.type)) {
        if (size > MAX_META) throw new ArchiveError('LIMIT', `The archive has an extended header of ${size} bytes.`);
        const content = await reader.exactly(size);
        if (content.length < size || !(await reader.skip(padding(size)))) throw truncated(reader);
        if (header.type === 'GlobalExtendedHeader') {
          global = globalFields(global, parsePax(content));
        } else if (header.type === 'NextFileHasLongLinkpath') {
          local = { ...local, linkpath: longName(content) };
        } else if (header.type === 'ExtendedHeader' || header.type === 'OldExtendedHeader') {
          local = { ...local, ...parsePax(content) };
        } else {
          local = { ...local, path: longName(content) };
        }
        continue;
      }
      if (header.typeKey === 'S') throw corrupt('an old GNU sparse file, which is not supported', reader);
      let left = size;
      const body = async function* (): AsyncGenerator<Buffer> {
        while (left > 0) {
          signal?.throwIfAborted();
          const piece = await reader.some(left);
          if (piece === undefined) throw truncated(reader, path);
          left -= piece.length;
          yield piece;
        }
      };
      yield {
        path,
        type: local.sparse === true ? 'other' : typeOf(header.type, path),
        kind: local.sparse === true ? 'sparse file' : header.type,
        mode: (header.mode ?? 0o644) & 0o7777,
        size,
        ...(validTime(header.mtime) ? { mtime: header.mtime } : {}),
        ...(linkpath === '' ? {} : { linkpath }),
        body: { [Symbol.asyncIterator]: body },
      };
      local = {};
      if (!(await reader.skip(left + padding(size)))) throw truncated(reader, path);
    }
    while ((await reader.some(BLOCK * BLOCK)) !== undefined) signal?.throwIfAborted();
  } finally {
    await reader.close();
  }
}

/** The entries of an archive without their content. */
export async function listTar(
  source: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<Omit<TarEntry, 'body'>[]> {
  const entries: Omit<TarEntry, 'body'>[] = [];
  for await (const entry of readTar(source, signal)) {
    const { path, type, kind, mode, size, mtime, linkpath } = entry;
    const optional = { ...(mtime === undefined ? {} : { mtime }), ...(linkpath === undefined ? {} : { linkpath }) };
    entries.push({ path, type, kind, mode, size, ...optional });
  }
  return entries;
}

/**
 * The content of one file of an archive, found by its path with or without a leading `./`; undefined if there is none.
 *
 * @param limit most bytes to hold; a larger file is cut there
 */
export async function readTarFile(
  source: AsyncIterable<Uint8Array>,
  path: string,
  limit: number,
  signal?: AbortSignal,
): Promise<Buffer | undefined> {
  const plain = (name: string): string => name.replace(/^(\.\/+)+/, '');
  for await (const entry of readTar(source, signal)) {
    if (entry.type !== 'file' || plain(entry.path) !== plain(path)) continue;
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of entry.body) {
      pieces.push(Buffer.from(piece.subarray(0, limit - length)));
      length += piece.length;
      if (length >= limit) break;
    }
    return Buffer.concat(pieces);
  }
  return undefined;
}

function decode(block: Buffer, local: PaxFields, global: PaxFields, reader: ByteReader): Header {
  const times = (fields: PaxFields): { mtime?: Date } => (fields.mtime === undefined ? {} : { mtime: fields.mtime });
  const size = local.size === undefined ? {} : { size: local.size };
  const decoded = (bytes: Buffer): Header => new Header(bytes, 0, { ...times(local), ...size }, times(global));
  const whole = decoded(block);
  if (!whole.cksumValid) throw corrupt('a header with a wrong checksum', reader);
  const header = local.path === undefined ? whole : decoded(withoutName(block));
  if (header.size === undefined) throw corrupt('a header without a valid size', reader);
  if (!Number.isSafeInteger(header.size)) throw corrupt(`an entry of ${header.size} bytes`, reader);
  return header;
}

/**
 * The header of an entry whose name was told before it. The name in the header is then cut after 100 bytes, and where
 * that is a slash, the tar package would take a file for a directory of the oldest format, and its content for entries.
 */
function withoutName(block: Buffer): Buffer {
  const copy = Buffer.from(block);
  copy.fill(0, 0, NAME_BYTES).write('-', 0);
  return copy;
}

/** The oldest tar wrote a directory as a file whose name, the whole of it, ends with a slash. */
function typeOf(kind: string, path: string): TarEntryType {
  if (path.endsWith('/') && (kind === 'File' || kind === 'OldFile')) return 'directory';
  return TYPES[kind] ?? 'other';
}

/** Of a global header only what cannot redirect or resize entries counts. */
function globalFields(before: PaxFields, { mtime }: PaxFields): PaxFields {
  return mtime === undefined ? before : { ...before, mtime };
}

function isMeta(type: string): boolean {
  return /ExtendedHeader$|^NextFileHas|^OldGnuLongPath$/.test(type);
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function validTime(time: Date | undefined): time is Date {
  return time !== undefined && !Number.isNaN(time.getTime());
}

async function fullBlock(reader: ByteReader): Promise<Buffer> {
  const block = await reader.exactly(BLOCK);
  if (block.length < BLOCK) throw truncated(reader);
  return block;
}

function truncated(reader: ByteReader, path?: string): ArchiveError {
  const where = path === undefined ? '' : `, in ${JSON.stringify(path)}`;
  const message = `The archive breaks off after ${reader.consumed} bytes${where}: the transfer was cut. Try again.`;
  return new ArchiveError('TRUNCATED', message, path);
}

function corrupt(what: string, reader: ByteReader): ArchiveError {
  return new ArchiveError('CORRUPT', `No valid tar archive: it has ${what} before byte ${reader.consumed}.`);
}
