/** The images that the cluster carries, so that no test pulls from the internet. */
import { appendFile, chmod, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Recipe } from '../../machine/cache.ts';
import { output, proxyEnvironment, run } from '../../machine/command.ts';
import { IMAGE_PATH, writeImageLayout } from './oci.ts';
import { ScriptError } from '../../machine/report.ts';

type Options = Readonly<{ log: string; env: Record<string, string> }>;

/** What stands in for Kubernetes' own pause image. */
export const PAUSE_IMAGE = 'localhost/pause:1';
/** Where the names of Docker's official images live. */
const LIBRARY = 'docker.io/library';

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n';
const GROUP = 'root:x:0:\nnogroup:x:65534:\n';

/**
 * The recipes of all images; each makes a folder in the OCI image layout.
 *
 * @param log file for the tools' output
 */
export async function imageRecipes(log: string): Promise<Recipe[]> {
  return [
    await busybox(log),
    await resource(log),
    await goProgram('static', log),
    await goProgram('pause', log),
    debian(log),
  ];
}

/** The repository of the tests' resource type on our own node. */
export const RESOURCE = 'localhost/resource';

/** The tests' resource type: scripts that speak Concourse's protocol, as root and as another user. */
async function resource(log: string): Promise<Recipe> {
  const program = (await output('which', ['busybox'])).trim();
  const folder = join(import.meta.dirname, 'resource-program');
  const scripts = await Promise.all(
    ['common', 'check', 'in', 'out'].map(
      async (name) => [name, await readFile(join(folder, `${name}.sh`), 'utf8')] as const,
    ),
  );
  return {
    name: 'image-resource',
    what: 'Make the image of a resource type',
    inputs: ['1', await output(program, ['--help']), ...scripts.map(([, text]) => text)].join('\n'),
    make: async (made, scratch, env) => {
      const root = join(scratch, 'root');
      await makeBusyboxTree(root, program);
      await mkdir(join(root, 'opt', 'resource'), { recursive: true });
      for (const [name, text] of scripts) {
        const file = join(root, 'opt', 'resource', name);
        await writeFile(file, text);
        await chmod(file, 0o755);
      }
      const config = { Env: [IMAGE_PATH], Cmd: ['sh'] };
      const images = [
        { names: [`${RESOURCE}:1`], config },
        { names: [`${RESOURCE}:app`], config: { ...config, User: '1000' } },
      ];
      await writeImageLayout(made, root, images, { log, env });
    },
  };
}

/** The file tree of an image that is one static busybox, with a link for each of its applets. */
async function makeBusyboxTree(root: string, program: string): Promise<void> {
  for (const name of [
    'bin',
    'etc',
    'root',
    'home',
    'tmp',
    'var/tmp',
    'dev',
    'proc',
    'sys',
    'usr/bin',
    'usr/sbin',
    'sbin',
  ]) {
    await mkdir(join(root, name), { recursive: true });
  }
  for (const name of ['tmp', 'var/tmp']) await chmod(join(root, name), 0o1777);
  await copyFile(program, join(root, 'bin', 'busybox'));
  for (const applet of (await output(program, ['--list'])).trim().split('\n')) {
    if (applet !== 'busybox') await symlink('/bin/busybox', join(root, 'bin', applet));
  }
  await writeFile(join(root, 'etc', 'passwd'), PASSWD);
  await writeFile(join(root, 'etc', 'group'), GROUP);
}

/** Debian's static busybox with a link for each of its applets, under the tags that tasks ask for. */
async function busybox(log: string): Promise<Recipe> {
  const program = (await output('which', ['busybox'])).trim();
  const version = await output(program, ['--help']);
  return {
    name: 'image-busybox',
    what: 'Make the busybox image',
    inputs: `1\n${version}`,
    make: async (folder, scratch, env) => {
      const root = join(scratch, 'root');
      await makeBusyboxTree(root, program);
      const names = [`${LIBRARY}/busybox:latest`, `${LIBRARY}/busybox:musl`];
      await writeImageLayout(folder, root, [{ names, config: { Env: [IMAGE_PATH], Cmd: ['sh'] } }], { log, env });
    },
  };
}

