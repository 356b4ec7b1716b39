/** The commands about runs that have begun: to follow, to abort and to look into them. */
import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import { commands, Uri, window } from 'vscode';
import { showFailure } from '../failures/cards.ts';
import type { JobModel } from '../jobs/job-store.ts';
import type { RunningParts } from '../parts.ts';
import { jobId, runId, type RunArgument } from '../runs/arguments.ts';
import { clusterOf, clusterOfJob } from '../runs/cluster-of.ts';
import { startMs, type RunModel } from '../runs/run-model.ts';
import { ownerText, stateIcon, stateText } from '../runs/run-words.ts';
import type { CommandHandlers } from './register.ts';

/** What these commands do. */
export function runCommands(parts: RunningParts): CommandHandlers {
  const { control, store, panel, jobs, jobControl } = parts;
  /** A step of a job is aborted and followed with its job. */
  const activeRuns = (): RunModel[] => store.active.filter(({ run }) => jobs.jobOf(run) === undefined);
  const noneRuns = (): string => l10n.t('No task runs at the moment.');

  async function runOf(
    argument: RunArgument,
    candidates: readonly RunModel[],
    question: string,
    none = l10n.t('No task has run yet: execute one first.'),
  ): Promise<RunModel | undefined> {
    const id = runId(argument);
    if (id !== undefined) {
      const run = store.get(id);
      if (!run) void window.showInformationMessage(l10n.t('Run {0} is not known here: refresh the Runs view.', id));
      return run;
    }
    if (candidates.length === 0) void window.showInformationMessage(none);
    if (candidates.length < 2) return candidates[0];
    const items = candidates.map((run) => ({
      label: `$(${stateIcon(run)}) ${run.task}`,
      description: [run.run, stateText(run.state), ...(run.elsewhere ? [l10n.t('by {0}', ownerText(run))] : [])].join(
        ' · ',
      ),
      run,
    }));
    return (await window.showQuickPick(items, { placeHolder: question }))?.run;
  }

  /** The job that a command was given; of a step whose run is known, that is meant. */
  function jobOf(argument: RunArgument): JobModel | undefined {
    if (typeof argument === 'object' && 'jobId' in argument && argument.run !== undefined) return undefined;
    const id =
      typeof argument === 'object' && 'run' in argument && !('jobId' in argument) ? undefined : jobId(argument);
    return id === undefined ? undefined : jobs.get(id);
  }

  /** The job that is meant, or the one that the user picks where no run goes on beside it. */
  async function jobOrRun(
    argument: RunArgument,
    question: string,
  ): Promise<{ readonly job: JobModel } | { readonly run: RunModel } | undefined> {
    const given = jobOf(argument);
    if (given) return { job: given };
    const { active } = jobs;
    if (runId(argument) !== undefined || active.length === 0) {
      const run = await runOf(argument, activeRuns(), question, noneRuns());
      return run && { run };
    }
    const runs = activeRuns();
    const items = [
      ...active.map((job) => ({
        label: `$(sync~spin) ${job.job}`,
        description: l10n.t('job {0}', job.id),
        target: { job },
      })),
      ...runs.map((run) => ({ label: `$(${stateIcon(run)}) ${run.task}`, description: run.run, target: { run } })),
    ];
    if (items.length === 1) return items[0]?.target;
    return (await window.showQuickPick(items, { placeHolder: question }))?.target;
  }

  /** The output of a run; that of a step comes from its job while this window follows that. */
  async function showOutput(run: RunModel): Promise<void> {
    if (!(await jobControl.showStep(run.run))) await control.showOutput(run.run, clusterOf(run, parts));
  }

  /** A run of another window or of the command line has no log here before it was followed. */
  async function openLog(run: RunModel): Promise<void> {
    if (!existsSync(control.logFile(run.run))) await control.showOutput(run.run, clusterOf(run, parts));
    await commands.executeCommand('vscode.open', Uri.file(control.logFile(run.run)));
  }

  return {
    'tarmac.abort': async (argument: RunArgument) => {
      const target = await jobOrRun(argument, l10n.t('Abort which run?'));
      if (!target) return;
      if ('job' in target) await jobControl.abort(target.job.id, clusterOfJob(target.job, parts));
      else if (await mayAbort(target.run)) await control.abort(target.run.run, clusterOf(target.run, parts));
    },
    'tarmac.attach': async (argument: RunArgument) => {
      const target = await jobOrRun(argument, l10n.t('Follow which run?'));
      if (!target) return;
      if ('job' in target) {
        await jobControl.attach(target.job.id, clusterOfJob(target.job, parts));
        await jobControl.showOutput(target.job.id);
        return;
      }
      await control.attach(target.run.run, clusterOf(target.run, parts));
      panel.show(target.run.run);
    },
    'tarmac.showOutput': async (argument: RunArgument) => {
      const job = jobOf(argument);
      if (job) return jobControl.showOutput(job.id);
      const run = await runOf(argument, store.runs, l10n.t('Show the output of which run?'));
      return run && showOutput(run);
    },
    'tarmac.openLog': async (argument: RunArgument) => {
      const job = jobOf(argument);
      if (job) return commands.executeCommand('vscode.open', Uri.file(jobControl.logFile(job.id)));
      const run = await runOf(argument, store.runs, l10n.t('Show the output of which run?'));
      return run && openLog(run);
    },
    'tarmac.runActions': () => runActions(parts),
    'tarmac.showFailure': async (argument: RunArgument) => {
      const failed = store.runs.filter(({ failure }) => failure !== undefined);
      const question = l10n.t('Show the failure of which run?');
      const run = await runOf(argument, failed, question, l10n.t('No run here has failed before its command ended.'));
      if (run?.failure) await showFailure(run.failure, run, parts.remedies);
    },
  };
}

