/** The tree asks for little, however many runs there are: what is counted here are calls, which no clock disturbs. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { PinnedRuns } from '../artifacts/pinned-runs.ts';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { noFilter } from '../runs/run-filter.ts';
import { newRun, type RunModel } from '../runs/run-model.ts';
import type { JobSummary, JobTreeNode, StepSummary } from '#runner';
import { JobStore } from '../jobs/job-store.ts';
import { RunStore, type RunStoreChange } from '../runs/run-store.ts';
import type { RunNode } from './run-node.ts';

vi.mock('vscode', () => {
  /** What the editor draws has no behavior of its own here. */
  class Drawn {
    readonly drawn = true;
  }
  return {
    EventEmitter: PlainEmitter,
    MarkdownString: Drawn,
    ThemeColor: Drawn,
    ThemeIcon: Drawn,
    TreeItem: Drawn,
    TreeItemCollapsibleState: { None: 0, Collapsed: 1 },
  };
});
const { RunsTree } = await import('./runs-tree.ts');

const minute = 60_000;
const now = Date.parse('2026-11-29T12:00:00Z');

function aRun(index: number, facts: Partial<RunModel> = {}): RunModel {
  const task = index % 2 === 0 ? 'unit' : 'lint';
  const id = `${task}-${String(index).padStart(3, '0')}`;
  const where = { taskFile: '', context: 'kind', namespace: 'ci' };
  return newRun({
    run: id,
    task,
    ...where,
    state: 'succeeded',
    startedAt: new Date(now - index * minute).toISOString(),
    durationMs: 5000,
    ...facts,
  });
}

let changes: PlainEmitter<RunStoreChange>;
let store: RunStore;
let jobs: JobStore;
let pinned: PinnedRuns;
let tree: InstanceType<typeof RunsTree>;
let drawn: (RunNode | undefined)[];

beforeEach(() => {
  vi.useFakeTimers({ now });
  changes = new PlainEmitter();
  store = new RunStore(changes, new PlainEmitter());
  jobs = new JobStore(new PlainEmitter());
  pinned = new PinnedRuns(new PlainMemory(), new PlainEmitter<ReadonlySet<string>>());
  const access = {
    isPinned: (_: unknown, run: string) => pinned.has('place', run),
    onDidChangePinned: pinned.onDidChange,
  };
  tree = new RunsTree(store, access as never, () => ({ kubeconfig: '', context: 'kind', namespace: 'ci' }), jobs);
  for (let index = 0; index < 500; index++) store.put(aRun(index, index === 499 ? { state: 'failed' } : {}));
  vi.runOnlyPendingTimers();
  drawn = [];
  tree.onDidChangeTreeData((node) => void drawn.push(node));
  return () => {
    tree.dispose();
    store.dispose();
    jobs.dispose();
    vi.useRealTimers();
  };
});

const labels = async (): Promise<string[]> =>
  (await tree.getChildren()).map((node) => (node.kind === 'run' ? node.run : node.kind));

