/** A shell in the pod of a run: while the task runs, and as long as its pod is kept after it. */
import { effectivePath, WORK_DIR } from '#concourse';
import { execIn, refOf } from '../pod/pod-shell.ts';
import { POD_LAYOUT, scriptCommand } from '../supervisor/layout.ts';
import { findRecord } from '../records/find-record.ts';
import { livingPod } from '../pod/living-pod.ts';
import type { RunnerContext, ShellRequest } from '../model/run.ts';

/** The exit code of the shell. Rejects with `RunFailureError` when the pod is gone. */
export async function openShell(run: string, request: ShellRequest, context: RunnerContext): Promise<number> {
  const pod = await livingPod(run, context);
  const record = await findRecord(run, context, pod);
  const dir = record?.dir === undefined ? WORK_DIR : effectivePath(record.dir, WORK_DIR);
  const { exitCode } = await execIn(context.cluster, refOf(pod), {
    container: 'main',
    command: scriptCommand(POD_LAYOUT, 'shell', dir, ...request.command),
    stdout: request.stdout,
    stderr: request.stderr,
    tty: request.tty,
    stdin: request.stdin,
    resize: request.resize,
    signal: request.signal,
  });
  return exitCode;
}
