/**
 * The view of runs, and of jobs with their steps: each run with its inputs, outputs, log and pod; below an output the files of
 * its artifact, read as they are opened, a page at a time. Fed by the stores of runs and of jobs alone; what changes is drawn
 * anew, the rest stays as it is.
 */
import * as l10n from '@vscode/l10n';
import {
  EventEmitter,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  workspace,
  type Disposable,
  type TreeDataProvider,
} from 'vscode';
import type { ArtifactRef, JobTreeNode } from '#runner';
import { parseEarlierOutput } from '#runner/earlier-output';
import { errorText } from '#runner/format';
import type { ArtifactAccess, LocatedArtifact } from '../artifacts/artifact-access.ts';
import type { ArtifactPlace } from '../artifacts/artifact-places.ts';
import { isJobOver, type JobStore } from '../jobs/job-store.ts';
import { isFiltering, noFilter, shownJobs, shownRuns, type RunFilter } from '../runs/run-filter.ts';
import { isOver, type RunInput, type RunModel } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';
import { numberText } from './format.ts';
import { jobItem, lineItem } from './job-items.ts';
import { jobDescription, jobLook } from './job-lines.ts';
import { artifactEntryItem, leaf, partItem, runItem, withPin } from './run-items.ts';
import { inputDescription, outputDescription, runDescription, runLook, shortPath } from './run-lines.ts';
import type { JobNode, RunNode, StepNode } from './run-node.ts';

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
  readonly #listeners: readonly Disposable[];
  readonly #jobs: JobStore;
  /** What was drawn of a run, but for its times, which go on with `tick`. */
  readonly #drawn = new Map<string, string>();
  /** Each run of the list as it was drawn last. */
  readonly #seen = new Map<string, RunModel>();
  readonly #known = new Set<string>();
  /** Lines of runs and jobs that were not over when they were last seen. */
  readonly #active = new Set<string>();
  /** Lines of those that have just ended: nothing takes the place of their abort button yet, which a hand may be on. */
  readonly #settling = new Map<string, NodeJS.Timeout>();
  /** The text beside each run that is over, whose age goes on. */
  readonly #ages = new Map<string, string>();
  /** The same for each job. */
  readonly #jobAges = new Map<string, string>();
  #filter = noFilter;
  /** What the filter showed when the list was last read. */
  #listed: readonly string[] = [];

  constructor(runs: RunStore, access: ArtifactAccess, placeOf: PlaceOf, jobs: JobStore) {
    this.#runs = runs;
    this.#jobs = jobs;
    this.#access = access;
    this.#placeOf = placeOf;
    const ofRuns = runs.onDidChange(({ added, changed, removed }) => {
      for (const id of [...added, ...changed]) this.#settle(id);
      for (const id of removed) {
        this.#drawn.delete(id);
        this.#ages.delete(id);
        for (const [key, node] of this.#nodes) if ('run' in node && node.run === id) this.#nodes.delete(key);
      }
      const isNew = added.some((id) => jobs.jobOf(id) === undefined);
      if (isNew || removed.length > 0 || this.#isListStale()) this.#changed.fire(undefined);
      else for (const id of [...added, ...changed]) this.#draw(id);
    });
    const ofJobs = jobs.onDidChange((ids) => {
      for (const id of ids) this.#settleJob(id);
      // With a job come and go the runs of its steps.
      const isNew = [...ids].filter((id) => this.#isJobNews(id)).length > 0;
      if (isNew || this.#isListStale()) this.#changed.fire(undefined);
      else for (const id of ids) this.#drawJob(id);
    });
    const ofPins = access.onDidChangePinned((ids) => {
      for (const id of ids) {
        const node = this.#nodeOf(id);
        if (node) this.#changed.fire(node);
      }
    });
    this.#listeners = [ofRuns, ofJobs, ofPins];
  }

  /** Which runs are shown. */
  get filter(): RunFilter {
    return this.#filter;
  }

  /** How many runs the filter shows, of how many; undefined while it shows all. */
  get counts(): { readonly shown: number; readonly all: number } | undefined {
    if (!isFiltering(this.#filter)) return undefined;
    const { runs } = this.#own;
    return { shown: this.#list().length, all: runs.length + this.#jobs.jobs.length };
  }

  /** Shows these runs from now on. */
  show(filter: RunFilter): void {
    this.#filter = filter;
    this.#shown.delete('');
    this.#changed.fire(undefined);
  }

  /** Draws the runs anew that are not over: their time goes on without an event. */
  tick(): void {
    const active = [
      ...this.#runs.active.map(({ run }) => `run ${run}`),
      ...this.#jobs.active.filter(({ state }) => state === 'running').map(({ id }) => `job ${id}`),
    ];
    for (const id of active) {
      const node = this.#nodes.get(id);
      if (node) this.#changed.fire(node);
    }
    const now = Date.now();
    for (const [id, text] of this.#jobAges) {
      const job = this.#jobs.get(id);
      const node = this.#nodes.get(`job ${id}`);
      if (!job || !node || !isJobOver(job.state)) this.#jobAges.delete(id);
      else if (jobDescription(job, now) !== text) this.#changed.fire(node);
    }
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
    const now = this.#list();
    return now.length !== this.#listed.length || now.some(({ id }, index) => id !== this.#listed[index]);
  }

  /** The runs that are no step of a job. */
  get #own(): { readonly runs: readonly RunModel[] } {
    return { runs: this.#runs.runs.filter(({ run }) => this.#jobs.jobOf(run) === undefined) };
  }

  /** What the filter shows, newest first, by the ids of the lines. */
  #list(): readonly { readonly id: string; readonly node: () => RunNode }[] {
    const runs = shownRuns(this.#own.runs, this.#filter).map((run) => ({
      id: `run ${run.run}`,
      startedAt: run.startedAt,
      node: () => this.runNode(run.run),
    }));
    const jobs = shownJobs(this.#jobs.jobs, this.#filter).map((job) => ({
      id: `job ${job.id}`,
      startedAt: job.startedAt,
      node: () => this.jobNode(job.id),
    }));
    // Runs keep the order of the store: it knows those without a time.
    return jobs.length === 0 ? runs : [...runs, ...jobs].sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** A job that was not there at the last look, or that is there no longer. */
  #isJobNews(id: string): boolean {
    if (this.#jobs.get(id) !== undefined) {
      const before = this.#known.size;
      return this.#known.add(id).size > before;
    }
    for (const [key, node] of this.#nodes) if ('jobId' in node && node.jobId === id) this.#nodes.delete(key);
    this.#drawn.delete(id);
    return this.#known.delete(id);
  }

  #settle(id: string): void {
    const run = this.#runs.get(id);
    if (run) this.#settleLine(`run ${id}`, isOver(run.state));
  }

  #settleJob(id: string): void {
    const job = this.#jobs.get(id);
    if (job) this.#settleLine(`job ${id}`, isJobOver(job.state));
  }

  #settleLine(id: string, over: boolean): void {
    if (!over) {
      this.#active.add(id);
      return;
    }
    if (!this.#active.delete(id)) return;
    const settled = (): void => {
      this.#settling.delete(id);
      const node = this.#nodes.get(id);
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
    if (node.kind === 'run' || node.kind === 'job') return undefined;
    if (node.kind === 'step') return node.parent;
    if (node.kind === 'file' || node.kind === 'directory' || node.kind === 'message') return node.parent;
    if (node.kind === 'more') return node.of;
    return this.#stepOf(node.run) ?? this.runNode(node.run);
  }

  /** The node of a job, for `reveal`. */
  jobNode(jobId: string): JobNode {
    return this.#node({ kind: 'job', id: `job ${jobId}`, jobId });
  }

  /** The step whose run it is; undefined for a run of its own. */
  #stepOf(run: string): RunNode | undefined {
    const job = this.#jobs.jobOf(run);
    return job === undefined ? undefined : this.#findStep(this.#steps(job), run);
  }

  #findStep(lines: readonly StepNode[], run: string): StepNode | undefined {
    for (const node of lines) {
      const found = node.run === run ? node : this.#findStep(this.#lines(node, node.line.children), run);
      if (found) return found;
    }
    return undefined;
  }

  #steps(jobId: string): StepNode[] {
    return this.#lines(this.jobNode(jobId), this.#jobs.get(jobId)?.tree ?? []);
  }

  #lines(parent: JobNode | StepNode, lines: readonly JobTreeNode[]): StepNode[] {
    const { jobId } = parent;
    return lines.map((line) => {
      const { id, step, address } = line;
      const run = step === undefined ? undefined : this.#jobs.step(jobId, step)?.runs.at(-1);
      const node: StepNode = { kind: 'step', id: `step ${jobId} ${id}`, jobId, parent, line };
      return this.#node({
        ...node,
        ...(address !== undefined && { address }),
        ...(step !== undefined && { step }),
        ...(run !== undefined && { run }),
      });
    });
  }

  /** The node of a run, for `reveal`. */
  runNode(run: string): RunNode {
    return this.#node({ kind: 'run', id: `run ${run}`, run });
  }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    if (!node) {
      const list = this.#list();
      this.#listed = list.map(({ id }) => id);
      this.#seen.clear();
      return this.#page(undefined, list, pageSize.runs, ({ node: nodeOf }) => nodeOf());
    }
    if (node.kind === 'job') return this.#steps(node.jobId);
    if (node.kind === 'step') {
      return [...this.#lines(node, node.line.children), ...(node.run === undefined ? [] : this.#parts(node.run))];
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
    for (const each of this.#listeners) each.dispose();
    this.#changed.dispose();
  }

  /**
   * Draws a run anew when there is something to see: a task that prints changes 20 times a second, and with its line the
   * editor asks for all that is open below it.
   */
  #draw(id: string): void {
    const run = this.#runs.get(id);
    const node = this.#nodeOf(id);
    if (run && node) this.#drawOnce(node, id, runLook(run));
  }

  /** The line that shows a run, if it was drawn: with the line of a job its steps are drawn. */
  #nodeOf(run: string): RunNode | undefined {
    const job = this.#jobs.jobOf(run);
    return this.#nodes.get(job === undefined ? `run ${run}` : `job ${job}`);
  }

  #drawJob(id: string): void {
    const job = this.#jobs.get(id);
    const node = this.#nodes.get(`job ${id}`);
    if (job && node) this.#drawOnce(node, id, jobLook(job));
  }

  #drawOnce(node: RunNode, id: string, look: string): void {
    if (this.#drawn.get(id) === look) return;
    this.#drawn.set(id, look);
    this.#changed.fire(node);
  }

  #node<T extends RunNode>(node: T): T {
    const known = this.#nodes.get(node.id);
    // The same object for the same line: the editor keeps its state by it. What a file's line shows may be newer.
    const isFixed = !['file', 'directory', 'step'].includes(node.kind);
    if (known?.kind === node.kind && isFixed) return known as T;
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
      const run = 'run' in parent ? (parent.run ?? '') : '';
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
      case 'job':
        return this.#jobItem(node.jobId);
      case 'step':
        return lineItem(
          node.line,
          node.step === undefined ? undefined : this.#jobs.step(node.jobId, node.step),
          this.#jobs.get(node.jobId),
          node.run === undefined ? undefined : this.#runs.get(node.run),
        );
      case 'input':
      case 'output':
        return this.#artifactItem(node);
      case 'log':
      case 'pod':
      case 'failure':
        return partItem(node.kind, this.#runs.get(node.run), node.run);
      case 'file':
      case 'directory':
        return artifactEntryItem(node);
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
    // One that has just gone is drawn as it was, until the list without it is.
    const run = this.#runs.get(id) ?? this.#seen.get(id);
    if (run) this.#seen.set(id, run);
    if (run && isOver(run.state)) this.#ages.set(id, runDescription(run, Date.now()));
    const pinned = run !== undefined && this.#isPinned(run);
    return runItem(run, id, { settling: this.#settling.has(`run ${id}`), pinned });
  }

  #isPinned(run: RunModel): boolean {
    return run.claim !== undefined && this.#access.isPinned(this.#placeOf(run), run.run);
  }

  #jobItem(id: string): TreeItem {
    const job = this.#jobs.get(id);
    if (job && isJobOver(job.state)) this.#jobAges.set(id, jobDescription(job, Date.now()));
    return jobItem(job, id, this.#settling.has(`job ${id}`));
  }

  #artifactItem(node: Extract<RunNode, { kind: 'input' | 'output' }>): TreeItem {
    const run = this.#runs.get(node.run);
    const isInput = node.kind === 'input';
    const input = isInput ? run?.inputs.find(({ name }) => name === node.name) : undefined;
    const output = isInput ? undefined : run?.outputs.find(({ name }) => name === node.name);
    const located = this.locate(node);
    const gone = output?.kept === false && run !== undefined && isOver(run.state) && run.pod === undefined;
    const item = new TreeItem(
      output ? this.#artifactName(node) : node.name,
      located && !gone ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.None,
    );
    const pinned = output !== undefined && run !== undefined && !gone && this.#isPinned(run);
    item.iconPath = new ThemeIcon(isInput ? 'arrow-small-right' : pinned ? 'pinned' : 'package');
    const here = input && relative(input);
    const described = output && run ? outputDescription(output, run) : '';
    item.description = here ? inputDescription(here, shortPath) : withPin(described, pinned);
    const what = isInput ? l10n.t('Input {0}', node.name) : l10n.t('Output {0}', node.name);
    const whole = here ? inputDescription(here) : item.description;
    item.tooltip = whole === '' ? what : `${what}: ${whole}`;
    item.contextValue = located && !gone ? `tarmac.${node.kind}${pinned ? '.pinned' : ''}` : `tarmac.${node.kind}.gone`;
    item.accessibilityInformation = { label: item.tooltip };
    return item;
  }

  /** An output of a step has the name that the job knows it by: of a get, that of the get. */
  #artifactName({ run, name }: { readonly run: string; readonly name: string }): string {
    const job = this.#jobs.jobOf(run);
    const artifacts = this.#jobs.get(job ?? '')?.steps.flatMap((step) => step.artifacts) ?? [];
    return artifacts.find((each) => each.run === run && each.output === name)?.name ?? name;
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
