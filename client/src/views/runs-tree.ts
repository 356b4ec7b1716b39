/**
 * The view of runs: each with its inputs, outputs, log and pod; below an output the files of its artifact, read as they are
 * opened, a page at a time. Fed by the run store alone; a run that changes is drawn anew, the rest stays as it is.
 */
import * as l10n from '@vscode/l10n';
import {
  EventEmitter,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  workspace,
  type Uri,
  type Command,
  type Disposable,
  type TreeDataProvider,
} from 'vscode';
import type { ArtifactRef } from '#runner';
import { parseEarlierOutput } from '#runner/earlier-output';
import { errorText, formatBytes, formatRemaining } from '#runner/format';
import type { ArtifactAccess, LocatedArtifact } from '../artifacts/artifact-access.ts';
import type { ArtifactPlace } from '../artifacts/artifact-places.ts';
import type { TreeEntry } from '../artifacts/member-tree.ts';
import { briefFailure } from '../failures/editor-words.ts';
import { isFiltering, noFilter, shownRuns, type RunFilter } from '../runs/run-filter.ts';
import { isOver, type RunInput, type RunModel } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { filesText, isPageName, numberText } from './format.ts';
import {
  inputDescription,
  outputDescription,
  runAccessibility,
  runDescription,
  runIcon,
  runLook,
  runTooltip,
  shortPath,
} from './run-lines.ts';

/** One line of the tree. `id` is unique and stays the same, so that what is open and chosen stays so. */
export type RunNode =
  | { readonly kind: 'run'; readonly id: string; readonly run: string }
  | { readonly kind: 'input' | 'output'; readonly id: string; readonly run: string; readonly name: string }
  | { readonly kind: 'log' | 'pod' | 'failure'; readonly id: string; readonly run: string }
  | {
      readonly kind: 'file' | 'directory';
      readonly id: string;
      readonly run: string;
      readonly uri: Uri;
      readonly entry: TreeEntry;
      readonly parent: RunNode;
    }
  | { readonly kind: 'more'; readonly id: string; readonly of: RunNode | undefined; readonly left: number }
  | { readonly kind: 'message'; readonly id: string; readonly text: string; readonly parent: RunNode };

/** Where a run's artifacts are. */
export type PlaceOf = (run: RunModel) => ArtifactPlace;

/** How long the place of the abort button stays empty when its run has ended. */
const settleMs = 2000;

const pageSize = { runs: 50, files: 500 };

export class RunsTree implements TreeDataProvider<RunNode>, Disposable {
  readonly #runs: RunStore;
  readonly #access: ArtifactAccess;
  readonly #placeOf: PlaceOf;
  readonly #changed = new EventEmitter<RunNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #nodes = new Map<string, RunNode>();
  /** How many children are shown, by id of the parent; the root is the empty id. */
  readonly #shown = new Map<string, number>();
  readonly #listener: Disposable;
  /** What was drawn of a run, but for its times, which go on with `tick`. */
  readonly #drawn = new Map<string, string>();
  /** Runs that were not over when they were last seen. */
  readonly #active = new Set<string>();
  /** Runs that have just ended: nothing takes the place of their abort button yet, which a hand may be on. */
  readonly #settling = new Map<string, NodeJS.Timeout>();
  /** The text beside each run that is over, whose age goes on. */
  readonly #ages = new Map<string, string>();
  #filter = noFilter;
  /** What the filter showed when the list was last read. */
  #listed: readonly string[] = [];

  constructor(runs: RunStore, access: ArtifactAccess, placeOf: PlaceOf) {
    this.#runs = runs;
    this.#access = access;
    this.#placeOf = placeOf;
    this.#listener = runs.onDidChange(({ added, changed, removed }) => {
      for (const id of [...added, ...changed]) this.#settle(id);
      for (const id of removed) {
        this.#drawn.delete(id);
        for (const [key, node] of this.#nodes) if ('run' in node && node.run === id) this.#nodes.delete(key);
      }
      if (added.length + removed.length > 0 || this.#isListStale()) this.#changed.fire(undefined);
      else for (const id of changed) this.#draw(id);
    });
  }

  /** Which runs are shown. */
  get filter(): RunFilter {
    return this.#filter;
  }

