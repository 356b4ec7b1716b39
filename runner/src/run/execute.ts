/** `startRun`: one execution of a plan, from the local files to the last clean-up. */
import { spanNames, type RunStatus } from '../events.ts';
import { failure as makeFailure, failureFromApi, outOfMemory, type RunFailure } from '../failures/index.ts';
import { RunFailureError } from '../failures/types.ts';
import type { Plan } from '../plan/types.ts';
import { podName } from '../pod/names.ts';
import { SnapshotError } from '../snapshot/errors.ts';
import { RunEmitter, type Span } from './emitter.ts';
import { downloadAll, saveAll } from './finish.ts';
import { followCommand, type Followed } from './follow.ts';
import { resolveInputs, type ResolvedInput } from './inputs.ts';
import { openClaim, openRunStore } from './open-run-store.ts';
import { RunLogs, recordOf, writeRecord, type RunRecord } from './record.ts';
import type { RunPod } from './run-pod.ts';
import { mendStart, startPod, untilGone, type StartAttempt, type StartedPod } from './start-pod.ts';
import type { Run, RunnerContext, RunResult } from './types.ts';

/** Starts the run at once. What happens is told by the context's events; how it ended, by `done`. */
export function startRun(plan: Plan, context: RunnerContext): Run {
  return new TaskRun(plan, context);
}

/** Attempts to start, with mending between them. */
const maxAttempts = 4;

/** How the command's part of a run ended. */
interface Outcome {
  readonly status: RunStatus;
  readonly exitCode?: number;
  readonly failure?: RunFailure;
}

class Detached extends Error {
  override readonly name = 'Detached';
}

class TaskRun implements Run {
  readonly id: string;
  readonly done: Promise<RunResult>;
  readonly started: Promise<void>;
  readonly #plan: Plan;
  readonly #context: RunnerContext;
  readonly #emitter: RunEmitter;
  readonly #logs: Promise<RunLogs>;
  readonly #record: RunRecord;
  /** First abort: the command gets TERM, or what comes before it stops. */
  readonly #abort = new AbortController();
  /** Second abort, or detach: nothing is waited for any more. */
  readonly #stop = new AbortController();
  #pod: RunPod | undefined;
  #commandStarted = false;
  #sent = 0;
  #markStarted: () => void = () => undefined;
  readonly #saved: NonNullable<RunRecord['saved']> = [];

