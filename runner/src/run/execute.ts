/** `startRun`: one execution of a plan, from the local files to the last clean-up. */
import { backoff, systemClock } from '../cluster/clock.ts';
import { spanNames, type RunEvent } from '../model/events.ts';
import { shownCommand } from '../plan/command.ts';
import type { Plan } from '../model/plan.ts';
import { podName } from '../pod/names.ts';
import type { ExitRecord } from '../supervisor/frames.ts';
import { claimRun } from '../records/client.ts';
import { RunEmitter, type Span } from './emitter.ts';
import { endExecSpan, RunEnding, type RunOutcome } from './ending.ts';
import { followCommand } from './follow.ts';
import { forgetInputs, resolveInputs, type ResolvedInput } from './start/inputs.ts';
import { openClaim, openDelivery, type OpenedClaim } from '../artifacts/open-store.ts';
import { needlesOf } from '../redact/redact.ts';
import { givenDigests, noteGiven } from '../records/given.ts';
import { recordOf, type RunRecord } from '../records/record.ts';
import { RunFiles } from '../records/run-files.ts';
import type { RunPod } from './start/run-pod.ts';
import type { InputDelivery } from '../artifacts/input-delivery.ts';
import { followSidecars } from './sidecars.ts';
import { RunSignals } from './run-signals.ts';
import { nextAttempt, type NextAttempt } from './start/next-attempt.ts';
import { asFailure } from './as-failure.ts';
import { errorText } from '../model/format.ts';
import { SnapshotError } from '../snapshot/errors.ts';
import { NextSpare } from '../spare/next-spare.ts';
import { removeSpares } from '../spare/memory.ts';
import { SpareTakenError } from '../spare/take.ts';
import { patiently } from './patient.ts';
import { startLimitMs } from '../plan/start-limit.ts';
import { startPod, type StartedPod } from './start/start-pod.ts';
import type { StartAttempt } from './start/attempt.ts';
import type { Run, RunnerContext, RunResult } from '../model/run.ts';

/** Chooses how the inputs travel once they and the claim are known. */
export type OpenDelivery = (inputs: readonly ResolvedInput[], claim: OpenedClaim | undefined) => InputDelivery;

/**
 * Starts the run at once. What happens is told by the context's events; how it ended, by `done`.
 *
 * @param delivers by the store that the plan names, unless a test has its own
 */
export function startRun(plan: Plan, context: RunnerContext, delivers: OpenDelivery = openDelivery): Run {
  return new TaskRun(plan, context, delivers);
}

/** How often a start that failed for another reason than a lost connection is tried in another way. */
const maxOtherWays = 3;
/** Pods that are made for one run at most, whatever it is that ends them. */
const maxPods = 99;
/** Between the end of an attempt and the next one, where nothing differs. */
const betweenAttemptsMs = { first: 250, most: 10_000 };
/** How long the first word from the cluster is waited for. */
const firstContactMs = 60_000;

class TaskRun implements Run {
  readonly id: string;
  readonly done: Promise<RunResult>;
  readonly started: Promise<void>;
  readonly #plan: Plan;
  readonly #context: RunnerContext;
  readonly #openDelivery: OpenDelivery;
  readonly #emitter: RunEmitter;
  readonly #files: RunFiles;
  readonly #record: RunRecord;
  readonly #signals = new RunSignals();
  readonly #ending: RunEnding;
  /** The pod of the latest attempt to start. */
  #pod: RunPod | undefined;
  /** Those of the attempts before it that could not be deleted yet. */
  readonly #left = new Set<RunPod>();
  #commandStarted = false;
  #sent = 0;
  /** What no consumer gets to see: the secrets of the plan, and those that the client knows besides. */
  readonly #secrets: readonly string[];
  #markStarted: () => void = () => undefined;

