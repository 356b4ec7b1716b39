/**
 * Which cluster, user and namespace: found as kubectl finds them (client-go `tools/clientcmd/loader.go`, and
 * "Organizing Cluster Access Using kubeconfig Files" in the Kubernetes documentation).
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { KubeconfigError, errorCode } from '../errors.ts';
import { errorText } from '../../model/format.ts';
import {
  parseKubeconfig,
  type ClusterEntry,
  type ContextEntry,
  type Kubeconfig,
  type UserEntry,
} from './kubeconfig-file.ts';
import { didYouMean } from '#concourse';
import type { ClusterTarget } from '../types.ts';

/** What a person or a setting says about the cluster to use. */
export interface KubeconfigOptions {
  /** Explicit files: they must exist, and `KUBECONFIG` is not asked. A leading `~/` is the home directory. */
  readonly kubeconfig?: string | readonly string[] | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
  /** Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the user's home directory. */
  readonly home?: string | undefined;
  /** Where a pod finds its service account. */
  readonly serviceAccountDir?: string | undefined;
}

/** One way to one cluster. */
export interface SelectedCluster {
  readonly target: ClusterTarget;
  readonly cluster: ClusterEntry;
  readonly user: UserEntry;
  /** The files that were read, for messages. */
  readonly files: readonly string[];
}

const noUser: UserEntry = { impersonate: { groups: [], extra: {} } };

/** Kubelet mounts the service account's token here in every pod that wants one. */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The cluster that kubectl would talk to with the same options and environment.
 * @throws {KubeconfigError}
 */
export async function selectCluster(options: KubeconfigOptions = {}): Promise<SelectedCluster> {
  const env = options.env ?? process.env;
  const { config, files } = await loadKubeconfig(options);
  if (config.contexts.size === 0 && config.clusters.size === 0) {
    if (options.context === undefined && env['KUBERNETES_SERVICE_HOST']) return await inCluster(options, env);
    const searched = files.length === 0 ? candidates(options).files : files;
    throw new KubeconfigError(
      'NOT_FOUND',
      `There is no kubeconfig that names a cluster (searched: ${searched.join(', ')}).`,
      'Create one with your cluster’s tool, or set KUBECONFIG or the kubeconfig setting to its path.',
    );
  }
  return choose(config, options, files);
}

/**
 * Reads and merges the files. For each name, and for `current-context`, the first file that has it wins.
 * @throws {KubeconfigError} UNREADABLE, INVALID; NOT_FOUND when an explicitly named file does not exist
 */
export async function loadKubeconfig(
  options: KubeconfigOptions = {},
): Promise<{ readonly config: Kubeconfig; readonly files: readonly string[] }> {
  const { files, explicit } = candidates(options);
  const found: string[] = [];
  const parts: Kubeconfig[] = [];
  for (const file of files) {
    const text = await read(file, explicit);
    if (text === undefined) continue;
    found.push(file);
    parts.push(parseKubeconfig(text, file));
  }
  return { config: merge(parts), files: found };
}

