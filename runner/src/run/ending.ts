/**
 * How a run ends, whoever sees to it: the client that started it, one that took it up again, or one that finds it in the
 * store days later. Its failures, its status, its record and its last event come from here and from nowhere else.
 */
import type { Cluster } from '../cluster/types.ts';
import { outOfMemory, type RunFailure } from '../failures/index.ts';
import { spanNames, type RunStatus } from '../model/events.ts';
import { formatBytes } from '../model/format.ts';
import type { RunnerContext, RunResult } from '../model/run.ts';
import { wasAborted } from '../records/abort-mark.ts';
import type { RunRecord } from '../records/record.ts';
import type { RunFiles } from '../records/run-files.ts';
import { tidy } from '../records/tidy.ts';
import type { ExitRecord } from '../supervisor/frames.ts';
import { asFailure } from './as-failure.ts';
import type { RunEmitter, Span } from './emitter.ts';
import { downloadAll, saveAll, type FinishOptions } from './finish.ts';
import { timeoutFailure } from './follow.ts';
import { removePods } from './remove-pods.ts';
import type { RunSignals } from './run-signals.ts';
import type { RunPod } from './start/run-pod.ts';

/** How a run ended, before it is cleaned up and told. */
export interface RunOutcome {
  readonly status: RunStatus;
  readonly exitCode?: number | undefined;
  readonly failure?: RunFailure | undefined;
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
  readonly failure?: RunFailure | undefined;
}

/** Where the command left its outputs: in the run's own pod, or in the claim that another pod looks into. */
export type Leavings = Pick<FinishOptions, 'store' | 'helper' | 'pod'>;

/** What a run's end depends on. */
export interface EndingOptions {
  readonly context: RunnerContext;
  readonly record: RunRecord;
  readonly emitter: RunEmitter;
  readonly files: RunFiles;
  readonly signals: RunSignals;
  /** Whether this client sees to the end of the run: then the record is its to write. */
  readonly isOwner: () => boolean;
  /** Whether the run goes on without this client, which was told to leave it. */
  readonly isLeft: () => boolean;
}

/** What is to be done when a run has ended. */
export interface CleanUp {
  /** Pods to remove; asked for when the run has ended. */
  readonly pods: () => readonly RunPod[] | Promise<readonly RunPod[]>;
  /** The span of the whole run, ended here. */
  readonly total?: Span | undefined;
  readonly durationMs: () => number;
  /** Payload bytes that were sent for inputs. */
  readonly sent?: number;
}

/** Sees to the end of one run. */
export class RunEnding {
  readonly #options: EndingOptions;
  #keepMs: number;

  constructor(options: EndingOptions) {
    this.#options = options;
    this.#keepMs = options.record.keepMs;
  }

  /** The pod stays for at least so long after the command has ended. */
  keep(ms: number): void {
    this.#keepMs = Math.max(this.#keepMs, ms);
  }

  /** Tells the end of the command: its code, what it needed too much of, and what of its output was cut. */
  async tellCommandEnd(exit: CommandExit): Promise<CommandEnd> {
    const { emitter, record, context } = this.#options;
    const { exitCode, durationMs, cancelled } = exit;
    const memory = exit.oomKills > 0 ? await memoryFailure(exit, record, context.cluster) : undefined;
    await emitter.emit({ type: 'command-ended', exitCode, durationMs, ...(memory ? { hint: memory.title } : {}) });
    for (const stream of exit.capped) {
      await emitter.emit({ type: 'note', message: `the ${stream} of the command went beyond the limit and was cut` });
    }
    // A process that the kernel killed and the command got over is a hint, and no failure.
    const failure = cancelled === 'timeout' ? timeoutFailure(record.timeoutMs) : exitCode === 0 ? undefined : memory;
    return { exit, failure };
  }

