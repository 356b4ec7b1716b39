/**
 * Whose caches a task has. The path of a task file says too little: in dev containers, Codespaces and CI everybody's
 * repositories lie at the same path, and a cache holds programs that the next task runs.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { CacheScope } from '../model/plan.ts';
import { checkoutAround } from './checkout.ts';

/**
 * @param taskFile absolute path
 * @param stateDir where the ids of this person and of folders without a remote are kept
 */
export function cacheScope(taskFile: string, stateDir: string): CacheScope {
  const checkout = checkoutAround(dirname(taskFile));
  const folder = checkout?.root ?? dirname(taskFile);
  const id = createHash('sha256').update(real(folder)).digest('hex').slice(0, 32);
  return {
    repository: checkout?.repository ?? idIn(join(stateDir, 'workspaces'), id),
    file: relative(folder, taskFile).split(sep).join('/'),
    person: idIn(stateDir, 'person'),
  };
}

/** A random id that is made once. Where it cannot be kept, nothing is shared with another run. */
export function idIn(folder: string, name: string): string {
  const path = join(folder, name);
  const known = readText(path)?.trim();
  if (known !== undefined && /^[0-9a-f]{32}$/.test(known)) return known;
  const made = randomBytes(16).toString('hex');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Two runs that begin at once agree on the first one's.
    writeFileSync(path, `${made}\n`, { mode: 0o600, flag: known === undefined ? 'wx' : 'w' });
    return made;
  } catch {
    const other = readText(path)?.trim();
    return other !== undefined && /^[0-9a-f]{32}$/.test(other) ? other : made;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, or a folder: both say that it names nothing.
    return undefined;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
