/**
 * Starts runs, takes them up again, aborts them, and lets go of them when the window closes. It owns what belongs to a
 * run that is followed: the runner's handle, the log, the place in the panel. Everything else learns of runs from the store.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LogOutputChannel } from 'vscode';
import type { Plan, Run, RunEvent, RunnerContext, RunResult } from '../../../runner/src/index.ts';
import type { ClusterRef, Runner, RunnerHost } from '../cluster/runner-host.ts';
import type { OutputPanel } from '../output/output-panel.ts';
import { redactEvents } from '../output/redact-events.ts';
import { RunLog } from '../output/run-log.ts';
import type { RunMemory, RememberedRun } from './run-memory.ts';
import { isOver, newRun, runOfRecord } from './run-model.ts';
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
  readonly panel: OutputPanel;
  /** Folder for the logs of runs. */
  readonly storageDir: string;
  readonly log: LogOutputChannel;
  /** The secrets of a run, as the secret storage has them. */
  readonly secretsOf: (run: RememberedRun) => Promise<readonly string[]>;
}

export class RunControl implements AsyncDisposable {
  readonly #parts: RunControlParts;
  readonly #running = new Map<string, Run>();
  /** Runs that are being taken up. */
  readonly #attaching = new Map<string, Promise<FollowedRun>>();
  #closing = false;

  constructor(parts: RunControlParts) {
    this.#parts = parts;
  }

  /** Absolute path of a run's log. */
  logFile(run: string): string {
    return join(this.#parts.storageDir, 'runs', run, 'output.log');
  }

  /** Starts what the plan says. What it was given is remembered, so that it can be found and run again. */
  async start(plan: Plan, remembered: RememberedRun, secrets: readonly string[] = []): Promise<FollowedRun> {
    const { host, store, memory } = this.#parts;
    const runner = await host.load();
    const context = await host.context(remembered);
    store.put(
      newRun({
        id: plan.run,
        task: plan.task,
        taskFile: plan.taskFile,
        context: remembered.context,
        namespace: remembered.namespace,
        startedAt: Date.now(),
        following: true,
        image: plan.image.reference,
        inputs: plan.inputs.map(({ name, source }) => ({
          name,
          from: source.kind === 'directory' ? source.directory : `run:${source.run}/${source.output}`,
        })),
        outputs: plan.outputs.map(({ name, target }) => ({ name, ...(target === undefined ? {} : { target }) })),
        logFile: this.logFile(plan.run),
        ...(plan.store.kind === 'claim' ? { claim: plan.store.claim } : {}),
      }),
    );
    await memory.add(remembered);
    return await this.#follow(plan.run, plan.task, context, runner, secrets, (each) =>
      Promise.resolve(runner.startRun(plan, each)),
    );
  }

  /**
   * Follows a run that nobody here follows: its output goes on in its log where it stopped. Rejects with
   * `RunFailureError` when nothing of the run is left.
   */
  attach(run: string, ref: ClusterRef): Promise<FollowedRun> {
    const running = this.#running.get(run);
    if (running) return Promise.resolve({ id: run, done: running.done });
    const attaching = this.#attaching.get(run) ?? this.#attach(run, ref).finally(() => this.#attaching.delete(run));
    this.#attaching.set(run, attaching);
    return attaching;
  }

  /** `abort` for a run that this window follows; nothing for others. */
  abortFollowed(run: string): void {
    this.#running.get(run)?.abort();
  }

