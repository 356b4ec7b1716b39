/**
 * A word from one process of this machine to another: the run that you follow was aborted. A pod that was deleted before
 * its command began cannot tell it; the exit record of one that ran can.
 */
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runDir } from './record.ts';
import { makeDirectory } from '../make-directory.ts';

function markOf(stateDir: string, run: string): string {
  return join(runDir(stateDir, run), 'aborted');
}

/** Leaves the mark for whoever follows the run. */
export async function markAborted(stateDir: string, run: string): Promise<void> {
  await makeDirectory(runDir(stateDir, run), 0o700);
  await writeFile(markOf(stateDir, run), '');
}

/** Whether somebody on this machine aborted the run. */
export async function wasAborted(stateDir: string, run: string): Promise<boolean> {
  try {
    await access(markOf(stateDir, run));
    return true;
  } catch {
    // No mark, or a disk that cannot be read: nobody is known to have aborted it.
    return false;
  }
}
