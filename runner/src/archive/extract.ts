/** Extracts an archive that nobody vouches for below a directory. */
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeDirectory } from '../make-directory.ts';
import { systemCode } from '../snapshot/errors.ts';
import { entryName, linkDestination } from './entry-name.ts';
import { ArchiveError } from './errors.ts';
import type { ExtractNote } from './extract-note.ts';
import { gunzipIfNeeded } from './gunzip.ts';
import { mergeTree } from './merge.ts';
import { readTar, type TarEntry } from './read.ts';
import { isGitName, RiskyEntries, runsByItself, shownName } from './risky-names.ts';
import { openStaging } from './staging.ts';
import { TreeWriter } from './tree-writer.ts';

/** What an archive may amount to. */
export interface ExtractLimits {
  /** Entries of all kinds; default 2,000,000. */
  readonly entries?: number;
  /** Sum of the file sizes in bytes; default 64 GiB. */
  readonly bytes?: number;
  /** Bytes out per byte in, for gzip data; default 1,100 (deflate's own limit is 1,032). */
  readonly ratio?: number;
}

/** How an archive is extracted. */
export interface ExtractOptions {
  readonly limits?: ExtractLimits;
  /**
   * Entries that must not be extracted (names or links that leave the target): `note` leaves them out, notes it and
   * extracts the rest; `fail` stops with ArchiveError REFUSED. Default `note`.
   */
  readonly onRefused?: 'note' | 'fail';
  /**
   * Files that exist already: `overwrite` replaces them (as fly does), `keep` leaves them and notes it. Nothing is
   * ever deleted, and a directory is never replaced by a file or the reverse. Default `overwrite`.
   */
  readonly existing?: 'overwrite' | 'keep';
  /**
   * What some file system takes for `.git`: `refuse` leaves it out and tells it once, for Git and editors run what its
   * settings name; `include` extracts it. Default `refuse`.
   */
  readonly git?: 'refuse' | 'include';
  readonly signal?: AbortSignal;
  /** Called after each entry, and within large files after each piece. */
  readonly onProgress?: (progress: { readonly files: number; readonly bytes: number }) => void;
}

/** What was extracted. */
export interface ExtractResult {
  /** Regular files written. */
  readonly files: number;
  /** Bytes of their contents. */
  readonly bytes: number;
  readonly notes: readonly ExtractNote[];
}

/** Stands in a name where its bytes are no UTF-8. */
const NO_TEXT = '\uFFFD';

const DEFAULTS = { entries: 2_000_000, bytes: 64 * 2 ** 30, ratio: 1100 };

/**
 * Extracts a tar stream (plain or gzip) below `target`, which is made if it is missing. Made for archives from a
 * container that nobody vouches for: no entry is written, and no link leads, outside of `target`; nothing passes
 * through a link that is there; setuid bits are dropped, devices and fifos are skipped. Everything is unpacked in a folder
 * of its own first: only when the source has ended well is it put in place, so that a broken or damaged transfer leaves
 * the target as it was.
 *
 * @throws ArchiveError TRUNCATED, CORRUPT, LIMIT, REFUSED (see `onRefused`), TARGET; the signal's reason when aborted
 */
