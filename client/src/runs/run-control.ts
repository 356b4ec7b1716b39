/**
 * Starts runs, takes them up again, aborts them, and lets go of them when the window closes. It owns what belongs to a
 * run that is followed: the runner's handle, the log, the place in the panel. Everything else learns of runs from the store.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogOutputChannel } from 'vscode';
import type { Plan, Run, RunEvent, RunnerContext, RunResult } from '#runner';
import { formatInputSource } from '#runner/earlier-output';
import type { ClusterRef, Runner, RunnerHost } from '../cluster/runner-host.ts';
import { omit } from '../ui/omit.ts';
import { editorReport } from '../output/editor-report.ts';
import type { OutputPanel, RunOutputView } from '../output/output-panel.ts';
import { RunLog } from '../output/run-log.ts';
import { logName, tidyLogs } from '../output/tidy-logs.ts';
import type { Secrets } from '../choices/secrets.ts';
import type { RunMemory, RememberedRun } from './run-memory.ts';
import { isOver, newRun, runOfRecord, startMs } from './run-model.ts';
import type { RunStore } from './run-store.ts';

/** A run that this window follows. */
export interface FollowedRun {
  readonly id: string;
  /** Settles when the run has ended, or was let go of; never rejects. */
  readonly done: Promise<RunResult>;
}

export interface RunControlParts {
  readonly host: RunnerHost;
  readonly store: RunStore;
  readonly memory: RunMemory;
  readonly panel: Pick<OutputPanel, 'open' | 'replay' | 'has' | 'show'>;
  /** Folder for the logs of runs. */
  readonly storageDir: string;
  readonly log: Pick<LogOutputChannel, 'debug' | 'warn' | 'error'>;
  readonly secrets: Pick<Secrets, 'keepForRun' | 'ofRun' | 'forgetRun' | 'valuesOf'>;
  /** A run that goes on cannot be taken up until somebody does something about it: told once for each reason. */
  readonly onStuck: (error: unknown) => void;
  /** A run was taken up after a reload: its output is what the user looked at. */
  readonly onTakenUp?: (run: RememberedRun) => void;
  /** A run that was followed has ended, and its log is on disk. Must not throw. */
  readonly onEnded?: (run: string) => void;
}

/** Between two tries to take up a run whose cluster does not answer, in milliseconds. */
const retryMs = { first: 2000, most: 60_000 };
/** Nothing is left of a run that began so long ago: the runner forgets its record then. */
const oldestMs = 30 * 24 * 60 * 60 * 1000;

export class RunControl implements AsyncDisposable {
  readonly #parts: RunControlParts;
  readonly #running = new Map<string, { readonly run: Run; readonly done: Promise<RunResult> }>();
  /** Runs that are being started or taken up. */
  readonly #opening = new Map<string, Promise<FollowedRun>>();
  /** Logs that are not in the usual place, because another window writes that. */
  readonly #logs = new Map<string, string>();
  readonly #closing = new AbortController();
  #tidied = false;

  constructor(parts: RunControlParts) {
    this.#parts = parts;
  }

