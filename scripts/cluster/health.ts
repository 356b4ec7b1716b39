/** Whether a cluster runs and answers. */
import { DAEMONS } from './local/components.ts';
import { readIfThere } from '../machine/command.ts';
import { kubectlFor } from './kubectl.ts';
import type { ClusterFile, Layout } from './layout.ts';
import { isRecord } from './contents/objects.ts';
import { isRunning, recordedDaemons } from '../machine/processes.ts';
import { serverVersion } from './contents/populate.ts';

/** What was found; a cluster is healthy when `problems` is empty. */
export interface Health {
  /** The description of a completed `up`. */
  readonly file: ClusterFile | undefined;
  /** Each daemon of a local cluster with its process id, or undefined when it does not run. */
  readonly daemons: readonly (readonly [name: string, pid: number | undefined])[];
  readonly problems: readonly string[];
}

/** Looks at the processes, asks the API server whether it is ready and whether the node is. */
export async function health(at: Layout): Promise<Health> {
  const file = parseClusterFile(await readIfThere(at.file));
  const problems: string[] = [];
  const daemons: (readonly [string, number | undefined])[] = [];
  if (file === undefined) problems.push('no completed `up`');
  if (file === undefined || file.kind === 'local') {
    daemons.push(...(await runningDaemons(at)));
    problems.push(...daemons.flatMap(([name, pid]) => (pid === undefined ? [`${name} does not run`] : [])));
  }
  if (file !== undefined && problems.length === 0) {
    const kubectl = kubectlFor(file.adminKubeconfig, at.state);
    try {
      await serverVersion(kubectl);
      if ((await readyNodes(kubectl)) === 0) problems.push('no node is ready');
      await kubectl([
        'auth',
        'can-i',
        'create',
        'pods',
        `--namespace=${file.namespace}`,
        `--as=system:serviceaccount:${file.namespace}:tarmac`,
      ]);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { file, daemons, problems };
}

/** Each daemon of a local cluster with its process id, or undefined when it does not run. */
export async function runningDaemons(at: Layout): Promise<(readonly [name: string, pid: number | undefined])[]> {
  const recorded = await recordedDaemons(at.state);
  return Promise.all(
    DAEMONS.map(async (name) => {
      const id = recorded.get(name);
      return [name, id !== undefined && (await isRunning(id)) ? id.pid : undefined] as const;
    }),
  );
}

/** How many of the nodes are ready. */
export async function readyNodes(kubectl: ReturnType<typeof kubectlFor>): Promise<number> {
  const path = '{.items[*].status.conditions[?(@.type=="Ready")].status}';
  const states = await kubectl(['get', 'nodes', `--output=jsonpath=${path}`]);
  return states.split(' ').filter((state) => state === 'True').length;
}

/** Reads what {@link ClusterFile} describes; a file that was cut short, or is an older version's, counts as none. */
export function parseClusterFile(text: string | undefined): ClusterFile | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const whole =
      isRecord(value) &&
      typeof value['adminKubeconfig'] === 'string' &&
      typeof value['kind'] === 'string' &&
      isRecord(value['registry']) &&
      typeof value['registry']['resource'] === 'string';
    return whole ? (value as unknown as ClusterFile) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
