/**
 * Clusters in Docker, for people who are not root or not on Debian: kind, or else k3d. What is said to each of them is a
 * table; everything else is the same.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cached } from '../../machine/cache.ts';
import { basicEnvironment, output, proxyEnvironment, run } from '../../machine/command.ts';
import { imageRecipes } from '../build/images.ts';
import type { ClusterFile, Layout } from '../layout.ts';
import { IMAGE_PACKAGES, ensurePackages, isDebian } from '../../machine/packages.ts';
import { ScriptError, step } from '../../machine/report.ts';

/** A program that makes clusters in Docker. */
export type DockerTool = 'kind' | 'k3d';

/** What is said to a tool; `name` is the cluster's. */
interface Sayings {
  readonly version: readonly string[];
  create(name: string, kubeconfig: string): readonly string[];
  /** Prints the kubeconfig; absent where `create` writes it. */
  readonly kubeconfig?: (name: string) => readonly string[];
  load(name: string, archive: string): readonly string[];
  remove(name: string, kubeconfig: string): readonly string[];
}

/** In the order in which they are looked for. */
export const DOCKER_TOOLS: Readonly<Record<DockerTool, Sayings>> = {
  kind: {
    version: ['version'],
    create: (name, kubeconfig) => ['create', 'cluster', '--name', name, '--kubeconfig', kubeconfig, '--wait', '2m'],
    load: (name, archive) => ['load', 'image-archive', archive, '--name', name],
    remove: (name, kubeconfig) => ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig],
  },
  k3d: {
    version: ['version'],
    create: (name) => ['cluster', 'create', name, '--kubeconfig-update-default=false', '--wait', '--timeout', '2m'],
    kubeconfig: (name) => ['kubeconfig', 'get', name],
    load: (name, archive) => ['image', 'import', archive, '--cluster', name],
    remove: (name) => ['cluster', 'delete', name],
  },
};

/** Which cluster `up` makes. */
export type Wanted = ClusterFile['kind'];

/**
 * Chooses the cluster: what somebody asked for; else the one that runs; else one in Docker, where that is there; else the
 * one that is built here.
 *
 * @param external TARMAC_TEST_KUBECONFIG names a cluster
 * @param running the healthy cluster of a former `up`
 * @param tool gives the tool that could make one, if there is one
 */
export async function chooseCluster(
  asked: Exclude<Wanted, 'external'> | undefined,
  external: boolean,
  running: Wanted | undefined,
  tool: () => Promise<DockerTool | undefined>,
): Promise<Wanted> {
  if (external) return 'external';
  if (asked !== undefined) return asked;
  if (running !== undefined && running !== 'external') return running;
  return (await tool()) ?? 'local';
}

/** The first tool that is there, with a Docker that runs. */
export async function dockerTool(): Promise<DockerTool | undefined> {
  for (const tool of Object.keys(DOCKER_TOOLS) as DockerTool[]) if (await isAvailable(tool)) return tool;
  return undefined;
}

async function isAvailable(tool: DockerTool): Promise<boolean> {
  try {
    await output(tool, DOCKER_TOOLS[tool].version, { env: dockerEnvironment() });
    await output('docker', ['info'], { env: dockerEnvironment() });
    return true;
  } catch (error) {
    if (error instanceof ScriptError) return false;
    throw error;
  }
}

/**
 * Makes a cluster and loads the tests' images into it.
 *
 * @returns the path of the administrator's kubeconfig
 */
export async function startInDocker(at: Layout, tool: DockerTool): Promise<string> {
  if (!(await isAvailable(tool))) {
    throw new ScriptError(`A cluster in Docker needs the program \`${tool}\` and a running Docker.`, {
      next: 'Install and start them, or run `npm run cluster -- up --local` as root on Debian 12.',
    });
  }
  await mkdir(at.logs, { recursive: true });
  const say = DOCKER_TOOLS[tool];
  const log = join(at.logs, `${tool}.log`);
  const admin = adminKubeconfig(at);
  const env = dockerEnvironment();
  await removeFromDocker(at, tool);
  await step(`Create a ${tool} cluster`, () => run(tool, say.create(at.network, admin), { log, env }));
  if (say.kubeconfig) {
    await writeFile(admin, await output(tool, say.kubeconfig(at.network), { env }), { mode: 0o600 });
  }
  for (const image of await imageFolders(at, log)) {
    await step(`Load ${image}`, async () => {
      const archive = join(at.state, 'image.tar');
      await run('tar', ['-C', join(at.cache, image), '-cf', archive, '.'], { log });
      await run(tool, say.load(at.network, archive), { log, env });
    });
  }
  return admin;
}

/** Deletes the cluster of a tool, if there is one. */
export async function removeFromDocker(at: Layout, tool: DockerTool): Promise<void> {
  const args = DOCKER_TOOLS[tool].remove(at.network, adminKubeconfig(at));
  await run(tool, args, { log: join(at.logs, `${tool}.log`), env: dockerEnvironment() });
}

const adminKubeconfig = (at: Layout): string => join(at.state, 'admin.kubeconfig');

/** File in the cache folder in which `make-images.ts` says which folders it has made, one a line. */
export const IMAGE_LIST = 'images.list';

/** A Debian 12 with Node, to make images in where this machine cannot. */
const MAKER_IMAGE = 'node:24-bookworm';

/**
 * The folders with the tests' images, below the cache. They are made with Debian's tools as root: here, or in a container
 * where this is another system or somebody else.
 */
async function imageFolders(at: Layout, log: string): Promise<string[]> {
  if (process.getuid?.() === 0 && (await isDebian())) return makeImages(at.cache, log);
  await mkdir(at.cache, { recursive: true });
  const root = resolve(import.meta.dirname, '../../..');
  // By name only: their values may hold a password, and what is run stands in the log.
  const proxies = Object.keys(proxyEnvironment()).flatMap((name) => ['--env', name]);
  const owner = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const mounts = ['--volume', `${root}:/repository:ro`, '--volume', `${at.cache}:/cache`];
  const program = ['node', '/repository/scripts/cluster/build/make-images.ts', '/cache', owner];
  await step(`Make the images in a container (some minutes, once; see ${log})`, () =>
    // Privileged, because debootstrap mounts /proc for the packages that it sets up.
    run('docker', ['run', '--rm', '--privileged', ...mounts, ...proxies, MAKER_IMAGE, ...program], {
      log,
      env: { ...proxyEnvironment(), ...dockerEnvironment() },
    }),
  );
  return (await readFile(join(at.cache, IMAGE_LIST), 'utf8')).split('\n').filter((line) => line !== '');
}

/**
 * Makes the images here, as far as they are not there yet.
 *
 * @returns the names of their folders below the cache
 */
export async function makeImages(cache: string, log: string): Promise<string[]> {
  await ensurePackages('make images', IMAGE_PACKAGES, log);
  const folders: string[] = [];
  for (const recipe of await imageRecipes(log)) folders.push((await cached(cache, recipe)).slice(cache.length + 1));
  return folders;
}

/** Docker's client finds its engine by these. */
export function dockerEnvironment(): Record<string, string> {
  const names = ['DOCKER_HOST', 'DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY', 'PATH'];
  return {
    ...basicEnvironment(),
    ...Object.fromEntries(
      names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
  };
}
