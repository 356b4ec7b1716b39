/** Whether git is writing to a working tree. */
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * True while a command of git's (a checkout, a merge, a stash) holds the index of the repository around `folder`: it
 * takes `index.lock` before it writes the first file and lets it go after the last one.
 */
export async function gitIsBusy(folder: string): Promise<boolean> {
  const directory = await gitDirectory(resolve(folder));
  if (directory === undefined) return false;
  return access(join(directory, 'index.lock')).then(
    () => true,
    () => false,
  );
}

/** The `.git` folder that belongs to a folder: in it, or above; of a linked worktree or a submodule where its file says. */
async function gitDirectory(folder: string): Promise<string | undefined> {
  for (let place = folder; ; place = dirname(place)) {
    const path = join(place, '.git');
    try {
      if ((await stat(path)).isDirectory()) return path;
      const target = /^gitdir: (.+)$/mu.exec(await readFile(path, 'utf8'))?.[1];
      return target === undefined ? undefined : resolve(place, target.trim());
    } catch {
      // Not here; or not for us to read, and then git could not work here either.
    }
    if (dirname(place) === place) return undefined;
  }
}
