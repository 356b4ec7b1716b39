/** `tarmac attach JOB` and `tarmac abort JOB`: jobs that another process began. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printable, secretVars, type JobAsked, type JobSummary, type RunnerContext } from '#runner/model';
import { paintOf, printLines, type ClusterFlags, type CommandContext } from '../context.ts';
import { signalExitCode, type Io, type StopSignal } from '../io.ts';
import { jobExitCodes } from '../jobs/exit-codes.ts';
import { JobLines } from '../jobs/job-lines.ts';
import type { RunnerServices } from '../services.ts';
import { UsageError } from '../usage.ts';
import { readVars, varNamesOf, type VarFlags } from '../var-sources.ts';

/** What is given again to a job that is taken up: no value of a var was written down. */
export interface TakeUpFlags extends ClusterFlags, VarFlags {
  readonly config?: string;
}

/**
 * Follows a job to its end. Where nobody sees to it any more, goes on with it: steps that ran are not run again, those
 * that run are followed, and then comes the rest.
 */
export async function attachJob(
  job: JobSummary,
  flags: TakeUpFlags,
  { io }: CommandContext,
  runner: RunnerServices,
  context: RunnerContext,
): Promise<number> {
  const lines = new JobLines(io, flags);
  using stop = new LeaveHandling(io);
  const last = await watch(job, lines, runner, context, stop);
  if (last === 'left') {
    void io.stderr.write(`\ndetached: the job keeps running; end it with: tarmac abort ${job.id}\n`);
    return stop.exitCode;
  }
  if (last.state !== 'left' && last.state !== 'running') {
    await lines.end({ id: job.id, status: last.state, heldBack: last.heldBack });
    return jobExitCodes[last.state];
  }
  return await goOn(job.id, flags, io, runner, context, lines, stop);
}

/**
 * Aborts a job: who sees to it runs its hooks, and so do we where nobody does. Returns when it has ended.
 */
export async function abortJob(
  job: JobSummary,
  flags: TakeUpFlags,
  { io }: CommandContext,
  runner: RunnerServices,
  context: RunnerContext,
): Promise<number> {
  if (job.state !== 'running' && job.state !== 'left') {
    await printLines(io, [`${job.id} ${paintOf(io, flags)('bold', job.state)}`]);
    return 0;
  }
  await runner.requestJobAbort(job.id, context.stateDir);
  const lines = new JobLines(io, flags);
  using stop = new LeaveHandling(io);
  const last = await watch(job, lines, runner, context, stop);
  if (last === 'left') return stop.exitCode;
  let status: string = last.state;
  if (last.state === 'left' || last.state === 'running') {
    await goOn(job.id, flags, io, runner, context, lines, stop);
    status = (await runner.listJobs(context)).find(({ id }) => id === job.id)?.state ?? status;
  }
  await printLines(io, [`${job.id} ${paintOf(io, flags)('bold', status)}`]);
  return 0;
}

async function watch(
  { id }: JobSummary,
  lines: JobLines,
  runner: RunnerServices,
  context: RunnerContext,
  stop: LeaveHandling,
): Promise<JobSummary | 'left'> {
  try {
    const last = await runner.watchJob(id, context, (step) => lines.step(step), stop.signal);
    if (last !== undefined) return last;
  } catch (error) {
    if (stop.signal.aborted) return 'left';
    throw error;
  }
  throw new UsageError(`the record of job ${id} is gone\nlist the jobs with: tarmac runs`);
}

async function goOn(
  id: string,
  flags: TakeUpFlags,
  io: Io,
  runner: RunnerServices,
  context: RunnerContext,
  lines: JobLines,
  stop: LeaveHandling,
): Promise<number> {
  const asked = await runner.jobAsked(context.stateDir, id);
  if (asked === undefined) throw new UsageError(`there is no job ${id} on this machine`);
  const vars = await varsAgain(id, asked, flags, io);
  const file = flags.config === undefined ? asked.pipeline : resolve(io.cwd, flags.config);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`could not read the pipeline of job ${id}: ${(error as Error).message}\nname it with -c FILE`);
  }
  const taken = await runner.takeUpJob(id, { text, file }, vars, context.stateDir);
  if ('wrong' in taken) throw new UsageError(...taken.wrong);
  const result = await taken.goOn({
    context,
    secretValues: secretVars(vars, asked.base.secretNames ?? []),
    leave: stop.signal,
    onEvent: (event) => lines.event(event),
    onWarning: (message) => void io.stderr.write(`warning: ${printable(message)}\n`),
    onRunEvent: (step, event) => lines.runEvent(step, event),
  });
  await lines.end(result);
  return result.status === 'left' ? stop.exitCode : jobExitCodes[result.status];
}

/** The vars of the job: its files are read again, those that were given by hand must be given again. */
async function varsAgain(id: string, asked: JobAsked, flags: VarFlags, io: Io): ReturnType<typeof readVars> {
  const problems: string[] = [];
  const files = [...asked.vars.files.map((path) => resolve(asked.cwd, path)), ...(flags.loadVarsFrom ?? [])];
  const vars = await readVars({ ...flags, loadVarsFrom: files }, io.cwd, problems);
  const given = varNamesOf(vars).names;
  const missing = asked.vars.names.filter((name) => !given.includes(name));
  if (missing.length > 0) {
    const how = missing.map((name) => `-v ${name}=VALUE`).join(' ');
    problems.push(`no value of a var is written down: give ${missing.join(', ')} again\ntarmac attach ${id} ${how}`);
  }
  if (problems.length > 0) throw new UsageError(...problems.map(printable));
  return vars;
}

/** The first signal lets go of the job, the second ends the process. */
class LeaveHandling implements Disposable {
  readonly #leave = new AbortController();
  readonly #handler: Disposable;
  #signal: StopSignal | undefined;

  constructor(io: Io) {
    this.#handler = io.onStop((signal) => {
      if (this.#signal !== undefined) io.exit(signalExitCode(signal));
      this.#signal = signal;
      this.#leave.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#leave.signal;
  }

  get exitCode(): number {
    return this.#signal === undefined ? 0 : signalExitCode(this.#signal);
  }

  [Symbol.dispose](): void {
    this.#handler[Symbol.dispose]();
  }
}
