/**
 * `NOT_A_DIRECTORY`: the root is missing or no directory. `UNREADABLE`: the operating system refuses a file or folder.
 * `BAD_NAME`: a name that is no valid UTF-8. `CHANGED`: a file was being rewritten each time it was read.
 */
export type SnapshotErrorCode = 'NOT_A_DIRECTORY' | 'UNREADABLE' | 'BAD_NAME' | 'CHANGED';

/** Why no snapshot could be taken. A snapshot is whole or it is not there: no file is left out in silence. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly code: SnapshotErrorCode;
  /** Absolute path of the file or folder at fault. */
  readonly path: string;

  constructor(code: SnapshotErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.path = path;
  }
}

/** The `code` of a system error (`ENOENT`, …), else undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** True when a path, or a folder on the way to it, is not there (any more). */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The error for a path that the operating system does not let us read. */
export function unreadable(path: string, cause: unknown): SnapshotError {
  const code = systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  return new SnapshotError(
    'UNREADABLE',
    path,
    `Cannot read ${JSON.stringify(path)} (${code}). Make it readable, or list it in .tarmacignore so that it is not sent.`,
    { cause },
  );
}

/** The error for a name that has no exact text form. */
export function badName(path: string): SnapshotError {
  return new SnapshotError(
    'BAD_NAME',
    path,
    `The name of ${JSON.stringify(path)} is not valid UTF-8, so it cannot be sent faithfully. ` +
      'Rename it, or list it (or its folder) in .tarmacignore.',
  );
}
