/** Execute on Save: tasks that run again whenever a file changes that they send, each until it is switched off. */
import { env } from 'node:process';
import * as l10n from '@vscode/l10n';
import type { LogOutputChannel, StatusBarItem, Uri } from 'vscode';
import type { ChangeListener, ChangeSource, WatchChange, WatchNotice, WhileRunning } from '#runner';
import { formatDuration } from '#runner/format';
import type { RunnerHost } from '../cluster/runner-host.ts';
import type { OutputPanel } from '../output/output-panel.ts';
import type { RunControl } from '../runs/run-control.ts';
import type { Executor, PreparedRun } from './execute.ts';

export interface SaveWatchParts {
  readonly host: Pick<RunnerHost, 'load'>;
  readonly executor: Pick<Executor, 'prepare' | 'watchSubject'>;
  readonly control: Pick<RunControl, 'abortFollowed'>;
  readonly panel: Pick<OutputPanel, 'show'>;
  readonly log: Pick<LogOutputChannel, 'info'>;
  /** Tells of what kept a run from starting. */
  readonly tell: (error: unknown) => void;
  readonly createItem: (id: string) => StatusBarItem;
  readonly openChanges: (listener: ChangeListener) => ChangeSource;
  /** The file in the active editor. */
  readonly activeFile: () => Uri | undefined;
  readonly settingsOf: (task: Uri) => {
    readonly whileRunning: WhileRunning;
    /** Show the output of the first run. */
    readonly reveals: boolean;
    /** Folder that shown paths start from. */
    readonly cwd: string;
  };
}

/** The watches of this window. Its end ends them, and the runs that they have started. */
export class SaveWatches implements AsyncDisposable {
  readonly #parts: SaveWatchParts;
  readonly #watches = new Map<string, { readonly cancel: AbortController; readonly done: Promise<void> }>();

  constructor(parts: SaveWatchParts) {
    this.#parts = parts;
  }

  /**
   * Switches it on or off for a task; the first time, what nobody has said yet is asked.
   * @returns whether it is on now
   */
  async toggle(file: Uri | undefined): Promise<boolean> {
    const asked = file ?? this.#parts.activeFile();
    const known = asked && this.#watches.get(asked.toString());
    if (known) {
      known.cancel.abort();
      await known.done;
      return false;
    }
    const prepared = await this.#parts.executor.prepare(asked, { ask: 'first', onlyAsks: true });
    if (!prepared || !asked) return false;
    const cancel = new AbortController();
    const done = this.#watch(asked, prepared.task, cancel)
      .catch(this.#parts.tell)
      .finally(() => this.#watches.delete(asked.toString()));
    this.#watches.set(asked.toString(), { cancel, done });
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const watches = [...this.#watches.values()];
    for (const { cancel } of watches) cancel.abort();
    await Promise.all(watches.map(({ done }) => done));
  }

  async #watch(uri: Uri, task: string, cancel: AbortController): Promise<void> {
    const { host, executor, control, panel, log, tell, openChanges } = this.#parts;
    const { whileRunning, reveals, cwd } = this.#parts.settingsOf(uri);
    const runner = await host.load();
    const item = this.#parts.createItem(`tarmac.executeOnSave.${task}`);
    item.name = l10n.t('Tarmac: Execute on Save');
    item.command = { title: item.name, command: 'tarmac.executeOnSave', arguments: [uri.toString()] };
    const show = (icon: string, text: string): void => {
      item.text = `$(${icon}) ${task}: ${text}`;
      item.tooltip = l10n.t('{0} runs on each save. Click to stop.', task);
      item.accessibilityInformation = { label: `Tarmac: ${task}: ${text}`, role: 'button' };
      item.show();
      log.info(`execute on save, ${task}: ${text}`);
    };
    /** The latest run: what waits for the next one goes with the watch. */
    let ran: PreparedRun | undefined;
    try {
      show('eye', l10n.t('waiting for changes'));
      await runner.watchTask({
        cwd,
        stateDir: runner.stateDir(env),
        whileRunning,
        subject: () => executor.watchSubject(uri),
        openChanges,
        run: async (change, signal) => {
          const began = performance.now();
          try {
            const prepared = await executor.prepare(uri, { ask: 'never', save: false, isWatched: true });
            if (!prepared) return;
            if (signal.aborted) {
              await prepared.leave();
              return;
            }
            ran = prepared;
            const run = await prepared.start();
            const abort = (): void => control.abortFollowed(run.id);
            const stop = AbortSignal.any([signal, cancel.signal]);
            stop.addEventListener('abort', abort);
            if (stop.aborted) abort();
            if (change.number === 1 && reveals) panel.show(run.id);
            show('eye', l10n.t('running, {0}', runner.changeText(change)));
            const { status, exitCode } = await run.done;
            stop.removeEventListener('abort', abort);
            const took = formatDuration(performance.now() - began);
            show(status === 'succeeded' ? 'pass' : 'error', resultText(status, exitCode, took, change, runner));
          } catch (error) {
            // The next save may put it right.
            tell(error);
          }
        },
        onNotice: (notice) => {
          const text = noticeText(notice);
          if (text !== undefined) show('warning', text);
        },
        signal: cancel.signal,
      });
    } finally {
      item.dispose();
      await ran?.removeSpare();
    }
  }
}

/** `failed (2) in 3.1s, 2 files changed: a.go, b.go`. */
function resultText(
  status: string,
  exitCode: number | undefined,
  took: string,
  change: WatchChange,
  runner: { readonly changeText: (change: WatchChange) => string },
): string {
  const code = exitCode === undefined || exitCode === 0 ? '' : ` (${exitCode})`;
  return `${status}${code} in ${took}, ${runner.changeText(change)}`;
}

function noticeText(notice: WatchNotice): string | undefined {
  switch (notice.kind) {
    case 'blocked':
      return l10n.t('nothing starts: {0}', notice.reasons.join('; '));
    case 'restless':
      return l10n.t('{0} keeps changing', notice.path ?? '');
    case 'trouble':
      return notice.message;
    case 'queued':
    case 'restarting':
    case 'unchanged':
      return undefined;
  }
}
