/** A shell in the pod of a run: while the task runs, and as long as its pod is kept after it. */
import { failure as makeFailure } from '../failures/index.ts';
import { RunFailureError } from '../failures/types.ts';
import { effectivePath, WORK_DIR } from '../../../task/src/index.ts';
import { POD_LAYOUT, scriptCommand } from '../supervisor/layout.ts';
import { findRecord, noSuchRun } from './find-record.ts';
import { findRunPod } from './list.ts';
import { readRecord } from './record.ts';
import type { RunnerContext, ShellRequest } from './types.ts';

/** The exit code of the shell. Rejects with `RunFailureError` when the pod is gone. */
export async function openShell(run: string, request: ShellRequest, context: RunnerContext): Promise<number> {
  const pod = await findRunPod(run, context);
  const record = await findRecord(run, context, pod);
  if (!pod) {
    if (!(record ?? (await readRecord(context.stateDir, run)))) throw noSuchRun(run, context);
    throw new RunFailureError(
      makeFailure('pod-deleted', `The pod of run ${run} is gone`, {
        nextStep: 'Run the task again with --keep 30m: its pod then stays for half an hour after the command ended.',
      }),
    );
  }
  const dir = record?.dir === undefined ? WORK_DIR : effectivePath(record.dir, WORK_DIR);
  const { exitCode } = await context.cluster.exec({
    pod: pod.metadata?.name ?? '',
    container: 'main',
    command: scriptCommand(POD_LAYOUT, 'shell', dir, ...request.command),
    stdout: request.stdout,
    stderr: request.stderr,
    tty: request.tty,
    ...(request.stdin ? { stdin: request.stdin } : {}),
    ...(request.resize ? { resize: request.resize } : {}),
    ...(request.signal ? { signal: request.signal } : {}),
  });
  return exitCode;
}
