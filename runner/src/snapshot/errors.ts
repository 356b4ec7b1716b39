/** What can go wrong with a snapshot, and what the operating system meant. */
import type { SnapshotNote } from './types.ts';

/**
 * `NOT_A_DIRECTORY`: the root is missing or no directory. `UNREADABLE`: the operating system refuses a file or folder.
 * `CHANGED`: a file was being rewritten each time it was read.
 */
export type SnapshotErrorCode = 'NOT_A_DIRECTORY' | 'UNREADABLE' | 'CHANGED';

/** Why no snapshot could be taken. No file is left out in silence: what cannot be sent has a note. */
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

/** True when a file is not there any more, or something else took its place: a link, a folder, a socket. */
export function isReplaced(error: unknown): boolean {
  return isMissing(error) || ['ELOOP', 'EISDIR', 'ENXIO'].includes(systemCode(error) ?? '');
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

/** A name as bytes, in printable ASCII: every other byte as `\xNN`. */
export function escapedName(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte > 0x1f && byte < 0x7f && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}

/** What is said of a name that has no exact text form. */
export function badName(path: string): SnapshotNote {
  return { path, reason: 'bad-name', message: 'its name is not valid UTF-8; it is not sent.' };
}
