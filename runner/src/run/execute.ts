/** `startRun`: one execution of a plan, from the local files to the last clean-up. */
import { backoff, systemClock } from '../cluster/clock.ts';
import { spanNames } from '../model/events.ts';
import { shownCommand } from '../plan/command.ts';
import type { Plan } from '../model/plan.ts';
import { podName } from '../pod/names.ts';
import type { ExitRecord } from '../supervisor/frames.ts';
import { wasAborted } from '../records/abort-mark.ts';
import { asFailure } from './as-failure.ts';
import { claimRun } from '../records/client.ts';
import { RunEmitter, type Span } from './emitter.ts';
import { finishRun, tellEnd, type Outcome } from './ending.ts';
import { followCommand } from './follow.ts';
import { forgetInputs, resolveInputs, type ResolvedInput } from './start/inputs.ts';
import { openClaim, openRunStore, type OpenedClaim } from '../artifacts/open-run-store.ts';
import { needlesOf } from '../redact/redact.ts';
import { recordOf, type RunRecord } from '../records/record.ts';
import { RunFiles } from '../records/run-files.ts';
import { tidy } from '../records/tidy.ts';
import type { RunPod } from './start/run-pod.ts';
import type { RunStore } from '../artifacts/run-store.ts';
import { followSidecars } from './sidecars.ts';
import { removePods } from './remove-pods.ts';
import { mendStart } from './start/mend-start.ts';
import { patiently } from './patient.ts';
import { startLimitMs } from '../plan/start-limit.ts';
import { startPod, type StartAttempt, type StartedPod } from './start/start-pod.ts';
import type { Run, RunnerContext, RunResult } from '../model/run.ts';

/** Makes the store of a run once its inputs and its claim are known. */
export type OpenStore = (plan: Plan, inputs: readonly ResolvedInput[], claim: OpenedClaim | undefined) => RunStore;

/**
 * Starts the run at once. What happens is told by the context's events; how it ended, by `done`.
 *
 * @param openStore the store that the plan names, unless a test has its own
 */
export function startRun(plan: Plan, context: RunnerContext, openStore: OpenStore = openRunStore): Run {
  return new TaskRun(plan, context, openStore);
}

/** How often a start that failed for another reason than a lost connection is mended. */
const maxMends = 3;
/** Pods that are made for one run at most, whatever it is that ends them. */
const maxPods = 99;
/** Between the end of an attempt and the next one, where nothing was mended. */
const betweenAttemptsMs = { first: 250, most: 10_000 };
/** How long the first word from the cluster is waited for. */
const firstContactMs = 60_000;

class Detached extends Error {
  override readonly name = 'Detached';
}

class TaskRun implements Run {
  readonly id: string;
  readonly done: Promise<RunResult>;
  readonly started: Promise<void>;
  readonly #plan: Plan;
  readonly #context: RunnerContext;
  readonly #openStore: OpenStore;
  readonly #emitter: RunEmitter;
  readonly #files: RunFiles;
  readonly #record: RunRecord;
  /** First abort: the command gets TERM, or what comes before it stops. */
  readonly #abort = new AbortController();
  /** Second abort, or detach: nothing is waited for any more. */
  readonly #stop = new AbortController();
  /** The pod of the latest attempt to start. */
  #pod: RunPod | undefined;
  /** Those of the attempts before it that could not be deleted yet. */
  readonly #left = new Set<RunPod>();
  #commandStarted = false;
  #sent = 0;
  #keepMs: number;
  /** What no consumer gets to see: the secrets of the plan, and those that the client knows besides. */
  readonly #secrets: readonly string[];
  #markStarted: () => void = () => undefined;

  constructor(plan: Plan, context: RunnerContext, openStore: OpenStore) {
    this.id = plan.run;
    this.#plan = plan;
    this.#keepMs = plan.keepMs;
    this.#context = context;
    this.#openStore = openStore;
    this.#secrets = [...(plan.secrets ?? []), ...(context.secrets ?? [])];
    const { server, namespace, context: name } = context.cluster.target;
    this.#record = recordOf(plan, { context: name, server, namespace, pod: podName(plan.run) });
    this.#emitter = new RunEmitter(plan.run, [context.onEvent, (event) => this.#files.take(event)], this.#secrets);
    this.#files = new RunFiles(
      context.stateDir,
      this.#record,
      (message) => void this.#emitter.emit({ type: 'warning', message }),
    );
    this.started = new Promise((resolve) => (this.#markStarted = resolve));
    const claim = claimRun(this.id);
    this.done = this.#execute().finally(() => claim[Symbol.dispose]());
  }

  abort(): void {
    if (this.#abort.signal.aborted) {
      this.#pod?.force();
      this.#stop.abort(new DOMException('aborted', 'AbortError'));
      return;
    }
    this.#abort.abort(new DOMException('aborted', 'AbortError'));
  }

  keep(ms: number): void {
    this.#keepMs = Math.max(this.#keepMs, ms);
  }

  async detach(): Promise<void> {
    this.#stop.abort(new Detached('detached'));
    await this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stop.signal.aborted && !this.#abort.signal.aborted) this.abort();
    await this.done;
  }

  /** Left running by its client. Before its command runs, nothing can go on without us: that is an abort. */
  get #detached(): boolean {
    return this.#commandStarted && this.#stop.signal.reason instanceof Detached;
  }

