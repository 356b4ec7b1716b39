/**
 * Taking up a run again: from another terminal, after the client died, or days later from its log on disk. Whoever
 * attaches to a run that nobody follows any more finishes it: saves the outputs, downloads them, removes the pod.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { spanNames, type RunEvent, type RunStatus } from '../model/events.ts';
import { failure as makeFailure } from '../failures/index.ts';
import { RunFailureError, type RunFailure } from '../model/failure.ts';
import type { V1Pod } from '../cluster/types.ts';
import type { ExitRecord } from '../supervisor/frames.ts';
import { SupervisorError } from '../supervisor/supervised.ts';
import { refOf, shellIn, type PodRef } from '../pod/pod-shell.ts';
import { markAborted } from '../records/abort-mark.ts';
import { asFailure } from './as-failure.ts';
import { claimRun, hasLivingClient, thisClient } from '../records/client.ts';
import { RunEmitter, type Span } from './emitter.ts';
import { findRecord, noSuchRun } from '../records/find-record.ts';
import { conclude, finishRun, tellEnd } from './ending.ts';
import { downloadAll, type FinishOptions } from './finish.ts';
import { followCommand, neverStarted } from './follow.ts';
import { findRunPod } from '../records/list.ts';
import { hasMain } from '../pod/living-pod.ts';
import { recordRunStore } from '../artifacts/open-run-store.ts';
import { endedByOwner, goesWithin, ownerEveryMs } from '../records/owner.ts';
import { readRecord, replayLogs, type RunRecord } from '../records/record.ts';
import { RunFiles } from '../records/run-files.ts';
import { RunPod } from './start/run-pod.ts';
import { otherPods, removePods } from './remove-pods.ts';
import { recoverRun } from './recover.ts';
import { secretsOfRun } from './run-secrets.ts';
import type { RunStore } from '../artifacts/run-store.ts';
import type { Run, RunnerContext, RunResult } from '../model/run.ts';

/** How long the pods of a run are looked for when it has ended. */
const othersMs = 10_000;

/** How long the owner on another machine may take until we see to it that the outputs are saved. */
const foreignOwnerMs = 20_000;

/** Opens the store of a run that has started. */
export type ReopenStore = (record: RunRecord, stateDir: string) => Promise<RunStore>;

/**
 * Rejects with `RunFailureError` when nothing of the run is left.
 *
 * @param reopenStore the store that the record names, unless a test has its own
 */
export async function attachRun(
  run: string,
  context: RunnerContext,
  reopenStore: ReopenStore = recordRunStore,
): Promise<Run> {
  const pod = await findRunPod(run, context);
  const local = (await readRecord(context.stateDir, run)) !== undefined;
  const record = await findRecord(run, context, pod);
  if (!record) throw noSuchRun(run, context);
  return new AttachedRun(record, local, pod, context, reopenStore);
}

/** Who sees to the end of the run: we, another process of this machine, or, as far as we can know, another machine. */
type Owner = 'us' | 'process' | 'machine';

class AttachedRun implements Run {
  readonly id: string;
  readonly done: Promise<RunResult>;
  readonly started = Promise.resolve();
  readonly #record: RunRecord;
  #keepMs: number;
  readonly #context: RunnerContext;
  readonly #reopenStore: ReopenStore;
  readonly #emitter: RunEmitter;
  #owner: Owner;
  /** While we are the owner. */
  #claim: Disposable | undefined;
  readonly #abort = new AbortController();
  readonly #stop = new AbortController();
  #detached = false;
  #aborting: Promise<void> = Promise.resolve();
  #files: RunFiles | undefined;
  #hiding: Promise<void> | undefined;
  readonly #pod: RunPod | undefined;
  /** The pod is there, but nothing runs in it any more. */
  readonly #ended: boolean;

