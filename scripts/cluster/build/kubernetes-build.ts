/** Kubernetes' own programs, built from Debian's source package with Debian's Go. */
import { copyFile, chmod, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recipe } from '../../machine/cache.ts';
import { proxyEnvironment, run } from '../../machine/command.ts';
import { listIfThere } from '../../machine/processes.ts';

/** Debian 12's source package `kubernetes`. */
const SOURCE_VERSION = '1.20.5+really1.20.2-1.1+deb12u1';

/** What the programs call themselves: upstream's tag v1.20.2 and its commit. */
const VERSION = {
  KUBE_GIT_VERSION: 'v1.20.2',
  KUBE_GIT_COMMIT: 'faecb196815e248d3ecfb03c680a4507229c2a56',
  KUBE_GIT_TREE_STATE: 'clean',
  KUBE_GIT_MAJOR: '1',
  KUBE_GIT_MINOR: '20',
};

/** The programs of a one-node cluster, without those that Debian has as packages. */
export const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'] as const;

/**
 * The recipe for a folder with {@link PROGRAMS}: 5 minutes on two cores, 3 GB of scratch, 350 MB in the end.
 *
 * @param log file for the output of apt and make
 */
export function kubernetesRecipe(log: string): Recipe {
  return {
    name: 'kubernetes',
    what: `Build Kubernetes ${VERSION.KUBE_GIT_VERSION} from Debian's source package (about 5 minutes, once; see ${log})`,
    inputs: [SOURCE_VERSION, process.arch, 'CGO_ENABLED=0 -s -w', ...PROGRAMS].join('\n'),
    make: async (folder, scratch, env) => {
      await downloadSource(scratch, { log, env });
      const source = join(scratch, 'source');
      await unpackSource(scratch, source, { log, env });
      await mkdir(join(source, '.go', 'src', 'k8s.io'), { recursive: true });
      await symlink('../../..', join(source, '.go', 'src', 'k8s.io', 'kubernetes'));
      const what = PROGRAMS.map((name) => `cmd/${name}`).join(' ');
      await run('make', [`WHAT=${what}`, 'GOLDFLAGS=-s -w', 'KUBE_STATIC_OVERRIDES=kubelet'], {
        log,
        cwd: source,
        nice: true,
        env: {
          ...env,
          ...VERSION,
          GOPATH: join(source, '.go'),
          // What a killed compiler leaves goes away with the scratch folder.
          TMPDIR: scratch,
          GO111MODULE: 'off',
          CGO_ENABLED: '0',
        },
        next: 'Free at least 3 GB in the cache folder and 2 GB of memory, then run it again.',
      });
      const built = join(source, '_output', 'local', 'bin', 'linux', process.arch === 'x64' ? 'amd64' : process.arch);
      for (const name of PROGRAMS) {
        await copyFile(join(built, name), join(folder, name));
        await chmod(join(folder, name), 0o755);
      }
    },
  };
}

type Options = Readonly<{ log: string; env: Record<string, string> }>;

/**
 * Downloads the source package with a private apt configuration: the system's own mirrors and keys, asked for
 * sources. Nothing of the system's configuration or package lists is touched.
 */
async function downloadSource(scratch: string, { log, env }: Options): Promise<void> {
  const parts = join(scratch, 'sources');
  await mkdir(parts);
  await mkdir(join(scratch, 'lists', 'partial'), { recursive: true });
  const system = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(await listIfThere(system)).map((name) => join(system, name))];
  for (const [index, file] of files.entries()) {
    const kind = /\.(list|sources)$/.exec(file)?.[0];
    if (kind === undefined) continue;
    const text = await readFile(file, 'utf8').catch(() => '');
    if (mentionsDebian(text)) await writeFile(join(parts, `${index}${kind}`), toSourceEntries(text));
  }
  const apt = [
    ['Dir::Etc::sourcelist', '/dev/null'],
    ['Dir::Etc::sourceparts', parts],
    ['Dir::State::Lists', join(scratch, 'lists')],
    ['Dir::Cache::pkgcache', ''],
    ['Dir::Cache::srcpkgcache', ''],
    ['APT::Sandbox::User', 'root'],
  ].flatMap(([name, value]) => ['-o', `${name ?? ''}=${value ?? ''}`]);
  const options = {
    log,
    cwd: scratch,
    env: { ...proxyEnvironment(), ...env },
    next: 'Check the network and the Debian entries of /etc/apt/sources.list*.',
  };
  await run('apt-get', [...apt, 'update'], options);
  await run('apt-get', [...apt, 'source', '--download-only', `kubernetes=${SOURCE_VERSION}`], options);
}

/** Unpacks upstream's archive and applies Debian's patches. */
async function unpackSource(scratch: string, source: string, { log, env }: Options): Promise<void> {
  const options = { log, cwd: scratch, env };
  const files = await readdir(scratch);
  const archive = (ending: string): string => {
    const name = files.find((file) => file.startsWith('kubernetes_') && file.includes(ending));
    if (name === undefined) throw new Error(`The source package has no ${ending} archive: ${files.join(' ')}`);
    return name;
  };
  await mkdir(source);
  await run('tar', ['-xf', archive('.orig.tar.'), '-C', source, '--strip-components=1'], options);
  await run('tar', ['-xf', archive('.debian.tar.'), '-C', scratch], options);
  const patches = join(scratch, 'debian', 'patches');
  for (const name of parseSeries(await readFile(join(patches, 'series'), 'utf8'))) {
    await run('patch', ['-d', source, '-p1', '-s', '-i', join(patches, name)], options);
  }
}

/** The patches of a quilt series file, in order; `#` starts a comment, options after the name are dropped. */
export function parseSeries(series: string): string[] {
  return series.split('\n').flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/)[0] || []);
}

/** The same entries of an apt sources file, asked for source packages; both of apt's formats (sources.list(5)). */
export function toSourceEntries(sources: string): string {
  return sources.replace(/^Types:.*/gm, 'Types: deb-src').replace(/^deb\s/gm, 'deb-src ');
}

/** Other vendors' archives have no Kubernetes sources and may be unreachable. */
function mentionsDebian(sources: string): boolean {
  return /\bbookworm(-updates|-security)?\b/.test(sources) && /\bmain\b/.test(sources);
}
