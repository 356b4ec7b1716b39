/** Checks before a run whether a directory can take an output. */
import { lstat, mkdtemp, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMissing, systemCode } from '../snapshot/errors.ts';

/** Whether a directory can take an output. */
export interface TargetCheck {
  /** Absolute path of the target. */
  readonly path: string;
  /** Why nothing can be written there, with the next step; absent when all is well. */
  readonly problem?: string;
  /** The directory is there already. */
  readonly exists: boolean;
  /** Names in the directory; files of the same names will be overwritten. */
  readonly entries: number;
}

/**
 * Finds out, before a run starts, whether an output can be written to `directory`. Missing directories are made when
 * the output arrives (as `fly execute -o` does), so it is the nearest existing one that is tried: a temporary
 * directory is made in it and removed again, the only test that is true for permissions, ACLs and read-only disks.
 */
export async function checkTarget(directory: string): Promise<TargetCheck> {
  const path = resolve(directory);
  const bad = (problem: string, exists = false): TargetCheck => ({ path, problem, exists, entries: 0 });
  for (let place = path; ; place = dirname(place)) {
    try {
      if (!(await stat(place)).isDirectory()) {
        return bad(`${JSON.stringify(place)} is a file, not a directory. Choose another directory for the output.`);
      }
    } catch (error) {
      const code = systemCode(error);
      if (isMissing(error) && dirname(place) !== place && !(await isThere(place))) continue;
      if (isMissing(error)) return bad(`${JSON.stringify(place)} is a link that leads nowhere. Remove or repair it.`);
      return bad(`${JSON.stringify(place)} cannot be reached (${code ?? String(error)}). Choose another directory.`);
    }
    try {
      await rmdir(await mkdtemp(join(place, '.tarmac-check-')));
    } catch (error) {
      const code = systemCode(error) ?? String(error);
      return bad(`${JSON.stringify(place)} cannot be written (${code}). Choose another directory.`, place === path);
    }
    return { path, exists: place === path, entries: place === path ? (await readdir(path)).length : 0 };
  }
}

/** True for anything with that name, a link without a target included. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false; // The caller reports why the path cannot be used; here only a dangling link is looked for.
  }
}