export async function extractTar(
  source: AsyncIterable<Uint8Array>,
  target: string,
  options: ExtractOptions = {},
): Promise<ExtractResult> {
  const { signal, onProgress } = options;
  const limits = { ...DEFAULTS, ...options.limits };
  const notes: ExtractNote[] = [];
  const note = (path: string, reason: ExtractNote['reason'], message: string): void => {
    if (reason === 'refused' && options.onRefused === 'fail') throw new ArchiveError('REFUSED', message, path);
    notes.push({ path, reason, message });
  };
  signal?.throwIfAborted();
  const root = await prepare(resolve(target));
  await using staging = await openStaging(root);
  const writer = new TreeWriter(staging.path, note);
  const git = new RiskyEntries(options.git === 'include' ? () => false : isGitName);
  const run = new RiskyEntries(runsByItself);
  let entries = 0;
  let announced = 0;
  const written = { files: 0, bytes: 0 };
  /** Names that are not told exactly; a second one that reads the same must not destroy the first. */
  const unclear = new Set<string>();
  for await (const entry of readTar(gunzipIfNeeded(source, limits.ratio), signal)) {
    if (++entries > limits.entries) throw tooMuch(`more than ${limits.entries} entries`);
    announced += entry.type === 'file' ? entry.size : 0;
    if (announced > limits.bytes) throw tooMuch(`more than ${limits.bytes} bytes of files`);
    const parts = accept(entry, note);
    if (parts === undefined || git.add(parts)) continue;
    // A link to what is refused would be a way to it where it is there already.
    if (entry.type === 'symlink' && git.add(linkDestination(parts, entry.linkpath ?? '') ?? [])) continue;
    run.add(parts);
    if (entry.path.includes(NO_TEXT)) {
      if (unclear.has(entry.path)) {
        note(
          entry.path,
          'conflict',
          `entry ${shownName(entry.path)} is left out: two names are not valid text, and look alike`,
        );
        continue;
      }
      unclear.add(entry.path);
      if (parts.at(-1)?.includes(NO_TEXT) === true) {
        note(
          entry.path,
          'renamed',
          `entry ${shownName(entry.path)} has a name that is not valid UTF-8; its bytes are replaced`,
        );
      }
    }
    switch (entry.type) {
      case 'directory':
        await writer.directory(parts, entry);
        break;
      case 'file': {
        const before = written.bytes;
        const done = await writer.file(parts, entry, (bytes) => {
          written.bytes = before + bytes;
          onProgress?.({ ...written });
        });
        if (done) written.files++;
        break;
      }
      case 'symlink':
        writer.symlink(parts, entry);
        break;
      case 'hardlink':
        if (await writer.hardlink(parts, entry)) written.files++;
        break;
    }
    onProgress?.({ ...written });
  }
  await writer.finish();
  tellRisky(git, run, note);
  signal?.throwIfAborted();
  const leftOut = await mergeTree(staging.path, root, { existing: options.existing ?? 'overwrite', note });
  return { files: written.files - leftOut.files, bytes: written.bytes - leftOut.bytes, notes };
}

/** Tells once what was refused because it belongs to a Git repository, and what runs by itself. */
function tellRisky(
  git: RiskyEntries,
  run: RiskyEntries,
  note: (path: string, reason: ExtractNote['reason'], message: string) => void,
): void {
  const refused = git.told;
  if (refused) {
    const why = 'Git and editors run what the settings of a repository name';
    const what = refused.entries === 1 ? '1 entry is' : `${refused.entries} entries are`;
    note(
      refused.first,
      'refused',
      `${what} refused: ${refused.places} (${why}; taken with --include-git or tarmac.includeGitOutputs)`,
    );
  }
  const risky = run.told;
  if (risky) {
    note(
      risky.first,
      'risky',
      `editors, shells or package managers run what is in ${risky.places}: look into it first`,
    );
  }
}

/** The parts of an entry's name, if it is one to write. */
function accept(
  entry: TarEntry,
  note: (path: string, reason: ExtractNote['reason'], message: string) => void,
): readonly string[] | undefined {
  const shown = shownName(entry.path);
  if (entry.type === 'other') {
    note(entry.path, 'skipped', `entry ${shown} is a ${entry.kind}; only files, directories and links are extracted`);
    return undefined;
  }
  const name = entryName(entry.path);
  if ('problem' in name) {
    note(entry.path, 'refused', `entry ${shown} is refused: ${name.problem}`);
    return undefined;
  }
  if (name.parts.length > 0) return name.parts;
  // `./`, the root itself, as `tar -C dir .` writes it.
  if (entry.type !== 'directory') note(entry.path, 'refused', `entry ${shown} would replace the target directory`);
  return undefined;
}

async function prepare(target: string): Promise<string> {
  try {
    await makeDirectory(target);
    return await realpath(target);
  } catch (error) {
    const code = systemCode(error) ?? String(error);
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'there is a file in its place' : code;
    const message = `The directory ${JSON.stringify(target)} cannot be made: ${why}. Choose another one.`;
    throw new ArchiveError('TARGET', message, target, { cause: error });
  }
}

function tooMuch(what: string): ArchiveError {
  return new ArchiveError('LIMIT', `The archive holds ${what}; extraction stopped. Raise the limit if it is wanted.`);
}