  constructor(
    record: RunRecord,
    local: boolean,
    pod: V1Pod | undefined,
    context: RunnerContext,
    reopenStore: ReopenStore,
  ) {
    this.id = record.run;
    this.#record = record;
    this.#keepMs = record.keepMs;
    this.#context = context;
    this.#reopenStore = reopenStore;
    const sinks = [context.onEvent, (event: RunEvent) => this.#files?.take(event)];
    this.#emitter = new RunEmitter(record.run, sinks, context.secrets);
    this.#owner = !local ? 'machine' : hasLivingClient(record) ? 'process' : 'us';
    // A client that died may have written the name of an attempt before this one.
    if (pod) {
      const { name, uid } = refOf(pod);
      Object.assign(record, { pod: name, podUid: uid });
      this.#pod = new RunPod(context.cluster, name, uid);
    }
    this.#ended = pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed';
    if (this.#owner === 'us') this.#claim = claimRun(this.id);
    this.done = this.#follow().finally(() => this.#claim?.[Symbol.dispose]());
  }

  abort(): void {
    if (this.#abort.signal.aborted) this.#stop.abort(new DOMException('aborted', 'AbortError'));
    else {
      this.#abort.abort(new DOMException('aborted', 'AbortError'));
      this.#aborting = this.#abortPending();
    }
  }

  keep(ms: number): void {
    this.#keepMs = Math.max(this.#keepMs, ms);
  }

  async detach(): Promise<void> {
    this.#detached = true;
    this.#stop.abort(new DOMException('detached', 'AbortError'));
    await this.done;
  }

  /** Letting go of an attached run leaves it running: it was not ours to begin with. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#abort.signal.aborted) await this.detach();
    await this.done;
  }

  #openFiles(): RunFiles {
    this.#files ??= new RunFiles(
      this.#context.stateDir,
      this.#record,
      (message) => void this.#emitter.emit({ type: 'warning', message }),
    );
    return this.#files;
  }

  /** A pod whose task has no container yet has nothing that could be ended gently. */
  async #abortPending(): Promise<void> {
    if (!this.#pod || this.#record.status !== undefined) return;
    try {
      if (await hasMain(this.#context.cluster, this.#pod, this.#stop.signal)) return;
      this.#stop.abort(new DOMException('aborted', 'AbortError'));
    } catch {
      // Without an answer the cancel goes the ordinary way, which tries until it gets through.
    }
  }

  async #follow(): Promise<RunResult> {
    const { task, taskFile, namespace, context, status } = this.#record;
    await Promise.resolve();
    await this.#emitter.emit({ type: 'run-created', task, taskFile, namespace, context });
    let result: RunResult;
    try {
      if (status !== undefined) result = await this.#replay();
      else {
        const kept = this.#pod && !this.#ended ? undefined : await this.#recover();
        result = kept ?? (this.#pod ? await this.#live(this.#pod) : await this.#replay());
      }
    } catch (error) {
      result = await this.#broken(error);
    }
    await this.#emitter.drained();
    return result;
  }

  async #live(pod: RunPod): Promise<RunResult> {
    if (this.#owner === 'us') await this.#signRecord();
    using total = this.#emitter.start(spanNames.run);
    // Its client has ended before it could start the command, and we cannot: what it was to be is not known here.
    if (this.#owner === 'us' && this.#record.commandStartedAt === undefined && !(await this.#begins(pod)))
      throw new RunFailureError(neverStarted());
    const exit = await this.#command(pod, total);
    const { cluster } = this.#context;
    const end = await tellEnd(exit, this.#record, cluster, this.#emitter);
    const ending = exit.exitCode === 0 ? 'ok' : 'failed';
    if (this.#owner === 'process') {
      const told = await this.#ownersWord();
      if (told) {
        total.end(ending);
        return told;
      }
      await this.#takeOver(pod);
    } else if (this.#owner === 'machine' && (await goesWithin(foreignOwnerMs, pod.name, cluster, this.#stop.signal))) {
      total.end(ending);
      const { status, exitCode, failure } = await conclude(end, this.#emitter, this.#abort.signal.aborted);
      return await this.#finished(status, exitCode, failure);
    }
    const options = await this.#finishOptions(total);
    const isAborted = (): boolean => this.#abort.signal.aborted;
    const { status, exitCode, failure } = await finishRun(end, options, pod, () => this.#keepMs, isAborted);
    total.end(status === 'succeeded' ? 'ok' : status === 'aborted' ? 'aborted' : 'failed');
    return await this.#end(status, exitCode, failure);
  }

  /** The process that would have finished the run has died: now that is ours to do, with what it had written down. */
  async #takeOver(pod: RunPod): Promise<void> {
    this.#claim = claimRun(this.id);
    this.#owner = 'us';
    Object.assign(this.#record, await readRecord(this.#context.stateDir, this.id));
    await this.#signRecord();
    // Its log has what it had heard until it died; the pod still has everything.
    const files = this.#openFiles();
    await followCommand({
      ...this.#commandIn(pod),
      emitter: new RunEmitter(this.id, [(event) => files.take(event)], await this.#secrets(pod)),
      onStarted: () => undefined,
    });
  }

  /** The command to follow, and what ends the following. */
  #commandIn(pod: PodRef): Pick<Parameters<typeof followCommand>[0], 'cluster' | 'pod' | 'main' | 'abort' | 'stop'> {
    const { cluster } = this.#context;
    return {
      cluster,
      pod: pod.name,
      main: shellIn(cluster, pod, 'main'),
      abort: this.#abort.signal,
      stop: this.#stop.signal,
    };
  }

  /** Before the first byte of the command's output is told. */
  async #hideSecrets(pod: PodRef): Promise<void> {
    try {
      this.#emitter.redactor.hide(await this.#secrets(pod));
    } catch (error) {
      // Asked again with the next connection: no output is told before.
      this.#hiding = undefined;
      throw error;
    }
  }

  async #secrets(pod: PodRef): Promise<readonly string[]> {
    const main = shellIn(this.#context.cluster, pod, 'main');
    return [...(this.#context.secrets ?? []), ...(await secretsOfRun(main, this.#stop.signal))];
  }

  /** Writes into the record who finishes the run from now on. */
  async #signRecord(): Promise<void> {
    this.#record.client = thisClient();
    await this.#openFiles().save();
  }

  /** Somebody else is there who will start the command, as far as we can know. */
  async #ownerLives(): Promise<boolean> {
    if (this.#owner !== 'process') return this.#owner === 'machine';
    const record = await readRecord(this.#context.stateDir, this.id);
    return record !== undefined && hasLivingClient(record);
  }

  /** Whether there is something in the pod that can be followed. An API that is away is waited for by following. */
  async #begins(pod: RunPod): Promise<boolean> {
    return hasMain(this.#context.cluster, pod, this.#stop.signal).catch(() => true);
  }

  async #command(pod: RunPod, total: Span): Promise<ExitRecord> {
    const { timeoutMs, commandStartedAt, command } = this.#record;
    // The limit of the run goes on counting where its former owner left it.
    const left =
      commandStartedAt === undefined ? undefined : Math.max(0, timeoutMs - (Date.now() - Date.parse(commandStartedAt)));
    const follow = (): Promise<ExitRecord> =>
      followCommand({
        ...this.#commandIn(pod),
        emitter: this.#emitter,
        onStarted: () => void this.#emitter.emit({ type: 'command-started', command }),
        beforeOutput: () => (this.#hiding ??= this.#hideSecrets(pod)),
        ...(left !== undefined && this.#owner === 'us' ? { timeoutMs: left } : {}),
      });
    return this.#emitter.within(spanNames.exec, total, async () => {
      for (;;) {
        try {
          return await follow();
        } catch (error) {
          // Its owner is about to start it.
          const early =
            error instanceof RunFailureError &&
            error.cause instanceof SupervisorError &&
            error.cause.code === 'NOT_STARTED';
          if (!early || this.#abort.signal.aborted || !(await this.#ownerLives())) throw error;
          await delay(ownerEveryMs, undefined, { signal: this.#stop.signal });
        }
      }
    });
  }

  /** What saving and downloading need, with the store of the record. */
  async #finishOptions(parent: Span): Promise<FinishOptions> {
    const record = this.#record;
    return {
      cluster: this.#context.cluster,
      record,
      caches: record.caches,
      store: await this.#reopenStore(record, this.#context.stateDir),
      helper: shellIn(this.#context.cluster, { name: record.pod, uid: record.podUid ?? '' }, 'artifact-helper'),
      pod: record.pod,
      emitter: this.#emitter,
      parent,
      signal: this.#stop.signal,
      abort: this.#abort.signal,
      includeGit: this.#context.includeGit ?? false,
    };
  }

  /** The end of the run as its owner tells it. Undefined when that process has died. */
  async #ownersWord(): Promise<RunResult | undefined> {
    const { stateDir, cluster } = this.#context;
    const ended = await endedByOwner(stateDir, this.#record, cluster, this.#stop.signal);
    if (!ended) return undefined;
    await this.#tellFailure(ended);
    return await this.#finished(ended.status, ended.exitCode, ended.failure);
  }

  /** Why a run ended badly, as its record knows it. */
  async #tellFailure({ failure }: RunRecord): Promise<void> {
    if (failure) await this.#emitter.emit({ type: 'failure', failure });
  }

  async #broken(error: unknown): Promise<RunResult> {
    await this.#aborting;
    if (this.#detached && !this.#abort.signal.aborted) return this.#result('succeeded');
    if (this.#abort.signal.aborted) return this.#end('aborted');
    if (this.#owner === 'process') {
      // The pod may be gone because its owner has finished: then its word is the truth.
      const told = await this.#ownersWord().catch(() => undefined);
      if (told) return told;
    }
    const failure = asFailure(error);
    await this.#emitter.emit({ type: 'failure', failure });
    return this.#end(failure.kind === 'deadline-exceeded' ? 'failed' : 'errored', undefined, failure);
  }

  /** Nobody was there when the command ended: what the helper saved by itself. Undefined when that is nothing. */
  async #recover(): Promise<RunResult | undefined> {
    const record = this.#record;
    const { claim } = record;
    if (claim === undefined || this.#owner === 'process') return undefined;
    const { cluster } = this.#context;
    if (this.#owner === 'us') this.#openFiles();
    return recoverRun(record, claim, this.#context, this.#emitter, this.#stop.signal, async (recovered) => {
      const { exit, saved, shell, pod } = recovered;
      const end = await tellEnd(exit, record, cluster, this.#emitter);
      record.saved = saved;
      using total = this.#emitter.start(spanNames.run);
      const options = { ...(await this.#finishOptions(total)), caches: [], helper: shell, pod };
      const lost = await downloadAll(options, saved);
      total.end(lost ? 'failed' : 'ok');
      const { status, exitCode, failure } = await conclude(end, this.#emitter, false, lost);
      return await this.#end(status, exitCode, failure);
    });
  }

  /** Nothing runs any more: what the disk remembers. */
  async #replay(): Promise<RunResult> {
    const record = this.#record;
    for await (const piece of replayLogs(this.#context.stateDir, this.id))
      await this.#emitter.emit({ type: 'output', ...piece });
    // Aborting a run that has ended lets go of the pod that was kept for looking into it.
    if (this.#abort.signal.aborted && this.#pod) await this.#remove(this.#pod);
    if (record.status === undefined)
      throw new RunFailureError(
        makeFailure('pod-deleted', `The pod of run ${this.id} is gone, and nobody saw how it ended`, {
          nextStep: 'What it wrote until then is shown above. Run the task again.',
          retryable: true,
        }),
      );
    const durationMs = Date.parse(record.endedAt ?? record.startedAt) - Date.parse(record.startedAt);
    await this.#tellFailure(record);
    return this.#finished(record.status, record.exitCode, record.failure, durationMs);
  }

  /** Ends the run for good, unless that is somebody else's to do. Never rejects. */
  async #end(status: RunStatus, exitCode?: number, failure?: RunFailure): Promise<RunResult> {
    const record = this.#record;
    let found = failure;
    const pod = this.#pod;
    if (pod && (this.#owner === 'us' || status === 'aborted')) {
      try {
        if (this.#owner === 'process') await markAborted(this.#context.stateDir, this.id);
        await this.#emitter.within(spanNames.cleanUp, undefined, () => this.#remove(pod));
      } catch (error) {
        const left = asFailure(error);
        await this.#emitter.emit({ type: 'failure', failure: left });
        found ??= left;
      }
    }
    if (this.#owner === 'us') {
      record.status = status;
      record.endedAt = new Date().toISOString();
      if (exitCode !== undefined) record.exitCode = exitCode;
      if (failure) record.failure = this.#emitter.redactor.failure(failure);
      delete record.client;
      await this.#openFiles().save();
    }
    return this.#finished(status, exitCode, found);
  }

  /** Removes the pod, and those of attempts to start before it, should their client have died before it could. */
  async #remove(pod: RunPod): Promise<void> {
    const { cluster } = this.#context;
    const others = await otherPods(this.id, pod.name, cluster, AbortSignal.timeout(othersMs)).catch(() => []);
    await removePods([pod, ...others], this.id, cluster);
  }

  async #finished(
    status: RunStatus,
    exitCode?: number,
    failure?: RunFailure,
    durationMs = Date.now() - Date.parse(this.#record.startedAt),
  ): Promise<RunResult> {
    await this.#emitter.emit({ type: 'finished', status, durationMs, ...(exitCode === undefined ? {} : { exitCode }) });
    await this.#emitter.drained();
    await this.#files?.closeLogs();
    return this.#result(status, exitCode, failure);
  }

  #result(status: RunStatus, exitCode?: number, failure?: RunFailure): RunResult {
    return {
      run: this.id,
      status,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(failure ? { failure } : {}),
      phases: this.#emitter.phases,
      sent: 0,
    };
  }
}

/** Aborts a run of any client, and waits until it has ended and its pod is gone. */
export async function abortRun(run: string, context: RunnerContext): Promise<RunResult> {
  const attached = await attachRun(run, context);
  attached.abort();
  return attached.done;
}
