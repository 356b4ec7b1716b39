/**
 * How a run ends, whoever sees to it: the client that started it, one that took it up again, or one that finds it in the
 * store days later. What the exit record says is told the same way by all of them.
 */
import { formatBytes } from '../model/format.ts';
import type { Cluster } from '../cluster/types.ts';
import type { RunStatus } from '../model/events.ts';
import { outOfMemory, type RunFailure } from '../failures/index.ts';
import type { ExitRecord } from '../supervisor/frames.ts';
import type { RunEmitter } from './emitter.ts';
import { downloadAll, saveAll, type FinishOptions } from './finish.ts';
import { timeoutFailure } from './follow.ts';
import type { RunRecord } from '../records/record.ts';
import type { RunPod } from './start/run-pod.ts';

/** How the command's part of a run ended. */
export interface Outcome {
  readonly status: RunStatus;
  readonly exitCode?: number;
  readonly failure?: RunFailure;
}

/** What the exit record says, as far as a run's end depends on it. */
export type CommandExit = Pick<
  ExitRecord,
  'exitCode' | 'durationMs' | 'oomKills' | 'memoryLimit' | 'capped' | 'cancelled'
>;

/** The end of the command, told and not yet finished. */
export interface CommandEnd {
  readonly exit: CommandExit;
  /** Why it ended badly, beyond its exit code: its memory, its time. */
  readonly failure?: RunFailure;
}

/** Tells the end of the command: its code, what it needed too much of, and what of its output was cut. */
export async function tellEnd(
  exit: CommandExit,
  record: RunRecord,
  cluster: Cluster,
  emitter: RunEmitter,
): Promise<CommandEnd> {
  const { exitCode, durationMs, cancelled } = exit;
  const memory = exit.oomKills > 0 ? await memoryFailure(exit, record, cluster) : undefined;
  await emitter.emit({ type: 'command-ended', exitCode, durationMs, ...(memory ? { hint: memory.title } : {}) });
  for (const stream of exit.capped)
    await emitter.emit({ type: 'note', message: `the ${stream} of the command went beyond the limit and was cut` });
  // A process that the kernel killed and the command got over is a hint, and no failure.
  const failure = cancelled === 'timeout' ? timeoutFailure(record.timeoutMs) : exitCode === 0 ? undefined : memory;
  return { exit, ...(failure ? { failure } : {}) };
}

/** The pod says what its limit was in the words of the task file; where it is gone, the exit record knows the bytes. */
async function memoryFailure(exit: CommandExit, record: RunRecord, cluster: Cluster): Promise<RunFailure> {
  const pod = await cluster.getPod(record.pod).catch(() => undefined);
  if (pod) return outOfMemory(pod, 'main', { pod: record.pod });
  const limit = exit.memoryLimit === undefined ? {} : { limits: { memory: formatBytes(exit.memoryLimit) } };
  return outOfMemory({ spec: { containers: [{ name: 'main', resources: limit }] } }, 'main', { pod: record.pod });
}

/** Saves what the command left, downloads it, and keeps the pod where that was asked for. Tells what went wrong. */
export async function finishRun(
  end: CommandEnd,
  options: FinishOptions,
  pod: RunPod,
  keepMs: () => number,
  isAborted: () => boolean,
): Promise<Outcome> {
  const { record, emitter } = options;
  const { saved, failure: saveFailure } = await saveAll(options);
  record.saved = saved;
  const downloadFailure = await downloadAll(options, saved);
  // Whoever asked for an abort may have done so meanwhile, when nothing ran any more.
  const aborted = isAborted() || end.exit.cancelled === 'abort';
  if (keepMs() > 0 && !aborted) {
    const until = await pod.keep(keepMs());
    await emitter.emit({ type: 'pod-kept', pod: pod.name, until: until.toISOString() });
  }
  return await conclude(end, emitter, aborted, saveFailure ?? downloadFailure);
}

/** The outcome of a run whose command has ended; `lost` is why what it made is lost. Tells the failures. */
export async function conclude(
  end: CommandEnd,
  emitter: RunEmitter,
  aborted: boolean,
  lost?: RunFailure,
): Promise<Outcome> {
  const { exitCode, cancelled } = end.exit;
  for (const each of [lost, end.failure]) if (each) await emitter.emit({ type: 'failure', failure: each });
  const failure = end.failure ?? lost;
  const found = failure ? { failure } : {};
  if (aborted || cancelled === 'abort') return { status: 'aborted', exitCode, ...found };
  // As with fly, a task that was stopped for its time has no exit status of its own.
  if (cancelled === 'timeout') return { status: 'failed', ...found };
  if (exitCode !== 0) return { status: 'failed', exitCode, ...found };
  // The command succeeded, but what it made was lost: that is no success.
  return { status: failure ? 'errored' : 'succeeded', exitCode, ...found };
}