  constructor(plan: Plan, context: RunnerContext, delivers: OpenDelivery) {
    this.id = plan.run;
    this.#plan = plan;
    this.#context = context;
    this.#openDelivery = delivers;
    this.#secrets = [...(plan.secrets ?? []), ...(context.secrets ?? [])];
    const { server, namespace, context: name } = context.cluster.target;
    this.#record = {
      ...recordOf(plan, { context: name, server, namespace, pod: podName(plan.run) }),
      given: givenDigests(plan, context.stateDir),
    };
    const keep = (event: RunEvent): void | Promise<void> => {
      noteGiven(this.#record, event);
      return this.#files.take(event);
    };
    this.#emitter = new RunEmitter(plan.run, [context.onEvent, keep], this.#secrets);
    this.#files = new RunFiles(
      context.stateDir,
      this.#record,
      (message) => void this.#emitter.emit({ type: 'warning', message }),
    );
    this.#ending = new RunEnding({
      context,
      record: this.#record,
      emitter: this.#emitter,
      files: this.#files,
      signals: this.#signals,
      isOwner: () => true,
      // Before its command runs, nothing can go on without us: leaving it is an abort.
      isLeft: () => this.#commandStarted && this.#signals.isLeft,
    });
    this.started = new Promise((resolve) => (this.#markStarted = resolve));
    const claim = claimRun(this.id);
    this.done = this.#execute().finally(() => claim[Symbol.dispose]());
    // Nobody waits for ever for the start of a command that never ran.
    void this.done.then(() => this.#markStarted());
  }

  abort(): void {
    if (!this.#signals.requestAbort()) this.#pod?.force();
  }

  keep(ms: number): void {
    this.#ending.keep(ms);
  }

  async detach(): Promise<void> {
    this.#signals.leave();
    await this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { abort, stop } = this.#signals;
    if (!stop.aborted && !abort.aborted) this.abort();
    await this.done;
  }

  async #execute(): Promise<RunResult> {
    const { namespace, context } = this.#context.cluster.target;
    const started = performance.now();
    // The caller gets the run before its first event.
    await Promise.resolve();
    const { task, taskFile } = this.#plan;
    await this.#emitter.emit({ type: 'run-created', task, taskFile, namespace, context });
    const total = this.#emitter.start(spanNames.run);
    let outcome: RunOutcome | undefined;
    try {
      outcome = await this.#phases(total);
    } catch (error) {
      outcome = await this.#ending.broken(error);
    }
    return await this.#ending.end(outcome, {
      pods: () => [...(this.#pod ? [this.#pod] : []), ...this.#left],
      total,
      durationMs: () => performance.now() - started,
      sent: this.#sent,
    });
  }

  async #phases(total: Span): Promise<RunOutcome> {
    const plan = this.#plan;
    const beginning = AbortSignal.any([this.#signals.abort, this.#signals.stop]);
    beginning.throwIfAborted();
    await this.#files.save();
    const { inputs, claim } = await this.#look(total, beginning);
    const delivery = this.#openDelivery(inputs, claim);
    const first = { plan, inputs, delivery, nodeImage: false, spare: plan.spare };
    await using next = new NextSpare(plan, this.#context, delivery.singleNode);
    const reread = async (): Promise<Pick<StartAttempt, 'inputs' | 'delivery'>> => {
      const { stateDir } = this.#context;
      await forgetInputs(plan, stateDir);
      const again = await resolveInputs(plan, stateDir, this.#emitter, total, beginning);
      return { inputs: again, delivery: this.#openDelivery(again, claim) };
    };
    const { pod, exit } = await this.#startAndFollow(first, reread, total, beginning, next);
    const end = await this.#ending.tellCommandEnd(exit);
    const { store, helper } = pod;
    return await this.#ending.finish(end, pod.pod, { store, helper, pod: pod.pod.name }, total);
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
   * Until the command has begun: where another way is known it is tried, and what a lost connection has cost is begun anew.
   * Each attempt has a pod of its own, with a name of its own.
   */
  async #startAndFollow(
    first: StartAttempt,
    reread: Parameters<typeof nextAttempt>[3],
    total: Span,
    signal: AbortSignal,
    next: NextSpare,
  ): Promise<{ pod: StartedPod; exit: ExitRecord }> {
    const { cluster } = this.#context;
    const told = new Set<string>();
    const until = Date.now() + startLimitMs(this.#plan);
    let attempt = first;
    let otherWays = 0;
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
        return { pod, exit: await this.#command(pod, total, until, next) };
      } catch (error) {
        if (this.#commandStarted || signal.aborted || count >= maxPods || Date.now() >= until) throw error;
        const other = await this.#withoutSpares(error, attempt, () =>
          nextAttempt(error, attempt, this.#emitter, reread),
        );
        if (!other) throw error;
        if (!other.isLoss && ++otherWays > maxOtherWays) throw error;
        attempt = other.attempt;
        if (this.#pod) await this.#letGo(this.#pod);
        if (other.isLoss) {
          await systemClock.sleep(
            backoff(count - 1, betweenAttemptsMs.first, betweenAttemptsMs.most, systemClock),
            signal,
          );
        }
      }
    }
  }

  /**
   * What the next attempt is: where a spare did not serve, a pod of the run's own; where the quota is used up, the same once
   * more, if spares of ours have made room. Else as `nextOf` says, for what has a pod.
   */
  async #withoutSpares(
    error: unknown,
    attempt: StartAttempt,
    nextOf: () => Promise<NextAttempt | undefined>,
  ): Promise<NextAttempt | undefined> {
    if (attempt.spare) {
      this.#emitter.note(`the pod that was kept ready cannot be used: ${errorText(error)}`);
      // Another run has it: it is not ours to delete.
      if (error instanceof SpareTakenError) this.#pod = undefined;
      const other = error instanceof SnapshotError ? await nextOf() : undefined;
      return { attempt: { ...(other?.attempt ?? attempt), spare: undefined }, isLoss: false };
    }
    if (asFailure(error).kind === 'quota' && (await removeSpares(this.#context)) > 0) return { attempt, isLoss: false };
    return this.#pod && (await nextOf());
  }

  /** Deletes the pod of an attempt that has failed. Where that cannot be done now, it is done at the end of the run. */
  async #letGo(pod: RunPod): Promise<void> {
    this.#left.add(pod);
    this.#pod = undefined;
    await pod.delete().catch(() => undefined);
    if (pod.isGone) this.#left.delete(pod);
  }

  /** Runs the command; from its start on the run outlives this process. */
  async #command(pod: StartedPod, total: Span, until: number, next: NextSpare): Promise<ExitRecord> {
    const { cluster } = this.#context;
    const { command, params, pty, timeoutMs, sidecars, stdin } = this.#plan;
    const emitter = this.#emitter;
    const signals = this.#signals;
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
          token: pod.token,
          secrets: needlesOf(this.#secrets),
          user: command.user,
          stdin,
        },
        abort: signals.abort,
        stop: signals.stop,
        timeoutMs,
        startBy: until,
        waiting: pod.running,
        onStarted: () => {
          pod.started();
          span = emitter.start(spanNames.exec, total);
          this.#commandStarted = true;
          next.soon();
          this.#record.commandStartedAt = new Date().toISOString();
          void emitter.emit({ type: 'command-started', command: shownCommand(this.#plan) });
          void this.#files.save().then(this.#markStarted);
        },
      });
      endExecSpan(span, exit);
      if (!signals.abort.aborted) next.now();
      return exit;
    } finally {
      const outcome = signals.abort.aborted || signals.stop.aborted ? 'aborted' : 'failed';
      span?.end(outcome);
      pod.started(outcome);
      await following[Symbol.asyncDispose]();
    }
  }
}
