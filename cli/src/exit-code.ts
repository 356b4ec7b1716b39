/** What the process's exit code says, as `fly execute` says it (`fly/eventstream/render.go`, `fly/commands/execute.go`). */
import { constants } from 'node:os';
import type { RunResult } from '../../runner/src/run/types.ts';

/** Wrong usage, a wrong task file, a cluster that cannot be used, an upload or a download that failed. */
export const usageExitCode = 1;
/** A second interrupt. */
export const secondInterruptExitCode = 2;

/**
 * succeeded 0; failed: the task's own code, else 1; errored 2, unless the task's code was seen; aborted 3. A transfer
 * that failed is 1 whatever the task said, since fly stops there.
 */
export function runExitCode(result: Pick<RunResult, 'status' | 'exitCode' | 'failure'>): number {
  const { status, exitCode, failure } = result;
  if (status === 'aborted') return 3;
  if (failure?.kind === 'upload-failed' || failure?.kind === 'download-failed') return usageExitCode;
  if (status === 'succeeded') return 0;
  return exitCode || (status === 'failed' ? 1 : 2);
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** What an exit code of a command usually means; undefined where only the command knows. */
export function exitCodeHint(code: number): string | undefined {
  if (code === 126)
    return 'exit status 126: the command was found but cannot be run (its executable bit, its interpreter or its architecture)';
  if (code === 127) return 'exit status 127: a command was not found (its path, or the image lacks it)';
  if (code <= 128 || code > 128 + 64) return undefined;
  const name = signalNames.get(code - 128);
  if (name === undefined) return undefined;
  const reason = name === 'SIGKILL' ? ', often because it used more memory than it may' : '';
  return `exit status ${code}: the command was ended by ${name}${reason}`;
}
