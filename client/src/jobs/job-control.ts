/**
 * Starts jobs, continues them, aborts them, and lets go of them when the window closes. It owns what belongs to a job that is
 * followed: its signals, its logs, its place in the panel. Everything else learns of jobs from the store.
 */
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { Uri, type LogOutputChannel } from 'vscode';
import type { JobRunResult, JobSummary, LeafRun, PreparedJob, RunEvent, RunJobOptions, RunnerContext } from '#runner';
import { errorText } from '#runner/format';
import type { Secrets } from '../choices/secrets.ts';
import type { ClusterRef, Runner, RunnerHost } from '../cluster/runner-host.ts';
import { JobError } from '../failures/job-error.ts';
import { pathsOf, type RunPaths } from '../output/links.ts';
import type { OutputPanel } from '../output/output-panel.ts';
import type { LogPiece } from '../output/run-log.ts';
import { logName } from '../output/tidy-logs.ts';
import type { RunStore } from '../runs/run-store.ts';
import { jobKey, noJobChoices } from './job-choices.ts';
import type { JobMemory, RememberedJob } from './job-memory.ts';
import type { StepPaths } from './step-paths.ts';
import { JobOutput } from './job-output.ts';
import { isJobOver, type JobStore } from './job-store.ts';
import { jobVars } from './open-job.ts';

/** A job that this window follows. */
export interface FollowedJob {
  readonly id: string;
  /** Settles when the job has ended, or was let go of; never rejects. */
  readonly done: Promise<JobRunResult['status']>;
}

/** Who looks at a job beside the panel, such as a terminal. */
export interface JobListener {
  /** Gets what the job's log gets, as it comes. */
  readonly onPiece: (piece: LogPiece) => void;
  /** Gets what the runs of its steps tell, each with where its inputs are on this machine. */
  readonly onRunEvent?: (event: RunEvent, paths: RunPaths | undefined) => void;
}

/** A job that is ready to start. */
export interface JobStart {
  readonly prepared: PreparedJob;
  readonly ref: ClusterRef;
  readonly base: RunJobOptions['base'];
  readonly uri: string;
  /** Absolute path of the pipeline. */
  readonly pipelineFile: string;
  readonly podLimit: number;
  readonly choices: RememberedJob['choices'];
  readonly listener?: JobListener;
}

/** Has the user give a var again whose value nobody wrote down; undefined when left. */
export type AskVarAgain = (name: string, job: string) => Promise<string | undefined>;

export interface JobControlParts {
  readonly host: Pick<RunnerHost, 'load' | 'context'>;
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly memory: JobMemory;
  readonly stepPaths: StepPaths;
  readonly panel: Pick<OutputPanel, 'open' | 'replay' | 'has' | 'show'>;
  readonly secrets: Pick<Secrets, 'of' | 'keepForRun' | 'ofRun' | 'forgetRun'>;
  readonly storageDir: string;
  readonly log: Pick<LogOutputChannel, 'warn' | 'error'>;
  readonly askVar: AskVarAgain;
  /** A job that was left cannot be continued until somebody does something about it. */
  readonly onStuck: (error: unknown) => void;
  /** A job was continued after a reload: its output is what the user looked at. */
  readonly onTakenUp?: (job: RememberedJob) => void;
  /** A job that was followed has ended. Must not throw. */
  readonly onEnded?: (job: string) => void;
}

interface Followed {
  readonly output: JobOutput;
  readonly abort: AbortController;
  readonly leave: AbortController;
  readonly done: Promise<JobRunResult['status']>;
}

/** Between two tries to continue a job whose cluster does not answer, in milliseconds. */
const retryMs = { first: 2000, most: 60_000 };

export class JobControl implements AsyncDisposable {
  readonly #parts: JobControlParts;
  readonly #followed = new Map<string, Followed>();
  readonly #opening = new Map<string, Promise<FollowedJob>>();
  readonly #closing = new AbortController();

  constructor(parts: JobControlParts) {
    this.#parts = parts;
  }

