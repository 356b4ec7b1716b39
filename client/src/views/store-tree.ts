/**
 * The view of the artifact store: its size, its caches, its inputs, and the outputs of runs. It asks the cluster when it is
 * opened or refreshed, never by itself.
 */
import * as l10n from '@vscode/l10n';
import {
  EventEmitter,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type Disposable,
  type TreeDataProvider,
  type Uri,
} from 'vscode';
import type { ArtifactRef, ArtifactSummary } from '#runner';
import { errorText, formatBytes } from '#runner/format';
import type { ArtifactAccess, LocatedArtifact } from '../artifacts/artifact-access.ts';
import type { ArtifactPlace } from '../artifacts/artifact-places.ts';
import type { TreeEntry } from '../artifacts/member-tree.ts';
import { entryItem } from './entry-item.ts';
import { agoText, filesText, numberText } from './format.ts';
import { withPin } from './run-items.ts';

type GroupKind = 'input' | 'output' | 'cache';

/** One line of the view. */
export type StoreNode =
  | { readonly kind: 'group'; readonly id: string; readonly group: GroupKind }
  | { readonly kind: 'artifact'; readonly id: string; readonly summary: ArtifactSummary }
  | { readonly kind: 'entry'; readonly id: string; readonly uri: Uri; readonly entry: TreeEntry }
  | { readonly kind: 'more'; readonly id: string; readonly of: StoreNode; readonly left: number }
  | { readonly kind: 'message'; readonly id: string; readonly text: string };

const icons: Readonly<Record<GroupKind, string>> = { input: 'arrow-small-right', output: 'package', cache: 'history' };
const pageSize = 500;

export class StoreTree implements TreeDataProvider<StoreNode>, Disposable {
  readonly #access: ArtifactAccess;
  readonly #place: () => ArtifactPlace | undefined;
  readonly #changed = new EventEmitter<StoreNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #shown = new Map<string, number>();
  /** What a store was seen to have, and which one; undefined until somebody asked. */
  #seen: { readonly place: ArtifactPlace; readonly content: readonly ArtifactSummary[] } | undefined;
  /** Counts the questions: only the answer to the last one is shown. */
  #asked = 0;
  readonly #listener: Disposable;

  constructor(access: ArtifactAccess, place: () => ArtifactPlace | undefined) {
    this.#access = access;
    this.#place = place;
    this.#listener = access.onDidChangePinned(() => {
      if (this.#seen) this.#changed.fire(undefined);
    });
  }

  /** Asks the store. Rejects with what the cluster says. */
  async refresh(): Promise<void> {
    const place = this.#place();
    const asked = ++this.#asked;
    const content = place?.claim === undefined ? undefined : await this.#access.list(place);
    // Another store may have been chosen meanwhile: what is done to a line has to be done where it was seen.
    if (asked !== this.#asked) return;
    this.#seen = place && content && { place, content };
    this.#changed.fire(undefined);
  }

  /** Shows nothing until the next refresh: another cluster or claim was chosen. */
  clear(): void {
    this.#asked++;
    this.#seen = undefined;
    this.#changed.fire(undefined);
  }

  /** Something of a store is shown. */
  get isOpen(): boolean {
    return this.#seen !== undefined;
  }

  /** `12 files, 3.1 MiB in tarmac-artifacts`, for the head of the view. */
  get summary(): string {
    if (!this.#seen) return '';
    const { content, place } = this.#seen;
    const bytes = content.reduce((sum, each) => sum + each.bytes, 0);
    return l10n.t('{0} in {1}', formatBytes(bytes), place.claim ?? '');
  }

  showMore(node: Extract<StoreNode, { kind: 'more' }>): void {
    this.#shown.set(node.of.id, (this.#shown.get(node.of.id) ?? pageSize) + pageSize);
    this.#changed.fire(node.of);
  }

  locate(node: StoreNode): LocatedArtifact | undefined {
    if (node.kind === 'entry') return this.#access.locate(node.uri);
    const place = this.#seen?.place;
    const artifact = node.kind === 'artifact' ? refOf(node.summary) : undefined;
    return place && artifact && { place, artifact, path: '' };
  }

  async getChildren(node?: StoreNode): Promise<StoreNode[]> {
    if (!node) {
      return this.#seen
        ? (['output', 'cache', 'input'] as const).map((group) => ({ kind: 'group', id: group, group }))
        : [];
    }
    if (node.kind === 'group') {
      const of = (this.#seen?.content ?? []).filter(({ kind }) => kind === node.group).sort(newestFirst);
      if (of.length === 0) return [{ kind: 'message', id: `${node.id} empty`, text: l10n.t('none') }];
      return this.#page(node, of, (summary) => ({ kind: 'artifact', id: keyOf(summary), summary }));
    }
    const located = this.locate(node);
    if (!located || (node.kind !== 'artifact' && node.kind !== 'entry')) return [];
    try {
      const tree = await this.#access.tree(located);
      const entries = (await tree.children(located.path)) ?? [];
      if (entries.length === 0) return [{ kind: 'message', id: `${node.id} empty`, text: l10n.t('empty') }];
      return this.#page(node, entries, (entry) => ({
        ...{ kind: 'entry', id: `${node.id}/${entry.name}`, entry },
        uri: this.#access.uri(located.place, located.artifact, entry.path),
      }));
    } catch (error) {
      const text = errorText(error);
      return [{ kind: 'message', id: `${node.id} message`, text }];
    }
  }

  getTreeItem(node: StoreNode): TreeItem {
    const item = this.#item(node);
    item.id = node.id;
    return item;
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }

  #item(node: StoreNode): TreeItem {
    switch (node.kind) {
      case 'group': {
        const of = (this.#seen?.content ?? []).filter(({ kind }) => kind === node.group);
        const item = folded(groupTitle(node.group), icons[node.group]);
        item.description = `${of.length} · ${formatBytes(of.reduce((sum, each) => sum + each.bytes, 0))}`;
        return item;
      }
      case 'artifact':
        return artifactItem(node.summary, this.#isPinned(node.summary));
      case 'entry':
        return storedEntryItem(node.uri, node.entry);
      case 'more': {
        const item = new TreeItem(l10n.t('Show more…'));
        item.iconPath = new ThemeIcon('ellipsis');
        item.description = l10n.t('{0} left', numberText(node.left));
        item.command = { command: 'tarmac.showMore', title: l10n.t('Show More'), arguments: [node] };
        return item;
      }
      case 'message': {
        const item = new TreeItem(node.text);
        item.iconPath = new ThemeIcon('info');
        return item;
      }
    }
  }

  #isPinned({ kind, run }: ArtifactSummary): boolean {
    const place = this.#seen?.place;
    return kind === 'output' && place !== undefined && run !== undefined && this.#access.isPinned(place, run);
  }

  #page<T>(parent: StoreNode, all: readonly T[], node: (each: T) => StoreNode): StoreNode[] {
    const nodes = all.slice(0, this.#shown.get(parent.id) ?? pageSize).map(node);
    const left = all.length - nodes.length;
    return left > 0 ? [...nodes, { kind: 'more', id: `${parent.id} more`, of: parent, left }] : nodes;
  }
}