  async #execute(): Promise<RunResult> {
    const { namespace, context } = this.#context.cluster.target;
    const started = performance.now();
    // The caller gets the run before its first event.
    await Promise.resolve();
    const { task, taskFile } = this.#plan;
    await this.#emitter.emit({ type: 'run-created', task, taskFile, namespace, context });
    const total = this.#emitter.start(spanNames.run);
    let outcome: Outcome;
    try {
      outcome = await this.#phases(total);
    } catch (error) {
      outcome = await this.#outcomeOf(error);
    }
    try {
      await this.#cleanUp(total);
    } catch (error) {
      // Status and exit code stand; that something was left behind must still be told.
      const failure = asFailure(error);
      await this.#emitter.emit({ type: 'failure', failure });
      outcome = { ...outcome, failure: outcome.failure ?? failure };
    }
    this.#markStarted();
    total.end(outcome.status === 'succeeded' ? 'ok' : outcome.status === 'aborted' ? 'aborted' : 'failed');
    if (!this.#detached) {
      const { exitCode, failure, status } = outcome;
      this.#record.status = status;
      if (failure) this.#record.failure = this.#emitter.redactor.failure(failure);
      this.#record.endedAt = new Date().toISOString();
      this.#record.phases = this.#emitter.phases;
      if (exitCode !== undefined) this.#record.exitCode = exitCode;
      const durationMs = Math.round(performance.now() - started);
      await this.#emitter.emit({
        type: 'finished',
        status,
        durationMs,
        ...(exitCode === undefined ? {} : { exitCode }),
      });
    }
    await this.#emitter.drained();
    await this.#files.closeLogs();
    delete this.#record.client;
    await this.#files.save();
    await this.#emitter.drained();
    const { failure } = outcome;
    const told = failure ? { ...outcome, failure: this.#emitter.redactor.failure(failure) } : outcome;
    return { run: this.id, ...told, phases: this.#emitter.phases, sent: this.#sent };
  }

  async #phases(total: Span): Promise<Outcome> {
    const plan = this.#plan;
    const beginning = AbortSignal.any([this.#abort.signal, this.#stop.signal]);
    beginning.throwIfAborted();
    await this.#files.save();
    const { inputs, claim } = await this.#look(total, beginning);
    const store = this.#openStore(plan, inputs, claim);
    const reread = async (): Promise<Pick<StartAttempt, 'inputs' | 'store'>> => {
      const { stateDir } = this.#context;
      await forgetInputs(plan, stateDir);
      const again = await resolveInputs(plan, stateDir, this.#emitter, total, beginning);
      return { inputs: again, store: this.#openStore(plan, again, claim) };
    };
    const first = { plan, inputs, store, nodeImage: false };
    const { pod, exit } = await this.#startAndFollow(first, reread, total, beginning);
    return this.#finish(exit, pod, total);
  }

  /** The cluster is asked about the claim while the local files are read; the one that fails ends the other. */
  async #look(
    total: Span,
    signal: AbortSignal,
  ): Promise<{ inputs: readonly ResolvedInput[]; claim: OpenedClaim | undefined }> {
    const { cluster, stateDir } = this.#context;
    const failed = new AbortController();
    const both = AbortSignal.any([signal, failed.signal]);
    const giveUp = (error: unknown): never => {
      failed.abort(error);
      throw error;
    };
    const [inputs, claim] = await Promise.allSettled([
      resolveInputs(this.#plan, stateDir, this.#emitter, total, both).catch(giveUp),
      patiently(() => openClaim(this.#plan, cluster, stateDir, both), {
        emitter: this.#emitter,
        signal: both,
        until: Date.now() + firstContactMs,
        isFirstContact: true,
      }).catch(giveUp),
    ]);
    failed.signal.throwIfAborted();
    if (inputs.status === 'rejected') throw inputs.reason;
    if (claim.status === 'rejected') throw claim.reason;
    return { inputs: inputs.value, claim: claim.value };
  }

  /**
   * Until the command has begun, what can be mended is mended and tried again, and what a lost connection has cost is begun
   * anew. Each attempt has a pod of its own, with a name of its own.
   */
  async #startAndFollow(
    first: StartAttempt,
    reread: Parameters<typeof mendStart>[3],
    total: Span,
    signal: AbortSignal,
  ): Promise<{ pod: StartedPod; exit: ExitRecord }> {
    const { cluster } = this.#context;
    const told = new Set<string>();
    const until = Date.now() + startLimitMs(this.#plan);
    let attempt = first;
    let mends = 0;
    for (let count = 1; ; count++) {
      this.#record.pod = podName(this.#plan.run, count);
      try {
        const pod = await startPod({
          ...attempt,
          attempt: count,
          until,
          // Whoever has a claim has asked for it; without one nobody has heard of the cluster yet.
          isFirstContact: count === 1 && this.#plan.store.kind === 'direct',
          cluster,
          emitter: this.#emitter,
          parent: total,
          signal,
          told,
          record: JSON.stringify({ ...this.#record, client: undefined }),
          onPod: (made) => {
            this.#pod = made;
            this.#record.podUid = made.uid;
            if (made.createdAt !== undefined) this.#record.podCreatedAt ??= made.createdAt;
          },
          onSent: (bytes) => (this.#sent += bytes),
        });
        await this.#files.save();
        return { pod, exit: await this.#command(pod, total, until) };
      } catch (error) {
        if (this.#commandStarted || signal.aborted || count >= maxPods || Date.now() >= until) throw error;
        const next = await mendStart(error, attempt, this.#emitter, reread);
        if (!next || !this.#pod) throw error;
        if (!next.isLoss && ++mends > maxMends) throw error;
        attempt = next.attempt;
        await this.#letGo(this.#pod);
        if (next.isLoss)
          await systemClock.sleep(
            backoff(count - 1, betweenAttemptsMs.first, betweenAttemptsMs.most, systemClock),
            signal,
          );
      }
    }
  }

  /** Deletes the pod of an attempt that has failed. Where that cannot be done now, it is done at the end of the run. */
  async #letGo(pod: RunPod): Promise<void> {
    this.#left.add(pod);
    this.#pod = undefined;
    await pod.delete().catch(() => undefined);
    if (pod.isGone) this.#left.delete(pod);
  }

  /** Runs the command; from its start on the run outlives this process. */
  async #command(pod: StartedPod, total: Span, until: number): Promise<ExitRecord> {
    const { cluster } = this.#context;
    const { command, params, pty, timeoutMs, sidecars } = this.#plan;
    const emitter = this.#emitter;
    const following = followSidecars(
      cluster,
      pod.pod.name,
      sidecars.map((sidecar) => sidecar.name),
      pod.running,
      emitter,
    );
    let span: Span | undefined;
    try {
      const exit = await followCommand({
        cluster,
        pod: pod.pod.name,
        main: pod.main,
        emitter,
        spec: {
          path: command.path,
          args: command.args,
          dir: command.dir,
          env: Object.fromEntries(params.map(({ name, value }) => [name, value])),
          tty: pty,
          inputs: pod.expects,
          secrets: needlesOf(this.#secrets),
          ...(command.user === undefined ? {} : { user: command.user }),
        },
        abort: this.#abort.signal,
        stop: this.#stop.signal,
        timeoutMs,
        startBy: until,
        waiting: pod.running,
        onStarted: () => {
          pod.started();
          span = emitter.start(spanNames.exec, total);
          this.#commandStarted = true;
          this.#record.commandStartedAt = new Date().toISOString();
          void emitter.emit({ type: 'command-started', command: shownCommand(this.#plan) });
          void this.#files.save().then(this.#markStarted);
        },
      });
      const outcome = exit.cancelled === 'abort' ? 'aborted' : exit.exitCode === 0 ? 'ok' : 'failed';
      span?.end(outcome, { 'exit.code': exit.exitCode });
      return exit;
    } finally {
      const outcome = this.#abort.signal.aborted || this.#stop.signal.aborted ? 'aborted' : 'failed';
      span?.end(outcome);
      pod.started(outcome);
      await following[Symbol.asyncDispose]();
    }
  }

  async #finish(exit: ExitRecord, pod: StartedPod, total: Span): Promise<Outcome> {
    const { cluster } = this.#context;
    const end = await tellEnd(exit, this.#record, cluster, this.#emitter);
    const options = {
      cluster,
      record: this.#record,
      caches: this.#plan.caches,
      store: pod.store,
      helper: pod.helper,
      pod: pod.pod.name,
      emitter: this.#emitter,
      parent: total,
      signal: this.#stop.signal,
      abort: this.#abort.signal,
      includeGit: this.#context.includeGit ?? false,
    };
    // Its owner may not be the one who asked for the abort, and what asked for it may come when nothing runs any more.
    const isAborted = (): boolean => this.#abort.signal.aborted;
    return finishRun(end, options, pod.pod, () => this.#keepMs, isAborted);
  }

  async #outcomeOf(error: unknown): Promise<Outcome> {
    if (this.#detached) return { status: 'succeeded' };
    if (this.#abort.signal.aborted || this.#stop.signal.aborted) return { status: 'aborted' };
    if (await wasAborted(this.#context.stateDir, this.id)) return { status: 'aborted' };
    const failure = asFailure(error);
    await this.#emitter.emit({ type: 'failure', failure });
    return { status: failure.kind === 'deadline-exceeded' ? 'failed' : 'errored', failure };
  }

  async #cleanUp(total: Span): Promise<void> {
    if (this.#detached) return;
    const pods = [...(this.#pod ? [this.#pod] : []), ...this.#left];
    if (pods.length > 0)
      await this.#emitter.within(spanNames.cleanUp, total, () => removePods(pods, this.id, this.#context.cluster));
    // Whoever aborts wants to leave; the next run tidies as well.
    if (!this.#abort.signal.aborted && !this.#stop.signal.aborted) await tidy(this.#context);
  }
}