describe('a list of 500 runs', () => {
  test('shows a page of them, newest first, and how to have more', async () => {
    const shown = await labels();
    expect(shown).toHaveLength(51);
    expect(shown.at(0)).toBe('unit-000');
    expect(shown.at(-1)).toBe('more');
  });

  test('draws one line when one run changes, however often it prints', async () => {
    const [node] = await tree.getChildren();
    expect(node).toBeDefined();
    store.update('unit-000', { state: 'running' });
    vi.advanceTimersByTime(60);
    for (let bytes = 1; bytes <= 100; bytes++) {
      store.update('unit-000', { outputBytes: { stdout: bytes, stderr: 0 } });
      vi.advanceTimersByTime(60);
    }
    expect(drawn).toEqual([node]);
  });

  test('draws a line again when its age reads differently, and no other', async () => {
    for (const node of await tree.getChildren()) if (node.kind === 'run') tree.getTreeItem(node);
    // Each run began on a full minute and took 5 s: the minutes since its end are full 5 s after those of the clock.
    vi.setSystemTime(now + 3000);
    tree.tick();
    expect(drawn).toEqual([]);
    vi.setSystemTime(now + 2 * 60 * minute);
    tree.tick();
    expect(drawn.length).toBeLessThanOrEqual(50);
  });

  test('draws a run that has just gone as it was, and then the list without it', async () => {
    const [node] = await tree.getChildren();
    if (!node) throw new Error('the list is empty');
    expect(tree.getTreeItem(node).description).toContain('succeeded');
    store.remove('unit-000');
    // A tick comes before the change is announced.
    expect(tree.getTreeItem(node).description).toContain('succeeded');
    vi.advanceTimersByTime(60);
    expect(drawn).toEqual([undefined]);
    expect(await labels()).not.toContain('unit-000');
  });

  test('keeps the place of the abort button empty for two seconds after the end', async () => {
    const [node] = await tree.getChildren();
    if (!node) throw new Error('the list is empty');
    store.update('unit-000', { state: 'running' });
    vi.advanceTimersByTime(60);
    expect(tree.getTreeItem(node).contextValue).toBe('tarmac.run.active');
    store.update('unit-000', { state: 'succeeded' });
    vi.advanceTimersByTime(60);
    expect(tree.getTreeItem(node).contextValue).toBe('tarmac.run.ended');
    vi.advanceTimersByTime(2000);
    expect(tree.getTreeItem(node).contextValue).toBe('tarmac.run.over');
    expect(drawn.at(-1)).toBe(node);
  });

  test('is sorted once for all who ask', () => {
    expect(store.runs).toBe(store.runs);
    store.update('unit-000', { pod: 'task-unit-000' });
    expect(store.runs[0]).toMatchObject({ pod: 'task-unit-000' });
  });

  test('finds the one that failed, and is drawn anew when another one does', async () => {
    tree.show({ ...noFilter, states: ['failed'] });
    expect(await labels()).toEqual(['lint-499']);
    expect(tree.counts).toEqual({ shown: 1, all: 500 });
    drawn = [];
    store.update('unit-000', { outputBytes: { stdout: 1, stderr: 0 } });
    vi.advanceTimersByTime(60);
    expect(drawn).not.toContain(undefined);
    store.update('unit-000', { state: 'failed' });
    vi.advanceTimersByTime(60);
    expect(drawn).toContain(undefined);
    expect(await labels()).toEqual(['unit-000', 'lint-499']);
  });
});

describe('a run that the store keeps', () => {
  test('says so in its line and in those of its outputs, and draws them when that changes', async () => {
    store.update('unit-000', { claim: 'artifacts', outputs: [{ name: 'out', files: 1, bytes: 5, kept: true }] });
    store.update('unit-002', { claim: 'artifacts' });
    vi.advanceTimersByTime(60);
    const [node, , other] = await tree.getChildren();
    if (!node || !other) throw new Error('the list is empty');
    const [output] = await tree.getChildren(node);
    if (!output) throw new Error('there is no output');
    const look = (): unknown[] =>
      [node, output, other].map((each) => {
        const { contextValue, description } = tree.getTreeItem(each);
        return [contextValue, typeof description === 'string' && description.endsWith(' · kept')];
      });
    const before = [
      ['tarmac.run.over.stored', false],
      ['tarmac.output', false],
      ['tarmac.run.over.stored', false],
    ];
    expect(look()).toEqual(before);
    drawn = [];
    pinned.set('place', 'unit-000', true);
    expect(drawn).toEqual([node]);
    expect(look()).toEqual([['tarmac.run.over.pinned', true], ['tarmac.output.pinned', true], before[2]]);
    expect(tree.getTreeItem(node).accessibilityInformation?.label).toMatch(/, kept$/u);
    pinned.set('place', 'unit-000', false);
    expect(look()).toEqual(before);
  });

  test('without a store, nothing can be kept', async () => {
    pinned.set('place', 'unit-000', true);
    const [node] = await tree.getChildren();
    expect(node && tree.getTreeItem(node).contextValue).toBe('tarmac.run.over');
  });
});

