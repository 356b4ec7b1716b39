/** Clusters that are not ours to build: one that TARMAC_TEST_KUBECONFIG names, and kind in Docker. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { basicEnvironment, output, run, until } from './command.ts';
import { cached } from './cache.ts';
import { imageRecipes } from './images.ts';
import { kubectlFor, type Kubectl } from './kubectl.ts';
import type { ClusterFile, Layout } from './layout.ts';
import { CLAIMS, isRecord, MADE_FOR_TESTS } from './objects.ts';
import { IMAGE_PACKAGES, ensurePackages } from './packages.ts';
import type { ClusterEntry } from './pki.ts';
import { populate } from './populate.ts';
import { ClusterError, say, step } from './report.ts';

/** Volumes on the node of a cluster that is not ours. */
const VOLUMES = '/var/tmp/tarmac-test-volumes';

/** A volume of limited size is a mount on the node, which only the local cluster can make. */
const CLAIMS_THERE = CLAIMS.filter((claim) => claim.size === undefined);

/** Uses a running cluster: creates the test's objects there and builds nothing. */
export async function useExternal(at: Layout, kubeconfig: string): Promise<ClusterFile> {
  await mkdir(at.state, { recursive: true });
  const admin = resolve(kubeconfig);
  const cluster = await step(`Reach the cluster of ${admin}`, () => clusterEntry(at, admin));
  await step('Make the folders of the volumes', () => makeVolumes(at, admin));
  return populate(at, { kind: 'external', admin, cluster, volumes: VOLUMES, claims: CLAIMS_THERE });
}

/**
 * The kubeconfig in TARMAC_TEST_KUBECONFIG.
 *
 * @returns undefined when none is named
 * @throws ClusterError when it is one of ours, which goes away with the cluster that is to make room for it
 */
export function externalKubeconfig(at: Layout): string | undefined {
  const path = process.env['TARMAC_TEST_KUBECONFIG'];
  if (path === undefined || path === '') return undefined;
  if (resolve(path).startsWith(`${at.state}/`)) {
    throw new ClusterError('TARMAC_TEST_KUBECONFIG names the local cluster, which is used anyway.', {
      next: 'Unset it.',
    });
  }
  return path;
}

/** Whether kind and a running Docker are there. */
export async function kindAvailable(): Promise<boolean> {
  try {
    await output('kind', ['version']);
    await output('docker', ['info'], { env: dockerEnvironment() });
    return true;
  } catch (error) {
    if (error instanceof ClusterError) return false;
    throw error;
  }
}

/** Creates a kind cluster, with a kubeconfig of its own, and loads the images into it. */
export async function startKind(at: Layout): Promise<ClusterFile> {
  if (!(await kindAvailable())) {
    throw new ClusterError('kind needs the program `kind` and a running Docker.', {
      next: 'Install them, or run `npm run cluster -- up` without --kind on Debian 12.',
    });
  }
  await mkdir(at.logs, { recursive: true });
  const log = join(at.logs, 'kind.log');
  const admin = join(at.state, 'admin.kubeconfig');
  const env = dockerEnvironment();
  await removeKind(at);
  await step('Create a kind cluster', () =>
    run('kind', ['create', 'cluster', '--name', at.network, '--kubeconfig', admin, '--wait', '2m'], { log, env }),
  );
  await ensurePackages('make images', IMAGE_PACKAGES, log);
  for (const recipe of await imageRecipes(log)) {
    const image = await cached(at.cache, recipe);
    await step(`Load ${recipe.name}`, async () => {
      const archive = join(at.state, 'image.tar');
      await run('tar', ['-C', image, '-cf', archive, '.'], { log });
      await run('kind', ['load', 'image-archive', archive, '--name', at.network], { log, env });
    });
  }
  const cluster = await clusterEntry(at, admin);
  await step('Make the folders of the volumes', () => makeVolumes(at, admin));
  return populate(at, { kind: 'kind', admin, cluster, volumes: VOLUMES, claims: CLAIMS_THERE });
}

/** Deletes the kind cluster, if there is one. */
export async function removeKind(at: Layout): Promise<void> {
  await run('kind', ['delete', 'cluster', '--name', at.network, '--kubeconfig', join(at.state, 'admin.kubeconfig')], {
    log: join(at.logs, 'kind.log'),
    env: dockerEnvironment(),
  });
}

