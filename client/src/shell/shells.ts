/**
 * Shells in the pods of runs, and the pods that stay for them. A pod that has a shell of this window open is not deleted
 * at the end of its command; from then on it stays for its time, and as long as a shell is open in it.
 */
import * as l10n from '@vscode/l10n';
import { commands, Disposable, ThemeIcon, window, type Terminal } from 'vscode';
import { formatRemaining } from '#runner/format';
import { briefFailure } from '../failures/editor-words.ts';
import { requireTrust } from '../cluster/runner-host.ts';
import type { RunArgument } from '../runs/arguments.ts';
import { register } from '../commands/register.ts';
import { clusterOf } from '../runs/cluster-of.ts';
import { omit } from '../ui/omit.ts';
import type { RunningParts } from '../parts.ts';
import { isOver, type RunModel } from '../runs/run-model.ts';
import { stateText } from '../runs/run-words.ts';
import { KeptStatus } from './kept-status.ts';
import { ShellTerminal } from './shell-terminal.ts';

/** How much longer a pod stays for one "Keep Longer", and one whose command ended under a shell; in milliseconds. */
const keepMs = 30 * 60_000;

/** Registers the commands about shells and kept pods; whoever calls disposes of it, which ends the shells. */
export function startShells(parts: RunningParts): Disposable {
  const shells = new Shells(parts);
  const handlers: Readonly<Record<string, (argument: RunArgument) => Promise<unknown>>> = {
    'tarmac.openShell': (argument) => shells.open(argument),
    'tarmac.keepLonger': (argument) => shells.keepLonger(argument),
    'tarmac.deletePod': (argument) => shells.deletePod(argument),
    'tarmac.podActions': () => shells.askForAction(),
  };
  return Disposable.from(...register(handlers, parts), shells);
}

