/** The lines of jobs and their steps in the tree of runs, as the editor draws them. */
import * as l10n from '@vscode/l10n';
import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import type { JobTreeNode, StepSummary } from '#runner';
import { isJobOver, type JobModel } from '../jobs/job-store.ts';
import type { RunModel } from '../runs/run-model.ts';
import {
  jobAccessibility,
  jobDescription,
  jobIcon,
  jobTooltip,
  lineContext,
  lineDescription,
  lineLabel,
  lineText,
} from './job-lines.ts';
import type { Icon } from './run-lines.ts';

/**
 * The line of a job.
 * @param isSettling it has just ended: nothing takes the place of its abort button yet
 */
export function jobItem(job: JobModel | undefined, id: string, isSettling: boolean): TreeItem {
  // The steps of one that runs are what one wants to see.
  const isOpen = job !== undefined && !isJobOver(job.state);
  const item = new TreeItem(
    job?.job ?? id,
    isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
  );
  if (!job) return item;
  const now = Date.now();
  item.iconPath = themed(jobIcon(job.state));
  item.description = l10n.t('job · {0}', jobDescription(job, now));
  item.tooltip = plain(jobTooltip(job));
  item.command = { command: 'tarmac.showOutput', title: l10n.t('Show Output'), arguments: [id] };
  const over = isSettling ? 'ended' : 'over';
  item.contextValue = `tarmac.job.${isJobOver(job.state) ? over : job.state === 'left' ? 'left' : 'active'}`;
  item.accessibilityInformation = { label: jobAccessibility(job, now) };
  return item;
}

/** The line of a step, or of what is around steps. The run is that of a task, or the last one of a resource's scripts. */
export function lineItem(
  line: JobTreeNode,
  step: StepSummary | undefined,
  job: JobModel | undefined,
  run: RunModel | undefined,
): TreeItem {
  const { children, state, address } = line;
  const label = lineLabel(line);
  // What runs below it is what one wants to see.
  const isOpen = children.some((each) => each.state !== 'skipped');
  const isLeaf = children.length === 0 && run === undefined;
  const item = new TreeItem(
    label,
    isLeaf
      ? TreeItemCollapsibleState.None
      : isOpen
        ? TreeItemCollapsibleState.Expanded
        : TreeItemCollapsibleState.Collapsed,
  );
  if (!job) return item;
  item.iconPath = themed(jobIcon(state, job.state === 'left'));
  item.description = lineDescription(line, step, job, Date.now());
  item.tooltip = plain([address ?? label, ...(step?.error === undefined ? [] : [step.error])]);
  item.contextValue = lineContext(line, job, run);
  if (run !== undefined) {
    item.command = { command: 'tarmac.showOutput', title: l10n.t('Show Output'), arguments: [run.run] };
  }
  item.accessibilityInformation = { label: l10n.t('Step {0}, {1}', label, lineText(state, job.state)) };
  return item;
}

function themed({ id, color }: Icon): ThemeIcon {
  return new ThemeIcon(id, color === undefined ? undefined : new ThemeColor(color));
}

/** What comes from pipelines and errors is text, never Markdown. */
function plain(lines: readonly string[]): MarkdownString {
  const text = new MarkdownString();
  for (const [index, line] of lines.entries()) {
    if (index > 0) text.appendMarkdown('\n\n');
    text.appendText(line);
  }
  return text;
}
