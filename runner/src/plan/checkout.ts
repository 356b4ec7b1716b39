/** The working copy of git that a folder of this machine is in. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkout, findCheckout } from '#concourse';

/** The working copy that a folder is in, or is; undefined outside of one. Reads what git keeps, and starts no program. */
export function checkoutAround(folder: string): Checkout | undefined {
  return findCheckout({ stat, read }, join(folder, '.git'));
}

function stat(path: string): { readonly type: 'file' | 'directory' } | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && { type: found.isDirectory() ? 'directory' : 'file' };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, or a folder: both say that it names nothing.
    return undefined;
  }
}
