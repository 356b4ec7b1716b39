/** Makes directories one by one. */
import { existsSync } from 'node:fs';
import { mkdir, opendir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from './snapshot/errors.ts';

/**
 * Makes a directory and those above it, one by one. Node's own `recursive` never ends where the system says ENOENT for
 * a new name in a directory that is there, as Linux does below /proc.
 */
export async function makeDirectory(path: string, mode = 0o777): Promise<void> {
  const missing: string[] = [];
  for (let place = resolve(path); !existsSync(place) && dirname(place) !== place; place = dirname(place)) {
    missing.unshift(place);
  }
  for (const place of missing) {
    await mkdir(place, mode).catch((error: unknown) => {
      // Somebody else made it meanwhile.
      if (systemCode(error) !== 'EEXIST') throw error;
    });
  }
  // Fails with ENOTDIR where a file is in its place.
  await (await opendir(path)).close();
}