  /** How many runs the filter shows, of how many; undefined while it shows all. */
  get counts(): { readonly shown: number; readonly all: number } | undefined {
    if (!isFiltering(this.#filter)) return undefined;
    const { runs } = this.#runs;
    return { shown: shownRuns(runs, this.#filter).length, all: runs.length };
  }

  /** Shows these runs from now on. */
  show(filter: RunFilter): void {
    this.#filter = filter;
    this.#shown.delete('');
    this.#changed.fire(undefined);
  }

  /** Draws the runs anew that are not over: their time goes on without an event. */
  tick(): void {
    for (const { run: id } of this.#runs.active) {
      const node = this.#nodes.get(`run ${id}`);
      if (node) this.#changed.fire(node);
    }
    const now = Date.now();
    for (const [id, text] of this.#ages) {
      const run = this.#runs.get(id);
      const node = this.#nodes.get(`run ${id}`);
      if (!run || !node || !isOver(run.state)) this.#ages.delete(id);
      else if (runDescription(run, now) !== text) this.#changed.fire(node);
    }
  }

  /** A run that has ended may be one that the filter leaves out, or shows from now on. */
  #isListStale(): boolean {
    if (!isFiltering(this.#filter)) return false;
    const now = shownRuns(this.#runs.runs, this.#filter);
    return now.length !== this.#listed.length || now.some(({ run }, index) => run !== this.#listed[index]);
  }

  #settle(id: string): void {
    const run = this.#runs.get(id);
    if (!run) return;
    if (!isOver(run.state)) {
      this.#active.add(id);
      return;
    }
    if (!this.#active.delete(id)) return;
    const settled = (): void => {
      this.#settling.delete(id);
      const node = this.#nodes.get(`run ${id}`);
      if (node) this.#changed.fire(node);
    };
    this.#settling.set(id, setTimeout(settled, settleMs));
  }

  /** Shows the next page of a directory, or of the runs. */
  showMore(node: Extract<RunNode, { kind: 'more' }>): void {
    const id = node.of?.id ?? '';
    const size = node.of ? pageSize.files : pageSize.runs;
    this.#shown.set(id, (this.#shown.get(id) ?? size) + size);
    this.#changed.fire(node.of);
  }

  getParent(node: RunNode): RunNode | undefined {
    if (node.kind === 'run') return undefined;
    if (node.kind === 'file' || node.kind === 'directory' || node.kind === 'message') return node.parent;
    if (node.kind === 'more') return node.of;
    return this.runNode(node.run);
  }

  /** The node of a run, for `reveal`. */
  runNode(run: string): RunNode {
    return this.#node({ kind: 'run', id: `run ${run}`, run });
  }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    if (!node) {
      const runs = shownRuns(this.#runs.runs, this.#filter);
      this.#listed = runs.map(({ run }) => run);
      return this.#page(undefined, runs, pageSize.runs, ({ run }) => this.runNode(run));
    }
    if (node.kind === 'run') return this.#parts(node.run);
    if (node.kind !== 'output' && node.kind !== 'input' && node.kind !== 'directory') return [];
    const located = this.locate(node);
    return located ? this.#entries(node, located) : [];
  }

  /** The artifact, or the part of it, that a node stands for; undefined for one that stands for none. */
  locate(node: RunNode): LocatedArtifact | undefined {
    if (node.kind === 'file' || node.kind === 'directory') return this.#access.locate(node.uri);
    if (node.kind !== 'input' && node.kind !== 'output') return undefined;
    const run = this.#runs.get(node.run);
    const place = run && this.#placeOf(run);
    const artifact = run && artifactOf(run, node.kind, node.name);
    return place && artifact && { place, artifact, path: '' };
  }

  getTreeItem(node: RunNode): TreeItem {
    const item = this.#item(node);
    item.id = node.id;
    return item;
  }

  dispose(): void {
    for (const timer of this.#settling.values()) clearTimeout(timer);
    this.#listener.dispose();
    this.#changed.dispose();
  }

  /**
   * Draws a run anew when there is something to see: a task that prints changes 20 times a second, and with its line the
   * editor asks for all that is open below it.
   */
  #draw(id: string): void {
    const run = this.#runs.get(id);
    const node = this.#nodes.get(`run ${id}`);
    if (!run || !node) return;
    const drawn = runLook(run);
    if (this.#drawn.get(id) === drawn) return;
    this.#drawn.set(id, drawn);
    this.#changed.fire(node);
  }

  #node<T extends RunNode>(node: T): T {
    const known = this.#nodes.get(node.id);
    // The same object for the same line: the editor keeps its state by it. What a file's line shows may be newer.
    if (known?.kind === node.kind && node.kind !== 'file' && node.kind !== 'directory') return known as T;
    this.#nodes.set(node.id, node);
    return node;
  }

  #parts(id: string): RunNode[] {
    const run = this.#runs.get(id);
    if (!run) return [];
    const part = (kind: 'log' | 'pod' | 'failure'): RunNode => this.#node({ kind, id: `${kind} ${id}`, run: id });
    const artifact = (kind: 'input' | 'output', name: string): RunNode =>
      this.#node({ kind, id: `${kind} ${id} ${name}`, run: id, name });
    return [
      ...(run.failure ? [part('failure')] : []),
      ...run.inputs.map(({ name }) => artifact('input', name)),
      ...run.outputs.map(({ name }) => artifact('output', name)),
      part('log'),
      ...(run.pod === undefined ? [] : [part('pod')]),
    ];
  }

  async #entries(parent: RunNode, located: LocatedArtifact): Promise<RunNode[]> {
    const message = (text: string): RunNode[] => [{ kind: 'message', id: `${parent.id} message`, text, parent }];
    try {
      const tree = await this.#access.tree(located);
      const entries = (await tree.children(located.path)) ?? [];
      if (entries.length === 0) return message(l10n.t('empty'));
      const run = 'run' in parent ? parent.run : '';
      return this.#page(parent, entries, pageSize.files, (entry) =>
        this.#node({
          kind: entry.type === 'directory' ? 'directory' : 'file',
          id: `${parent.id}/${entry.name}`,
          uri: this.#access.uri(located.place, located.artifact, entry.path),
          ...{ run, entry, parent },
        }),
      );
    } catch (error) {
      return message(errorText(error));
    }
  }

  #page<T>(parent: RunNode | undefined, all: readonly T[], size: number, node: (each: T) => RunNode): RunNode[] {
    const shown = this.#shown.get(parent?.id ?? '') ?? size;
    const nodes = all.slice(0, shown).map(node);
    const left = all.length - nodes.length;
    if (left > 0) nodes.push({ kind: 'more', id: `${parent?.id ?? ''} more`, of: parent, left });
    return nodes;
  }

