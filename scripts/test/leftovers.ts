/** What a suite left behind: processes, mounts and files below the temporary folder that it was given. */
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { mountsBelow, unmountBelow } from '../machine/mounts.ts';

/** Caches that programs keep in the temporary folder on purpose, and what VS Code and browsers leave there. */
const PROGRAMS_OWN = /^(?:jiti|node-compile-cache|v8-compile-cache.*|vscode-.*|\.?org\.chromium\..*|playwright.*)$/;

/** A process that has to do with a folder: its arguments, environment, working directory or program are in it. */
export interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * The processes that have to do with a folder. A process that replaced its environment is found by where it works and
 * what it runs. Where there is no /proc none is found.
 */
export async function processesOf(folder: string): Promise<LeftProcess[]> {
  const found: LeftProcess[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const [command, environment, directory, program] = await Promise.all([
      readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${name}/environ`, 'utf8').catch(() => ''),
      readlink(`/proc/${name}/cwd`).catch(() => ''),
      readlink(`/proc/${name}/exe`).catch(() => ''),
    ]);
    // A process that has just ended has no command line any more.
    if (command === '' || ![command, environment, directory, program].some((text) => text.includes(folder))) continue;
    found.push({ pid, command: command.replaceAll('\0', ' ').trim() });
  }
  return found;
}

/** Ends the processes that have to do with a folder, until there is none. */
export async function endProcessesOf(folder: string): Promise<void> {
  for (let round = 0; round < 50; round++) {
    const left = await processesOf(folder);
    if (left.length === 0) return;
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function mountsOf(folder: string): Promise<string[]> {
  return mountsBelow(folder, await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}

/**
 * Names what is left below a suite's temporary folder, as lines to be shown, and removes it all with the folder.
 *
 * @param patience milliseconds that processes have to end by themselves
 */
export async function clearLeftovers(folder: string, patience = 5_000): Promise<string[]> {
  const end = performance.now() + patience;
  let processes = await processesOf(folder);
  while (processes.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    processes = await processesOf(folder);
  }
  const mounts = await mountsOf(folder);
  const files = (await readdir(folder).catch(() => [])).filter((name) => !PROGRAMS_OWN.test(name)).sort();
  await endProcessesOf(folder);
  await unmountBelow(folder).catch(() => undefined);
  // Never through a mount that stayed: what is behind it is not ours.
  if ((await mountsOf(folder)).length === 0) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return [
    ...processes.map(({ pid, command }) => `left behind: process ${pid} (${command.slice(0, 200)})`),
    ...mounts.map((path) => `left behind: mount ${path}`),
    ...files.map((name) => `left behind: ${name} in the temporary folder`),
  ];
}
