/** Taking a cluster away, whatever state it is in. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, readIfThere, until } from '../../machine/command.ts';
import type { Layout } from '../layout.ts';
import { mountsBelow, removeTree } from '../../machine/mounts.ts';
import { listIfThere, processesOwnedBy, stopProcesses } from '../../machine/processes.ts';
import {
  deadShimSockets,
  knownPods,
  ourCgroups,
  ourInterfaces,
  ourPacketRules,
  processesInCgroups,
  removeCgroups,
  removeInterfaces,
  strayFiles,
} from './remnants.ts';
import { isRecord } from '../contents/objects.ts';

/** Kernel settings that the kubelet and the bridge plugin change for the whole machine. */
const SYSCTLS = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward'];

/**
 * Ends every process of a cluster and removes what it left on the machine. Nothing is asked to end in an orderly
 * way: the state goes away with it, so that there is nothing to be saved, and a hanging component cannot hold it up.
 *
 * @returns what could not be removed, as lines to be shown; normally none
 */
export async function tearDown(at: Layout): Promise<string[]> {
  await stopProcesses(() => ourProcesses(at), 'SIGKILL', 30_000);
  const stray = await strayFiles(at, await knownPods(at));
  await removeInterfaces(at);
  // A cgroup counts as busy for a moment after its last process.
  await until('cgroups to become empty', 10_000, async () => {
    await removeCgroups(at);
    return (await ourCgroups(at)).length === 0 ? true : undefined;
  }).catch(() => undefined);
  for (const path of [...stray, ...(await deadShimSockets())]) await rm(path, { recursive: true, force: true });
  await restoreSysctls(at);
  await removeTree(at.state);
  return leftovers(at);
}

/** What there is of a cluster on the machine, as lines to be shown. */
export async function leftovers(at: Layout): Promise<string[]> {
  const label = (what: string, found: readonly (string | number)[]): string[] => found.map((one) => `${what} ${one}`);
  return [
    ...label('process', await ourProcesses(at)),
    ...label('mount', mountsBelow(at.state, await readFile('/proc/self/mountinfo', 'utf8'))),
    ...label('cgroup', await ourCgroups(at)),
    ...label('network interface', await ourInterfaces(at)),
    ...label('packet filter rule', await ourPacketRules(at)),
    ...((await listIfThere(at.state)).length > 0 ? [`folder ${at.state}`] : []),
  ];
}

/** Remembers the machine's settings before a cluster changes them. */
export async function rememberSysctls(at: Layout): Promise<void> {
  const values: Record<string, string> = {};
  for (const name of SYSCTLS) {
    const value = await readIfThere(`/proc/sys/${name}`);
    if (value !== undefined) values[name] = value.trim();
  }
  await writeFile(join(at.state, 'sysctls.json'), JSON.stringify(values));
}

async function restoreSysctls(at: Layout): Promise<void> {
  const text = await readIfThere(join(at.state, 'sysctls.json'));
  if (text === undefined || !text.endsWith('}')) return;
  const values: unknown = JSON.parse(text);
  for (const name of SYSCTLS) {
    const value = isRecord(values) ? values[name] : undefined;
    if (typeof value !== 'string' || (await readIfThere(`/proc/sys/${name}`))?.trim() === value) continue;
    try {
      await writeFile(`/proc/sys/${name}`, value);
    } catch (error) {
      // In a container these belong to the host; then the kubelet could not change them either.
      if (!isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'EINVAL')) throw error;
    }
  }
}

async function ourProcesses(at: Layout): Promise<number[]> {
  return [...new Set([...(await processesOwnedBy(at.state)), ...(await processesInCgroups(at))])];
}
