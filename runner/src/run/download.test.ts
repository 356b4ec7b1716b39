import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startExecServer, type ServerStream } from '../../../test/fakes/exec-server.ts';
import { tarOf } from '../../../test/fakes/tar.ts';
import { encodeHeader } from '../archive/entry-header.ts';
import { ArchiveError } from '../archive/errors.ts';
import { execStream } from '../cluster/exec/exec.ts';
import { DirectStore } from '../store/direct-store.ts';
import type { StoreShell } from '../store/types.ts';
import { downloadOutput } from './download.ts';

/** A folder that goes with the test. */
async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'tarmac-download-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Downloads into `target` what the server's stream sends, through the real exec client. The error, if it fails. */
async function downloadFrom(
  script: (stream: ServerStream) => Promise<void>,
  target: string,
  signal?: AbortSignal,
): Promise<unknown> {
  await using server = await startExecServer({ script });
  const shell: StoreShell = {
    exec: (request) => execStream(server.connection, { ...request, pod: 'p', namespace: 'n', container: 'c' }),
  };
  const store = new DirectStore(shell);
  const output = { run: 'unit-1', name: 'out', directory: '/volumes/output-0' };
  const fetch = (sink: Parameters<typeof store.fetchOutput>[1], ends: AbortSignal): Promise<unknown> =>
    store.fetchOutput(output, sink, { signal: ends });
  try {
    return await downloadOutput(fetch, target, signal ? { signal } : {});
  } catch (error) {
    return error;
  } finally {
    // The transfer has ended with the download: no connection is left to be cut.
    await server.idle();
  }
}

/** Sends the archive in pieces that cut it anywhere, and then goes on without an end, as a large output does. */
const endlessly =
  (archive: Uint8Array) =>
  async (stream: ServerStream): Promise<void> => {
    for (let at = 0; at < archive.length && !stream.closed; at += 700) {
      await stream.stdout(archive.subarray(at, at + 700));
    }
    while (!stream.closed) {
      await stream.stdout(Buffer.alloc(1 << 16));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

const header = (path: string, size = 0): Buffer =>
  encodeHeader({ path, type: 'file', mode: 0o644, size, mtimeMs: 0, digest: '' } as never);
const good = tarOf({ 'good.txt': 'good' }).subarray(0, 1024);
const damaged = Buffer.from(tarOf({ 'bad.txt': 'bad' }));
damaged.write('other', 0);

describe('a download that fails on this side ends at once, while the other side sends on', () => {
  test.each([
    ['a name of 300 bytes', header('n'.repeat(300)), 'TARGET', /ENAMETOOLONG/],
    ['an archive that is found damaged', damaged, 'CORRUPT', /wrong checksum/],
    ['a file larger than what may be extracted', header('huge', 65 * 2 ** 30), 'LIMIT', /bytes of files/],
  ])('%s', async (_, bad, code, message) => {
    await using target = await folder();
    const error = await downloadFrom(endlessly(Buffer.concat([good, bad])), target.path);
    expect(error).toBeInstanceOf(ArchiveError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  test.skipIf(process.getuid?.() === 0)('a folder that cannot be written', async () => {
    await using target = await folder();
    await chmod(target.path, 0o500);
    expect(await downloadFrom(endlessly(good), target.path)).toMatchObject({ code: 'TARGET' });
    await chmod(target.path, 0o700);
  });
});

test('a download is ended by its signal while the other side is silent', async () => {
  await using target = await folder();
  const ends = new AbortController();
  const silent = async (stream: ServerStream): Promise<void> => {
    await stream.stdout(good);
    ends.abort(new Error('enough'));
  };
  expect(await downloadFrom(silent, target.path, ends.signal)).toMatchObject({ message: 'enough' });
});

test('a whole download is as it was sent', async () => {
  await using target = await folder();
  const archive = tarOf({ 'good.txt': 'good' });
  const result = await downloadFrom(async (stream) => {
    await stream.stdout(archive);
    await stream.stderr(`tarmac-sum ${archive.length} ${createHash('sha256').update(archive).digest('hex')}\n`);
    await stream.exit(0);
  }, target.path);
  expect(result).toMatchObject({ files: 1, bytes: 4 });
  expect(await readFile(join(target.path, 'good.txt'), 'utf8')).toBe('good');
});
