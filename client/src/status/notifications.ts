/** What is told at the end of a run: its failure as a card, its end when nobody was looking. */
import * as l10n from '@vscode/l10n';
import { commands, Uri, window, type Disposable } from 'vscode';
import { showFailure } from '../failures/cards.ts';
import type { Remedies } from '../failures/apply-remedy.ts';
import type { OutputPanel } from '../output/output-panel.ts';
import type { RunStore } from '../runs/run-store.ts';
import type { RunModel } from '../runs/run-model.ts';
import { outputSettings } from '../settings.ts';
import { ending } from '../runs/run-words.ts';

export interface NotificationParts {
  readonly store: RunStore;
  readonly panel: OutputPanel;
  readonly remedies: Remedies;
}

/** Listens to the ends of runs. */
export class Notifications implements Disposable {
  readonly #parts: NotificationParts;
  readonly #listener: Disposable;

  constructor(parts: NotificationParts) {
    this.#parts = parts;
    this.#listener = parts.store.onDidReceive((event) => {
      const run = event.type === 'finished' ? parts.store.get(event.run) : undefined;
      if (run) this.#ended(run);
    });
  }

  dispose(): void {
    this.#listener.dispose();
  }

  #ended(run: RunModel): void {
    const { panel, remedies } = this.#parts;
    const { reveal, notifyAtEnd } = outputSettings(run.taskFile === '' ? undefined : Uri.file(run.taskFile));
    const isStep = run.job !== undefined;
    if (reveal === 'failure' && run.state !== 'succeeded' && !isStep) panel.show(run.run);
    // A failure around the task needs somebody; what the task itself said is in its output.
    if (run.failure && run.state !== 'aborted') {
      void showFailure(run.failure, run, remedies);
      return;
    }
    // The end of a step is told with that of its job.
    if (isStep) return;
    if (notifyAtEnd === 'always' || (notifyAtEnd === 'unfocused' && !window.state.focused)) void this.#tell(run);
  }

  async #tell(run: RunModel): Promise<void> {
    const text = ending(run);
    const show = l10n.t('Show Output');
    const answer =
      run.state === 'succeeded'
        ? await window.showInformationMessage(text, show)
        : await window.showWarningMessage(text, show);
    if (answer === show) await commands.executeCommand('tarmac.showOutput', run.run);
  }
}