/** The files that count, in order, each once. */
function candidates(options: KubeconfigOptions): { readonly files: string[]; readonly explicit: boolean } {
  const home = options.home ?? homedir();
  const given = [options.kubeconfig ?? []].flat().filter((path) => path !== '');
  const listed = ((options.env ?? process.env)['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  const paths = given.length > 0 ? given : listed.length > 0 ? listed : [join(home, '.kube', 'config')];
  const absolute = paths.map((path) => resolve(path.replace(/^~(?=[/\\]|$)/u, () => home)));
  return { files: [...new Set(absolute)], explicit: given.length > 0 };
}

/** The text; undefined where a file that need not exist does not. */
async function read(file: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const missing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
    if (missing && !mustExist) return undefined;
    throw missing
      ? new KubeconfigError('NOT_FOUND', `The kubeconfig ${file} does not exist.`, 'Correct its path.', file, error)
      : new KubeconfigError(
          'UNREADABLE',
          `The kubeconfig ${file} cannot be read: ${errorText(error)}.`,
          'Check the path and its permissions.',
          file,
          error,
        );
  }
}

function merge(parts: readonly Kubeconfig[]): Kubeconfig {
  const current = parts.find((part) => part.currentContext !== undefined)?.currentContext;
  return {
    ...(current === undefined ? {} : { currentContext: current }),
    contexts: firstWins(parts.map((part) => part.contexts)),
    clusters: firstWins(parts.map((part) => part.clusters)),
    users: firstWins(parts.map((part) => part.users)),
  };
}

function firstWins<T>(maps: readonly ReadonlyMap<string, T>[]): Map<string, T> {
  return new Map(maps.toReversed().flatMap((map) => [...map]));
}

function choose(config: Kubeconfig, options: KubeconfigOptions, files: readonly string[]): SelectedCluster {
  const where = files.join(', ');
  const names = [...config.contexts.keys()].sort();
  const name = options.context ?? config.currentContext;
  if (name === undefined) {
    throw new KubeconfigError(
      'NO_CONTEXT',
      `No context is current in ${where}.`,
      `Choose one of: ${names.join(', ')}; or run \`kubectl config use-context <name>\`.`,
    );
  }
  const context = config.contexts.get(name);
  if (context === undefined) {
    const guess = didYouMean(name, names);
    const existing = names.length === 0 ? 'It has no contexts.' : `Existing contexts: ${names.join(', ')}.`;
    throw new KubeconfigError(
      'UNKNOWN_CONTEXT',
      `The context "${name}" does not exist in ${where}.`,
      guess === undefined ? existing : `Did you mean "${guess}"? ${existing}`,
    );
  }
  const cluster = existing(config.clusters, context.cluster, 'cluster', name, where);
  const server = checkedServer(cluster.server, context, where);
  const user = context.user === undefined ? noUser : existing(config.users, context.user, 'user', name, where);
  const namespace = options.namespace ?? context.namespace ?? 'default';
  return { target: { context: name, server, namespace }, cluster, user, files };
}

function existing<T>(map: ReadonlyMap<string, T>, name: string, kind: string, context: string, where: string): T {
  const value = map.get(name);
  if (value !== undefined) return value;
  const guess = didYouMean(name, [...map.keys()]);
  const known = map.size === 0 ? `there are no ${kind}s` : `existing: ${[...map.keys()].sort().join(', ')}`;
  throw new KubeconfigError(
    'DANGLING',
    `The context "${context}" names the ${kind} "${name}", which does not exist in ${where} (${known}).`,
    guess === undefined ? `Add the ${kind} or correct the context.` : `Did you mean "${guess}"?`,
  );
}

/** The server's URL without a trailing slash; a bare `host:port` is http, as for kubectl. */
function checkedServer(server: string, context: ContextEntry, where: string): string {
  const text = /^[a-z]+:\/\//iu.test(server) ? server : `http://${server}`;
  if (server === '' || !URL.canParse(text) || !/^https?:$/u.test(new URL(text).protocol)) {
    throw new KubeconfigError(
      'INVALID',
      `The cluster "${context.cluster}" in ${where} has no valid server URL.`,
      'Set its `server` to the https:// address of the API server.',
    );
  }
  return text.replace(/\/+$/u, '');
}

/** The cluster whose pod we run in: the service account that every pod is given. */
async function inCluster(
  options: KubeconfigOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SelectedCluster> {
  const dir = options.serviceAccountDir ?? serviceAccount;
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  const namespace = options.namespace ?? (await read(join(dir, 'namespace'), false))?.trim() ?? 'default';
  if ((await read(join(dir, 'token'), false)) === undefined) {
    throw new KubeconfigError(
      'NOT_FOUND',
      `There is no kubeconfig, and this pod has no service account token in ${dir}.`,
      'Set KUBECONFIG, or give the pod a service account (automountServiceAccountToken).',
    );
  }
  return {
    target: { context: 'in-cluster', server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, namespace },
    cluster: { server: '', caFile: join(dir, 'ca.crt'), insecureSkipTlsVerify: false },
    user: { ...noUser, tokenFile: join(dir, 'token') },
    files: [],
  };
}