describe('jobs', () => {
  const at = (index: number): string => new Date(now - index * minute + 1).toISOString();
  const step = (id: string, run: string | undefined, facts: Partial<StepSummary> = {}): StepSummary => ({
    ...{ id, address: `unit/do[0]/${id}`, name: id, kind: 'task', state: 'succeeded', startedAt: at(3) },
    ...{ durationMs: 2000, runs: run === undefined ? [] : [run], artifacts: [], ...facts },
  });
  const job = (facts: Partial<JobSummary> = {}): JobSummary => ({
    ...{ id: 'job-1', job: 'unit', pipeline: '/w/ci.yml', state: 'running', startedAt: at(2) },
    ...{ namespace: 'ci', context: 'kind', heldBack: [], steps: [], tree: [], ...facts },
  });
  const steps = [step('get:repo', undefined, { kind: 'get' }), step('task:test', 'lint-003', { state: 'failed' })];
  const line = (id: string, facts: Partial<JobTreeNode> = {}): JobTreeNode => ({
    ...{ id, kind: 'step', label: id, state: 'succeeded', notes: [], children: [], ...facts },
  });
  const planned = [
    line('0.0', { step: 'get:repo' }),
    line('0.1', { kind: 'in_parallel', children: [line('0.1.0', { step: 'task:test', address: 'unit/task:test' })] }),
  ];

  test('are among the runs by their time, with their steps; the runs of these are below them only', async () => {
    jobs.put(job({ steps, tree: planned }));
    vi.advanceTimersByTime(60);
    expect(drawn).toEqual([undefined]);
    const [, , third, fourth] = await tree.getChildren();
    expect([third?.id, fourth?.id]).toEqual(['job job-1', 'run unit-002']);
    expect((await tree.getChildren()).map(({ id }) => id)).not.toContain('run lint-003');
    const below = third ? await tree.getChildren(third) : [];
    expect(below.map(({ id }) => id)).toEqual(['step job-1 0.0', 'step job-1 0.1']);
    const [folder, parallel] = below;
    expect(folder && (await tree.getChildren(folder))).toEqual([]);
    const [task] = parallel ? await tree.getChildren(parallel) : [];
    expect(task).toMatchObject({ jobId: 'job-1', run: 'lint-003', step: 'task:test', address: 'unit/task:test' });
    const [log] = task ? await tree.getChildren(task) : [];
    expect(log?.id).toBe('log lint-003');
    expect(log && tree.getParent(log)?.id).toBe('step job-1 0.1.0');
    expect(task && tree.getParent(task)?.id).toBe(parallel?.id);
    expect(parallel && tree.getParent(parallel)).toBe(third);
  });

  test('draw their own lines when they or the runs of their steps change, and nothing else', async () => {
    jobs.put(job({ steps, tree: planned }));
    vi.advanceTimersByTime(60);
    const line = (await tree.getChildren())[2];
    drawn = [];
    store.update('lint-003', { state: 'running' });
    vi.advanceTimersByTime(60);
    expect(drawn).toEqual([line]);
    jobs.put(job({ steps, tree: planned, state: 'failed', durationMs: 5 }));
    vi.advanceTimersByTime(60);
    expect(drawn).toEqual([line, line]);
    // As it was: nothing to see.
    jobs.put(job({ steps, tree: planned, state: 'failed', durationMs: 5 }));
    vi.advanceTimersByTime(60);
    expect(drawn).toEqual([line, line]);
  });

  test('are found by the filter, and are gone from the list when they are removed', async () => {
    jobs.put(job({ steps, tree: planned, state: 'failed', durationMs: 5 }));
    vi.advanceTimersByTime(60);
    tree.show({ ...noFilter, states: ['failed'] });
    expect((await tree.getChildren()).map(({ id }) => id)).toEqual(['job job-1', 'run lint-499']);
    tree.show({ ...noFilter, text: 'job-1' });
    expect((await tree.getChildren()).map(({ id }) => id)).toEqual(['job job-1']);
    tree.show(noFilter);
    jobs.remove('job-1');
    vi.advanceTimersByTime(60);
    expect((await tree.getChildren()).map(({ id }) => id)).toContain('run lint-003');
  });
});