  /** Saves what the command left, downloads it, and keeps the pod where that was asked for. */
  async finish(end: CommandEnd, pod: RunPod, leavings: Leavings, parent: Span): Promise<RunOutcome> {
    const { record, emitter } = this.#options;
    const options = this.#finishOptions(leavings, parent);
    const { saved, failure: saveFailure } = await saveAll(options);
    record.saved = saved;
    const downloadFailure = await downloadAll(options, saved);
    // Whoever asked for an abort may have done so meanwhile, when nothing ran any more.
    if (this.#keepMs > 0 && !this.#isAborted(end)) {
      const until = await pod.keep(this.#keepMs);
      await emitter.emit({ type: 'pod-kept', pod: pod.name, until: until.toISOString() });
    }
    return await this.conclude(end, saveFailure ?? downloadFailure);
  }

  /** As `finish`, for what the helper has saved by itself. */
  async finishSaved(
    end: CommandEnd,
    saved: NonNullable<RunRecord['saved']>,
    leavings: Leavings,
    parent: Span,
  ): Promise<RunOutcome> {
    this.#options.record.saved = saved;
    return await this.conclude(end, await downloadAll(this.#finishOptions(leavings, parent), saved));
  }

  /** The outcome of a run whose command has ended; `lost` is why what it made is lost. Tells the failures. */
  async conclude(end: CommandEnd, lost?: RunFailure): Promise<RunOutcome> {
    const { exitCode, cancelled } = end.exit;
    for (const each of [lost, end.failure]) {
      if (each) await this.#options.emitter.emit({ type: 'failure', failure: each });
    }
    const failure = end.failure ?? lost;
    if (this.#isAborted(end)) return { status: 'aborted', exitCode, failure };
    // As with fly, a task that was stopped for its time has no exit status of its own.
    if (cancelled === 'timeout') return { status: 'failed', failure };
    if (exitCode !== 0) return { status: 'failed', exitCode, failure };
    // The command succeeded, but what it made was lost: that is no success.
    return { status: failure ? 'errored' : 'succeeded', exitCode, failure };
  }

  /** The outcome of a run that something else than its command has ended. Undefined: it goes on without us. */
  async broken(error: unknown): Promise<RunOutcome | undefined> {
    const { signals, context, record, emitter, isLeft } = this.#options;
    if (isLeft()) return undefined;
    const isAborted = signals.abort.aborted || signals.stop.aborted;
    if (isAborted || (await wasAborted(context.stateDir, record.run))) return { status: 'aborted' };
    const failure = asFailure(error);
    await emitter.emit({ type: 'failure', failure });
    return { status: failure.kind === 'deadline-exceeded' ? 'failed' : 'errored', failure };
  }

  /**
   * Removes what the run has in the cluster, writes down how it ended, and tells it. Never rejects.
   *
   * @param outcome undefined when the run goes on without us: then only what this client had open is closed
   */
  async end(outcome: RunOutcome | undefined, cleanUp: CleanUp): Promise<RunResult> {
    const { record, emitter, files, isOwner } = this.#options;
    const ended = outcome && (await this.#cleanUp(outcome, cleanUp));
    const status = ended?.status ?? 'succeeded';
    cleanUp.total?.end(status === 'succeeded' ? 'ok' : status === 'aborted' ? 'aborted' : 'failed');
    const { exitCode } = ended ?? {};
    const failure = ended?.failure && emitter.redactor.failure(ended.failure);
    if (ended && isOwner()) {
      record.status = status;
      record.endedAt = new Date().toISOString();
      record.phases = emitter.phases;
      if (failure) record.failure = failure;
      if (exitCode !== undefined) record.exitCode = exitCode;
    }
    if (ended) {
      const durationMs = Math.round(cleanUp.durationMs());
      await emitter.emit({ type: 'finished', status, durationMs, ...(exitCode === undefined ? {} : { exitCode }) });
    }
    await emitter.drained();
    await files.closeLogs();
    if (isOwner()) {
      delete record.client;
      await files.save();
    }
    await emitter.drained();
    return {
      run: record.run,
      status,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(failure ? { failure } : {}),
      phases: emitter.phases,
      sent: cleanUp.sent ?? 0,
    };
  }

  /** Status and exit code stand when something was left behind, but it is told. */
  async #cleanUp(outcome: RunOutcome, { pods, total }: CleanUp): Promise<RunOutcome> {
    const { context, record, emitter, signals, isOwner } = this.#options;
    let failure: RunFailure | undefined;
    try {
      const there = await pods();
      if (there.length > 0) {
        await emitter.within(spanNames.cleanUp, total, () => removePods(there, record.run, context.cluster));
      }
    } catch (error) {
      failure = asFailure(error);
      await emitter.emit({ type: 'failure', failure });
    }
    // Whoever aborts wants to leave; the next run tidies as well.
    if (isOwner() && !failure && !signals.abort.aborted && !signals.stop.aborted) await tidy(context);
    return { ...outcome, failure: outcome.failure ?? failure };
  }

  #isAborted(end: CommandEnd): boolean {
    return this.#options.signals.abort.aborted || end.exit.cancelled === 'abort';
  }

  #finishOptions(leavings: Leavings, parent: Span): FinishOptions {
    const { context, record, emitter, signals } = this.#options;
    return {
      ...leavings,
      cluster: context.cluster,
      record,
      emitter,
      parent,
      signal: signals.stop,
      abort: signals.abort,
      includeGit: context.includeGit ?? false,
    };
  }
}

/** Ends the span of a command with how it ended. */
export function endExecSpan(span: Span | undefined, { cancelled, exitCode }: CommandExit): void {
  span?.end(cancelled === 'abort' ? 'aborted' : exitCode === 0 ? 'ok' : 'failed', { 'exit.code': exitCode });
}

/** The pod says what its limit was in the words of the task file; where it is gone, the exit record knows the bytes. */
async function memoryFailure(exit: CommandExit, record: RunRecord, cluster: Cluster): Promise<RunFailure> {
  const pod = await cluster.getPod(record.pod).catch(() => undefined);
  if (pod) return outOfMemory(pod, 'main', { pod: record.pod });
  const limit = exit.memoryLimit === undefined ? {} : { limits: { memory: formatBytes(exit.memoryLimit) } };
  return outOfMemory({ spec: { containers: [{ name: 'main', resources: limit }] } }, 'main', { pod: record.pod });
}
