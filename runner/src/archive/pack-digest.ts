/** The digest of the archive that a snapshot packs to, without sending it. */
import { createHash } from 'node:crypto';
import type { Snapshot } from '../snapshot/types.ts';
import { packTree } from './pack.ts';

/** An archive as the client knows it: what a pod unpacks must be this. */
export interface PackDigest {
  /** Lower-case hex SHA-256 of the archive. */
  readonly sha256: string;
  /** Its length. */
  readonly bytes: number;
}

/**
 * Packs the snapshot and keeps only its digest: what an upload of it would announce. It reads every file.
 *
 * The archive holds the times of the files, the tree's id (`snapshot.digest`) does not: two checkouts of one commit are
 * one tree and two archives. So a digest belongs to a snapshot, and one that is remembered belongs to the tree *and* the
 * times; where the store has the tree from somebody else, its archive is another one.
 *
 * @throws FileChangedError for a file that is not (any more) what the snapshot says
 * @throws SnapshotError for a file that cannot be read; the signal's reason when aborted
 */
export async function packDigest(
  snapshot: Pick<Snapshot, 'root' | 'entries'>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<PackDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const buffer of packTree(snapshot, options)) {
    bytes += buffer.length;
    hash.update(buffer);
  }
  return { sha256: hash.digest('hex'), bytes };
}
