/** The commands about runs that have begun: to follow, to abort and to look into them. */
import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import { commands, Uri, window } from 'vscode';
import { showFailure } from '../failures/cards.ts';
import type { RunningParts } from '../parts.ts';
import { runId, type RunArgument } from '../runs/arguments.ts';
import { clusterOf } from '../runs/cluster-of.ts';
import { startMs, type RunModel } from '../runs/run-model.ts';
import { ownerText, stateIcon, stateText } from '../runs/run-words.ts';
import type { CommandHandlers } from './register.ts';

/** What these commands do. */
export function runCommands(parts: RunningParts): CommandHandlers {
  const { control, store, panel } = parts;
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

  /** A run of another window or of the command line has no log here before it was followed. */
  async function openLog(run: RunModel): Promise<void> {
    if (!existsSync(control.logFile(run.run))) await control.showOutput(run.run, clusterOf(run, parts));
    await commands.executeCommand('vscode.open', Uri.file(control.logFile(run.run)));
  }

  return {
    'tarmac.abort': async (argument: RunArgument) => {
      const run = await runOf(argument, store.active, l10n.t('Abort which run?'), noneRuns());
      const ref = run && clusterOf(run, parts);
      if (ref && (await mayAbort(run))) await control.abort(run.run, ref);
    },
    'tarmac.attach': async (argument: RunArgument) => {
      const run = await runOf(argument, store.active, l10n.t('Follow which run?'), noneRuns());
      const ref = run && clusterOf(run, parts);
      if (!ref) return;
      await control.attach(run.run, ref);
      panel.show(run.run);
    },
    'tarmac.showOutput': async (argument: RunArgument) => {
      const run = await runOf(argument, store.runs, l10n.t('Show the output of which run?'));
      if (run) await control.showOutput(run.run, clusterOf(run, parts));
    },
    'tarmac.openLog': async (argument: RunArgument) => {
      const run = await runOf(argument, store.runs, l10n.t('Show the output of which run?'));
      if (run) await openLog(run);
    },
    'tarmac.runActions': () => runActions(parts),
    'tarmac.showFailure': async (argument: RunArgument) => {
      const failed = store.runs.filter(({ failure }) => failure !== undefined);
      const question = l10n.t('Show the failure of which run?');
      const run = await runOf(argument, failed, question, l10n.t('No run here has failed before its command ended.'));
      if (run?.failure) await showFailure(run.failure, run, parts.mending);
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
async function runActions({ store }: RunningParts): Promise<void> {
  const mine = store.active.filter(({ elsewhere }) => !elsewhere);
  const items = mine.flatMap((run) => [
    {
      label: `$(output) ${l10n.t('Show output of {0}', run.task)}`,
      description: `${run.run} · ${new Date(startMs(run) ?? 0).toLocaleTimeString()}`,
      command: 'tarmac.showOutput',
      run,
    },
    {
      label: run.aborting
        ? `$(trash) ${l10n.t('Delete the pod of {0} now', run.task)}`
        : `$(debug-stop) ${l10n.t('Abort {0}', run.task)}`,
      description: run.aborting ? l10n.t('without waiting for its end') : l10n.t('stops within 10 s; outputs are kept'),
      command: 'tarmac.abort',
      run,
    },
  ]);
  const chosen = await window.showQuickPick(items, { placeHolder: l10n.t('Running tasks') });
  if (chosen) await commands.executeCommand(chosen.command, chosen.run.run);
}
