/** What stands at a path of the target. */
import { isMissing } from '../snapshot/errors.ts';
import { statPath } from '../snapshot/file-io.ts';
import type { Pace } from '../snapshot/pace.ts';
import { targetError } from './errors.ts';

export type Kind = 'missing' | 'directory' | 'symlink' | 'file' | 'other';

/**
 * Looks at a path without following a link.
 *
 * @throws what `targetError` makes of a path that cannot be looked at
 */
export async function kindOf(path: string, pace: Pace): Promise<Kind> {
  try {
    const stats = await statPath(path, pace);
    if (stats.isFile()) return 'file';
    if (stats.isDirectory()) return 'directory';
    return stats.isSymbolicLink() ? 'symlink' : 'other';
  } catch (error) {
    if (isMissing(error)) return 'missing';
    throw targetError(error, path);
  }
}
