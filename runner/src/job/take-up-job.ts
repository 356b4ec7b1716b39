/** Jobs whose client has ended, or is another process: following one, going on with one, aborting one. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Vars } from '#concourse';
import type { JobSummary, StepSummary } from '../model/job.ts';
import type { RunRequest } from '../model/plan.ts';
import type { RunnerContext } from '../model/run.ts';
import { prepareJob, type PreparedJob } from './plan/prepare-job.ts';
import { jobHasLivingClient, listJobs } from './record/list-jobs.ts';
import { markJobAborted, readJobRecord, type JobAsked, type JobRecord } from './record/job-record.ts';
import { goOn, planDigest, type JobRunResult, type RunJobOptions } from './run-job.ts';

/** What somebody who takes up a job must say again: a record has no secret. */
export interface TakeUpRequest {
  /** The text of the pipeline, as it is now. */
  readonly text: string;
  /** Its file, for messages. */
  readonly file: string;
  readonly vars: Vars;
}

/** What taking up a job works with. */
export type TakeUpOptions = Omit<RunJobOptions, 'base' | 'pipelineFile' | 'podLimit'> & {
  /** Values that nothing may show. */
  readonly secretValues: readonly string[];
};

/** What a job was asked for; undefined when there is no such job. */
export async function jobAsked(stateDir: string, id: string): Promise<JobAsked | undefined> {
  return (await readJobRecord(stateDir, id))?.asked;
}

/** A job that can go on, or why it cannot. */
export type TakeUp =
  { readonly goOn: (options: TakeUpOptions) => Promise<JobRunResult> } | { readonly wrong: readonly string[] };

/** Plans a job again as it was planned when it began. */
export async function takeUpJob(id: string, request: TakeUpRequest, stateDir: string): Promise<TakeUp> {
  const record = await readJobRecord(stateDir, id);
  if (record === undefined) return { wrong: [`There is no job ${id} on this machine. \`tarmac runs\` lists them.`] };
  const prepared = await preparedAgain(record, request, stateDir);
  if ('wrong' in prepared) return prepared;
  const { asked } = record;
  const base = (secretValues: readonly string[]): Omit<RunRequest, 'document' | 'taskFile'> => ({
    ...asked.base,
    secretValues,
  });
  return {
    goOn: ({ secretValues, ...options }) =>
      goOn(prepared, record, {
        ...options,
        base: base(secretValues),
        pipelineFile: asked.pipeline,
        ...(asked.podLimit !== undefined && { podLimit: asked.podLimit }),
      }),
  };
}

async function preparedAgain(
  record: JobRecord,
  { text, file, vars }: TakeUpRequest,
  stateDir: string,
): Promise<PreparedJob | { readonly wrong: readonly string[] }> {
  const { asked, id } = record;
  const { job, cwd, choices, resourceTypes, given } = asked;
  const prepared = await prepareJob({
    text,
    file,
    job,
    vars,
    choices,
    inputs: {},
    resourceTypes,
    cwd,
    given,
    varNames: asked.vars,
    ...(asked.of !== undefined && { of: asked.of, stateDir }),
  });
  if ('wrong' in prepared) return prepared;
  if (planDigest(prepared, id) === record.plan) return prepared;
  return {
    wrong: [
      `The job ${job} in ${file} is not the one that ${id} began with: it, or a var of it, has changed.\nPut it back to continue, or end the job with tarmac abort ${id} and start again with --from.`,
    ],
  };
}

/** Between two looks at a job that another process sees to. */
const lookEveryMs = 300;

/**
 * Waits until the job has ended, or nobody sees to it any more.
 *
 * @param onStep told of each step that starts or ends, once each, with all that is known of the job then
 */
export async function watchJob(
  id: string,
  context: RunnerContext,
  onStep: (step: StepSummary, job: JobSummary) => void,
  signal: AbortSignal,
): Promise<JobSummary | undefined> {
  const told = new Map<string, string>();
  for (;;) {
    const record = await readJobRecord(context.stateDir, id);
    const summary = (await listJobs(context)).find((each) => each.id === id);
    for (const step of summary?.steps ?? []) {
      if (told.get(step.id) === step.state) continue;
      told.set(step.id, step.state);
      if (summary) onStep(step, summary);
    }
    if (record === undefined || summary === undefined) return undefined;
    if (record.status !== undefined || !jobHasLivingClient(record)) return summary;
    await delay(lookEveryMs, undefined, { signal });
  }
}

/** Asks whoever sees to the job to abort it; who takes it up does so, too. */
export async function requestJobAbort(id: string, stateDir: string): Promise<void> {
  await markJobAborted(stateDir, id);
}
