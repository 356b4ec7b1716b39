/**
 * Taking up a run again: from another terminal, after the client died, or days later from its log on disk. Whoever
 * attaches to a run that nobody follows any more finishes it: saves the outputs, downloads them, removes the pod.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { spanNames, type RunEvent } from '../model/events.ts';
import { failure as makeFailure, neverStarted } from '../failures/index.ts';
import { RunFailureError } from '../model/failure.ts';
import type { V1Pod } from '../cluster/types.ts';
import type { ExitRecord } from '../supervisor/frames.ts';
import { SupervisorError } from '../supervisor/supervised.ts';
import { refOf, shellIn, type PodRef } from '../pod/pod-shell.ts';
import { markAborted } from '../records/abort-mark.ts';
import { claimRun, hasLivingClient, thisClient } from '../records/client.ts';
import { RunEmitter, type Span } from './emitter.ts';
import { findRecord, noSuchRun } from '../records/find-record.ts';
import { endExecSpan, RunEnding, type RunOutcome } from './ending.ts';
import { followCommand } from './follow.ts';
import { podTrouble } from './monitor.ts';
import { findRunPod } from '../records/list.ts';
import { hasMain } from '../pod/living-pod.ts';
import { storeOf } from '../artifacts/open-store.ts';
import { endedByOwner, waitUntilGone, ownerEveryMs } from '../records/owner.ts';
import { readRecord, replayLogs, type RunRecord } from '../records/record.ts';
import { RunFiles } from '../records/run-files.ts';
import { RunPod } from './start/run-pod.ts';
import { otherPods } from './remove-pods.ts';
import { RunSignals } from './run-signals.ts';
import { recoverRun } from './recover.ts';
import { secretsOfRun } from './run-secrets.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import type { StoreShell } from '../store/types.ts';
import type { Run, RunnerContext, RunResult } from '../model/run.ts';

/** How long the pods of a run are looked for when it has ended. */
const othersMs = 10_000;

/** How long the owner on another machine may take until we see to it that the outputs are saved. */
const foreignOwnerMs = 20_000;

/** The store of a run that has started, as a container with this shell has it. */
export type StoreOf = (record: RunRecord, shell: StoreShell) => ArtifactStore;

/**
 * Rejects with `RunFailureError` when nothing of the run is left.
 *
 * @param openStore the store that the record names, unless a test has its own
 */
export async function attachRun(run: string, context: RunnerContext, openStore: StoreOf = storeOf): Promise<Run> {
  const pod = await findRunPod(run, context);
  const local = (await readRecord(context.stateDir, run)) !== undefined;
  const record = await findRecord(run, context, pod);
  if (!record) throw noSuchRun(run, context);
  return new AttachedRun(record, local, pod, context, openStore);
}

/** Who sees to the end of the run: we, another process of this machine, or, as far as we can know, another machine. */
type Owner = 'us' | 'process' | 'machine';

class AttachedRun implements Run {
  readonly id: string;
  readonly done: Promise<RunResult>;
  readonly started = Promise.resolve();
  readonly #record: RunRecord;
  readonly #context: RunnerContext;
  readonly #openStore: StoreOf;
  readonly #emitter: RunEmitter;
  #owner: Owner;
  /** While we are the owner. */
  #claim: Disposable | undefined;
  readonly #signals = new RunSignals();
  readonly #ending: RunEnding;
  #aborting: Promise<void> = Promise.resolve();
  readonly #files: RunFiles;
  /** The span of the whole run, while there is something to follow. */
  #total: Span | undefined;
  #hiding: Promise<void> | undefined;
  readonly #pod: RunPod | undefined;
  /** The pod is there, but nothing runs in it any more. */
  readonly #ended: boolean;
  /** The run had ended before: its record says how, and is not written again. */
  readonly #isOver: boolean;
  /** What is told comes from the logs on the disk, which are not written meanwhile. */
  #isReplaying = false;
  /** Somebody else has seen to the pod. */
  #isPodTheirs = false;

