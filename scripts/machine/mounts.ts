/** Mounts below a folder, and removing a folder without deleting through one. */
import { readFile, rm } from 'node:fs/promises';
import { output } from './command.ts';
import { ScriptError } from './report.ts';

/** Mount points below a folder (or at it), the deepest first: the order in which they can be unmounted. */
export function mountsBelow(folder: string, mountinfo: string): string[] {
  return mountinfo
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))))
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .reverse()
    .sort((a, b) => b.split('/').length - a.split('/').length);
}

/** Unmounts everything below a folder. A busy mount is detached: its last user's end removes it. */
export async function unmountBelow(folder: string): Promise<void> {
  // Mounts can be stacked on one path or appear while we work, hence a second and a third look.
  for (let round = 0; round < 3; round++) {
    const mounts = await currentMounts(folder);
    if (mounts.length === 0) return;
    for (const path of mounts) await output('umount', ['--lazy', path]).catch(ignoreGone);
  }
}

/**
 * Removes a folder and what is in it, after unmounting what is mounted there.
 *
 * @throws ScriptError when something stays mounted: deleting through a mount would delete what is not ours
 */
export async function removeTree(folder: string): Promise<void> {
  await unmountBelow(folder);
  const mounts = await currentMounts(folder);
  if (mounts.length > 0) {
    throw new ScriptError(`Cannot remove ${folder}, still mounted: ${mounts.join(', ')}`, {
      next: 'Unmount it by hand.',
    });
  }
  await rm(folder, { recursive: true, force: true });
}

async function currentMounts(folder: string): Promise<string[]> {
  return mountsBelow(folder, await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Removing what has just gone by itself (with its network namespace, with its parent mount) is no failure. */
export function ignoreGone(error: unknown): string {
  if (
    error instanceof ScriptError &&
    /not mounted|no mount point|not found|Cannot find|does not exist|No such/i.test(error.message)
  ) {
    return '';
  }
  throw error;
}
