/** For tests: the processes that have to do with a folder. */
import { readdir, readFile, readlink } from 'node:fs/promises';

async function processesOf(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const texts = await Promise.all([
      readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${name}/environ`, 'utf8').catch(() => ''),
      readlink(`/proc/${name}/cwd`).catch(() => ''),
      readlink(`/proc/${name}/exe`).catch(() => ''),
    ]);
    if (texts.some((text) => text.includes(folder))) found.push(pid);
  }
  return found;
}

/**
 * Ends each process whose arguments, environment, working directory or program is in a folder: whatever a task started
 * there, and however it ended. Where there is no /proc it ends none.
 */
export async function endProcessesOf(folder: string): Promise<void> {
  // What is just being started is found in the next round.
  for (let round = 0; round < 100; round++) {
    const left = await processesOf(folder);
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }
}
