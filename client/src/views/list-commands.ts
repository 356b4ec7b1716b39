/** The commands of the list of runs: which ones it shows, and taking some off it. */
import * as l10n from '@vscode/l10n';
import { commands, env, type Memento, type TreeView } from 'vscode';
import type { CommandHandlers } from '../commands/register.ts';
import { isJobOver } from '../jobs/job-store.ts';
import type { RunningParts } from '../parts.ts';
import { isFiltering, noFilter, type RunFilter } from '../runs/run-filter.ts';
import { isOver } from '../runs/run-model.ts';
import { askFilter, groupText } from './filter-runs.ts';
import type { RunNode } from './run-node.ts';
import type { RunsTree } from './runs-tree.ts';

/** What was chosen stays with the workspace. */
const filterKey = 'tarmac.runFilter';

/** What these commands do, and the line that says what the list leaves out. */
export function listCommands(
  tree: RunsTree,
  view: TreeView<RunNode>,
  memento: Memento,
  { store, control, jobs, jobControl }: Pick<RunningParts, 'store' | 'control' | 'jobs' | 'jobControl'>,
): { readonly handlers: CommandHandlers; readonly showCounts: () => void } {
  const showCounts = (): void => {
    const { counts, filter } = tree;
    view.message =
      counts === undefined ? '' : l10n.t('{0} of {1} runs: {2}', counts.shown, counts.all, filterText(filter));
    void commands.executeCommand('setContext', 'tarmac.filtersRuns', counts !== undefined);
  };
  const show = async (filter: RunFilter): Promise<void> => {
    tree.show(filter);
    showCounts();
    await memento.update(filterKey, filter);
  };
  tree.show({ ...noFilter, ...memento.get<Partial<RunFilter>>(filterKey) });
  showCounts();

  const handlers: CommandHandlers = {
    'tarmac.filterRuns': async () => {
      const filter = await askFilter(store.runs, tree.filter);
      if (filter) await show(filter);
    },
    'tarmac.clearRunFilter': () => show(noFilter),
    'tarmac.copyRunId': async (node?: RunNode, selected?: readonly RunNode[]) => {
      const ids = idsOf(selected && selected.length > 0 ? selected : node ? [node] : []);
      if (ids.length > 0) await env.clipboard.writeText(ids.join('\n'));
    },
    'tarmac.removeRun': async (node?: RunNode, selected?: readonly RunNode[]) => {
      const nodes = selected && selected.length > 0 ? selected : node ? [node] : [];
      for (const each of nodes) {
        const job = each.kind === 'job' ? jobs.get(each.jobId) : undefined;
        if (job && isJobOver(job.state)) await jobControl.remove(job.id);
        const run = each.kind === 'run' ? store.get(each.run) : undefined;
        // One that goes on, or whose pod is kept, would be back with the next look at the cluster.
        if (run && isOver(run.state) && run.pod === undefined) await control.remove(run.run);
      }
    },
  };
  return { handlers, showCounts };
}

/** The ids of the runs and jobs among some lines. */
export function idsOf(nodes: readonly RunNode[]): string[] {
  return nodes.flatMap((each) => (each.kind === 'run' ? [each.run] : each.kind === 'job' ? [each.jobId] : []));
}

function filterText(filter: RunFilter): string {
  if (!isFiltering(filter)) return '';
  const parts = [
    ...(filter.mine ? [l10n.t('only mine')] : []),
    ...filter.states.map(groupText),
    ...filter.tasks,
    ...(filter.text === '' ? [] : [`'${filter.text}'`]),
  ];
  return parts.join(', ');
}
