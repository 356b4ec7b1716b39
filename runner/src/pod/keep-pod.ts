/** How long a pod stays after its command has ended, and changing that while it is there. */
import { ExecError } from '../cluster/exec/error.ts';
import type { Cluster, ExecResult } from '../cluster/types.ts';
import { refOf, shellIn, type PodRef } from './pod-shell.ts';
import { POD_LAYOUT, scriptCommand } from '../supervisor/layout.ts';
import { livingPod } from './living-pod.ts';
import type { RunnerContext } from '../model/run.ts';

/**
 * Keeps the pod of a run for so long from now, and after that as long as a shell is open in it. A pod cannot outlive the
 * deadline that it was made with, so the answer may be earlier than what was asked for.
 *
 * @param ms milliseconds
 * @returns until when the pod stays
 * @throws RunFailureError when the pod is gone
 */
export async function keepPod(run: string, ms: number, context: RunnerContext): Promise<Date> {
  const pod = await livingPod(run, context);
  await keepFor(context.cluster, refOf(pod), ms);
  const wanted = Date.now() + ms;
  const { startTime } = pod.status ?? {};
  const { activeDeadlineSeconds } = pod.spec ?? {};
  if (startTime === undefined || activeDeadlineSeconds === undefined) return new Date(wanted);
  return new Date(Math.min(wanted, new Date(startTime).getTime() + activeDeadlineSeconds * 1000));
}

/**
 * Tells the idle loops of a pod, through its helper; where that has ended, through `main`. Rejects when the pod does not
 * answer.
 */
export async function keepFor(cluster: Cluster, pod: PodRef, ms: number, signal?: AbortSignal): Promise<void> {
  const request = {
    command: scriptCommand(POD_LAYOUT, 'keep', String(Math.ceil(ms / 1000))),
    signal,
  };
  const ask = (container: string): Promise<ExecResult> => shellIn(cluster, pod, container).exec(request);
  const { exitCode } = await ask('artifact-helper').catch((error: unknown) => {
    if (error instanceof ExecError && error.code === 'REFUSED') return ask('main');
    throw error;
  });
  if (exitCode !== 0) {
    throw new Error(`Pod ${pod.name} could not be kept: the script in it ended with code ${exitCode}.`);
  }
}
