/** Where runs take place: the test cluster, with a claim for each run, whose files the checker reads itself. */
import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { output } from '../machine/command.ts';
import { apply, kubectlFor, type Kubectl } from '../cluster/kubectl.ts';
import { layout } from '../cluster/layout.ts';
import { claims } from '../cluster/contents/objects.ts';
import { volumeFolder } from '../cluster/local/start.ts';
import { root } from '../build/bundles.ts';
import { testCluster, type TestCluster } from '../../test/cluster/support/cluster.ts';

/** A claim of one run. */
export interface ChaosStore extends AsyncDisposable {
  readonly claim: string;
  /** Its files on this machine; absent where the cluster is another machine's. */
  readonly folder?: string;
}

/** The cluster as its administrator sees it. */
export class Field {
  readonly cluster: TestCluster;
  readonly admin: Kubectl;

  private constructor(cluster: TestCluster) {
    this.cluster = cluster;
    this.admin = kubectlFor(cluster.adminKubeconfig, layout(process.env).state);
  }

  static async open(): Promise<Field> {
    return new Field(await testCluster());
  }

  /** Whether the node is this machine: then claims are made, and containers can be killed from outside. */
  get isLocal(): boolean {
    return this.cluster.kind === 'local';
  }

  /** A new claim with a new volume; elsewhere one of those that are there. */
  async openStore(isSmall: boolean): Promise<ChaosStore> {
    const { namespace, claim: usual } = this.cluster;
    if (!this.isLocal) {
      return { claim: isSmall ? 'tarmac-small' : usual, [Symbol.asyncDispose]: () => Promise.resolve() };
    }
    const name = `chaos-${randomUUID().slice(0, 8)}`;
    const at = layout(process.env);
    const folder = volumeFolder(at, name);
    await using stack = new AsyncDisposableStack();
    await mkdir(folder, { recursive: true });
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    if (isSmall) {
      await output('mount', ['-t', 'tmpfs', '-o', 'size=8388608', 'tarmac-chaos', folder]);
      // A pod that is being ended may still hold it for a moment.
      stack.defer(async () => {
        await patiently(() => output('umount', [folder]));
      });
    }
    await chmod(folder, 0o777);
    const claimYaml = await readFile(join(root, 'deploy', 'claim.yaml'), 'utf8');
    stack.defer(async () => {
      await this.admin(['delete', 'persistentvolumeclaim', name, '-n', namespace, '--wait=false']);
      await this.admin(['delete', 'persistentvolume', `${namespace}-${name}`, '--wait=false']);
    });
    const made = claims(claimYaml, volumeFolder(at), [{ namespace, name, accessMode: 'ReadWriteMany', folder: name }]);
    await apply(this.admin, made);
    const owned = stack.move();
    return { claim: name, folder, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }

  /** Names of pods of these runs, and of pods that look into this claim. */
  async pods(runs: readonly string[], claim: string | undefined): Promise<PodFound[]> {
    const text = await this.admin(['get', 'pods', '-n', this.cluster.namespace, '-o', 'json']);
    const { items } = JSON.parse(text) as { items: PodFound[] };
    return items.filter(
      ({ metadata, spec }) =>
        runs.includes(metadata.labels?.['tarmac/run'] ?? '') ||
        (claim !== undefined && spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === claim)),
    );
  }

  /** Kills a container with the container runtime's own tool. */
  async killContainer(containerID: string): Promise<void> {
    const id = containerID.replace(/^\w+:\/\//, '');
    const { containerd } = layout(process.env);
    await output('ctr', ['-a', containerd, '-n', 'k8s.io', 'tasks', 'kill', '-s', 'SIGKILL', id]);
  }
}

/** A pod, as far as it matters here. */
export interface PodFound {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
  };
  readonly status?: {
    readonly containerStatuses?: readonly ContainerFound[];
    readonly initContainerStatuses?: readonly ContainerFound[];
  };
}

interface ContainerFound {
  readonly name: string;
  readonly containerID?: string;
  readonly state?: { readonly running?: object };
}

/** What is wrong with a store: read without the runner's code. */
export async function storeFaults(folder: string): Promise<string[]> {
  const base = join(folder, 'tarmac', 'v1');
  const names = await readdir(base, { recursive: true }).catch(() => []);
  const faults: string[] = [];
  for (const name of names) {
    const path = join(base, name);
    if (!(await stat(path)).isFile()) continue;
    const [kind = '', ...rest] = name.split('/');
    if (kind === 'tmp') faults.push(`temporary file ${name}`);
    if (kind === 'packs') {
      const digest = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      if (rest.at(-1) !== `${digest}.tar`) faults.push(`archive ${name} has the digest ${digest}`);
    }
    if (kind === 'trees' || kind === 'outputs' || kind === 'caches') {
      const text = await readFile(path, 'utf8');
      if (!text.startsWith('tarmac-manifest 1\n') || !text.endsWith('\nend\n')) faults.push(`manifest ${name} is cut`);
      for (const [, sha = '', size] of text.matchAll(/^pack (\w+) (\d+) tar$/gm)) {
        const pack = join(base, 'packs', sha.slice(0, 2), `${sha}.tar`);
        // One that is not there is told below, as one that is cut.
        const found = await stat(pack).catch(() => undefined);
        if (found?.size !== Number(size)) faults.push(`manifest ${name} names ${sha}, which is not there`);
      }
    }
  }
  return faults;
}

/** Repeats what fails while something is still held, for half a minute. */
export async function patiently<T>(work: () => Promise<T>, ms = 30_000): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}