/** What somebody else has started is aborted only by who means it. */
async function mayAbort(run: RunModel): Promise<boolean> {
  if (!run.elsewhere) return true;
  const abort = l10n.t('Abort');
  const answer = await window.showWarningMessage(
    l10n.t('Abort {0}, started by {1}?', run.task, ownerText(run)),
    { modal: true, detail: l10n.t('Run {0} in {1}/{2}', run.run, run.context, run.namespace) },
    abort,
  );
  return answer === abort;
}

/** The status bar's menu: what can be done with what this user runs now. */
async function runActions({ store, jobs }: RunningParts): Promise<void> {
  const mine = store.active.filter(({ elsewhere, run }) => !elsewhere && jobs.jobOf(run) === undefined);
  const ofJobs = jobs.active.flatMap(({ id, job }) => [
    { label: `$(output) ${l10n.t('Show output of {0}', job)}`, description: id, command: 'tarmac.showOutput', id },
    {
      label: `$(debug-stop) ${l10n.t('Abort {0}', job)}`,
      description: l10n.t('its hooks run'),
      command: 'tarmac.abort',
      id,
    },
  ]);
  const ofRuns = mine.flatMap((run) => [
    {
      label: `$(output) ${l10n.t('Show output of {0}', run.task)}`,
      description: `${run.run} · ${new Date(startMs(run) ?? 0).toLocaleTimeString()}`,
      command: 'tarmac.showOutput',
      id: run.run,
    },
    {
      label: run.aborting
        ? `$(trash) ${l10n.t('Delete the pod of {0} now', run.task)}`
        : `$(debug-stop) ${l10n.t('Abort {0}', run.task)}`,
      description: run.aborting ? l10n.t('without waiting for its end') : l10n.t('stops within 10 s; outputs are kept'),
      command: 'tarmac.abort',
      id: run.run,
    },
  ]);
  const chosen = await window.showQuickPick([...ofJobs, ...ofRuns], { placeHolder: l10n.t('Running tasks') });
  if (chosen) await commands.executeCommand(chosen.command, chosen.id);
}
