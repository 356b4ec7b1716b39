/** Clusters that are not ours to build: one that TARMAC_TEST_KUBECONFIG names, or one in Docker. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { until } from '../../machine/command.ts';
import { startInDocker, type DockerTool } from './docker-tools.ts';
import { kubectlFor, type Kubectl } from '../kubectl.ts';
import type { ClusterFile, Layout } from '../layout.ts';
import { CLAIMS, isRecord, MADE_FOR_TESTS, type TestClaim } from '../contents/objects.ts';
import type { ClusterEntry } from '../pki.ts';
import { populate } from '../contents/populate.ts';
import { ScriptError, say, step } from '../../machine/report.ts';
import { startSmallRegistry, stopSmallRegistry } from './small-registry.ts';

/** Volumes on the node of a cluster that is not ours. */
const VOLUMES = '/var/tmp/tarmac-test-volumes';

/** Uses a running cluster: creates the test's objects there and builds nothing. */
export async function useExternal(at: Layout, kubeconfig: string): Promise<ClusterFile> {
  await mkdir(at.state, { recursive: true });
  const admin = resolve(kubeconfig);
  const cluster = await step(`Reach the cluster of ${admin}`, () => clusterEntry(at, admin));
  return furnish(at, { kind: 'external', admin, cluster });
}

/**
 * The kubeconfig in TARMAC_TEST_KUBECONFIG.
 *
 * @returns undefined when none is named
 * @throws ScriptError when it is one of ours, which goes away with the cluster that is to make room for it
 */
export function externalKubeconfig(at: Layout): string | undefined {
  const path = process.env['TARMAC_TEST_KUBECONFIG'];
  if (path === undefined || path === '') return undefined;
  if (resolve(path).startsWith(`${at.state}/`)) {
    throw new ScriptError('TARMAC_TEST_KUBECONFIG names the local cluster, which is used anyway.', {
      next: 'Unset it.',
    });
  }
  return path;
}

/** Makes a cluster in Docker, and in it what the tests need. */
export async function useDocker(at: Layout, tool: DockerTool): Promise<ClusterFile> {
  const admin = await startInDocker(at, tool);
  return furnish(at, { kind: tool, admin, cluster: await clusterEntry(at, admin) });
}

/** Makes there what the cluster of `up` has: folders for the volumes, one of them small, and a registry with a password. */
async function furnish(
  at: Layout,
  given: { readonly kind: 'external' | DockerTool; readonly admin: string; readonly cluster: ClusterEntry },
): Promise<ClusterFile> {
  const kubectl = kubectlFor(given.admin, at.state);
  const nodes = await nodesOf(kubectl);
  const [node] = nodes;
  if (node === undefined) throw new ScriptError('The cluster has no node that takes pods.');
  await step('Make the folders of the volumes', () => onNode(kubectl, node, MAKE_VOLUMES));
  const registry = await step('Start a private registry', () => startSmallRegistry(kubectl, nodes));
  const label = '--output=jsonpath={.metadata.labels.kubernetes\\.io/hostname}';
  const hostname = await kubectl(['get', 'node', node, label]);
  return populate(at, { ...given, volumes: VOLUMES, node: hostname, registry });
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
  for (const name of [file.namespace, file.restrictedNamespace]) {
    if (!made.includes(name)) {
      say(`  Namespace ${name} was there before: it stays, with what the tests have put there.`);
    }
  }
  if (made.length === 0) return;
  // Waits until they are gone: a namespace that is just going away takes no new objects from the next `up`.
  const spaces = ['namespace', ...made];
  await kubectl(['delete', ...spaces, '--ignore-not-found', '--wait=false']);
  await until('the namespaces to go away', 180_000, async () => {
    const left = await kubectl(['get', ...spaces, '--ignore-not-found', '--output=name']);
    return left.trim() === '' ? true : undefined;
  });
  const volumes = CLAIMS.filter(({ folder, namespace }) => folder !== null && made.includes(namespace)).map(
    ({ namespace, name }) => `${namespace}-${name}`,
  );
  await kubectl(['delete', 'persistentvolume', ...volumes, '--ignore-not-found', '--wait=false']);
  await stopSmallRegistry(kubectl);
  const [node] = await nodesOf(kubectl);
  if (node !== undefined) await onNode(kubectl, node, REMOVE_VOLUMES);
}