  #item(node: RunNode): TreeItem {
    switch (node.kind) {
      case 'run':
        return this.#runItem(node.run);
      case 'input':
      case 'output':
        return this.#artifactItem(node);
      case 'log':
      case 'pod':
      case 'failure':
        return partItem(node.kind, this.#runs.get(node.run), node.run);
      case 'file':
      case 'directory':
        return entryItem(node);
      case 'more':
        return leaf(l10n.t('Show more…'), 'ellipsis', {
          description: l10n.t('{0} left', numberText(node.left)),
          command: { command: 'tarmac.showMore', title: l10n.t('Show More'), arguments: [node] },
        });
      case 'message':
        return leaf(node.text, 'info');
    }
  }

  #runItem(id: string): TreeItem {
    const run = this.#runs.get(id);
    if (run && isOver(run.state)) this.#ages.set(id, runDescription(run, Date.now()));
    return runItem(run, id, this.#settling.has(id));
  }

  #artifactItem(node: Extract<RunNode, { kind: 'input' | 'output' }>): TreeItem {
    const run = this.#runs.get(node.run);
    const isInput = node.kind === 'input';
    const input = isInput ? run?.inputs.find(({ name }) => name === node.name) : undefined;
    const output = isInput ? undefined : run?.outputs.find(({ name }) => name === node.name);
    const located = this.locate(node);
    const gone = output?.kept === false && run !== undefined && isOver(run.state) && run.pod === undefined;
    const item = new TreeItem(
      node.name,
      located && !gone ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
    );
    item.iconPath = new ThemeIcon(isInput ? 'arrow-small-right' : 'package');
    const here = input && relative(input);
    item.description = here ? inputDescription(here, shortPath) : output && run ? outputDescription(output, run) : '';
    const what = isInput ? l10n.t('Input {0}', node.name) : l10n.t('Output {0}', node.name);
    const whole = here ? inputDescription(here) : item.description;
    item.tooltip = whole === '' ? what : `${what}: ${whole}`;
    item.contextValue = located && !gone ? `tarmac.${node.kind}` : `tarmac.${node.kind}.gone`;
    item.accessibilityInformation = { label: item.tooltip };
    return item;
  }
}