class Shells implements Disposable {
  readonly #parts: RunningParts;
  readonly #status: KeptStatus;
  /** The run of each shell that is open. */
  readonly #open = new Map<Terminal, string>();
  readonly #listener: Disposable;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#status = new KeptStatus(parts.store, (run) => this.#hasShell(run));
    this.#listener = window.onDidCloseTerminal((terminal) => {
      if (this.#open.delete(terminal)) this.#status.update();
    });
  }

  /** Opens a shell in the pod of a run; asks whose when it is not said. */
  async open(argument: RunArgument): Promise<void> {
    requireTrust();
    const run = await this.#choose(argument, l10n.t('Open a shell in which run?'));
    if (!run) return;
    if (run.pod === undefined) {
      if (isOver(run.state)) {
        this.#tellGone(run);
      } else {
        void window.showInformationMessage(
          l10n.t('The pod of {0} is not there yet: open the shell when it is.', run.task),
        );
      }
      return;
    }
    const ref = clusterOf(run, this.#parts);
    const { host, control } = this.#parts;
    const runner = await host.load();
    const context = await host.context(ref);
    control.keepPod(run.run, keepMs);
    const terminal: Terminal = window.createTerminal({
      name: l10n.t({
        message: 'Tarmac Shell: {0}',
        args: [run.task],
        comment: 'Begins with "Tarmac" and ends with ": {0}": the links in the terminal are found by it.',
      }),
      iconPath: new ThemeIcon('terminal-linux'),
      isTransient: true,
      pty: new ShellTerminal({
        greeting: l10n.t(
          'A shell in the pod of {0} ({1}), with the directory, environment and user of the task.',
          run.task,
          run.run,
        ),
        run: (request) => runner.openShell(run.run, request, context),
        describe: (error) => briefFailure(runner.asFailure(error, undefined, ref)),
        tell: (error) => {
          if (runner.asFailure(error).kind !== 'pod-deleted') return false;
          this.#forgetPod(run.run);
          this.#tellGone(run);
          return true;
        },
      }),
    });
    this.#open.set(terminal, run.run);
    this.#status.update();
    terminal.show();
  }

  /** Keeps a pod for half an hour more. Resolves with the time until which it stays, in milliseconds since the epoch. */
  async keepLonger(argument: RunArgument): Promise<number | undefined> {
    requireTrust();
    const run = await this.#choose(argument, l10n.t('Keep the pod of which run longer?'));
    const ref = run && clusterOf(run, this.#parts);
    if (!ref) return undefined;
    const { host, control, store } = this.#parts;
    if (!isOver(run.state)) {
      control.keepPod(run.run, keepMs);
      void window.showInformationMessage(
        l10n.t('The pod of {0} stays for {1} after its command has ended.', run.task, formatRemaining(keepMs)),
      );
      return undefined;
    }
    const runner = await host.load();
    const wanted = Math.max(Date.now(), run.podKeptUntil ?? 0) + keepMs;
    const until = await runner
      .keepPod(run.run, wanted - Date.now(), await host.context(ref))
      .catch((error: unknown) => {
        if (runner.asFailure(error).kind !== 'pod-deleted') throw error;
        this.#forgetPod(run.run);
        this.#tellGone(run);
        return undefined;
      });
    if (!until) return undefined;
    store.update(run.run, { podKeptUntil: until.getTime() });
    const at = until.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    void window.showInformationMessage(
      until.getTime() < wanted - 60_000
        ? l10n.t('The pod of {0} stays until {1}, the last moment that its deadline allows.', run.task, at)
        : l10n.t('The pod of {0} stays until {1}.', run.task, at),
    );
    return until.getTime();
  }

  /** Deletes a pod that was kept. What the store has of the run stays. */
  async deletePod(argument: RunArgument): Promise<void> {
    requireTrust();
    const run = await this.#choose(argument, l10n.t('Delete the pod of which run?'), this.#status.kept);
    const ref = run && clusterOf(run, this.#parts);
    if (!ref || !isOver(run.state)) return;
    for (const [terminal, id] of this.#open) if (id === run.run) terminal.dispose();
    const { host } = this.#parts;
    const runner = await host.load();
    await runner.abortRun(run.run, await host.context(ref));
    this.#forgetPod(run.run);
  }

  /** The status bar's menu. */
  async askForAction(): Promise<void> {
    const items = this.#status.kept.flatMap(({ task, run: id }) => [
      {
        label: `$(terminal-linux) ${l10n.t('Open a shell in {0}', task)}`,
        description: id,
        command: 'tarmac.openShell',
        id,
      },
      {
        label: `$(watch) ${l10n.t('Keep the pod of {0} longer', task)}`,
        description: formatRemaining(keepMs),
        command: 'tarmac.keepLonger',
        id,
      },
      {
        label: `$(trash) ${l10n.t('Delete the pod of {0} now', task)}`,
        description: id,
        command: 'tarmac.deletePod',
        id,
      },
    ]);
    const chosen = await window.showQuickPick(items, { placeHolder: l10n.t('Pods that stay after their task') });
    if (chosen) await commands.executeCommand(chosen.command, chosen.id);
  }

  dispose(): void {
    this.#listener.dispose();
    for (const terminal of this.#open.keys()) terminal.dispose();
    this.#status.dispose();
  }

  #hasShell(run: string): boolean {
    return [...this.#open.values()].includes(run);
  }

  async #choose(
    argument: RunArgument,
    question: string,
    candidates: readonly RunModel[] = this.#parts.store.runs.filter(({ pod }) => pod !== undefined),
  ): Promise<RunModel | undefined> {
    const id = typeof argument === 'string' ? argument : argument?.run;
    if (id !== undefined) return this.#parts.store.get(id);
    if (candidates.length > 1) {
      const items = candidates.map((run) => ({
        label: run.task,
        description: `${run.run} · ${stateText(run.state)}`,
        run,
      }));
      return (await window.showQuickPick(items, { placeHolder: question }))?.run;
    }
    const [only] = candidates;
    const [last] = this.#parts.store.runs;
    if (!only && last) {
      this.#tellGone(last);
    } else if (!only) {
      void window.showInformationMessage(l10n.t('No task has run yet: execute one, then open a shell in it.'));
    }
    return only;
  }

  #forgetPod(id: string): void {
    const run = this.#parts.store.get(id);
    if (run) this.#parts.store.put(omit(run, 'pod', 'podKeptUntil'));
  }

  /** Nobody waits for the answer. */
  #tellGone(run: RunModel): void {
    const again = l10n.t('Run Again and Keep');
    const setting = l10n.t('Open Setting');
    const message = l10n.t(
      'The pod of {0} is gone: it goes when the command has ended. Run the task again and keep its pod, or let the setting {1} say how long pods stay.',
      run.task,
      'tarmac.keep',
    );
    void window.showWarningMessage(message, again, setting).then((answer) => {
      if (answer === again) return commands.executeCommand('tarmac.executeAndKeep', run.run);
      if (answer === setting) return commands.executeCommand('workbench.action.openSettings', 'tarmac.keep');
      return undefined;
    });
  }
}
