/** The commands about runs. Each says what went wrong; none leaves an error to VS Code's own words. */
import { commands, Uri, window, type Disposable, type LogOutputChannel } from 'vscode';
import { UntrustedWorkspaceError } from './cluster/runner-host.ts';
import { PlanError, type ExecuteOptions } from './execute/execute.ts';
import type { FollowedRun } from './runs/run-control.ts';
import type { RunModel } from './runs/run-model.ts';
import type { Running } from './running.ts';
import { outputSettings } from './settings.ts';

/** What a view hands to a command about a run: its id, or a tree item that has one. */
export type RunArgument = string | { readonly run: string } | undefined;

/** Ids of the commands, for views and tests. */
export const commandIds = {
  execute: 'tarmac.execute',
  executeWith: 'tarmac.executeWith',
  executeAgain: 'tarmac.executeAgain',
  abort: 'tarmac.abort',
  showOutput: 'tarmac.showOutput',
  openLog: 'tarmac.openLog',
  chooseCluster: 'tarmac.chooseCluster',
} as const;

/** Registers the commands; whoever calls disposes of them. */
export function registerCommands(parts: Omit<Running, keyof AsyncDisposable>, log: LogOutputChannel): Disposable[] {
  const { executor, control, store, memory, choice, panel } = parts;

  const follow = (run: FollowedRun | undefined): { readonly run: string } | undefined => {
    if (!run) return undefined;
    const remembered = memory.get(run.id);
    const { reveal } = outputSettings(remembered && Uri.parse(remembered.taskUri));
    if (reveal === 'always') panel.show(run.id);
    return { run: run.id };
  };

  const handlers: Readonly<Record<string, (...args: never[]) => Promise<unknown>>> = {
    [commandIds.execute]: async (uri?: Uri, options?: ExecuteOptions) => follow(await executor.execute(uri, options)),
    [commandIds.executeWith]: async (uri?: Uri) => follow(await executor.execute(uri, { ask: 'all' })),
    [commandIds.executeAgain]: async (argument?: RunArgument) => {
      const id = runId(argument);
      const run = id === undefined ? memory.all[0] : memory.get(id);
      if (run) return follow(await executor.execute(Uri.parse(run.taskUri), { choices: run.choices }));
      void window.showInformationMessage('No task was executed from this workspace yet: execute one first.');
      return undefined;
    },
    [commandIds.abort]: async (argument?: RunArgument) => {
      const run = await chosenRun(runId(argument), store.active, 'Which run is to be aborted?');
      if (!run) return;
      const ref = memory.get(run.id) ?? choice.current;
      if (ref)
        await control.abort(run.id, { kubeconfig: ref.kubeconfig, context: run.context, namespace: run.namespace });
    },
    [commandIds.showOutput]: async (argument?: RunArgument) => {
      const run = await chosenRun(runId(argument), store.runs, 'Whose output?');
      if (!run) return;
      await control.showOutput(run.id);
    },
    [commandIds.openLog]: async (argument?: RunArgument) => {
      const run = await chosenRun(runId(argument), store.runs, 'Whose log?');
      if (run) await commands.executeCommand('vscode.open', Uri.file(control.logFile(run.id)));
    },
    [commandIds.chooseCluster]: () => choice.choose(),
  };
  return Object.entries(handlers).map(([id, handler]) =>
    commands.registerCommand(id, async (...args: never[]) => {
      try {
        return await handler(...args);
      } catch (error) {
        // A program that calls is told by the error; nobody waits until a person has read it.
        if (asksNobody(args)) throw error;
        void report(error, log);
        return undefined;
      }
    }),
  );
}

/** The caller has said that the user is not to be asked. */
function asksNobody(args: readonly unknown[]): boolean {
  return args.some((each) => typeof each === 'object' && each !== null && 'ask' in each && each.ask === 'never');
}

function runId(argument: RunArgument): string | undefined {
  return typeof argument === 'string' ? argument : argument?.run;
}

/** The run with the id; without one the only candidate, or the one that the user picks. */
async function chosenRun(
  id: string | undefined,
  runs: readonly RunModel[],
  question: string,
): Promise<RunModel | undefined> {
  if (id !== undefined) return runs.find((run) => run.id === id);
  if (runs.length < 2) return runs[0];
  const items = runs.map((run) => ({ label: run.task, description: `${run.id} · ${run.state}`, run }));
  return (await window.showQuickPick(items, { placeHolder: question }))?.run;
}

/** Tells the user what went wrong, with the next step where there is one. */
export async function report(error: unknown, log: LogOutputChannel): Promise<void> {
  if (error instanceof UntrustedWorkspaceError) {
    const manage = 'Manage Trust';
    const answer = await window.showWarningMessage(error.message, manage);
    if (answer === manage) await commands.executeCommand('workbench.trust.manage');
    return;
  }
  if (error instanceof PlanError) {
    const [first] = error.problems;
    const more = error.problems.length > 1 ? ` (and ${error.problems.length - 1} more)` : '';
    const problems = 'Show Problems';
    const change = 'Execute With…';
    const answer = await window.showErrorMessage(
      `The task cannot run: ${first?.message ?? ''}${more}`,
      problems,
      change,
    );
    if (answer === problems) await commands.executeCommand('workbench.actions.view.problems');
    if (answer === change) await commands.executeCommand(commandIds.executeWith);
    return;
  }
  log.error(error instanceof Error ? error : String(error));
  const details = 'Show Log';
  const message = error instanceof Error ? error.message : String(error);
  if ((await window.showErrorMessage(message, details)) === details) log.show();
}