/** An image with a single static program, like a distroless one: no shell, no libraries, no tools. */
async function goProgram(name: 'static' | 'pause', log: string): Promise<Recipe> {
  const source = join(import.meta.dirname, `${name}-program`, 'main.go');
  const go = await output('go', ['version'], { env: { GOCACHE: '/nonexistent' } });
  return {
    name: `image-${name}`,
    what: `Make the ${name} image`,
    inputs: ['1', go, await readFile(source, 'utf8')].join('\n'),
    make: async (folder, scratch, env) => {
      const root = join(scratch, 'root');
      for (const path of ['etc', 'tmp']) await mkdir(join(root, path), { recursive: true });
      await chmod(join(root, 'tmp'), 0o1777);
      await writeFile(join(root, 'etc', 'passwd'), PASSWD);
      await writeFile(join(root, 'etc', 'group'), GROUP);
      await run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', join(root, name), source], {
        log,
        cwd: scratch,
        env: {
          ...env,
          CGO_ENABLED: '0',
          GO111MODULE: 'off',
          TMPDIR: scratch,
          GOCACHE: join(scratch, 'go-cache'),
          GOPATH: join(scratch, 'go'),
        },
      });
      const config = { Env: [IMAGE_PATH], Entrypoint: [`/${name}`] };
      await writeImageLayout(folder, root, [{ names: [`localhost/${name}:1`], config }], { log, env });
    },
  };
}

/** A real Debian with bash, git and coreutils; once run as root and once as the user `app`. */
function debian(log: string): Recipe {
  const packages = ['bash', 'git', 'coreutils', 'ca-certificates', 'passwd'];
  return {
    name: 'image-debian',
    what: `Make the Debian image with debootstrap (about a minute, once; see ${log})`,
    inputs: ['1', 'bookworm', ...packages].join('\n'),
    make: async (folder, scratch, env) => {
      const root = join(scratch, 'root');
      await debootstrap(root, packages, { log, env: { ...(await aptProxy()), ...proxyEnvironment(), ...env } });
      for (const path of [
        'var/cache/apt',
        'var/lib/apt/lists',
        'usr/share/doc',
        'usr/share/man',
        'usr/share/locale',
        'var/log',
      ]) {
        await rm(join(root, path), { recursive: true, force: true });
        await mkdir(join(root, path), { recursive: true });
      }
      await appendFile(join(root, 'etc', 'passwd'), 'app:x:1000:1000:app:/home/app:/bin/bash\n');
      await appendFile(join(root, 'etc', 'group'), 'app:x:1000:\n');
      await mkdir(join(root, 'home', 'app'));
      await run('chown', ['1000:1000', join(root, 'home', 'app')], { log, env });
      const images = [
        { names: [`${LIBRARY}/debian:bookworm`], config: { Env: [IMAGE_PATH], Cmd: ['bash'] } },
        {
          names: [`${LIBRARY}/debian:app`],
          config: { Env: [IMAGE_PATH, 'GREETING=hello'], Cmd: ['bash'], User: 'app', WorkingDir: '/home/app' },
        },
      ];
      await writeImageLayout(folder, root, images, { log, env });
    },
  };
}

async function debootstrap(root: string, packages: readonly string[], { log, env }: Options): Promise<void> {
  await mkdir(dirname(root), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const args = [
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    `--keyring=${keyring}`,
    'bookworm',
    root,
    await debianMirror(),
  ];
  await run('debootstrap', args, {
    log,
    env,
    nice: true,
    next: 'Check the network and the Debian entries of /etc/apt/sources.list*.',
  });
}

/** The archive from which this machine installs Debian 12. */
async function debianMirror(): Promise<string> {
  const targets = await output('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(CODENAME)',
    'Created-By: Packages',
  ]);
  const mirror = targets.split('\n').flatMap((line) => /^(\S+) bookworm$/.exec(line)?.[1] ?? [])[0];
  if (mirror === undefined) {
    throw new ScriptError('No entry of /etc/apt/sources.list* names an archive of bookworm.', {
      next: 'Run: apt-get update',
    });
  }
  return mirror;
}

/** debootstrap downloads by itself and does not know of the proxy that apt is configured to use. */
async function aptProxy(): Promise<Record<string, string>> {
  const dump = await output('apt-config', ['dump', 'Acquire::http::Proxy']);
  const proxy = /^Acquire::http::Proxy "(.+)";$/m.exec(dump)?.[1];
  return proxy === undefined ? {} : { http_proxy: proxy };
}