/** The nodes that take pods, by their names, in a fixed order: the first has the volumes. */
async function nodesOf(kubectl: Kubectl): Promise<string[]> {
  const path = '{range .items[*]}{.metadata.name}{"\\t"}{.spec.unschedulable}{.spec.taints[*].effect}{"\\n"}{end}';
  const lines = (await kubectl(['get', 'nodes', `--output=jsonpath=${path}`])).split('\n');
  return lines.flatMap((line) => /^(\S+)\t(?!.*(?:true|NoSchedule|NoExecute))/.exec(line)?.[1] ?? []).sort();
}

const hasFolder = (claim: TestClaim): boolean => claim.folder !== null;

/** On the node: a folder for each volume that pods may write who do not run as root; a small one is a mount. */
const MAKE_VOLUMES = CLAIMS.filter(hasFolder)
  .map(({ folder, size }) => {
    const path = `${VOLUMES}/${folder ?? ''}`;
    const mount = `mountpoint -q ${path} || mount -t tmpfs -o size=${size ?? 0} tarmac-small ${path}`;
    return [`mkdir -p ${path}`, ...(size === undefined ? [] : [mount]), `chmod 0777 ${path}`].join('\n');
  })
  // Other accounts of the node do not come this far.
  .concat(`chmod 0700 ${VOLUMES}`)
  .join('\n');

/** The same taken away. A mount that stays ends the script before anything is removed through it. */
const REMOVE_VOLUMES = CLAIMS.filter(({ size }) => size !== undefined)
  .map(({ folder }) => `while mountpoint -q ${VOLUMES}/${folder ?? ''}; do umount -l ${VOLUMES}/${folder ?? ''}; done`)
  .concat(`rm -rf ${VOLUMES}`)
  .join('\n');

/** Runs a script as the administrator of a node: in a privileged pod, and in the node's own view of its files. */
async function onNode(kubectl: Kubectl, node: string, script: string): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tarmac-make-volumes', namespace: 'default' },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      hostPID: true,
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'main',
          image: 'docker.io/library/busybox:latest',
          imagePullPolicy: 'IfNotPresent',
          // What the kubelet sees is what it mounts into pods. Where it is part of another program, that of the first process.
          command: ['sh', '-c', 'set -- $(pidof kubelet); exec nsenter -t "${1:-1}" -m -- sh -c "$SCRIPT"'],
          env: [{ name: 'SCRIPT', value: `set -e\n${script}` }],
          securityContext: { privileged: true },
        },
      ],
    },
  };
  const name = ['pod', pod.metadata.name, `--namespace=${pod.metadata.namespace}`];
  await kubectl(['delete', ...name, '--ignore-not-found', '--grace-period=0', '--force']);
  await kubectl(['create', '--validate=false', '-f', '-'], JSON.stringify(pod));
  try {
    const phase = await until('the pod that works on the node', 180_000, async () => {
      const now = await kubectl(['get', ...name, '--output=jsonpath={.status.phase}']);
      return now === 'Succeeded' || now === 'Failed' ? now : undefined;
    });
    if (phase === 'Failed') {
      const log = await kubectl(['logs', pod.metadata.name, `--namespace=${pod.metadata.namespace}`]).catch(String);
      throw new ScriptError(`The node ${node} does not do what the administrator asks of it:\n${log.trim()}`, {
        next: 'The tests need a node with sh, mount and umount, and a namespace `default` that allows privileged pods.',
      });
    }
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
    throw new ScriptError(`${kubeconfig} has no current context with a cluster.`, {
      next: 'Set one with `kubectl config use-context`.',
    });
  }
  return entry['cluster'];
}
