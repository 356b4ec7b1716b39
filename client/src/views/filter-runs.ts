/** The question which runs the Runs view shows. */
import * as l10n from '@vscode/l10n';
import { QuickPickItemKind, window, type QuickPickItem } from 'vscode';
import { groupOf, type RunFilter, type StateGroup } from '../runs/run-filter.ts';
import type { RunModel } from '../runs/run-model.ts';

interface FilterItem extends QuickPickItem {
  readonly state?: StateGroup;
  readonly task?: string;
  readonly mine?: true;
}

/** What a state is called in the question and in the line above the runs. */
export function groupText(state: StateGroup): string {
  const texts: Readonly<Record<StateGroup, string>> = {
    running: l10n.t('running'),
    succeeded: l10n.t('succeeded'),
    failed: l10n.t('failed'),
    aborted: l10n.t('aborted'),
  };
  return texts[state];
}

/** Asks with everything in one list; what was typed beside no entry searches names and ids. Undefined when left. */
export async function askFilter(runs: readonly RunModel[], now: RunFilter): Promise<RunFilter | undefined> {
  const picker = window.createQuickPick<FilterItem>();
  picker.title = l10n.t('Filter Runs');
  picker.placeholder = l10n.t('Select what to show, or type part of a name or an ID and press Enter');
  picker.canSelectMany = true;
  const items = itemsOf(runs);
  picker.items = items;
  picker.selectedItems = items.filter(
    ({ mine, state, task }) =>
      (mine === true && now.mine) ||
      (state !== undefined && now.states.includes(state)) ||
      (task !== undefined && now.tasks.includes(task)),
  );
  try {
    return await new Promise<RunFilter | undefined>((resolve) => {
      picker.onDidAccept(() => resolve(filterOf(picker.selectedItems, picker.value.trim())));
      picker.onDidHide(() => resolve(undefined));
      picker.show();
    });
  } finally {
    picker.dispose();
  }
}

function itemsOf(runs: readonly RunModel[]): FilterItem[] {
  const separator = (label: string): FilterItem => ({ label, kind: QuickPickItemKind.Separator });
  const count = (of: readonly unknown[]): string => l10n.t('{0} runs', of.length);
  const states: readonly StateGroup[] = ['running', 'failed', 'succeeded', 'aborted'];
  const tasks = [...new Set(runs.map(({ task }) => task))].sort((a, b) => a.localeCompare(b));
  return [
    { label: l10n.t('Only my runs'), mine: true, description: count(runs.filter((run) => !run.elsewhere)) },
    separator(l10n.t('State')),
    ...states.map((state) => ({
      label: groupText(state),
      state,
      description: count(runs.filter((run) => groupOf(run) === state)),
    })),
    separator(l10n.t('Task')),
    ...tasks.map((task) => ({ label: task, task, description: count(runs.filter((run) => run.task === task)) })),
  ];
}

function filterOf(selected: readonly FilterItem[], text: string): RunFilter {
  return {
    mine: selected.some(({ mine }) => mine),
    states: selected.flatMap(({ state }) => state ?? []),
    tasks: selected.flatMap(({ task }) => task ?? []),
    text,
  };
}
