/** Starting the local cluster: from nothing to daemons that answer. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { cached } from '../../machine/cache.ts';
import { isErrno, output, readIfThere, run, until } from '../../machine/command.ts';
import { commandLines, configFiles, fillingCommand, type Daemon, type Snapshotter } from './components.ts';
import { readyNodes } from '../health.ts';
import { imageRecipes } from '../build/images.ts';
import { kubectlFor } from '../kubectl.ts';
import { kubernetesRecipe } from '../build/kubernetes-build.ts';
import type { Layout, Registry } from '../layout.ts';
import { CLAIMS } from '../contents/objects.ts';
import { BUILD_PACKAGES, IMAGE_PACKAGES, RUN_PACKAGES, ensurePackages } from '../../machine/packages.ts';
import { certificateCredential, kubeconfig, localClusterEntry, makeCertificates, writePrivate } from '../pki.ts';
import { isRunning, listIfThere, startDaemon, stopProcesses, type ProcessId } from '../../machine/processes.ts';
import { fillMirror, makeRegistryAccount, pushImage } from './registry.ts';
import { removeTree } from '../../machine/mounts.ts';
import { ScriptError, step } from '../../machine/report.ts';
import { rememberSysctls } from './stop.ts';

/** Milliseconds for a daemon to answer; seconds on an idle machine, much more where other work takes the processors. */
const PATIENCE = 180_000;

/** What was made before, or is made now, and never changes. */
export interface Materials {
  /** Folder with Kubernetes' programs. */
  readonly bin: string;
  /** Folders in the OCI image layout; the first holds busybox. */
  readonly images: readonly string[];
}

/** Installs packages, builds Kubernetes and makes images, as far as this was not done before. */
export async function prepare(at: Layout): Promise<Materials> {
  if (process.getuid?.() !== 0) {
    throw new ScriptError('Only root can start a kubelet and containerd.', {
      next: 'Install Docker and kind (or k3d), run it with sudo on Debian 12, or set TARMAC_TEST_KUBECONFIG to the kubeconfig of a cluster to test against.',
    });
  }
  const logs = join(at.cache, 'logs');
  const log = (name: string): string => join(logs, `${name}.log`);
  await mkdir(logs, { recursive: true });
  await ensurePackages('run a cluster', RUN_PACKAGES, log('packages'));
  await ensurePackages('make images', IMAGE_PACKAGES, log('packages'));
  await ensurePackages('build Kubernetes', BUILD_PACKAGES, log('packages'));
  const bin = await cached(at.cache, kubernetesRecipe(log('kubernetes')));
  const images: string[] = [];
  for (const recipe of await imageRecipes(log('images'))) images.push(await cached(at.cache, recipe));
  return { bin, images };
}

/** Starts all daemons on a machine that holds nothing of a former cluster, and waits until the node is ready. */
export async function start(at: Layout, { bin, images }: Materials): Promise<Registry> {
  await step('Check that the ports are free', () => requireFreePorts(at));
  await mkdir(at.logs, { recursive: true });
  await rememberSysctls(at);
  const snapshotter = await step('Look whether overlays work', () => workingSnapshotter(at));
  const registry = await step('Write certificates and configuration', async () => {
    await writeConfiguration(at, snapshotter);
    return makeRegistryAccount(at);
  });
  const kubectl = kubectlFor(join(at.state, 'admin.kubeconfig'), at.state);
  const commands = commandLines(at, bin);
  const launch = async (name: Daemon): Promise<() => Promise<void>> => {
    const id = await startDaemon(name, commands[name], { state: at.state, logs: at.logs });
    return () => requireAlive(at, name, id);
  };

  const [etcdRuns, containerdRuns] = [await launch('etcd'), await launch('containerd')];
  const [serverRuns, registryRuns] = [await launch('kube-apiserver'), await launch('registry')];
  // Unpacking the images takes as long as Kubernetes takes to start: both at once.
  const loading = step(`Load ${images.length} image archives into containerd (${snapshotter})`, async () => {
    await until('containerd', PATIENCE, () => ctr(at, ['version']), containerdRuns);
    for (const image of images) await importImage(at, image, snapshotter);
  });
  const mirroring = step('Fill the mirror of Docker Hub', async () => {
    // Filled by one that asks for a password; what everybody may reach afterwards only gives.
    const filling = await startDaemon('mirror', fillingCommand(at), { state: at.state, logs: at.logs });
    const mirror = { ...registry, host: `127.0.0.1:${at.ports.mirror}` };
    for (const image of images) await fillMirror(mirror, image, () => requireAlive(at, 'mirror', filling));
    await stopProcesses(async () => ((await isRunning(filling)) ? [filling.pid] : []), 'SIGTERM', 30_000);
    const runs = await launch('mirror');
    await until('the mirror', PATIENCE, () => answers(`http://${mirror.host}/v2/`), runs);
  });
  const starting = (async (): Promise<void> => {
    await step('Push an image into the private registry', () => pushImage(registry, images[0] ?? '', registryRuns));
    await step('Start the API server', () =>
      until('the API server', PATIENCE, () => kubectl(['get', '--raw=/readyz']), allOf(etcdRuns, serverRuns)),
    );
    const others = [await launch('kube-controller-manager'), await launch('kube-scheduler'), await launch('kubelet')];
    const ready = async (): Promise<true | undefined> => ((await readyNodes(kubectl)) > 0 ? true : undefined);
    await step('Start the node', () => until('the node to be ready', PATIENCE, ready, allOf(...others)));
  })();
  for (const part of await Promise.allSettled([loading, mirroring, starting])) {
    if (part.status === 'rejected') throw part.reason;
  }
  return registry;
}

