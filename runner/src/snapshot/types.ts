/** A local directory as a run would send it: a sorted list of entries with digests, and one digest over all. */

export type EntryType = 'file' | 'directory' | 'symlink';

export interface SnapshotEntry {
  /** Path relative to the root with `/` between parts, no leading `./`; never empty. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits as sent: 0o755 or 0o644 for files by their executable bit, 0o755 for directories. */
  readonly mode: number;
  /** Bytes of a file; 0 for the others. */
  readonly size: number;
  /** Milliseconds since the epoch. Travels in the archive, is no part of the digest. */
  readonly mtimeMs: number;
  /** Lower-case hex SHA-256 of a file's content; of the target's text for a symlink; absent for a directory. */
  readonly sha256?: string;
  /** Target of a symlink, as stored. */
  readonly target?: string;
}

/** Entries in their order. Where they are many, each is made when it is asked for: keep none that is not needed. */
export interface SnapshotEntries extends Iterable<SnapshotEntry> {
  readonly length: number;
  at(index: number): SnapshotEntry | undefined;
  map<T>(make: (entry: SnapshotEntry, index: number) => T): T[];
}

/** Something in the directory that is not sent, or that a user should know of. */
export interface SnapshotNote {
  readonly path: string;
  readonly reason:
    'socket' | 'device' | 'fifo' | 'deleted' | 'changed' | 'bad-name' | 'nested-repository' | 'git-unavailable';
  readonly message: string;
}

export interface Snapshot {
  /** Absolute path of the directory. */
  readonly root: string;
  /** Sorted by the bytes of their UTF-8 path. */
  readonly entries: SnapshotEntries;
  readonly files: number;
  /** Sum of the file sizes in bytes. */
  readonly bytes: number;
  /**
   * Canonical tree id, 64 hex digits: SHA-256 over `tarmac-tree-1\n` and, for each entry in order, path, type,
   * executable bit, size and sha256. The same on every machine for the same content.
   */
  readonly digest: string;
  readonly notes: readonly SnapshotNote[];
  /** How the file list was made. */
  readonly source: 'git' | 'walk';
  /** Files whose content had to be read because the stat cache did not know them. */
  readonly hashed: number;
}

export interface SnapshotOptions {
  /** Send ignored files too (`fly execute --include-ignored`). */
  readonly includeIgnored?: boolean;
  /** Send the `.git` folder too. */
  readonly includeGit?: boolean;
  /** Folder of the persistent stat cache; without it every file is read. */
  readonly cacheDir?: string;
  readonly signal?: AbortSignal;
  /** Called now and then while files are read. */
  readonly onProgress?: (progress: { readonly files: number; readonly bytes: number }) => void;
}
