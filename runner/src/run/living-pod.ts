/** The pod of a run, for those who want to look into it. */
import type { V1Pod } from '../cluster/types.ts';
import { failure } from '../failures/index.ts';
import { RunFailureError } from '../failures/types.ts';
import { noSuchRun } from './find-record.ts';
import { findRunPod, stateOfPod } from './list.ts';
import { readRecord } from './record.ts';
import type { RunnerContext } from './types.ts';

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