/**
 * Removes from a given cluster what {@link useExternal} created. A namespace that was there before is somebody's own: it
 * may hold their artifacts, and stays.
 */
export async function leaveExternal(
  at: Layout,
  file: ClusterFile,
  kubectl: Kubectl = kubectlFor(file.adminKubeconfig, at.state),
): Promise<void> {
  const label = Object.entries(MADE_FOR_TESTS).map(([name, value]) => `${name}=${value}`);
  const names = await kubectl(['get', 'namespace', `--selector=${label.join(',')}`, '--output=name']);
  const made = names.split('\n').flatMap((line) => (line === '' ? [] : [line.replace(/^namespace\//, '')]));
  for (const name of [file.namespace, file.restrictedNamespace])
    if (!made.includes(name))
      say(`  Namespace ${name} was there before: it stays, with what the tests have put there.`);
  if (made.length === 0) return;
  // Waits until they are gone: a namespace that is just going away takes no new objects from the next `up`.
  const spaces = ['namespace', ...made];
  await kubectl(['delete', ...spaces, '--ignore-not-found', '--wait=false']);
  await until('the namespaces to go away', 180_000, async () => {
    const left = await kubectl(['get', ...spaces, '--ignore-not-found', '--output=name']);
    return left.trim() === '' ? true : undefined;
  });
  const volumes = CLAIMS_THERE.filter(({ folder, namespace }) => folder !== null && made.includes(namespace)).map(
    ({ namespace, name }) => `${namespace}-${name}`,
  );
  await kubectl(['delete', 'persistentvolume', ...volumes, '--ignore-not-found', '--wait=false']);
}

/** Makes the volumes' folders on the node, writable for pods that do not run as root, by a pod that does. */
async function makeVolumes(at: Layout, admin: string): Promise<void> {
  const kubectl = kubectlFor(admin, at.state);
  const folders = CLAIMS_THERE.flatMap(({ folder }) => (folder === null ? [] : `/volumes/${folder}`)).join(' ');
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tarmac-make-volumes', namespace: 'default' },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'main',
          image: 'docker.io/library/busybox:latest',
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-c', `mkdir -p ${folders} && chmod 0777 ${folders}`],
          volumeMounts: [{ name: 'volumes', mountPath: '/volumes' }],
        },
      ],
      volumes: [{ name: 'volumes', hostPath: { path: VOLUMES, type: 'DirectoryOrCreate' } }],
    },
  };
  const name = ['pod', pod.metadata.name, `--namespace=${pod.metadata.namespace}`];
  await kubectl(['delete', ...name, '--ignore-not-found', '--grace-period=0', '--force']);
  await kubectl(['create', '--validate=false', '-f', '-'], JSON.stringify(pod));
  try {
    await until('the pod that makes the volumes', 180_000, async () => {
      const phase = await kubectl(['get', ...name, '--output=jsonpath={.status.phase}']);
      return phase === 'Succeeded' ? true : undefined;
    });
  } finally {
    await kubectl(['delete', ...name, '--wait=false']);
  }
}

/** The `cluster` of a kubeconfig's current context, with certificates inlined. */
async function clusterEntry(at: Layout, kubeconfig: string): Promise<ClusterEntry> {
  const view = await kubectlFor(kubeconfig, at.state)(['config', 'view', '--minify', '--flatten', '--output=json']);
  const config: unknown = JSON.parse(view);
  const entry: unknown = isRecord(config) && Array.isArray(config['clusters']) ? config['clusters'][0] : undefined;
  if (!isRecord(entry) || !isRecord(entry['cluster'])) {
    throw new ClusterError(`${kubeconfig} has no current context with a cluster.`, {
      next: 'Set one with `kubectl config use-context`.',
    });
  }
  return entry['cluster'];
}

/** Docker's client finds its engine by these. */
function dockerEnvironment(): Record<string, string> {
  const names = ['DOCKER_HOST', 'DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY', 'PATH'];
  return {
    ...basicEnvironment(),
    ...Object.fromEntries(
      names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
  };
}
