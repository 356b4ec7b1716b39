/** A notification with phases, bytes and a cancel button, for a run that takes long to get to its command. */
import * as l10n from '@vscode/l10n';
import { ProgressLocation, window, type Disposable } from 'vscode';
import type { RunStore } from '../runs/run-store.ts';
import { isOver, type RunModel } from '../runs/run-model.ts';
import { doing, percent } from '../runs/run-words.ts';

/** A start that is quicker needs no words. */
const patienceMs = 2000;

export class RunProgress implements Disposable {
  readonly #store: RunStore;
  readonly #abort: (run: string) => void;
  readonly #listener: Disposable;
  /** Runs that are starting: the timer until their progress is shown, or how to end it. */
  readonly #starting = new Map<string, NodeJS.Timeout>();
  readonly #shown = new Set<string>();

  constructor(store: RunStore, abort: (run: string) => void) {
    this.#store = store;
    this.#abort = abort;
    this.#listener = store.onDidChange(({ added, changed }) => {
      for (const id of [...added, ...changed]) this.#look(store.get(id));
    });
  }

  dispose(): void {
    this.#listener.dispose();
    for (const timer of this.#starting.values()) clearTimeout(timer);
  }

  #look(run: RunModel | undefined): void {
    if (!run) return;
    // Steps of a job are shown where the job is: a notification for each of them would be noise.
    const isStarting = run.state === 'starting' && run.following && run.job === undefined;
    const timer = this.#starting.get(run.run);
    if (isStarting && timer === undefined && !this.#shown.has(run.run)) {
      this.#starting.set(
        run.run,
        setTimeout(() => this.#show(run.run), patienceMs),
      );
    }
    if (isStarting || timer === undefined) return;
    clearTimeout(timer);
    this.#starting.delete(run.run);
  }

  #show(id: string): void {
    this.#starting.delete(id);
    this.#shown.add(id);
    const task = this.#store.get(id)?.task ?? id;
    void window.withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Executing {0}', task), cancellable: true },
      (progress, token) =>
        new Promise<void>((resolve) => {
          let done = 0;
          const update = (): void => {
            const run = this.#store.get(id);
            if (!run || run.state === 'running' || isOver(run.state)) {
              listener.dispose();
              this.#shown.delete(id);
              resolve();
              return;
            }
            const now = percent(run) ?? done;
            progress.report({ message: doing(run, Date.now()), increment: Math.max(0, now - done) });
            done = Math.max(done, now);
          };
          const listener = this.#store.onDidChange(update);
          token.onCancellationRequested(() => this.#abort(id));
          update();
        }),
    );
  }
}