function refOf(summary: ArtifactSummary): ArtifactRef | undefined {
  if (summary.kind === 'input') return { kind: 'input', tree: summary.id };
  if (summary.kind === 'cache') return { kind: 'cache', key: summary.id };
  return summary.kind === 'output' ? { kind: 'output', run: summary.id, name: summary.name } : undefined;
}

function groupTitle(group: GroupKind): string {
  if (group === 'input') return l10n.t('Inputs');
  return group === 'output' ? l10n.t('Outputs') : l10n.t('Caches');
}

/** What an artifact is, with its id. */
function artifactTitle({ kind, id }: ArtifactSummary): string {
  const texts: Readonly<Record<ArtifactSummary['kind'], string>> = {
    input: l10n.t('input {0}', id),
    output: l10n.t('output {0}', id),
    cache: l10n.t('cache {0}', id),
    log: l10n.t('log {0}', id),
  };
  return texts[kind];
}

function keyOf({ kind, id, name }: ArtifactSummary): string {
  return `${kind} ${id} ${name}`;
}

function newestFirst(a: ArtifactSummary, b: ArtifactSummary): number {
  return (b.createdAt ?? '').localeCompare(a.createdAt ?? '');
}

function folded(label: string, icon: string): TreeItem {
  const item = new TreeItem(label, TreeItemCollapsibleState.Collapsed);
  item.iconPath = new ThemeIcon(icon);
  return item;
}

function artifactItem(summary: ArtifactSummary, pinned: boolean): TreeItem {
  const { kind, name, run, files, bytes, createdAt } = summary;
  const icon = pinned ? 'pinned' : kind === 'log' ? 'output' : icons[kind];
  const item = folded(kind === 'output' ? `${run ?? ''} / ${name}` : name, icon);
  const age = createdAt === undefined ? '' : ` · ${agoText(Date.parse(createdAt), Date.now())}`;
  item.description = withPin(
    `${files === undefined ? '' : `${filesText(files)}, `}${formatBytes(bytes)}${age}`,
    pinned,
  );
  item.tooltip = artifactTitle(summary);
  item.contextValue = `tarmac.stored.${kind}${pinned ? '.pinned' : ''}`;
  return item;
}

function storedEntryItem(uri: Uri, entry: TreeEntry): TreeItem {
  const item = entryItem(uri, entry);
  item.description = entry.type === 'directory' ? '' : formatBytes(entry.size);
  item.tooltip = entry.path;
  return item;
}