  constructor(plan: Plan, context: RunnerContext) {
    this.id = plan.run;
    this.#plan = plan;
    this.#context = context;
    const { server, namespace, context: name } = context.cluster.target;
    this.#record = recordOf(plan, { context: name, server, namespace, pod: podName(plan.run) });
    this.#logs = RunLogs.open(context.stateDir, plan.run);
    this.#emitter = new RunEmitter(plan.run, [
      context.onEvent,
      async (event) => {
        if (event.type === 'output') await (await this.#logs).take(event);
      },
    ]);
    this.started = new Promise((resolve) => (this.#markStarted = resolve));
    this.done = this.#execute();
  }

  abort(): void {
    if (this.#abort.signal.aborted) {
      this.#pod?.force();
      this.#stop.abort(new DOMException('aborted', 'AbortError'));
      return;
    }
    this.#abort.abort(new DOMException('aborted', 'AbortError'));
  }

  async detach(): Promise<void> {
    this.#pod?.keep();
    this.#stop.abort(new Detached('detached'));
    await this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stop.signal.aborted && !this.#abort.signal.aborted) this.abort();
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
    let outcome: Outcome;
    try {
      outcome = await this.#phases(total);
    } catch (error) {
      outcome = this.#outcomeOf(error);
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
    const detached = this.#stop.signal.reason instanceof Detached;
    if (!detached) {
      const durationMs = Math.round(performance.now() - started);
      const { exitCode } = outcome;
      this.#record.status = outcome.status;
      this.#record.endedAt = new Date().toISOString();
      this.#record.phases = this.#emitter.phases;
      if (exitCode !== undefined) this.#record.exitCode = exitCode;
      await this.#emitter.emit({ type: 'finished', status: outcome.status, durationMs, ...(exitCode === undefined ? {} : { exitCode }) });
    }
    await this.#emitter.drained();
    await (await this.#logs)[Symbol.asyncDispose]();
    delete this.#record.client;
    await writeRecord(this.#context.stateDir, this.#record);
    return { run: this.id, ...outcome, phases: this.#emitter.phases, sent: this.#sent };
  }

  async #phases(total: Span): Promise<Outcome> {
    const { cluster, stateDir } = this.#context;
    const plan = this.#plan;
    const beginning = AbortSignal.any([this.#abort.signal, this.#stop.signal]);
    await writeRecord(stateDir, this.#record);
    // The cluster is asked about the claim while the local files are read.
    const [inputs, claim] = await Promise.all([
      resolveInputs(plan, stateDir, this.#emitter, total, beginning),
      openClaim(plan, cluster, stateDir, beginning),
    ]);
    const store = openRunStore(plan, inputs, claim);
    const { pod, followed } = await this.#startAndFollow({ plan, store, nodeImage: false }, inputs, total, beginning);
    return this.#finish(followed, pod, total);
  }

  /** Until the command has begun, what can be mended is mended and tried again. */
  async #startAndFollow(
    first: StartAttempt,
    inputs: readonly ResolvedInput[],
    total: Span,
    signal: AbortSignal,
  ): Promise<{ pod: StartedPod; followed: Followed }> {
    const { cluster, stateDir } = this.#context;
    let attempt = first;
    for (let count = 1; ; count++) {
      try {
        const pod = await startPod({
          ...attempt,
          cluster,
          inputs,
          emitter: this.#emitter,
          parent: total,
          signal,
          record: JSON.stringify({ ...this.#record, client: undefined }),
          onPod: (made) => {
            this.#pod = made;
            this.#record.podUid = made.uid;
          },
          onSent: (bytes) => (this.#sent += bytes),
        });
        await writeRecord(stateDir, this.#record);
        return { pod, followed: await this.#command(pod, total) };
      } catch (error) {
        const next =
          this.#commandStarted || count >= maxAttempts || signal.aborted ? undefined : await mendStart(error, attempt, inputs, this.#emitter);
        const pod = this.#pod;
        if (!next || !pod) throw error;
        attempt = next;
        await pod.delete();
        await untilGone(cluster, pod, signal);
      }
    }
  }

  /** Runs the command; from its start on the run outlives this process. */
  async #command(pod: StartedPod, total: Span): Promise<Followed> {
    const { command, pty, timeoutMs } = this.#plan;
    let span: Span | undefined;
    try {
      const followed = await followCommand({
        cluster: this.#context.cluster,
        pod: pod.pod.name,
        main: pod.main,
        emitter: this.#emitter,
        spec: { path: command.path, args: command.args, dir: command.dir, tty: pty, ...(command.user === undefined ? {} : { user: command.user }) },
        abort: this.#abort.signal,
        stop: this.#stop.signal,
        timeoutMs,
        waiting: pod.running,
        onStarted: () => {
          pod.started();
          span = this.#emitter.start(spanNames.exec, total);
          this.#commandStarted = true;
          this.#record.commandStarted = true;
          void this.#emitter.emit({ type: 'command-started', command: [command.path, ...command.args] });
          void writeRecord(this.#context.stateDir, this.#record).then(() => this.#markStarted());
        },
      });
      span?.end(followed.record.exitCode === 0 ? 'ok' : 'failed', { 'exit.code': followed.record.exitCode });
      return followed;
    } finally {
      span?.end('failed');
      pod.started();
    }
  }

  async #finish(followed: Followed, pod: StartedPod, total: Span): Promise<Outcome> {
    const { record, timedOut } = followed;
    const memory = record.oomKills > 0 ? await this.#memoryFailure() : undefined;
    await this.#emitter.emit({
      type: 'command-ended',
      exitCode: record.exitCode,
      durationMs: record.durationMs,
      ...(memory ? { hint: memory.title } : {}),
    });
    for (const stream of record.capped) this.#emitter.note(`the ${stream} of the command went beyond the limit and was cut`);
    const options = {
      record: this.#record,
      caches: this.#plan.caches,
      store: pod.store,
      helper: pod.helper,
      emitter: this.#emitter,
      parent: total,
      signal: this.#stop.signal,
    };
    const { saved, failure: saveFailure } = await saveAll(options);
    this.#saved.push(...saved);
    this.#record.saved = this.#saved;
    const failure = saveFailure ?? (await downloadAll(options));
    if (this.#plan.keepMs > 0 && !this.#abort.signal.aborted) {
      pod.pod.keep();
      await this.#emitter.emit({ type: 'pod-kept', pod: pod.pod.name, until: new Date(Date.now() + this.#plan.keepMs).toISOString() });
    }
    const { exitCode } = record;
    if (failure) await this.#emitter.emit({ type: 'failure', failure });
    if (this.#abort.signal.aborted) return { status: 'aborted', exitCode };
    if (timedOut) return { status: 'failed', failure: timeoutFailure(this.#plan.timeoutMs) };
    if (memory && exitCode !== 0) {
      await this.#emitter.emit({ type: 'failure', failure: memory });
      return { status: 'failed', exitCode, failure: memory };
    }
    if (exitCode !== 0) return { status: 'failed', exitCode };
    // The command succeeded, but what it made was lost: that is no success.
    return failure ? { status: 'errored', exitCode, failure } : { status: 'succeeded', exitCode };
  }

  async #memoryFailure(): Promise<RunFailure | undefined> {
    const pod = await this.#context.cluster.getPod(this.#record.pod).catch(() => undefined);
    return pod && outOfMemory(pod, 'main', { pod: this.#record.pod });
  }

  #outcomeOf(error: unknown): Outcome {
    if (this.#abort.signal.aborted) return { status: 'aborted' };
    if (error instanceof Detached) return { status: 'succeeded' };
    const failure = asFailure(error);
    void this.#emitter.emit({ type: 'failure', failure });
    return { status: 'errored', failure };
  }

  async #cleanUp(total: Span): Promise<void> {
    const pod = this.#pod;
    if (!pod) return;
    if (this.#stop.signal.reason instanceof Detached && this.#commandStarted) return;
    await this.#emitter.within(spanNames.cleanUp, total, async () => {
      await pod[Symbol.asyncDispose]();
    });
  }
}

/** The failure behind whatever ended the run. */
export function asFailure(error: unknown): RunFailure {
  if (error instanceof RunFailureError) return error.failure;
  if (error instanceof SnapshotError)
    return makeFailure('upload-failed', error.message, { nextStep: 'Make the file readable, or leave it out with .tarmacignore.' });
  return failureFromApi(error, {});
}

function timeoutFailure(timeoutMs: number): RunFailure {
  return makeFailure('deadline-exceeded', `The task ran longer than its time limit of ${Math.round(timeoutMs / 1000)} s and was stopped`, {
    nextStep: 'Give it more time with --timeout, or find out why it hangs: `tarmac shell` opens a shell in a running task.',
  });
}