async function answers(url: string): Promise<true | undefined> {
  return (await fetch(url)).ok ? true : undefined;
}

function allOf(...checks: readonly (() => Promise<void>)[]): () => Promise<void> {
  return async () => {
    for (const check of checks) await check();
  };
}

async function writeConfiguration(at: Layout, snapshotter: Snapshotter): Promise<void> {
  await makeCertificates(at);
  const cluster = await localClusterEntry(at);
  for (const user of ['admin', 'kubelet'] as const) {
    const config = kubeconfig(cluster, user, await certificateCredential(at, user), 'default');
    await writePrivate(join(at.state, `${user}.kubeconfig`), config);
  }
  for (const [name, text] of Object.entries(configFiles(at, snapshotter))) {
    await mkdir(dirname(join(at.state, name)), { recursive: true });
    await writeFile(join(at.state, name), text);
  }
  for (const hierarchy of await cgroupHierarchies()) await mkdir(join(hierarchy, at.cgroup), { recursive: true });
  const log = join(at.logs, 'volumes.log');
  for (const { folder, size } of CLAIMS) {
    if (folder === null) continue;
    const path = volumeFolder(at, folder);
    await mkdir(path, { recursive: true });
    if (size !== undefined) await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tarmac-small', path], { log });
    // A pod that does not run as root writes too; fsGroup does not apply to a folder of the node. Other accounts of this
    // machine do not come this far: the state folder is closed.
    await run('chmod', ['0777', path], { log });
  }
}

/** Folder on the node of the local cluster that holds the volumes' folders. */
export function volumeFolder(at: Layout, name = ''): string {
  return join(at.state, 'volumes', name);
}

/** Where cgroups are made: one folder with cgroup v2, one per controller with v1. */
async function cgroupHierarchies(): Promise<string[]> {
  const top = '/sys/fs/cgroup';
  if ((await readIfThere(join(top, 'cgroup.controllers'))) !== undefined) return [top];
  const found: string[] = [];
  for (const name of await listIfThere(top)) {
    // Links such as cpu -> cpu,cpuacct lead to the same folder; making it twice does no harm.
    if ((await readIfThere(join(top, name, 'cgroup.procs'))) !== undefined) found.push(join(top, name));
  }
  return found;
}

/** Overlays depend on the kernel and on the file system below: tried, not guessed. */
async function workingSnapshotter(at: Layout): Promise<Snapshotter> {
  const probe = join(at.state, 'overlay-probe');
  for (const name of ['lower', 'upper', 'work', 'merged']) await mkdir(join(probe, name), { recursive: true });
  await writeFile(join(probe, 'lower', 'file'), 'lower');
  const options = `lowerdir=${probe}/lower,upperdir=${probe}/upper,workdir=${probe}/work`;
  try {
    await output('mount', ['-t', 'overlay', 'overlay', '-o', options, join(probe, 'merged')]);
    await writeFile(join(probe, 'merged', 'file'), 'upper');
    return (await readFile(join(probe, 'upper', 'file'), 'utf8')) === 'upper' ? 'overlayfs' : 'native';
  } catch (error) {
    if (error instanceof ScriptError || isErrno(error, 'EIO', 'EINVAL', 'EPERM', 'ENOENT')) return 'native';
    throw error;
  } finally {
    await removeTree(probe);
  }
}

/** Imports and unpacks an image, so that the first pod does not wait for it. */
async function importImage(at: Layout, folder: string, snapshotter: Snapshotter): Promise<void> {
  const script = 'set -o pipefail; tar -C "$1" -cf - . | ctr -a "$2" -n k8s.io images import --snapshotter "$3" -';
  await run('bash', ['-c', script, 'import', folder, at.containerd, snapshotter], { log: join(at.logs, 'images.log') });
}

function ctr(at: Layout, args: readonly string[]): Promise<string> {
  return output('ctr', ['--address', at.containerd, '--namespace', 'k8s.io', ...args]);
}

async function requireAlive(at: Layout, name: Daemon, id: ProcessId): Promise<void> {
  if (await isRunning(id)) return;
  throw new ScriptError(`${name} ended as soon as it was started.`, { log: join(at.logs, `${name}.log`) });
}

async function requireFreePorts(at: Layout): Promise<void> {
  for (const [name, port] of Object.entries<number>({ ...at.ports })) {
    const probe = createServer();
    try {
      await new Promise<void>((resolve, reject) => {
        probe.once('error', reject);
        probe.listen(port, '127.0.0.1', resolve);
      });
      await new Promise<void>((resolve) => probe.close(() => resolve()));
    } catch (error) {
      if (!isErrno(error, 'EADDRINUSE')) throw error;
      throw new ScriptError(`Port ${port} (${name}) is taken by another program.`, {
        next: `Find it with \`ss -ltnp sport = :${port}\`, or set TARMAC_CLUSTER_PORT to the first of 8 free ports.`,
        cause: error,
      });
    }
  }
}
