/**
 * How the tests of earlier runs ended, to find those that are flaky: with the same inputs, image, params and command they
 * passed once and failed once. What a run was given is compared by the digests of its record.
 */
import { hash } from 'node:crypto';
import type { Memento } from 'vscode';
import type { RunRecord } from '#runner';
import type { RunModel } from '../runs/run-model.ts';
import type { TestNode } from './test-tree.ts';
import { Turns } from './turns.ts';

/** A test that has ended both ways with the same inputs. */
export interface FlakyTest {
  /** The latest run in which it passed. */
  readonly passedIn: string;
  /** The latest run in which it failed. */
  readonly failedIn: string;
}

/** One run, in few words: tests are digests of their paths. */
interface PastRun {
  readonly run: string;
  /** What it was given. */
  readonly given: string;
  readonly failed: readonly string[];
  readonly passed: readonly string[];
}

const key = 'tarmac.testHistory';
/** Runs that are remembered, and tests of one: more would make the workspace's memory slow. */
const most = { runs: 20, tests: 5000 } as const;
/** The task itself, among its tests. */
export const wholeTask = '';

/** What a run was given, in one digest; undefined where the record does not know all of it. */
export function givenKey(record: RunRecord): string | undefined {
  const { given, imageDigest, inputs, taskFile, task } = record;
  if (!given || imageDigest === undefined) return undefined;
  const trees = inputs.map(({ name, digest, from }) => [name, digest ?? (from.startsWith('run:') ? from : undefined)]);
  // Of a folder whose tree nobody has a digest of nothing can be said.
  if (trees.some(([, tree]) => tree === undefined)) return undefined;
  const params = Object.entries(given.params).sort(([a], [b]) => (a < b ? -1 : 1));
  return digest([taskFile, task, imageDigest, given.command, given.surroundings, trees, params], 32);
}

export class TestHistory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /**
   * Adds a run, and finds the tests that ended otherwise in an earlier one that was given the same.
   * @param outcomes by path of the test: `pathOf`; `wholeTask` is the task itself
   */
  async add(
    run: string,
    given: string | undefined,
    outcomes: ReadonlyMap<string, 'passed' | 'failed'>,
  ): Promise<ReadonlyMap<string, FlakyTest>> {
    const flaky = new Map<string, FlakyTest>();
    if (given === undefined) return flaky;
    const all = this.#memento.get<readonly PastRun[]>(key, []);
    const turns = new Turns();
    const ids = await idsOf(outcomes.keys(), turns);
    // Newest first: the latest run that ended the other way is named.
    for (const past of all.filter((each) => each.given === given && each.run !== run)) {
      const [passed, failed] = [new Set(past.passed), new Set(past.failed)];
      for (const [path, outcome] of outcomes) {
        if (turns.isDue) await turns.give();
        if (flaky.has(path)) continue;
        const id = ids.get(path) ?? '';
        if (outcome === 'failed' && passed.has(id)) flaky.set(path, { passedIn: past.run, failedIn: run });
        if (outcome === 'passed' && failed.has(id)) flaky.set(path, { passedIn: run, failedIn: past.run });
      }
    }
    const of = (wanted: string): string[] => {
      const paths = [...outcomes.keys()].filter((path) => outcomes.get(path) === wanted);
      return paths.slice(0, most.tests).map((path) => ids.get(path) ?? '');
    };
    const now: PastRun = { run, given, failed: of('failed'), passed: of('passed') };
    await this.#memento.update(key, [now, ...all.filter((each) => each.run !== run)].slice(0, most.runs));
    return flaky;
  }
}

/** Remembers how a run ended, and what of it is flaky. */
export async function flakyTests(
  history: TestHistory,
  { run, state }: Pick<RunModel, 'run' | 'state'>,
  record: RunRecord | undefined,
  tree: readonly TestNode[],
): Promise<ReadonlyMap<string, FlakyTest>> {
  const outcomes = await outcomesOf(tree);
  // What was aborted, or could not run, says nothing of the task.
  if (state === 'succeeded' || state === 'failed') outcomes.set(wholeTask, state === 'succeeded' ? 'passed' : 'failed');
  return await history.add(run, record && givenKey(record), outcomes);
}

/** The outcomes of all tests below these nodes, by path; those that did not run have none. */
export async function outcomesOf(nodes: readonly TestNode[]): Promise<Map<string, 'passed' | 'failed'>> {
  const found = new Map<string, 'passed' | 'failed'>();
  const turns = new Turns();
  const visit = async (each: readonly TestNode[], above: string): Promise<void> => {
    for (const { id, test, children } of each) {
      if (turns.isDue) await turns.give();
      const path = pathOf(above, id);
      if (test && test.outcome !== 'skipped') found.set(path, test.outcome === 'passed' ? 'passed' : 'failed');
      if (children.length > 0) await visit(children, path);
    }
  };
  await visit(nodes, '');
  return found;
}

/** The path of a node below another. */
export function pathOf(parent: string, id: string): string {
  return parent === '' ? id : `${parent}\n${id}`;
}

/** The digest of each path, made in slices: others have their turn in between. */
async function idsOf(paths: Iterable<string>, turns: Turns): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const path of paths) {
    if (turns.isDue) await turns.give();
    ids.set(path, digest(path, 12));
  }
  return ids;
}

function digest(value: unknown, length: number): string {
  return hash('sha256', JSON.stringify(value), 'hex').slice(0, length);
}
