/** The lines of runs, of their parts and of files in the tree of runs, as the editor draws them. */
import * as l10n from '@vscode/l10n';
import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, type Command } from 'vscode';
import { formatBytes, formatRemaining } from '#runner/format';
import { briefFailure } from '../failures/editor-words.ts';
import { isOver, type RunModel } from '../runs/run-model.ts';
import { entryItem } from './entry-item.ts';
import { numberText } from './format.ts';
import { runAccessibility, runDescription, runIcon, runTooltip } from './run-lines.ts';
import type { RunNode } from './run-node.ts';

/** How a run stands in its list, beyond what it tells itself. */
export interface RunStanding {
  /** It has just ended. */
  readonly settling: boolean;
  /** Its store keeps what it left. */
  readonly pinned: boolean;
}

/** The line of a run. */
export function runItem(run: RunModel | undefined, id: string, { settling, pinned }: RunStanding): TreeItem {
  const item = new TreeItem(run?.task ?? id, TreeItemCollapsibleState.Collapsed);
  if (!run) return item;
  const now = Date.now();
  const { id: icon, color } = runIcon(run);
  item.iconPath = new ThemeIcon(icon, color === undefined ? undefined : new ThemeColor(color));
  item.description = withPin(runDescription(run, now), pinned);
  item.command = { command: 'tarmac.showOutput', title: l10n.t('Show Output'), arguments: [id] };
  item.tooltip = new MarkdownString(runTooltip(run));
  const over = isOver(run.state);
  const state = over ? (settling ? 'ended' : 'over') : 'active';
  const more = [...(run.pod ? ['pod'] : []), ...(run.failure ? ['why'] : [])];
  // Only a store can keep it.
  const kept = over && run.claim !== undefined ? [pinned ? 'pinned' : 'stored'] : [];
  item.contextValue = ['tarmac.run', state, ...more, ...kept].join('.');
  item.accessibilityInformation = { label: withPin(runAccessibility(run, now), pinned, ', ') };
  return item;
}

/** What a line says beside its name, with the fact that the store keeps it. */
export function withPin(text: string, pinned: boolean, separator = ' · '): string {
  if (!pinned) return text;
  return [text, l10n.t('kept')].filter((part) => part !== '').join(separator);
}

/** The line of a run's log, pod or failure. */
export function partItem(kind: 'log' | 'pod' | 'failure', run: RunModel | undefined, id: string): TreeItem {
  if (kind === 'log') {
    return leaf(l10n.t('Log'), 'output', {
      contextValue: 'tarmac.log',
      command: { command: 'tarmac.showOutput', title: l10n.t('Show Output'), arguments: [id] },
      // Of a run that nobody here has followed the size is not known.
      ...(run && (run.following || run.outputBytes.stdout + run.outputBytes.stderr > 0)
        ? { description: formatBytes(run.outputBytes.stdout + run.outputBytes.stderr) }
        : {}),
    });
  }
  if (kind === 'failure') {
    return leaf(run?.failure?.title ?? '', 'warning', {
      tooltip: run?.failure ? briefFailure(run.failure) : '',
      command: { command: 'tarmac.showFailure', title: l10n.t('Show Failure'), arguments: [id] },
      contextValue: 'tarmac.failure',
    });
  }
  const until = run?.podKeptUntil;
  return leaf(run?.pod ?? '', 'server-process', {
    description: until === undefined ? l10n.t('pod') : l10n.t('pod, kept for {0}', formatRemaining(until - Date.now())),
    contextValue: 'tarmac.pod',
  });
}

/** The line of a file or directory of an artifact, with its size and its time. */
export function artifactEntryItem({ entry, uri }: Extract<RunNode, { kind: 'file' | 'directory' }>): TreeItem {
  const item = entryItem(uri, entry);
  const directory = entry.type === 'directory';
  const time = new Date(entry.mtimeMs).toLocaleString();
  item.description =
    entry.type === 'missing' ? l10n.t('link to nothing in the artifact') : directory ? '' : formatBytes(entry.size);
  const what = directory ? l10n.t('directory') : l10n.t('{0} bytes', numberText(entry.size));
  item.tooltip = `${entry.path}\n${[what, time, ...(entry.link ? [l10n.t('a link')] : [])].join(', ')}`;
  return item;
}

interface Leaf {
  readonly description?: string;
  readonly tooltip?: string;
  readonly contextValue?: string;
  readonly command?: Command;
}

/** A line without any below it. */
export function leaf(label: string, icon: string, more: Leaf = {}): TreeItem {
  const item = new TreeItem(label, TreeItemCollapsibleState.None);
  item.iconPath = new ThemeIcon(icon);
  return Object.assign(item, more);
}
