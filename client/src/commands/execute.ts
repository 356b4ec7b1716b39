/** The commands that execute a task: for the first time, or again. */
import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import { Disposable, Range, Uri, window, type Terminal } from 'vscode';
import { chooseInputs } from '../execute/choose-inputs.ts';
import type { ExecuteOptions, PreparedRun } from '../execute/execute.ts';
import type { RunningParts } from '../parts.ts';
import { fileUri, runId, type FileArgument, type RunArgument, type StartedRun } from '../runs/arguments.ts';
import { RunTerminal } from '../runs/run-terminal.ts';
import { outputSettings } from '../settings.ts';
import type { CommandHandlers } from './register.ts';

/** How long a pod stays that is to be looked into, as a Go duration. */
const keepForShell = '30m';

/** What of the running parts these commands need. */
export type ExecuteParts = Pick<
  RunningParts,
  'executor' | 'saveWatches' | 'control' | 'store' | 'memory' | 'panel' | 'host' | 'choices' | 'secrets'
>;

/** What these commands do, and the terminals that they open; whoever calls disposes of these. */
export function executeCommands(parts: ExecuteParts): {
  readonly handlers: CommandHandlers;
  readonly terminals: Disposable;
} {
  const { executor, control, store, memory, panel, host } = parts;
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
        l10n.t('The task file {0} of {1} is not on this machine.', known.taskFile, known.run),
      );
      return undefined;
    }
    if (known && known.taskFile !== '' && known.taskFile !== '-') {
      return begin(await executor.prepare(Uri.file(known.taskFile), options));
    }
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
    if (answer === show) panel.show(running.run);
    if (answer === restart) control.abortFollowed(running.run);
    return answer === another || answer === restart;
  }

  /** What the key, the lens and the menus do: the first time everything is shown, later only what is missing. */
  async function execute(file: FileArgument, options?: ExecuteOptions): Promise<StartedRun | undefined> {
    const prepared = await executor.prepare(fileUri(file), options ?? { ask: 'first' });
    if (!prepared || options?.ask === 'never') return begin(prepared);
    if (await mayStart(prepared)) return begin(prepared);
    await prepared.leave();
    return undefined;
  }

  const handlers: CommandHandlers = {
    'tarmac.execute': async (file: FileArgument, second?: ExecuteOptions | readonly Uri[]) => {
      if (!isSelection(second)) return execute(file, second);
      // The Explorer gives the file that was clicked on, and all that are selected.
      let started: StartedRun | undefined;
      for (const each of second) started = (await execute(each)) ?? started;
      return started;
    },
    'tarmac.executeWith': async (file: FileArgument) => begin(await executor.prepare(fileUri(file), { ask: 'all' })),
    'tarmac.executeOnSave': (file: FileArgument) => parts.saveWatches.toggle(fileUri(file)),
    'tarmac.chooseInputs': (file: FileArgument) => chooseInputs(fileUri(file), parts),
    // The code lenses above a task: a server can name a file only as text, which `vscode.open` does not take.
    'tarmac.openScript': async (file: string, line?: number) =>
      window.showTextDocument(Uri.parse(file), line === undefined ? {} : { selection: new Range(line, 0, line, 0) }),
    'tarmac.executeAgain': (argument: RunArgument) => again(argument),
    // The same beside a run in the view, where it is not about the last task.
    'tarmac.rerun': (argument: RunArgument) => again(argument),
    'tarmac.executeAndKeep': (argument: RunArgument) => again(argument, { keep: keepForShell }),
  };
  return { handlers, terminals: new Disposable(() => terminals.forEach(({ terminal }) => terminal.dispose())) };
}

function isSelection(argument: ExecuteOptions | readonly Uri[] | undefined): argument is readonly Uri[] {
  return Array.isArray(argument);
}
