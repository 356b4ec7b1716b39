/**
 * A folder inside the target in which an archive is unpacked before anything of it counts. It is on the target's own file
 * system, so that what is whole gets its place by a rename.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '../snapshot/errors.ts';
import { targetError } from './errors.ts';

/** `.tarmac-MACHINE-PID-START-RANDOM.part`: whose it is can be read from the name. */
const OWN_NAME = /^\.tarmac-(?<machine>[0-9a-f]{8})-(?<pid>\d{1,10})-(?<start>\d{1,20})-[0-9a-f]{8}\.part$/;
/** As older versions named the parts of files. */
const OLD_NAME = /^\.tarmac-[0-9a-f-]{36}\.part$/;
/** What another machine left, or an older version, goes when nothing was done with it for so long. */
const FOREIGN_MS = 3 * 24 * 60 * 60_000;

/** A folder for one extraction; it is removed with all that is in it. */
export interface Staging extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes the folder, after removing those that downloads left whose process was killed. A folder of a living process, and
 * one whose process cannot be known and that is not old, stays.
 *
 * @param target a real directory
 * @throws ArchiveError TARGET when the target cannot be written
 */
export async function openStaging(target: string): Promise<Staging> {
  await removeLeftovers(target);
  const path = join(
    target,
    `.tarmac-${thisMachine()}-${process.pid}-${startOf(process.pid) ?? 0}-${randomBytes(4).toString('hex')}.part`,
  );
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    throw targetError(error, target);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Removes what downloads into this folder left when their process was killed. What cannot be removed stays. */
async function removeLeftovers(target: string): Promise<void> {
  const names = await readdir(target).catch(() => []);
  for (const name of names) {
    if (!(await isLeftover(join(target, name), name))) continue;
    await rm(join(target, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isLeftover(path: string, name: string): Promise<boolean> {
  const own = OWN_NAME.exec(name)?.groups;
  if (!own && !OLD_NAME.test(name)) return false;
  const stats = await lstat(path).catch(() => undefined);
  if (!stats || stats.isSymbolicLink()) return false;
  if (own?.['machine'] !== thisMachine()) return Date.now() - stats.mtimeMs > FOREIGN_MS;
  const pid = Number(own['pid']);
  return !isRunning(pid) || (own['start'] !== '0' && startOf(pid) !== own['start']);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** When a process began, in the kernel's ticks since it was booted; undefined where there is no /proc (proc(5)). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Where a number of a process means the same: this boot of this machine, and on Linux this namespace of processes. */
function thisMachine(): string {
  const facts = [hostname(), attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'))];
  return createHash('sha256')
    .update(JSON.stringify([...facts, attempt(() => readlinkSync('/proc/self/ns/pid'))]))
    .digest('hex')
    .slice(0, 8);
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
