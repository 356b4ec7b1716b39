/** Unpacks gzip where a stream is compressed, within a limit. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ArchiveError } from './errors.ts';

/**
 * The stream itself, or what it holds if it starts like gzip.
 *
 * @param maxRatio largest allowed quotient of bytes out and bytes in; looked at once 16 MiB came out, so that a small
 *   file of zeros is no bomb
 * @throws ArchiveError TRUNCATED or CORRUPT for broken gzip data, LIMIT for a ratio above the limit
 */
export async function* gunzipIfNeeded(
  source: AsyncIterable<Uint8Array>,
  maxRatio: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const head: Uint8Array[] = [];
    let length = 0;
    while (length < 2) {
      const next = await chunks.next();
      if (next.done === true) break;
      head.push(next.value);
      length += next.value.length;
    }
    const start = Buffer.concat(head);
    let compressed = 0;
    const all = async function* (): AsyncGenerator<Uint8Array> {
      compressed += start.length;
      if (start.length > 0) yield start;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
        compressed += next.value.length;
        yield next.value;
      }
    };
    if (start[0] !== 0x1f || start[1] !== 0x8b) {
      yield* all();
      return;
    }
    let plain = 0;
    for await (const chunk of inflate(all())) {
      plain += chunk.length;
      if (plain > 16 << 20 && plain / compressed > maxRatio) {
        throw new ArchiveError('LIMIT', `The archive grows more than ${maxRatio} times when it is unpacked.`);
      }
      yield chunk;
    }
  } finally {
    await chunks.return?.();
  }
}

async function* inflate(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 256 << 10 });
  const input = Readable.from(source, { objectMode: false });
  const done = pipeline(input, gunzip).catch((error: unknown) => error);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'Z_BUF_ERROR') {
      throw new ArchiveError('TRUNCATED', 'The gzip data breaks off: the transfer was cut. Try again.', undefined, {
        cause: error,
      });
    }
    if (typeof code === 'string' && code.startsWith('Z_')) {
      throw new ArchiveError('CORRUPT', 'The gzip data is damaged.', undefined, { cause: error });
    }
    throw error;
  } finally {
    input.destroy();
    gunzip.destroy();
    await done;
  }
}
