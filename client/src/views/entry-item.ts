/** The line of a file or directory of an artifact, in each tree that shows artifacts. */
import * as l10n from '@vscode/l10n';
import { ThemeIcon, TreeItem, TreeItemCollapsibleState, type Uri } from 'vscode';
import type { TreeEntry } from '../artifacts/member-tree.ts';
import { isPageName } from './format.ts';

/** Its name, its icon and what opens it. What is said beside it, each tree adds. */
export function entryItem(uri: Uri, entry: TreeEntry): TreeItem {
  const directory = entry.type === 'directory';
  const item = new TreeItem(uri, directory ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None);
  item.label = entry.name;
  item.iconPath = directory ? ThemeIcon.Folder : ThemeIcon.File;
  const isPage = !directory && isPageName(entry.name);
  item.contextValue = directory ? 'tarmac.directory' : isPage ? 'tarmac.file.page' : 'tarmac.file';
  if (entry.type === 'file' && isPage) {
    item.command = { command: 'tarmac.openReport', title: l10n.t('Open as Page'), arguments: [uri] };
  } else if (entry.type === 'file') {
    item.command = { command: 'vscode.open', title: l10n.t('Open'), arguments: [uri, { preview: true }] };
  }
  return item;
}
