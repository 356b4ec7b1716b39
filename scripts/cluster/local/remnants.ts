/**
 * What a cluster leaves on the machine outside of its processes, and how it is removed: cgroups, network interfaces,
 * cached CNI results, pod logs; its mounts are in `scripts/machine/mounts.ts`. All of it is found on the machine itself, not in records of ours, so
 * that a cluster which was killed half-way can be removed like any other.
 */
import { readFile, readdir, readlink, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, output, readIfThere } from '../../machine/command.ts';
import type { Layout } from '../layout.ts';
import { ignoreGone } from '../../machine/mounts.ts';
import { listIfThere } from '../../machine/processes.ts';

const CGROUPS = '/sys/fs/cgroup';

/** Our cgroups in every mounted hierarchy (one with cgroup v2), parents first. */
export async function ourCgroups(at: Layout): Promise<string[]> {
  const tops = [CGROUPS, ...(await listIfThere(CGROUPS)).map((name) => join(CGROUPS, name))].map((top) =>
    join(top, at.cgroup),
  );
  const found: string[] = [];
  for (const top of new Set(tops)) await collectFolders(top, found);
  return found;
}

/** The processes in our cgroups: everything that runs in a pod, whoever its parent is. */
export async function processesInCgroups(at: Layout): Promise<number[]> {
  const pids = new Set<number>();
  for (const cgroup of await ourCgroups(at)) {
    const text = (await readIfThere(join(cgroup, 'cgroup.procs'))) ?? '';
    for (const line of text.split('\n')) if (line !== '' && line !== '0') pids.add(Number(line));
  }
  return [...pids];
}

/** Removes our cgroups, children first. They must hold no process any more. */
export async function removeCgroups(at: Layout): Promise<void> {
  for (const cgroup of (await ourCgroups(at)).reverse()) {
    try {
      await rmdir(cgroup);
    } catch (error) {
      // Busy: a process is just ending. leftovers() reports what really stays.
      if (!isErrno(error, 'ENOENT', 'EBUSY')) throw error;
    }
  }
}

/** Our bridge and the interfaces that hang on it. */
export async function ourInterfaces(at: Layout): Promise<string[]> {
  const names = await listIfThere('/sys/class/net');
  const ours: string[] = [];
  for (const name of names) {
    const master = await readlink(`/sys/class/net/${name}/master`).catch(() => '');
    if (master.endsWith(`/${at.bridge}`)) ours.push(name);
  }
  return names.includes(at.bridge) ? [...ours, at.bridge] : ours;
}

/** Removes our bridge with its addresses, and the host's ends of the pods' cables. */
export async function removeInterfaces(at: Layout): Promise<void> {
  for (const name of await ourInterfaces(at)) await output('ip', ['link', 'delete', name]).catch(ignoreGone);
}

/**
 * Files outside of the state folder that hold on to a former cluster: results that the CNI library caches in a
 * fixed folder, and logs of pods that the kubelet keeps in a fixed folder.
 *
 * @param podUids the pods that the kubelet knew
 */
export async function strayFiles(at: Layout, podUids: readonly string[]): Promise<string[]> {
  const results = '/var/lib/cni/results';
  const logs = '/var/log/pods';
  const links = '/var/log/containers';
  const cached = await listIfThere(results);
  const containers = cached.flatMap((name) => new RegExp(`^${at.network}-([0-9a-f]{64})-`).exec(name)?.[1] ?? []);
  const podLogs = (await listIfThere(logs)).filter((name) => podUids.some((uid) => name.endsWith(`_${uid}`)));
  const found = cached.filter((name) => containers.some((id) => name.includes(id))).map((name) => join(results, name));
  for (const name of await listIfThere(links)) {
    const target = await readlink(join(links, name)).catch(() => '');
    if (podLogs.some((pod) => target.startsWith(join(logs, pod, '/')))) found.push(join(links, name));
  }
  return [...found, ...podLogs.map((name) => join(logs, name))];
}

/** The pods whose folders the kubelet made: their UIDs. */
export async function knownPods(at: Layout): Promise<string[]> {
  return listIfThere(join(at.state, 'kubelet', 'pods'));
}

/**
 * Sockets of containerd's shims that nobody listens on any more. containerd keeps them in a folder that cannot be
 * configured and forgets them when it is killed. A living shim's socket, whoever's it is, is in /proc/net/unix.
 */
export async function deadShimSockets(): Promise<string[]> {
  const folder = '/run/containerd/s';
  const living = new Set((await readFile('/proc/net/unix', 'utf8')).split('\n').map((line) => line.split(' ').at(-1)));
  return (await listIfThere(folder)).map((name) => join(folder, name)).filter((path) => !living.has(path));
}

/** Rules of the packet filter that name our bridge. Ours is a cluster without any; see components.ts. */
export async function ourPacketRules(at: Layout): Promise<string[]> {
  const rules: string[] = [];
  for (const tool of ['iptables-save', 'ip6tables-save']) {
    // Without the tool there is nobody who could have made a rule.
    const text = await output(tool, []).catch(() => '');
    rules.push(...text.split('\n').filter((line) => line.includes(at.bridge) || line.includes(at.network)));
  }
  return rules;
}

async function collectFolders(folder: string, into: string[]): Promise<void> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    into.push(folder);
    for (const entry of entries) if (entry.isDirectory()) await collectFolders(join(folder, entry.name), into);
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTDIR', 'ENODEV')) throw error;
  }
}
