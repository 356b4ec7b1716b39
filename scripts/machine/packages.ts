/** The Debian packages that the test cluster and the browser need, and installing those that are missing. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, output, proxyEnvironment, readIfThere, run, until } from './command.ts';
import { ScriptError, lastLines, step } from './report.ts';

/** A package by the file for which it is needed; a file that another package brings as well serves. */
type Packages = Readonly<Record<string, string>>;

/** A cluster for tests on another system than Debian 12. */
const CLUSTER_ELSEWHERE =
  'Set TARMAC_TEST_KUBECONFIG to the kubeconfig of a cluster to test against, or install Docker and kind (or k3d) and run `npm run cluster -- up` again.';

/** To run a cluster. */
export const RUN_PACKAGES: Packages = {
  'etcd-server': 'etcd',
  containerd: 'containerd',
  runc: 'runc',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  'docker-registry': 'docker-registry',
  'apache2-utils': 'htpasswd',
  'kubernetes-client': 'kubectl',
  iproute2: 'ip',
  openssl: 'openssl',
  mount: 'mount',
};

/** To build Kubernetes. */
export const BUILD_PACKAGES: Packages = {
  'golang-go': 'go',
  make: 'make',
  rsync: 'rsync',
  jq: 'jq',
  patch: 'patch',
  'xz-utils': 'xz',
  gcc: 'gcc',
};

/** To make the images. */
export const IMAGE_PACKAGES: Packages = {
  'golang-go': 'go',
  'busybox-static': 'busybox',
  debootstrap: 'debootstrap',
  'xz-utils': 'xz',
};

/**
 * Installs the packages whose files are missing, as root on Debian 12. Finishes first what an interrupted dpkg left
 * half configured, since no installation succeeds before.
 *
 * @param purpose for the progress line, such as `build Kubernetes`
 * @param log file for apt's output
 * @param elsewhere what to do on another system
 * @throws ScriptError elsewhere, with the command that an administrator would run
 */
export async function ensurePackages(
  purpose: string,
  packages: Packages,
  log: string,
  elsewhere = CLUSTER_ELSEWHERE,
): Promise<void> {
  const missing = await missingPackages(packages);
  const interrupted = (await output('dpkg', ['--audit']).catch(() => '')) !== '';
  if (missing.length === 0 && !interrupted) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  await requireDebian(purpose, command, elsewhere);
  const env = { ...proxyEnvironment(), DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' };
  if (interrupted) {
    await step('Finish an interrupted installation of packages (dpkg --configure -a)', () => configureAll(log, env));
  }
  const stillMissing = await missingPackages(packages);
  if (stillMissing.length === 0) return;
  const options = ['-y', '-o', 'DPkg::Lock::Timeout=600', '-o', 'Dpkg::Options::=--force-confold'];
  const install = (): Promise<void> =>
    run('apt-get', [...options, 'install', '--no-install-recommends', ...stillMissing], {
      log,
      env,
      next: `Run as root: ${command}`,
    });
  await step(`Install Debian packages to ${purpose}: ${stillMissing.join(' ')}`, async () => {
    try {
      await install();
    } catch {
      // A fresh machine has no package lists, an old one lists packages that the mirror no longer has.
      await run('apt-get', [...options, 'update'], { log, env, next: 'Check the network and /etc/apt/sources.list*.' });
      await install();
    }
  });
  const unhelped = await missingPackages(packages);
  if (unhelped.length > 0) throw new ScriptError(`Still missing after installation: ${unhelped.join(' ')}`, { log });
}

/** Waits for another installation: what looks interrupted may be at work, and dpkg itself does not wait. */
async function configureAll(log: string, env: Record<string, string>): Promise<void> {
  let failure: Error | undefined;
  await until(
    'another installation of packages to end',
    600_000,
    async () => {
      try {
        await run('dpkg', ['--configure', '-a', '--force-confdef', '--force-confold'], { log, env });
        return true;
      } catch (error) {
        const locked = lastLines((await readIfThere(log)) ?? '', 3).includes('locked by another process');
        if (!locked) failure = error instanceof Error ? error : new Error(String(error));
        return undefined;
      }
    },
    () => {
      if (failure !== undefined) throw failure;
    },
  );
}

/** The names of the packages whose file is neither in a program folder nor, for a path, there. */
async function missingPackages(packages: Packages): Promise<string[]> {
  const missing: string[] = [];
  for (const [name, file] of Object.entries(packages)) if (!(await isInstalled(file))) missing.push(name);
  return missing;
}

async function isInstalled(file: string): Promise<boolean> {
  const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  for (const path of file.startsWith('/') ? [file] : folders.map((folder) => join(folder, file))) {
    try {
      await access(path);
      return true;
    } catch (error) {
      if (!isErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }
  return false;
}

/** Whether this is Debian 12. */
export async function isDebian(): Promise<boolean> {
  const release = (await readIfThere('/etc/os-release')) ?? '';
  return /^ID=debian$/m.test(release) && /^VERSION_ID="12"$/m.test(release);
}

async function requireDebian(purpose: string, command: string, elsewhere: string): Promise<void> {
  if (!(await isDebian())) {
    throw new ScriptError(`Packages of Debian 12 (bookworm) are needed to ${purpose}, and this is another system.`, {
      next: elsewhere,
    });
  }
  if (process.getuid?.() !== 0) {
    throw new ScriptError('Packages are missing, and only root can install them.', { next: `Run: sudo ${command}` });
  }
}
