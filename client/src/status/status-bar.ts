/** Two items of the status bar: what runs now, and on which cluster tasks run. Each is there only while it says something. */
import * as l10n from '@vscode/l10n';
import { MarkdownString, StatusBarAlignment, window, type Disposable } from 'vscode';
import { formatDuration } from '#runner/format';
import type { ClusterChoice } from '../cluster/cluster-choice.ts';
import { taskLanguage } from '../language/task-language.ts';
import type { RunModel } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { doing } from '../runs/run-words.ts';

/** Durations move on without an event. */
const tickMs = 1000;
const longestText = 60;

export class StatusBar implements Disposable {
  readonly #store: RunStore;
  readonly #choice: Pick<ClusterChoice, 'current' | 'onDidChange'>;
  readonly #runs = window.createStatusBarItem('tarmac.runs', StatusBarAlignment.Left, 10);
  readonly #cluster = window.createStatusBarItem('tarmac.cluster', StatusBarAlignment.Left, 9);
  readonly #listeners: Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor(store: RunStore, choice: Pick<ClusterChoice, 'current' | 'onDidChange'>) {
    this.#store = store;
    this.#choice = choice;
    this.#runs.name = l10n.t('Tarmac: Runs');
    this.#runs.command = 'tarmac.runActions';
    this.#cluster.name = l10n.t('Tarmac: Cluster');
    this.#cluster.command = 'tarmac.chooseCluster';
    this.#listeners = [
      store.onDidChange(() => this.#update()),
      choice.onDidChange(() => this.#update()),
      window.onDidChangeVisibleTextEditors(() => this.#update()),
    ];
    this.#update();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const each of [...this.#listeners, this.#runs, this.#cluster]) each.dispose();
  }

  #update(): void {
    clearTimeout(this.#timer);
    const active = this.#store.active.filter((run) => run.following);
    this.#showRuns(active);
    this.#showCluster(active);
    if (active.length > 0) this.#timer = setTimeout(() => this.#update(), tickMs);
  }

  #showRuns(active: readonly RunModel[]): void {
    const [first] = active;
    if (!first) {
      this.#runs.hide();
      return;
    }
    const now = Date.now();
    const text = active.length > 1 ? l10n.t('{0} tasks running', active.length) : `${first.task}: ${doing(first, now)}`;
    this.#runs.text = `$(sync~spin) ${text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text}`;
    this.#runs.tooltip = tooltip(active, now);
    this.#runs.accessibilityInformation = { label: `Tarmac: ${text}`, role: 'button' };
    this.#runs.show();
  }

  #showCluster(active: readonly RunModel[]): void {
    const { current } = this.#choice;
    // The Output panel that gets the focus is an editor, too: what is open beside it counts.
    const isTask = window.visibleTextEditors.some(({ document }) => document.languageId === taskLanguage);
    if (!current || (!isTask && active.length === 0)) {
      this.#cluster.hide();
      return;
    }
    const { context, namespace, kubeconfig } = current;
    this.#cluster.text = `$(server-environment) ${context}/${namespace}`;
    const where = { context, namespace, kubeconfig };
    this.#cluster.tooltip =
      kubeconfig === ''
        ? l10n.t('Tasks run on context {context} in namespace {namespace}. Click to choose another cluster.', where)
        : l10n.t(
            'Tasks run on context {context} in namespace {namespace} of {kubeconfig}. Click to choose another cluster.',
            where,
          );
    this.#cluster.accessibilityInformation = {
      label: l10n.t('Tarmac cluster: {0}, namespace {1}', context, namespace),
      role: 'button',
    };
    this.#cluster.show();
  }
}

function tooltip(runs: readonly RunModel[], now: number): MarkdownString {
  const text = new MarkdownString();
  for (const run of runs) {
    text
      .appendMarkdown('**')
      .appendText(run.task)
      .appendMarkdown('** ')
      .appendText(l10n.t('{0} in {1}/{2}', run.run, run.context, run.namespace));
    text.appendMarkdown('\n\n').appendText(doing(run, now)).appendMarkdown('\n\n');
    const spans = run.spans.filter(({ label, durationMs }) => label !== 'total' && durationMs !== undefined);
    if (spans.length === 0) continue;
    text.appendMarkdown(`| ${l10n.t('phase')} | ${l10n.t('duration')} |\n|---|--:|\n`);
    for (const { label, durationMs = 0 } of spans) {
      text.appendMarkdown(`| ${label} | ${formatDuration(durationMs)} |\n`);
    }
    text.appendMarkdown('\n');
  }
  return text;
}
