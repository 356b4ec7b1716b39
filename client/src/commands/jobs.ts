/** The commands that execute jobs of pipelines, or steps of them: for the first time, or again. */
import * as l10n from '@vscode/l10n';
import { Uri, window } from 'vscode';
import type { ExecuteJobOptions } from '../jobs/job-executor.ts';
import type { FollowedJob } from '../jobs/job-control.ts';
import type { JobModel } from '../jobs/job-store.ts';
import type { StepPlace } from '../jobs/open-job.ts';
import type { RunningParts } from '../parts.ts';
import { fileUri, jobId, type FileArgument, type JobArgument, type StartedJob } from '../runs/arguments.ts';
import { outputSettings } from '../settings.ts';
import type { CommandHandlers } from './register.ts';

/** What of the running parts these commands need. */
export type JobParts = Pick<RunningParts, 'jobExecutor' | 'jobs' | 'jobControl' | 'jobMemory'>;

/** What these commands do. */
export function jobCommands({ jobExecutor, jobs, jobControl, jobMemory }: JobParts): CommandHandlers {
  async function begin(starting: Promise<FollowedJob | undefined>, uri?: Uri): Promise<StartedJob | undefined> {
    const started = await starting;
    if (!started) return undefined;
    if (outputSettings(uri).reveal === 'always') await jobControl.showOutput(started.id);
    return { job: started.id };
  }

  /** A second run of a job that is running is asked about once. */
  async function mayStart(uri: Uri | undefined, job: string | undefined): Promise<boolean> {
    const running = jobs.active.find(
      (each) => each.following && each.job === job && (uri === undefined || each.pipeline === uri.fsPath),
    );
    if (!running) return true;
    const another = l10n.t('Run Another');
    const show = l10n.t('Show Output');
    const message = l10n.t('The job {0} is already running.', running.job);
    const answer = await window.showInformationMessage(message, { modal: true }, another, show);
    if (answer === show) await jobControl.showOutput(running.id);
    return answer === another;
  }

  async function execute(
    file: FileArgument,
    job: string | undefined,
    options: ExecuteJobOptions,
  ): Promise<StartedJob | undefined> {
    const uri = fileUri(file);
    if (options.ask !== 'never' && !(await mayStart(uri, job))) return undefined;
    return begin(jobExecutor.execute(uri, job, options), uri);
  }

  function executeStep(
    file: FileArgument,
    job: string | readonly Uri[] | undefined,
    place: StepPlace | undefined,
    how: 'only' | 'from',
  ): Promise<StartedJob | undefined> {
    const uri = fileUri(file);
    return begin(jobExecutor.executeStep(uri, nameOf(job), place, how), uri);
  }

  return {
    'tarmac.executeJob': async (file: FileArgument, job?: string | readonly Uri[], options: ExecuteJobOptions = {}) =>
      execute(file, nameOf(job), options),
    'tarmac.executeJobWith': async (file: FileArgument, job?: string | readonly Uri[]) =>
      execute(file, nameOf(job), { ask: 'all' }),
    'tarmac.executeStep': async (file: FileArgument, job?: string | readonly Uri[], place?: StepPlace) =>
      executeStep(file, job, place, 'only'),
    'tarmac.executeFromStep': async (file: FileArgument, job?: string | readonly Uri[], place?: StepPlace) =>
      executeStep(file, job, place, 'from'),
    // Beside a job in the view: as it ran, with what was chosen for it.
    'tarmac.rerunJob': async (argument: JobArgument) => {
      const job = jobOf(argument);
      return job && execute(uriOf(job), job.job, {});
    },
    'tarmac.rerunFromStep': async (argument: JobArgument) => again(argument, 'from'),
    'tarmac.rerunStep': async (argument: JobArgument) => again(argument, 'only'),
  };

  /** A step of a job that ran: with what the steps before it left then. */
  async function again(argument: JobArgument, how: 'only' | 'from'): Promise<StartedJob | undefined> {
    const job = jobOf(argument);
    const address = typeof argument === 'object' ? argument.address : undefined;
    if (!job || address === undefined) return undefined;
    return execute(uriOf(job), job.job, { steps: { [how]: ofStep(address), of: job.id } });
  }

  /** The one that is meant, else the one that this workspace has started last. */
  function jobOf(argument: JobArgument): JobModel | undefined {
    const id = jobId(argument) ?? jobMemory.all[0]?.id;
    const job = id === undefined ? undefined : jobs.get(id);
    if (!job) void window.showInformationMessage(l10n.t('This job is not known here: execute it from its pipeline.'));
    return job;
  }

  function uriOf({ id, pipeline }: JobModel): Uri {
    const remembered = jobMemory.get(id);
    return remembered ? Uri.parse(remembered.uri, true) : Uri.file(pipeline);
  }
}

/** The implicit get of a put goes with its put. */
function ofStep(address: string): string {
  return address.replace(/(?<put>\/put:[^/]*)\/get$/u, '$<put>');
}

/** The Explorer hands on all files that are selected in the place of a name. */
function nameOf(job: string | readonly Uri[] | undefined): string | undefined {
  return typeof job === 'string' ? job : undefined;
}
