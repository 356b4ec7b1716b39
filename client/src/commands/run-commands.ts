/** The commands about runs. Each says what went wrong; none leaves an error to VS Code's own words. */
import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import { commands, Disposable, Uri, window, type Terminal } from 'vscode';
import type { ExecuteOptions, PreparedRun } from '../execute/execute.ts';
import { report } from '../failures/report.ts';
import { showFailure } from '../failures/cards.ts';
import { clusterOf } from '../runs/cluster-of.ts';
import type { FileArgument, RunArgument, StartedRun } from '../runs/arguments.ts';
import { RunTerminal } from '../runs/run-terminal.ts';
import type { RunModel } from '../runs/run-model.ts';
import type { RunningParts } from '../parts.ts';
import { outputSettings } from '../settings.ts';
import { stateIcon, stateText } from '../runs/run-words.ts';
import { createClaim, pruneStore } from '../cluster/store-commands.ts';

/** How long a pod stays that is to be looked into, as a Go duration. */
const keepForShell = '30m';

/** Registers the commands; whoever calls disposes of them. */
export function registerCommands(parts: RunningParts): Disposable[] {
  const { executor, control, store, memory, choice, panel, host } = parts;
  const terminals = new Map<string, { readonly terminal: Terminal; readonly pty: RunTerminal }>();

  async function begin(prepared: PreparedRun | undefined): Promise<StartedRun | undefined> {
    if (!prepared) return undefined;
    const { id, task } = prepared;
    const { reveal, presentation } = outputSettings(prepared.uri);
    if (presentation === 'terminal') {
      const pty = new RunTerminal({
        store,
        runner: await host.load(),
        prepare: () => Promise.resolve(prepared),
        abort: (run) => control.abortFollowed(run),
        abortOnClose: false,
        atEnd: 'stay',
      });
      // One terminal per task, as there is one channel; but what still runs keeps its own.
      const last = terminals.get(task);
      if (last?.pty.over === true) last.terminal.dispose();
      const terminal = window.createTerminal({ name: `Tarmac: ${task}`, pty });
      terminals.set(task, { terminal, pty });
      if (reveal === 'always') terminal.show(true);
      return { run: id };
    }
    await prepared.start();
    if (reveal === 'always') panel.show(id);
    return { run: id };
  }

  /** What the run was given, or the last one that this workspace has started. */
  async function again(argument: RunArgument, options: ExecuteOptions = {}): Promise<StartedRun | undefined> {
    const id = runId(argument);
    const run = id === undefined ? memory.all[0] : memory.get(id);
    if (run) return begin(await executor.prepare(Uri.parse(run.taskUri), { choices: run.choices, ...options }));
    const known = id === undefined ? undefined : store.get(id);
    if (known && known.taskFile !== '' && known.taskFile !== '-' && !existsSync(known.taskFile)) {
      void window.showWarningMessage(
        l10n.t('The task file {0} of {1} is not on this machine.', known.taskFile, known.id),
      );
      return undefined;
    }
    if (known && known.taskFile !== '' && known.taskFile !== '-')
      return begin(await executor.prepare(Uri.file(known.taskFile), options));
    void window.showInformationMessage(l10n.t('No task was executed from this workspace yet: execute one first.'));
    return undefined;
  }

  /** A second run of a task that is running is asked about once. */
  async function mayStart({ uri, task }: PreparedRun): Promise<boolean> {
    const running = store.active.find((run) => run.following && run.task === task && run.taskFile === uri.fsPath);
    if (!running) return true;
    const another = l10n.t('Run Another');
    const restart = l10n.t('Restart');
    const show = l10n.t('Show Output');
    const message = l10n.t('{0} is already running.', task);
    const answer = await window.showInformationMessage(message, { modal: true }, another, restart, show);
    if (answer === show) panel.show(running.id);
    if (answer === restart) control.abortFollowed(running.id);
    return answer === another || answer === restart;
  }

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
      description: `${run.id} · ${stateText(run.state)}`,
      run,
    }));
    return (await window.showQuickPick(items, { placeHolder: question }))?.run;
  }

  /** A run of another window or of the command line has no log here before it was followed. */
  async function openLog(run: RunModel): Promise<void> {
    if (!existsSync(control.logFile(run.id))) await control.showOutput(run.id, clusterOf(run, parts));
    await commands.executeCommand('vscode.open', Uri.file(control.logFile(run.id)));
  }

  /** The chosen cluster for a command about it; asked for when there is none. */
  const place = () => choice.ensure();

  const handlers: Readonly<Record<string, (...args: never[]) => Promise<unknown>>> = {
    'tarmac.execute': async (file: FileArgument, options?: ExecuteOptions) => {
      const prepared = await executor.prepare(toUri(file), options);
      if (!prepared || options?.ask === 'never') return begin(prepared);
      return (await mayStart(prepared)) ? begin(prepared) : undefined;
    },
    'tarmac.executeWith': async (file: FileArgument) => begin(await executor.prepare(toUri(file), { ask: 'all' })),
    // The code lens above a task: a server can name a file only as text, which `vscode.open` does not take.
    'tarmac.openScript': async (file: string) => window.showTextDocument(Uri.parse(file)),
    'tarmac.executeAgain': (argument: RunArgument) => again(argument),
    // The same beside a run in the view, where it is not about the last task.
    'tarmac.rerun': (argument: RunArgument) => again(argument),
    'tarmac.executeAndKeep': (argument: RunArgument) => again(argument, { keep: keepForShell }),
    'tarmac.abort': async (argument: RunArgument) => {
      const run = await runOf(argument, store.active, l10n.t('Which run is to be aborted?'), noneRuns());
      const ref = run && clusterOf(run, parts);
      if (ref && (await mayAbort(run))) await control.abort(run.id, ref);
    },
    'tarmac.attach': async (argument: RunArgument) => {
      const run = await runOf(argument, store.active, l10n.t('Which run is to be followed?'), noneRuns());
      const ref = run && clusterOf(run, parts);
      if (!ref) return;
      await control.attach(run.id, ref);
      panel.show(run.id);
    },
    'tarmac.showOutput': async (argument: RunArgument) => {
      const run = await runOf(argument, store.runs, l10n.t('Show the output of which run?'));
      if (run) await control.showOutput(run.id, clusterOf(run, parts));
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
    'tarmac.chooseCluster': () => choice.choose(),
    'tarmac.createClaim': async () => {
      const ref = await place();
      if (ref) await createClaim(host, ref, '');
    },
    'tarmac.pruneStore': async () => {
      const ref = await place();
      if (ref) await pruneStore(host, ref, undefined);
    },
  };
  const registered = Object.entries(handlers).map(([id, handler]) =>
    commands.registerCommand(id, async (...args: never[]) => {
      try {
        return await handler(...args);
      } catch (error) {
        // A program that calls is told by the error; nobody waits until a person has read it.
        if (asksNobody(args)) throw error;
        void report(error, parts);
        return undefined;
      }
    }),
  );
  return [...registered, new Disposable(() => terminals.forEach(({ terminal }) => terminal.dispose()))];
}

/** What somebody else has started is aborted only by who means it. */
async function mayAbort(run: RunModel): Promise<boolean> {
  if (!run.elsewhere) return true;
  const abort = l10n.t('Abort');
  const answer = await window.showWarningMessage(
    l10n.t('Abort {0}, which someone else has started?', run.task),
    { modal: true, detail: l10n.t('Run {0} in {1}/{2}', run.id, run.context, run.namespace) },
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
      description: `${run.id} · ${new Date(run.startedAt).toLocaleTimeString()}`,
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
  if (chosen) await commands.executeCommand(chosen.command, chosen.run.id);
}

/** A code lens of the language server has its file as text. */
function toUri(file: FileArgument): Uri | undefined {
  return typeof file === 'string' ? Uri.parse(file, true) : file;
}

function runId(argument: RunArgument): string | undefined {
  return typeof argument === 'string' ? argument : argument?.run;
}

/** The caller has said that the user is not to be asked. */
function asksNobody(args: readonly unknown[]): boolean {
  return args.some((each) => typeof each === 'object' && each !== null && 'ask' in each && each.ask === 'never');
}