  /** Absolute path of the log of a job, or of the run of a step. */
  logFile(id: string): string {
    return join(this.#parts.storageDir, 'runs', id, logName(id));
  }

  /** Starts the job. Rejects when it has not begun. */
  async start(start: JobStart): Promise<FollowedJob> {
    const { host, memory, secrets, log } = this.#parts;
    const { prepared, ref, base, uri, pipelineFile, podLimit, choices, listener } = start;
    const runner = await host.load();
    const context = await host.context(ref);
    const secretValues = base.secretValues ?? [];
    return this.#follow({
      ...{ runner, context, secretValues, pipelineFile, job: prepared.plan.job },
      run: (options) => runner.runJob(prepared, { ...options, base, pipelineFile, podLimit }),
      onId: async (id) => {
        const startedAt = new Date().toISOString();
        await memory.add({ ...ref, id, uri, job: prepared.plan.job, startedAt, unfinished: true, choices });
        await secrets.keepForRun(id, secretValues).catch((error: unknown) => {
          log.warn(`After a reload secrets could show in the output of ${id}: ${String(error)}`);
        });
      },
      ...(listener && { listener }),
      notice: base.store.kind === 'direct' ? 'without a claim the artifacts of this job go through this machine' : '',
    });
  }

  /**
   * Follows a job to its end. One that nobody sees to any more is continued: steps that ran are not run again.
   * @throws {JobError} when it cannot be continued as it is
   */
  attach(id: string, ref: ClusterRef): Promise<FollowedJob> {
    const followed = this.#followed.get(id);
    if (followed) return Promise.resolve({ id, done: followed.done });
    const opening = this.#opening.get(id) ?? this.#attach(id, ref).finally(() => void this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  /** Aborts a job, whoever sees to it: its hooks run. One that nobody sees to is continued for that. */
  async abort(id: string, ref: ClusterRef): Promise<void> {
    const { host, jobs } = this.#parts;
    jobs.update(id, { aborting: true });
    const followed = this.#followed.get(id);
    if (followed) {
      followed.abort.abort();
      return;
    }
    const runner = await host.load();
    await runner.requestJobAbort(id, runner.stateDir(env));
    await this.attach(id, ref);
  }

  /** Aborts a job that this window follows; nothing for another one. */
  abortFollowed(id: string): void {
    this.#parts.jobs.update(id, { aborting: true });
    this.#followed.get(id)?.abort.abort();
  }

  /** Brings the output of a job to the front; that of one that has ended is read from its log. */
  async showOutput(id: string): Promise<void> {
    const { panel, jobs } = this.#parts;
    const followed = this.#followed.get(id);
    const logFile = this.logFile(id);
    const job = jobs.get(id);
    if (!followed && existsSync(logFile)) {
      const startedAt = Date.parse(job?.startedAt ?? '') || 0;
      await panel.replay({ run: id, task: job?.job ?? id, logFile, startedAt });
    }
    panel.show(id);
  }

  /** Brings the output of a step's run to the front; false for one that no job here follows. */
  async showStep(run: string): Promise<boolean> {
    for (const { output } of this.#followed.values()) if (await output.showStep(run)) return true;
    return false;
  }

  /** Forgets a job that is over. What the artifact store has of it stays there. */
  async remove(id: string): Promise<void> {
    if (this.#followed.has(id) || this.#opening.has(id)) return;
    const { host, memory, jobs } = this.#parts;
    const runner = await host.load();
    await runner.removeJobRecord(runner.stateDir(env), id);
    await memory.forget(id);
    jobs.remove(id);
  }

  /** Continues the jobs that this workspace started and whose end nobody saw. Never rejects. */
  async resume(): Promise<void> {
    const unfinished = this.#parts.memory.all.filter((job) => job.unfinished);
    await Promise.all(
      unfinished.map((job) =>
        this.#resume(job).catch((error: unknown) => {
          this.#parts.log.error(`Job ${job.id} could not be continued: ${String(error)}`);
        }),
      ),
    );
  }

  /** Lets go of every job: what runs continues in the cluster, and the steps after it wait for the next window. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const { leave } of this.#followed.values()) leave.abort();
    await Promise.allSettled([...this.#opening.values()]);
    await Promise.allSettled([...this.#followed.values()].map(({ done }) => done));
  }

  async #resume(remembered: RememberedJob): Promise<void> {
    const { host, jobs, log, onStuck, onTakenUp } = this.#parts;
    const { id } = remembered;
    const runner = await host.load();
    const stateDir = runner.stateDir(env);
    for (let wait = retryMs.first; !this.#closing.signal.aborted; wait = Math.min(wait * 2, retryMs.most)) {
      const known = (await runner.readJobs(stateDir)).find((job) => job.id === id);
      if (known) jobs.put(known);
      if (known === undefined || isJobOver(known.state)) {
        await this.#forget(id);
        return;
      }
      try {
        // A step that finds no cluster fails: the job waits until there is one.
        await runner.listRuns(await host.context(remembered));
        await this.attach(id, remembered);
        jobs.update(id, { waiting: undefined });
        onTakenUp?.(remembered);
        return;
      } catch (error) {
        const failure = runner.asFailure(error);
        const title = failure.kind === 'internal' ? errorText(error) : failure.title;
        jobs.update(id, { waiting: title });
        log.warn(`Job ${id} is not continued: ${title}`);
        // What needs the user is not tried again by itself.
        if (failure.kind !== 'unreachable') {
          onStuck(error);
          return;
        }
      }
      // It rejects only when the window closes, which ends the loop.
      await delay(wait, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
    }
  }

  async #attach(id: string, ref: ClusterRef): Promise<FollowedJob> {
    const { host, jobs } = this.#parts;
    const runner = await host.load();
    const context = await host.context(ref);
    const known = (await runner.readJobs(context.stateDir)).find((job) => job.id === id);
    if (known === undefined) throw new Error(l10n.t('There is no job {0} on this machine.', id));
    jobs.put(known);
    if (isJobOver(known.state)) return { id, done: Promise.resolve(known.state as JobRunResult['status']) };
    if (known.state === 'running') return this.#watch(known, runner, context, ref);
    return this.#takeUp(known, runner, context);
  }

  /** A job of another window, or of the command line: only its states are known here. When that one ends, it is continued. */
  #watch(job: JobSummary, runner: Runner, context: RunnerContext, ref: ClusterRef): Promise<FollowedJob> {
    const { jobs, log } = this.#parts;
    const { id } = job;
    const watching = async (): Promise<JobRunResult['status']> => {
      const { signal } = this.#closing;
      const last = await runner
        .watchJob(id, context, (_step, now) => jobs.put(now), signal)
        .catch((error: unknown) => {
          if (!signal.aborted) log.warn(`Job ${id} is not watched any more: ${errorText(error)}`);
          return undefined;
        });
      if (last === undefined) return 'left';
      jobs.put(last);
      if (last.state !== 'left' && last.state !== 'running') return last.state;
      const continued = await this.attach(id, ref).catch((error: unknown) => {
        this.#parts.onStuck(error);
        return undefined;
      });
      return continued === undefined ? 'left' : continued.done;
    };
    return Promise.resolve({ id, done: watching() });
  }

  async #takeUp(job: JobSummary, runner: Runner, context: RunnerContext): Promise<FollowedJob> {
    const { memory, secrets, askVar } = this.#parts;
    const { id } = job;
    const asked = await runner.jobAsked(context.stateDir, id);
    if (asked === undefined) throw new Error(l10n.t('There is no job {0} on this machine.', id));
    const { pipeline: file, cwd } = asked;
    const uri = Uri.file(file);
    const remembered = memory.get(id);
    const { vars: known, secretVars } = remembered?.choices ?? noJobChoices;
    const opened = { uri, key: jobKey(remembered?.uri ?? uri.toString(), job.job), cwd };
    const first = await jobVars(opened, { vars: known, secretVars }, secrets, runner, asked.vars.files);
    const given = { ...known };
    for (const name of asked.vars.names.filter((each) => !first.names.names.includes(each))) {
      const value = await askVar(name, job.job);
      if (value === undefined) throw new JobError(uri, job.job, [l10n.t('{0} needs a value again.', `((${name}))`)]);
      given[name] = value;
    }
    const { vars, secretValues } = await jobVars(
      opened,
      { vars: given, secretVars },
      secrets,
      runner,
      asked.vars.files,
    );
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      throw new JobError(uri, job.job, [l10n.t('The pipeline cannot be read: {0}', errorText(error))]);
    }
    const taken = await runner.takeUpJob(id, { text, file, vars }, context.stateDir);
    if ('wrong' in taken) throw new JobError(uri, job.job, taken.wrong);
    const all = [...new Set([...secretValues, ...(await secrets.ofRun(id))])];
    return this.#follow({
      ...{ runner, context, secretValues: all, pipelineFile: file, job: job.job },
      run: (options) => taken.goOn({ ...options, secretValues: all }),
      onId: () => Promise.resolve(),
      notice: '',
    });
  }

  /** Opens everything that belongs to a job that is followed; the end of the job closes it. */
  async #follow(job: {
    readonly runner: Runner;
    readonly context: RunnerContext;
    readonly secretValues: readonly string[];
    readonly pipelineFile: string;
    readonly job: string;
    readonly run: (options: Omit<RunJobOptions, 'base' | 'pipelineFile' | 'podLimit'>) => Promise<JobRunResult>;
    readonly onId: (id: string) => Promise<void>;
    readonly listener?: JobListener;
    readonly notice: string;
  }): Promise<FollowedJob> {
    const { jobs, runs, panel, log, stepPaths } = this.#parts;
    const { runner, context, pipelineFile, listener } = job;
    const planned = new Map<string, RunPaths>();
    const known = new Map<string, RunPaths | undefined>();
    /** Of a run that an earlier window has planned, that one remembered them. */
    const pathsOfRun = ({ id, name }: LeafRun, run: string): RunPaths | undefined => {
      if (known.has(run)) return known.get(run);
      const paths = planned.get(run) ?? stepPaths.get(run);
      known.set(run, paths);
      if (paths && paths.inputs.length > 0) void stepPaths.add({ run, job: job.job, step: id, name, paths });
      return paths;
    };
    const [abort, leave] = [new AbortController(), new AbortController()];
    const began = Promise.withResolvers<string>();
    const opened = Promise.withResolvers<JobOutput>();
    // Whoever waits for it is told; nobody may.
    opened.promise.catch(() => undefined);
    const files = runner.localFiles(runner.stateDir(env));
    const output = (work: (to: JobOutput) => void): void => void opened.promise.then(work, () => undefined);
    const running = job.run({
      context,
      plan: (request) => {
        const made = runner.plan(request, files);
        if ('plan' in made) planned.set(made.plan.run, pathsOf(made.plan));
        return made;
      },
      signal: abort.signal,
      leave: leave.signal,
      onId: (id) => began.resolve(id),
      onEvent: (event) => output((to) => to.event(event)),
      onSummary: (summary) => jobs.put(summary, { following: true }),
      onWarning: (message) => output((to) => to.say(`warning: ${message}`)),
      onRunEvent: (step, event) => {
        const paths = pathsOfRun(step, event.run);
        listener?.onRunEvent?.(event, paths);
        output((to) => to.runEvent(step, event));
      },
    });
    running.catch((error: unknown) => began.reject(error));
    const id = await began.promise;
    await job.onId(id);
    const parts = {
      ...{ runner, store: runs, panel, context, secrets: job.secretValues },
      logFile: (run: string) => this.logFile(run),
      onTrouble: (error: unknown) => log.error(`The output of job ${id}: ${String(error)}`),
      ...(listener && { onPiece: listener.onPiece }),
    };
    try {
      const place = { run: id, task: job.job, startedAt: Date.now() };
      const own = await JobOutput.open(parts, place, pipelineFile);
      if (job.notice !== '') own.say(`notice: ${job.notice}`);
      opened.resolve(own);
    } catch (error) {
      // Nobody would see what it does.
      leave.abort();
      opened.reject(error);
      // Why the output cannot be shown is what the user gets.
      await running.catch(() => undefined);
      throw error;
    }
    const own = await opened.promise;
    const done = this.#ended(id, running, own, runner);
    this.#followed.set(id, { output: own, abort, leave, done });
    if (this.#closing.signal.aborted) leave.abort();
    return { id, done };
  }

  /** Never rejects: nobody waits for it who could do something about it. */
  async #ended(
    id: string,
    running: Promise<JobRunResult>,
    output: JobOutput,
    runner: Runner,
  ): Promise<JobRunResult['status']> {
    const { jobs, log, onEnded } = this.#parts;
    let status: JobRunResult['status'] = 'errored';
    try {
      const result = await running;
      ({ status } = result);
      if (status !== 'left') output.say(runner.jobEndText(result));
    } catch (error) {
      output.say(`job ${id}: ${errorText(error)}`);
      this.#parts.onStuck(error);
    }
    try {
      await output[Symbol.asyncDispose]();
      if (status === 'left') jobs.update(id, { following: false, state: 'left' });
      else await this.#forget(id);
    } catch (error) {
      log.error(`The end of job ${id} could not be written down: ${String(error)}`);
    }
    this.#followed.delete(id);
    if (status !== 'left') onEnded?.(id);
    return status;
  }

  async #forget(id: string): Promise<void> {
    await this.#parts.memory.finish(id);
    await this.#parts.secrets.forgetRun(id);
  }
}
