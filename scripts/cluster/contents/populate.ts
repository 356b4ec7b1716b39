/** Puts into a running cluster what tests expect there, and proves that it works. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../machine/command.ts';
import { apply, kubectlFor, type Kubectl } from '../kubectl.ts';
import { NAMES, type ClusterFile, type Layout } from '../layout.ts';
import { ACCOUNTS, CLAIMS, accounts, claims, isRecord, namespaces, tokenSecret, type TestClaim } from './objects.ts';
import { kubeconfig, writePrivate, type ClusterEntry } from '../pki.ts';
import { podSecurityPolicies } from './policies.ts';
import { ScriptError, step } from '../../machine/report.ts';

const DEPLOY = join(import.meta.dirname, '../../../deploy');

/** What differs between a cluster of ours and one that was given. */
export interface PopulateOptions {
  readonly kind: ClusterFile['kind'];
  /** Kubeconfig of an administrator. */
  readonly admin: string;
  readonly cluster: ClusterEntry;
  /** Folder on the node for the volumes. */
  readonly volumes: string;
  /** The label `kubernetes.io/hostname` of the node that has this folder, where there may be others. */
  readonly node?: string;
  readonly registry: ClusterFile['registry'];
}

/** Creates the objects, writes the kubeconfigs, runs a pod, and writes the file that tests read. */
export async function populate(at: Layout, options: PopulateOptions): Promise<ClusterFile> {
  const kubectl = kubectlFor(options.admin, at.state);
  const version = await serverVersion(kubectl);
  await step('Create namespaces, claims and accounts', async () => {
    const [roleYaml, credentialsYaml, claimYaml] = await Promise.all(
      ['role.yaml', 'image-credentials.yaml', 'claim.yaml'].map((name) => readFile(join(DEPLOY, name), 'utf8')),
    );
    await apply(kubectl, [
      ...(await missingNamespaces(kubectl)),
      ...(version.minor < 25 ? podSecurityPolicies() : []),
      ...claims(claimYaml ?? '', options.volumes, await missingClaims(kubectl), options.node),
      ...accounts(roleYaml ?? '', credentialsYaml ?? ''),
    ]);
    for (const account of ACCOUNTS) {
      const token = await accountToken(kubectl, account.namespace, account.name);
      const config = kubeconfig(options.cluster, account.name, { token }, account.namespace);
      await writePrivate(join(at.state, account.file), config);
    }
  });
  const file: ClusterFile = {
    kind: options.kind,
    version: version.text,
    adminKubeconfig: options.admin,
    userKubeconfig: join(at.state, 'tarmac.kubeconfig'),
    restrictedKubeconfig: join(at.state, 'restricted.kubeconfig'),
    nobodyKubeconfig: join(at.state, 'nobody.kubeconfig'),
    namespace: NAMES.namespace,
    restrictedNamespace: NAMES.restrictedNamespace,
    claim: NAMES.claim,
    registry: options.registry,
  };
  await step('Run a pod and exec in it', () => provePod(kubectlFor(file.userKubeconfig, at.state)));
  await writePrivate(at.file, `${JSON.stringify(file, null, 2)}\n`);
  return file;
}

/** The namespaces that the cluster does not have. One that it has stays as it is: it may be somebody's own. */
async function missingNamespaces(kubectl: Kubectl): Promise<unknown[]> {
  const names = namespaces().map(({ metadata }) => metadata.name);
  const found = await kubectl(['get', 'namespace', ...names, '--ignore-not-found', '--output=name']);
  const there = new Set(found.split('\n').map((line) => line.replace(/^namespace\//, '')));
  return namespaces().filter(({ metadata }) => !there.has(metadata.name));
}

/** The claims that the cluster does not have. One that it has stays as it is, with its volume. */
async function missingClaims(kubectl: Kubectl): Promise<readonly TestClaim[]> {
  const path = '{range .items[*]}{.metadata.namespace}/{.metadata.name} {end}';
  const found = await kubectl(['get', 'persistentvolumeclaims', '--all-namespaces', `--output=jsonpath=${path}`]);
  const there = new Set(found.split(' '));
  return CLAIMS.filter(({ namespace, name }) => !there.has(`${namespace}/${name}`));
}

/** The server's version; `minor` is the number after the first point. */
export async function serverVersion(kubectl: Kubectl): Promise<{ text: string; minor: number }> {
  const version: unknown = JSON.parse(await kubectl(['get', '--raw=/version']));
  if (!isRecord(version) || typeof version['gitVersion'] !== 'string' || typeof version['minor'] !== 'string') {
    throw new ScriptError('The server does not tell its version: is this a Kubernetes API server?');
  }
  return { text: version['gitVersion'], minor: Number.parseInt(version['minor'], 10) };
}

async function accountToken(kubectl: Kubectl, namespace: string, account: string): Promise<string> {
  return until(`the token of ${namespace}/${account}`, 180_000, async () => {
    const data = await kubectl([
      'get',
      'secret',
      tokenSecret(account),
      `--namespace=${namespace}`,
      '--output=jsonpath={.data.token}',
    ]);
    return data === '' ? undefined : Buffer.from(data, 'base64').toString();
  });
}

/** Only a command that answers from within a pod proves that scheduler, kubelet, images, network and exec work. */
async function provePod(kubectl: Kubectl): Promise<void> {
  const name = `cluster-check-${randomBytes(4).toString('hex')}`;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      containers: [
        {
          name: 'main',
          image: 'docker.io/library/busybox:latest',
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', '300'],
          volumeMounts: [{ name: 'claim', mountPath: '/claim' }],
        },
      ],
      volumes: [{ name: 'claim', persistentVolumeClaim: { claimName: NAMES.claim } }],
    },
  };
  await kubectl(['create', '--validate=false', '-f', '-'], JSON.stringify(pod));
  try {
    await until(`pod ${name} to answer`, 180_000, async () => {
      const answer = await kubectl([
        'exec',
        name,
        '--',
        'sh',
        '-c',
        'echo $((6 * 7)) > /claim/check && cat /claim/check && rm /claim/check',
      ]);
      return answer.trim() === '42' ? true : undefined;
    });
  } catch (error) {
    const state = await kubectl(['get', 'pod', name, '--output=jsonpath={.status}']).catch(String);
    const events = await kubectl(['get', 'events', `--field-selector=involvedObject.name=${name}`]).catch(String);
    throw new ScriptError(`The pod that is to prove the cluster does not run.\n${state}\n${events}`, { cause: error });
  } finally {
    await kubectl(['delete', 'pod', name, '--grace-period=0', '--force', '--wait=false']);
  }
}
