/** Running commands in a container of one certain pod, and in no other that happens to have its name. */
import { ExecError } from '../cluster/exec/error.ts';
import type { ByteSink, Cluster, ExecRequest, ExecResult, V1Pod } from '../cluster/types.ts';
import { shellWhenInstalled } from '../store/programs.ts';
import type { StoreShell } from '../store/types.ts';
import { otherPodExitCode, otherPodWords } from '../supervisor/other-pod.ts';
import { POD_LAYOUT, commandIn, type PodLayout } from '../supervisor/layout.ts';

/** A pod, told apart from all others of the same name. */
export interface PodRef {
  readonly name: string;
  readonly uid: string;
}

/** The pod that an object of the API describes. */
export function refOf(pod: V1Pod): PodRef {
  return { name: pod.metadata?.name ?? '', uid: pod.metadata?.uid ?? '' };
}

export interface ShellOptions {
  readonly layout?: PodLayout;
  /** The container's installer may still be at work: each command waits for it. */
  readonly installing?: boolean;
}

/**
 * A shell in a container of a pod. An empty command only proves that the pod is reached.
 *
 * @returns a shell whose `exec` rejects with `ExecError` OTHER_POD when it came to another pod of the same name, or to one
 * whose tools are not in place yet: nothing was done then, and the same may be asked again
 */
export function shellIn(
  cluster: Pick<Cluster, 'exec'>,
  pod: PodRef,
  container: string,
  options: ShellOptions = {},
): StoreShell {
  const { layout = POD_LAYOUT, installing = false } = options;
  const raw: StoreShell = { exec: (request) => cluster.exec({ ...request, pod: pod.name, container }) };
  const shell = installing ? shellWhenInstalled(raw, layout) : raw;
  return {
    exec: (request) =>
      proven({ ...request, command: commandIn(layout, pod.uid, request.command) }, (each) => shell.exec(each), pod),
  };
}

/** As `shellIn`, for a terminal or whatever else an exec can have. */
export function execIn(
  cluster: Pick<Cluster, 'exec'>,
  pod: PodRef,
  request: Omit<ExecRequest, 'pod'>,
): Promise<ExecResult> {
  const command = commandIn(POD_LAYOUT, pod.uid, request.command);
  return proven({ ...request, pod: pod.name, command }, (each) => cluster.exec(each), pod);
}

/** As much of the first line of stderr as tells whose it is. */
const enough = 256;

async function proven<R extends Pick<ExecRequest, 'stdout' | 'stderr' | 'tty'>>(
  request: R,
  exec: (request: R) => Promise<ExecResult>,
  pod: PodRef,
): Promise<ExecResult> {
  let said = '';
  const overhear =
    (sink: ByteSink | undefined): ByteSink =>
    (chunk) => {
      if (said.length < enough) said += Buffer.from(chunk.subarray(0, enough)).toString();
      return sink?.(chunk);
    };
  // A terminal has one stream of output.
  const heard = request.tty ? { stdout: overhear(request.stdout) } : { stderr: overhear(request.stderr) };
  const result = await exec({ ...request, ...heard });
  if (result.exitCode !== otherPodExitCode || !said.startsWith(otherPodWords)) return result;
  const words = said.slice(otherPodWords.length).trim();
  throw new ExecError('OTHER_POD', `exec in pod ${pod.name}: it came to another pod: ${words}`);
}