  /** Absolute path of a run's log. */
  logFile(run: string): string {
    return this.#logs.get(run) ?? join(this.#logFolder, run, logName(run));
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  get #logFolder(): string {
    return join(this.#parts.storageDir, 'runs');
  }

  /** Starts what the plan says. What it was given is remembered, so that it can be found and run again. */
  start(plan: Plan, remembered: RememberedRun, secrets: readonly string[] = []): Promise<FollowedRun> {
    return this.#open(plan.run, () => this.#start(plan, remembered, secrets));
  }

  /**
   * Follows a run that nobody here follows: its output goes on in its log where it stopped. Rejects with
   * `RunFailureError` when nothing of the run is left.
   */
  attach(run: string, ref: ClusterRef): Promise<FollowedRun> {
    const running = this.#running.get(run);
    if (running) return Promise.resolve({ id: run, done: running.done });
    return this.#opening.get(run) ?? this.#open(run, () => this.#attach(run, ref));
  }

  /** `abort` for a run that this window follows, or is about to; nothing for others. */
  abortFollowed(run: string): void {
    const abort = (): void => this.#running.get(run)?.run.abort();
    const opening = this.#opening.get(run);
    // Whoever opens it tells why that failed; there is nothing to abort then.
    if (opening) opening.then(abort, () => undefined);
    else abort();
  }

  /** The pod of a run that this window follows stays for so long after its command has ended, in milliseconds. */
  keepPod(run: string, ms: number): void {
    this.#running.get(run)?.run.keep(ms);
  }

  /** First call: the command is told to end, has 10 s, and its outputs are saved. Second call: its pod is deleted at once. */
  async abort(run: string, ref: ClusterRef): Promise<void> {
    await this.attach(run, ref);
    this.#running.get(run)?.run.abort();
  }

  /**
   * Brings a run's output to the front. One that goes on is followed from now on; that of a run that has ended is read
   * from its log. Rejects with `RunFailureError` when nothing of it is left.
   */
  async showOutput(id: string, ref: ClusterRef | undefined): Promise<void> {
    const { panel, store } = this.#parts;
    const run = store.get(id);
    const goesOn = run !== undefined && !isOver(run.state);
    try {
      if (this.#running.has(id) || this.#opening.has(id)) await this.#opening.get(id);
      // A run of the command line has no log here, and that of another window goes on: following it shows all of it.
      else if (ref && (goesOn || !(panel.has(id) || existsSync(this.logFile(id))))) await this.attach(id, ref);
    } finally {
      // What is on disk is better than nothing when the cluster cannot be asked.
      const logFile = this.logFile(id);
      if (!this.#running.has(id) && existsSync(logFile)) {
        await panel.replay({ run: id, task: run?.task ?? id, logFile, startedAt: (run && startMs(run)) ?? 0 });
      }
      panel.show(id);
    }
  }

  /** Forgets a run that is over: its record, its log and what it was given. What the artifact store has of it stays there. */
  async remove(id: string): Promise<void> {
    if (this.#running.has(id) || this.#opening.has(id)) return;
    const runner = await this.#parts.host.load();
    await runner.removeRecord(runner.stateDir(process.env), id);
    await this.#parts.memory.forget(id);
    await this.#parts.secrets.forgetRun(id);
    await rm(join(this.#logFolder, id), { recursive: true, force: true });
    this.#parts.store.remove(id);
  }

  /**
   * Takes up the runs that this workspace started and whose end nobody saw. While a cluster does not answer it is tried
   * again and again; a run that is gone is told once, in the log of the extension. Never rejects.
   */
  async resume(): Promise<void> {
    const told = new Set<string>();
    const unfinished = this.#parts.memory.all.filter((run) => run.unfinished);
    await Promise.all(
      unfinished.map(async (run) => {
        try {
          await this.#takeUp(run, told);
        } catch (error) {
          this.#parts.log.error(`Run ${run.run} could not be taken up again: ${String(error)}`);
        }
      }),
    );
  }

  /** Lets go of every run: those whose command runs go on in the cluster, the others end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    // One that waits for its cluster does not hold up the others.
    const letGo = [...this.#running.values()].map(async ({ run, done }) => {
      await run.detach();
      await done;
    });
    await Promise.allSettled([...letGo, ...this.#opening.values()]);
  }

  async #takeUp(remembered: RememberedRun, told: Set<string>): Promise<void> {
    const { log, store, host, onStuck } = this.#parts;
    const { run } = remembered;
    for (let wait = retryMs.first; !this.#closing.signal.aborted; wait = Math.min(wait * 2, retryMs.most)) {
      try {
        await this.attach(run, remembered);
        this.#parts.onTakenUp?.(remembered);
        return;
      } catch (error) {
        if (this.#isClosing) return;
        const { kind, title } = (await host.load()).asFailure(error);
        if (!told.has(`${run} ${title}`)) log.warn(`Run ${run} could not be taken up again: ${title}`);
        told.add(`${run} ${title}`);
        const tooOld = Date.now() - (startMs(remembered) ?? 0) > oldestMs;
        if (kind === 'pod-deleted' || tooOld) {
          await this.#forget(run);
          return;
        }
        if (kind !== 'unreachable') {
          // What needs the user is not tried again by itself: it may open a browser each time.
          store.update(run, { waiting: title });
          if (!told.has(title)) onStuck(error);
          told.add(title);
          return;
        }
        store.update(run, { reconnecting: title });
      }
      // A window that closes ends the pause, and with it the tries.
      await delay(wait, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
    }
  }

  #open(run: string, open: () => Promise<FollowedRun>): Promise<FollowedRun> {
    const opening = open().finally(() => this.#opening.delete(run));
    this.#opening.set(run, opening);
    return opening;
  }

  async #start(plan: Plan, remembered: RememberedRun, secrets: readonly string[]): Promise<FollowedRun> {
    const { host, store, memory, log } = this.#parts;
    const runner = await host.load();
    const context = await host.context(remembered);
    store.put(
      newRun({
        run: plan.run,
        task: plan.task,
        taskFile: plan.taskFile,
        context: remembered.context,
        namespace: remembered.namespace,
        startedAt: new Date().toISOString(),
        following: true,
        image: plan.image.reference,
        inputs: plan.inputs.map(({ name, source }) => ({
          name,
          from: formatInputSource(source),
        })),
        outputs: plan.outputs.map(({ name, target }) => ({ name, ...(target === undefined ? {} : { target }) })),
        logFile: this.logFile(plan.run),
        ...(plan.store.kind === 'claim' ? { claim: plan.store.claim } : {}),
      }),
    );
    try {
      await memory.add(remembered);
      await this.#parts.secrets.keepForRun(plan.run, secrets).catch((error: unknown) => {
        log.warn(`After a reload secrets could show in the output of ${plan.run}: ${String(error)}`);
      });
      return await this.#follow(plan.run, plan.task, context, runner, secrets, (each) =>
        Promise.resolve(runner.startRun(plan, each)),
      );
    } catch (error) {
      // Nothing was sent: there is nothing to take up again.
      store.update(plan.run, { state: 'errored', following: false, failure: runner.asFailure(error) });
      await this.#forget(plan.run);
      throw error;
    } finally {
      this.#tidy();
    }
  }

  async #attach(run: string, ref: ClusterRef): Promise<FollowedRun> {
    const { host, store } = this.#parts;
    const runner = await host.load();
    const context = await host.context(ref);
    if (!store.get(run)) {
      const record = await runner.readRecord(context.stateDir, run);
      if (record) store.put(runOfRecord(record));
      else store.put(newRun({ run, task: run, taskFile: '', context: ref.context, namespace: ref.namespace }));
    }
    const task = store.get(run)?.task ?? run;
    const remembered = this.#parts.memory.get(run);
    const secrets = new Set(await this.#parts.secrets.ofRun(run));
    if (remembered) {
      for (const each of await this.#parts.secrets.valuesOf(remembered.taskUri, remembered.choices)) secrets.add(each);
    }
    try {
      return await this.#follow(run, task, context, runner, [...secrets], (each) => runner.attachRun(run, each));
    } catch (error) {
      const model = store.get(run);
      const isGone = runner.asFailure(error).kind === 'pod-deleted' && model !== undefined && !isOver(model.state);
      if (isGone) store.put({ ...omit(model, 'pod', 'reconnecting'), state: 'lost', following: false });
      throw error;
    }
  }

  /** Opens everything that belongs to a run that is followed; the end of the run closes it. */
  async #follow(
    id: string,
    task: string,
    context: RunnerContext,
    runner: Runner,
    secrets: readonly string[],
    begin: (context: RunnerContext) => Promise<Run>,
  ): Promise<FollowedRun> {
    const { store, panel } = this.#parts;
    let view: RunOutputView | undefined;
    const log = await RunLog.open(this.logFile(id), (piece) => view?.add(piece));
    const known = store.get(id);
    const output = { run: id, task, logFile: log.file, startedAt: (known && startMs(known)) ?? 0 };
    const report = editorReport(runner, { screen: log, paint: (_style, text) => text });
    let run: Run;
    try {
      if (log.resumed) {
        await panel.replay(output);
        store.update(id, { outputBytes: log.counts });
      }
      view = panel.open(output);
      run = await begin({
        ...context,
        secrets,
        onEvent: (event) => {
          const fresh = log.fresh(event);
          store.apply(fresh ?? withoutData(event));
          return fresh && report.handle(fresh);
        },
      });
    } catch (error) {
      await log[Symbol.asyncDispose]();
      view?.dispose();
      throw error;
    }
    this.#logs.set(id, log.file);
    store.update(id, { logFile: log.file });
    const done = run.done.then(async (result) => {
      this.#running.delete(id);
      await this.#ended(id, log);
      view.dispose();
      this.#parts.onEnded?.(id);
      return result;
    });
    this.#running.set(id, { run, done });
    if (this.#isClosing) await run.detach();
    return { id, done };
  }

  /** Never rejects: nobody waits for it who could do something about it. */
  async #ended(id: string, log: RunLog): Promise<void> {
    const { store } = this.#parts;
    try {
      await log[Symbol.asyncDispose]();
      if (log.failure) this.#parts.log.error(`The log ${log.file} is incomplete: ${log.failure.message}`);
      const run = store.get(id);
      if (run && isOver(run.state)) await this.#forget(id);
      else store.update(id, { following: false });
    } catch (error) {
      this.#parts.log.error(`The end of run ${id} could not be written down: ${String(error)}`);
    }
  }

  /** The end of the run is known: it is not taken up again, and what it was given is no secret of ours any more. */
  async #forget(run: string): Promise<void> {
    await this.#parts.memory.finish(run);
    await this.#parts.secrets.forgetRun(run);
  }

  /** Removes old logs, once in the life of a window. */
  #tidy(): void {
    if (this.#tidied) return;
    this.#tidied = true;
    const { memory, log } = this.#parts;
    const unfinished = memory.all.filter((each) => each.unfinished).map(({ run }) => run);
    tidyLogs(this.#logFolder, new Set([...unfinished, ...this.#running.keys()])).catch((error: unknown) => {
      log.warn(`Old logs could not be removed: ${String(error)}`);
    });
  }
}

/** The event for views that count: its bytes are known already. */
function withoutData(event: RunEvent): RunEvent {
  return event.type === 'output'
    ? { ...event, offset: event.offset + event.data.length, data: new Uint8Array() }
    : event;
}