  /** First call: the command is told to end, has 10 s, and its outputs are saved. Second call: its pod is deleted at once. */
  async abort(run: string, ref: ClusterRef): Promise<void> {
    if (!this.#running.has(run)) await this.attach(run, ref);
    this.#running.get(run)?.abort();
  }

  /** Brings a run's output to the front; that of a run that has ended is read from its log. */
  async showOutput(id: string, ref: ClusterRef | undefined): Promise<void> {
    const { panel, store, host } = this.#parts;
    const logFile = this.logFile(id);
    if (!panel.has(id)) {
      const { formatBytes } = await host.load();
      // A run of another window or of the command line has no log here yet: following it makes one.
      if (existsSync(logFile)) await panel.replay({ run: id, task: store.get(id)?.task ?? id, logFile, formatBytes });
      else if (ref) await this.attach(id, ref);
    }
    panel.show(id);
  }

  /**
   * Takes up the runs that this workspace started and whose end nobody saw. A run that is gone is told once, in the log
   * of the extension.
   */
  async resume(): Promise<void> {
    const { memory, log } = this.#parts;
    const unfinished = memory.all.filter((run) => run.unfinished);
    await Promise.all(
      unfinished.map(async (run) => {
        try {
          await this.attach(run.run, run);
        } catch (error) {
          log.warn(
            `Run ${run.run} could not be taken up again: ${error instanceof Error ? error.message : String(error)}`,
          );
          const runner = await this.#parts.host.load();
          const failure = runner.asFailure(error);
          // Nothing of it is left; when only the cluster is away, the next start tries again.
          if (failure.kind === 'pod-deleted') await memory.finish(run.run);
        }
      }),
    );
  }

  /** Lets go of every run: those whose command runs go on in the cluster, the others end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#attaching.values());
    await Promise.allSettled([...this.#running.values()].map((run) => run.detach()));
  }

  async #attach(run: string, ref: ClusterRef): Promise<FollowedRun> {
    const { host, store } = this.#parts;
    const runner = await host.load();
    const context = await host.context(ref);
    if (!store.get(run)) {
      const record = await runner.readRecord(context.stateDir, run);
      if (record) store.put(runOfRecord(record));
      else store.put(newRun({ id: run, task: run, taskFile: '', context: ref.context, namespace: ref.namespace }));
    }
    const task = store.get(run)?.task ?? run;
    store.update(run, { logFile: this.logFile(run) });
    const remembered = this.#parts.memory.get(run);
    const secrets = remembered ? await this.#parts.secretsOf(remembered) : [];
    return await this.#follow(run, task, context, runner, secrets, (each) => runner.attachRun(run, each));
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
    const output = { run: id, task, logFile: this.logFile(id), formatBytes: runner.formatBytes };
    const view = panel.open(output);
    const log = await RunLog.open(this.logFile(id), (piece) => view.add(piece), secrets);
    const shown = redactEvents(secrets);
    const report = new runner.Report({
      screen: log,
      paint: (_style, text) => text,
      now: () => performance.now(),
      quiet: false,
      verbose: false,
      describe: runner.describeFailure,
      shellHint: () => 'open a shell in it with "Tarmac: Open Shell"',
    });
    let run: Run;
    try {
      if (log.resumed) {
        await panel.replay(output);
        store.update(id, { outputBytes: log.counts });
      }
      run = await begin({
        ...context,
        onEvent: (event) => {
          const fresh = log.fresh(event);
          for (const each of shown(fresh ?? withoutData(event))) store.apply(each);
          return fresh && report.handle(fresh);
        },
      });
    } catch (error) {
      await log[Symbol.asyncDispose]();
      view.dispose();
      throw error;
    }
    this.#running.set(id, run);
    const done = run.done.then(async (result) => {
      this.#running.delete(id);
      await this.#ended(id, log);
      view.dispose();
      return result;
    });
    if (this.#closing) await run.detach();
    return { id, done };
  }

  async #ended(id: string, log: RunLog): Promise<void> {
    const { store, memory } = this.#parts;
    await log[Symbol.asyncDispose]();
    if (log.failure) this.#parts.log.error(`The log ${log.file} is incomplete: ${log.failure.message}`);
    const run = store.get(id);
    if (run && isOver(run.state)) await memory.finish(id);
    else store.update(id, { following: false });
  }
}

/** The event for views that count: its bytes are known already. */
function withoutData(event: RunEvent): RunEvent {
  return event.type === 'output'
    ? { ...event, offset: event.offset + event.data.length, data: new Uint8Array() }
    : event;
}