/** The input as it reads in this workspace. */
function relative(input: RunInput): RunInput {
  return input.from === undefined || parseEarlierOutput(input.from)
    ? input
    : { ...input, from: workspace.asRelativePath(input.from) };
}

/** An input is known by what was sent, an output by its run and name. */
function artifactOf(run: RunModel, kind: 'input' | 'output', name: string): ArtifactRef | undefined {
  if (kind === 'output') return { kind, run: run.run, name };
  const input = run.inputs.find((each) => each.name === name);
  const earlier = parseEarlierOutput(input?.from ?? '');
  if (earlier) return { kind: 'output', run: earlier.run, name: earlier.output };
  // Without a claim an input is nowhere but in its folder.
  return input?.digest === undefined || run.claim === undefined ? undefined : { kind, tree: input.digest };
}

function runItem(run: RunModel | undefined, id: string, settling: boolean): TreeItem {
  const item = new TreeItem(run?.task ?? id, TreeItemCollapsibleState.Collapsed);
  if (!run) return item;
  const now = Date.now();
  const { id: icon, color } = runIcon(run);
  item.iconPath = new ThemeIcon(icon, color === undefined ? undefined : new ThemeColor(color));
  item.description = runDescription(run, now);
  item.command = { command: 'tarmac.showOutput', title: l10n.t('Show Output'), arguments: [id] };
  item.tooltip = new MarkdownString(runTooltip(run));
  const state = isOver(run.state) ? (settling ? 'ended' : 'over') : 'active';
  item.contextValue = ['tarmac.run', state, ...(run.pod ? ['pod'] : []), ...(run.failure ? ['why'] : [])].join('.');
  item.accessibilityInformation = { label: runAccessibility(run, now) };
  return item;
}

function partItem(kind: 'log' | 'pod' | 'failure', run: RunModel | undefined, id: string): TreeItem {
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

function entryItem({ entry, uri, kind }: Extract<RunNode, { kind: 'file' | 'directory' }>): TreeItem {
  const directory = kind === 'directory';
  const item = new TreeItem(uri, directory ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None);
  item.label = entry.name;
  item.iconPath = directory ? ThemeIcon.Folder : ThemeIcon.File;
  const time = new Date(entry.mtimeMs).toLocaleString();
  item.description =
    entry.type === 'missing' ? l10n.t('link to nothing in the artifact') : directory ? '' : formatBytes(entry.size);
  const what = directory ? l10n.t('directory') : l10n.t('{0} bytes', numberText(entry.size));
  item.tooltip = `${entry.path}\n${[what, time, ...(entry.link ? [l10n.t('a link')] : [])].join(', ')}`;
  const isPage = !directory && isPageName(entry.name);
  item.contextValue = directory ? 'tarmac.directory' : isPage ? 'tarmac.file.page' : 'tarmac.file';
  if (entry.type === 'file' && isPage) {
    item.command = { command: 'tarmac.openReport', title: l10n.t('Open as Page'), arguments: [uri] };
  } else if (entry.type === 'file') {
    item.command = { command: 'vscode.open', title: l10n.t('Open'), arguments: [uri, { preview: true }] };
  }
  return item;
}

interface Leaf {
  readonly description?: string;
  readonly tooltip?: string;
  readonly contextValue?: string;
  readonly command?: Command;
}

function leaf(label: string, icon: string, more: Leaf = {}): TreeItem {
  const item = new TreeItem(label, TreeItemCollapsibleState.None);
  item.iconPath = new ThemeIcon(icon);
  return Object.assign(item, more);
}

/** What a whole artifact amounts to, for messages. */
export function amount(files: number, bytes: number): string {
  return `${filesText(files)}, ${formatBytes(bytes)}`;
}