  constructor(record: RunRecord, local: boolean, pod: V1Pod | undefined, context: RunnerContext, openStore: StoreOf) {
    this.id = record.run;
    this.#record = record;
    this.#context = context;
    this.#openStore = openStore;
    this.#isOver = record.status !== undefined;
    const keep = (event: RunEvent): void | Promise<void> =>
      this.#writes && !this.#isReplaying ? this.#files.take(event) : undefined;
    this.#emitter = new RunEmitter(record.run, [context.onEvent, keep], context.secrets);
    this.#files = new RunFiles(
      context.stateDir,
      record,
      (message) => void this.#emitter.emit({ type: 'warning', message }),
    );
    this.#ending = new RunEnding({
      context,
      record,
      emitter: this.#emitter,
      files: this.#files,
      signals: this.#signals,
      isOwner: () => this.#writes,
      isLeft: () => this.#signals.isLeft,
    });
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
    if (this.#signals.requestAbort()) this.#aborting = this.#abortPending();
    else this.#pod?.force();
  }

  keep(ms: number): void {
    this.#ending.keep(ms);
  }

  async detach(): Promise<void> {
    this.#signals.leave();
    await this.done;
  }

  /** Letting go of an attached run leaves it running: it was not ours to begin with. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#signals.abort.aborted) await this.detach();
    await this.done;
  }

  /** Whether record and logs on the disk are ours to write. */
  get #writes(): boolean {
    return this.#owner === 'us' && !this.#isOver;
  }

  /** A pod whose task has no container yet has nothing that could be ended gently. */
  async #abortPending(): Promise<void> {
    if (!this.#pod || this.#record.status !== undefined) return;
    try {
      if (await hasMain(this.#context.cluster, this.#pod, this.#signals.stop)) return;
      this.#signals.endNow();
    } catch {
      // Without an answer the cancel goes the ordinary way, which tries until it gets through.
    }
  }

  async #follow(): Promise<RunResult> {
    const { task, taskFile, namespace, context } = this.#record;
    await Promise.resolve();
    await this.#emitter.emit({ type: 'run-created', task, taskFile, namespace, context });
    let outcome: RunOutcome | undefined;
    try {
      outcome = await this.#outcome();
    } catch (error) {
      outcome = await this.#broken(error);
    }
    return await this.#ending.end(outcome, {
      pods: () => this.#podsToRemove(outcome),
      total: this.#total,
      durationMs: () => {
        const endedAt = this.#isOver ? this.#record.endedAt : undefined;
        return (endedAt === undefined ? Date.now() : Date.parse(endedAt)) - Date.parse(this.#record.startedAt);
      },
    });
  }

  async #outcome(): Promise<RunOutcome> {
    if (this.#isOver) return await this.#replay();
    const kept = this.#pod && !this.#ended ? undefined : await this.#recover();
    return kept ?? (this.#pod ? await this.#live(this.#pod) : await this.#replay());
  }

  async #live(pod: RunPod): Promise<RunOutcome> {
    if (this.#owner === 'us') await this.#signRecord();
    const total = (this.#total = this.#emitter.start(spanNames.run));
    // Its client has ended before it could start the command, and we cannot: what it was to be is not known here.
    if (this.#owner === 'us' && this.#record.commandStartedAt === undefined && !(await this.#begins(pod))) {
      throw new RunFailureError(neverStarted());
    }
    const exit = await this.#command(pod, total);
    // What is told from now on may name them, also where the command wrote nothing. A pod that is gone cannot tell them.
    await (this.#hiding ??= this.#hideSecrets(pod)).catch(() => undefined);
    const { cluster } = this.#context;
    const end = await this.#ending.tellCommandEnd(exit);
    if (this.#owner === 'process') {
      const told = await this.#endByOwner();
      if (told) return told;
      await this.#takeOver(pod);
    } else if (
      this.#owner === 'machine' &&
      (await waitUntilGone(foreignOwnerMs, pod.name, cluster, this.#signals.stop))
    ) {
      this.#isPodTheirs = true;
      return await this.#ending.conclude(end);
    }
    const helper = shellIn(cluster, pod, 'artifact-helper');
    const store = this.#openStore(this.#record, helper);
    return await this.#ending.finish(end, pod, { store, helper, pod: pod.name }, total);
  }

  /** The process that would have finished the run has died: now that is ours to do, with what it had written down. */
  async #takeOver(pod: RunPod): Promise<void> {
    this.#claim = claimRun(this.id);
    this.#owner = 'us';
    Object.assign(this.#record, await readRecord(this.#context.stateDir, this.id));
    await this.#signRecord();
    // Its log has what it had heard until it died; the pod still has everything.
    const files = this.#files;
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
      abort: this.#signals.abort,
      stop: this.#signals.stop,
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
    const { cluster, secrets = [] } = this.#context;
    const kept = await secretsOfRun(shellIn(cluster, pod, 'main'), {
      signal: this.#signals.stop,
      trouble: async (signal) => await podTrouble(cluster, await cluster.getPod(pod.name, signal), pod.name),
    });
    return [...secrets, ...kept];
  }

  /** Writes into the record who finishes the run from now on. */
  async #signRecord(): Promise<void> {
    this.#record.client = thisClient();
    await this.#files.save();
  }

  /** Somebody else is there who will start the command, as far as we can know. */
  async #ownerLives(): Promise<boolean> {
    if (this.#owner !== 'process') return this.#owner === 'machine';
    const record = await readRecord(this.#context.stateDir, this.id);
    return record !== undefined && hasLivingClient(record);
  }

  /** Whether there is something in the pod that can be followed. An API that is away is waited for by following. */
  async #begins(pod: RunPod): Promise<boolean> {
    return hasMain(this.#context.cluster, pod, this.#signals.stop).catch(() => true);
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
        timeoutMs: this.#owner === 'us' ? left : undefined,
      });
    return this.#emitter.within(spanNames.exec, total, async (span) => {
      for (;;) {
        try {
          const exit = await follow();
          endExecSpan(span, exit);
          return exit;
        } catch (error) {
          // Its owner is about to start it.
          const early =
            error instanceof RunFailureError &&
            error.cause instanceof SupervisorError &&
            error.cause.code === 'NOT_STARTED';
          if (!early || this.#signals.abort.aborted || !(await this.#ownerLives())) throw error;
          await delay(ownerEveryMs, undefined, { signal: this.#signals.stop });
        }
      }
    });
  }

  /** The end of the run as its owner tells it. Undefined when that process has died. */
  async #endByOwner(): Promise<RunOutcome | undefined> {
    const { stateDir, cluster } = this.#context;
    const ended = await endedByOwner(stateDir, this.#record, cluster, this.#signals.stop);
    if (!ended) return undefined;
    this.#isPodTheirs = true;
    return await this.#tellRecord(ended, ended.status);
  }

  /** The outcome that a record knows. Tells why it is a bad one. */
  async #tellRecord({ exitCode, failure }: RunRecord, status: RunOutcome['status']): Promise<RunOutcome> {
    if (failure) await this.#emitter.emit({ type: 'failure', failure });
    return { status, exitCode, failure };
  }

  async #broken(error: unknown): Promise<RunOutcome | undefined> {
    await this.#aborting;
    if (this.#owner === 'process' && !this.#signals.stop.aborted && !this.#signals.abort.aborted) {
      // The pod may be gone because its owner has finished: then its word is the truth.
      const told = await this.#endByOwner().catch(() => undefined);
      if (told) return told;
    }
    return await this.#ending.broken(error);
  }

  /** Nobody was there when the command ended: what the helper saved by itself. Undefined when that is nothing. */
  async #recover(): Promise<RunOutcome | undefined> {
    const record = this.#record;
    const { claim } = record;
    if (claim === undefined || this.#owner === 'process') return undefined;
    return recoverRun(record, claim, this.#context, this.#emitter, this.#signals.stop, async (recovered) => {
      const { exit, saved, shell, pod } = recovered;
      const end = await this.#ending.tellCommandEnd(exit);
      const total = (this.#total = this.#emitter.start(spanNames.run));
      const store = this.#openStore(record, shell);
      return await this.#ending.finishSaved(end, saved, { store, helper: shell, pod }, total);
    });
  }

  /** Nothing runs any more: what the disk remembers. */
  async #replay(): Promise<RunOutcome> {
    const record = this.#record;
    this.#isReplaying = true;
    for await (const piece of replayLogs(this.#context.stateDir, this.id)) {
      await this.#emitter.emit({ type: 'output', ...piece });
    }
    if (record.status !== undefined) return await this.#tellRecord(record, record.status);
    throw new RunFailureError(
      makeFailure('pod-deleted', `The pod of run ${this.id} is gone, and nobody saw how it ended`, {
        nextStep: 'What it wrote until then is shown above. Run the task again.',
        retryable: true,
      }),
    );
  }

  /**
   * The pod when it is ours to remove, and those of attempts to start before it, should their client have died before it
   * could. Of a run that had ended, an abort lets go of the pod that was kept for looking into it.
   */
  async #podsToRemove(outcome: RunOutcome | undefined): Promise<readonly RunPod[]> {
    const pod = this.#pod;
    if (!pod || this.#isPodTheirs) return [];
    const isAborted = this.#isOver ? this.#signals.abort.aborted : outcome?.status === 'aborted';
    if (!this.#writes && !isAborted) return [];
    if (this.#owner === 'process') await markAborted(this.#context.stateDir, this.id);
    const { cluster } = this.#context;
    const others = await otherPods(this.id, pod.name, cluster, AbortSignal.timeout(othersMs)).catch(() => []);
    return [pod, ...others];
  }
}

/** Aborts a run of any client, and waits until it has ended and its pod is gone. */
export async function abortRun(run: string, context: RunnerContext): Promise<RunResult> {
  const attached = await attachRun(run, context);
  attached.abort();
  return attached.done;
}
