/** The order of paths and the digest of a tree: equal trees have equal digests on every system. */
import { createHash } from 'node:crypto';
import type { SnapshotEntry } from './types.ts';

const TYPE_LETTER = { file: 'f', directory: 'd', symlink: 'l' } as const;

/** Order of two paths by the bytes of their UTF-8 form (JavaScript's own order is that of UTF-16 units). */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // Below the surrogates the order of units is that of code points, and that is the order of UTF-8 bytes.
    if (x !== y) return x < 0xd800 || y < 0xd800 ? x - y : Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return a.length - b.length;
}

/**
 * Canonical id of a tree: lower-case hex SHA-256 of these bytes, in UTF-8:
 *
 * ```
 * tarmac-tree-1 LF
 * PATH NUL TYPE NUL X NUL SIZE NUL SHA256 LF          for each entry, by the order of `comparePaths`
 * ```
 *
 * TYPE is `f`, `d` or `l`; X is `1` for a file that may be executed, else `0`; SIZE is decimal; SHA256 is that of the
 * content, for a link of its target's text, and `-` for a directory. No time, owner or other mode bit takes part.
 * A path holds no NUL, so the form is unambiguous even for names with line breaks.
 */
export function treeDigest(entries: Iterable<SnapshotEntry>): string {
  const hash = createHash('sha256');
  let text = 'tarmac-tree-1\n';
  for (const entry of entries) {
    const executable = entry.type === 'file' && (entry.mode & 0o111) !== 0 ? 1 : 0;
    text += `${entry.path}\0${TYPE_LETTER[entry.type]}\0${executable}\0${entry.size}\0${entry.sha256 ?? '-'}\n`;
    if (text.length > 65_536) {
      hash.update(text);
      text = '';
    }
  }
  return hash.update(text).digest('hex');
}
