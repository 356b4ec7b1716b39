/** Artifacts on their way into a folder of this machine. */
import { extractTar } from '../archive/extract.ts';
import type { ByteSink } from '../cluster/types.ts';
import { byteChannel } from '../artifacts/byte-channel.ts';
import type { DownloadResult } from '../model/run.ts';

/** Streams an archive into the sink until it is whole. The signal ends it when what came cannot be used. */
export type FetchArchive = (sink: ByteSink, signal: AbortSignal) => Promise<unknown>;

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** See `RunnerContext.includeGit`. */
  readonly includeGit?: boolean | undefined;
  /** Gets the bytes that have arrived. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Streams an artifact into a local directory: verified while it passes, extracted by the rules of `extractTar`. What goes
 * wrong on this side (a full disk, a name that is too long, a damaged archive) ends the transfer at once.
 *
 * @throws ArchiveError for what cannot be extracted; what `fetch` rejects with
 */
export async function downloadOutput(
  fetch: FetchArchive,
  target: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const channel = byteChannel();
  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  let received = 0;
  const fetching = fetch(async (chunk) => {
    received += chunk.length;
    options.onProgress?.(received);
    await channel.write(chunk);
  }, signal).then(
    () => channel.end(),
    (error: unknown) => channel.fail(error),
  );
  try {
    const extracted = await extractTar(channel.readable, target, {
      signal,
      git: options.includeGit === true ? 'include' : 'refuse',
    });
    await fetching;
    return { files: extracted.files, bytes: extracted.bytes, notes: extracted.notes.map((note) => note.message) };
  } finally {
    channel.close();
    // A transfer whose bytes nobody takes is not waited for: it may be long in noticing.
    over.abort(new DOMException('the download has ended', 'AbortError'));
    await fetching;
  }
}
