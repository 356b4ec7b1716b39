/** What can go wrong with an archive. */
import { SnapshotError, systemCode } from '../snapshot/errors.ts';

/** A file that is no longer what its snapshot says: the archive of it cannot be completed. Take a new snapshot. */
export class FileChangedError extends SnapshotError {
  constructor(path: string, cause?: unknown) {
    const message = `${JSON.stringify(path)} changed after the snapshot was taken. Run again to send it as it is now.`;
    super('CHANGED', path, message, cause === undefined ? undefined : { cause });
  }
}

/**
 * `TRUNCATED`: the archive ends before its end-of-archive mark. `CORRUPT`: not a tar archive, or a damaged one.
 * `LIMIT`: more entries or bytes than allowed. `REFUSED`: an entry that must not be extracted, under a policy that
 * fails on those. `TARGET`: the place to extract to cannot be written.
 */
export type ArchiveErrorCode = 'TRUNCATED' | 'CORRUPT' | 'LIMIT' | 'REFUSED' | 'TARGET';

/** Why an archive could not be read or extracted. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly code: ArchiveErrorCode;
  /** Name of the entry, or path of the target, at fault. */
  readonly path?: string;

  constructor(code: ArchiveErrorCode, message: string, path?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    if (path !== undefined) this.path = path;
  }
}

/** What the operating system said about the target, as our error; errors of the archive pass. */
export function targetError(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (error instanceof ArchiveError || code === undefined) return error;
  const hint = code === 'ENOSPC' ? 'The disk is full.' : 'Check the directory and its permissions.';
  return new ArchiveError('TARGET', `Cannot write ${JSON.stringify(path)} (${code}). ${hint}`, path, { cause: error });
}
