/** Pods that stay after their command has ended, in the status bar: until when, and what can be done with them. */
import * as l10n from '@vscode/l10n';
import { StatusBarAlignment, window, type Disposable } from 'vscode';
import type { RunModel } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { isKept, keptText, nextChange } from './kept.ts';

/** Has this window a shell open in the pod of that run? */
export type HasShell = (run: string) => boolean;

export class KeptStatus implements Disposable {
  readonly #store: RunStore;
  readonly #hasShell: HasShell;
  readonly #item = window.createStatusBarItem('tarmac.keptPods', StatusBarAlignment.Left, 8);
  readonly #listener: Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: RunStore, hasShell: HasShell) {
    this.#store = store;
    this.#hasShell = hasShell;
    this.#item.name = l10n.t('Tarmac: Kept Pods');
    this.#item.command = 'tarmac.podActions';
    this.#listener = store.onDidChange(() => this.update());
  }

  /** Runs whose pods stay, newest first. */
  get kept(): readonly RunModel[] {
    const now = Date.now();
    return this.#store.runs.filter((run) => isKept(run, now));
  }

  update(): void {
    clearTimeout(this.#timer);
    const { kept } = this;
    const [first] = kept;
    if (!first) {
      this.#item.hide();
      return;
    }
    const now = Date.now();
    const texts = kept.map((run) => keptText(run, this.#hasShell(run.run), now));
    const text = kept.length > 1 ? l10n.t('{0} pods stay', kept.length) : (texts[0] ?? '');
    this.#item.text = `$(watch) ${text}`;
    const howTo = l10n.t('Click to open a shell, to keep a pod longer or to delete it.');
    this.#item.tooltip = `${texts.join('\n')}\n${howTo}`;
    this.#item.accessibilityInformation = { label: `Tarmac: ${texts.join(', ')}`, role: 'button' };
    this.#item.show();
    this.#timer = setTimeout(() => this.update(), Math.min(...kept.map((run) => nextChange(run, now))));
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listener.dispose();
    this.#item.dispose();
  }
}
