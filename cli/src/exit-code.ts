/** What the process's exit code says, as `fly execute` says it (`fly/eventstream/render.go`, `fly/commands/execute.go`). */
import type { RunResult } from '#runner/model';

/** Wrong usage, a wrong task file, a cluster that cannot be used, an upload or a download that failed. */
export const usageExitCode = 1;
/** A second interrupt. */
export const secondInterruptExitCode = 2;

/**
 * succeeded 0; failed: the task's own code, else 1; errored 2, unless the task's code was seen; aborted 3. A transfer
 * that failed is 1 whatever the task said, since fly stops there. A task that succeeded but left something in the cluster
 * that could not be removed is 2: whoever pays for the cluster wants to know.
 */
export function runExitCode(result: Pick<RunResult, 'status' | 'exitCode' | 'failure'>): number {
  const { status, exitCode, failure } = result;
  if (status === 'aborted') return 3;
  if (failure?.kind === 'upload-failed' || failure?.kind === 'download-failed') return usageExitCode;
  if (status === 'succeeded') return failure ? 2 : 0;
  return exitCode || (status === 'failed' ? 1 : 2);
}
