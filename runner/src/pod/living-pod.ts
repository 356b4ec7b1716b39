/** The pod of a run, for those who want to look into it. */
import { ExecError } from '../cluster/exec/error.ts';
import type { Cluster, V1Pod } from '../cluster/types.ts';
import { failure } from '../failures/index.ts';
import { RunFailureError } from '../model/failure.ts';
import { shellIn, type PodRef } from './pod-shell.ts';
import { POD_LAYOUT, scriptCommand } from '../supervisor/layout.ts';
import { noSuchRun } from '../records/find-record.ts';
import { findRunPod, stateOfPod } from '../records/list.ts';
import { readRecord } from '../records/record.ts';
import type { RunnerContext } from '../model/run.ts';

/**
 * The pod, as long as its containers run.
 * @throws RunFailureError `pod-deleted` when it is gone or has ended, and when nobody knows the run
 */
export async function livingPod(run: string, context: RunnerContext): Promise<V1Pod> {
  const pod = await findRunPod(run, context);
  if (pod && stateOfPod(pod) !== 'ended') return pod;
  if (!pod && !(await readRecord(context.stateDir, run))) throw noSuchRun(run, context);
  throw new RunFailureError(
    failure('pod-deleted', pod ? `The pod of run ${run} has ended` : `The pod of run ${run} is gone`, {
      nextStep: 'Run the task again with --keep 30m: its pod then stays for half an hour after the command ended.',
    }),
  );
}

/**
 * Whether the task's container has been made, so that a command may have been started in it. The status tells of a started
 * container up to a second late; an exec knows at once. Rejects when the cluster does not answer.
 */
export async function hasMain(cluster: Cluster, pod: PodRef, signal: AbortSignal): Promise<boolean> {
  const there = await cluster.getPod(pod.name, signal);
  const main = there?.status?.containerStatuses?.find((container) => container.name === 'main');
  if (main?.state?.running || main?.state?.terminated) return true;
  try {
    await shellIn(cluster, pod, 'main').exec({ command: scriptCommand(POD_LAYOUT, 'alive'), signal });
    return true;
  } catch (error) {
    if (error instanceof ExecError && error.code === 'REFUSED') return false;
    throw error;
  }
}
