/**
 * What this workspace remembers of the runs that were started in it: where they run, so that they are found again after
 * a reload, and what they were given, so that they can be run again. Never a secret.
 */
import type { Memento } from 'vscode';
import type { RunFacts } from '#runner';
import type { ClusterRef } from '../cluster/runner-host.ts';
import type { Choices } from '../choices/choices.ts';
import type { RunPaths } from '../output/links.ts';

export interface RememberedRun extends ClusterRef, Pick<RunFacts, 'run' | 'task' | 'startedAt'> {
  /** URI of the task file. */
  readonly taskUri: string;
  /** Nobody has seen its end. */
  readonly unfinished: boolean;
  readonly choices: Choices;
  /** For links from its output to local files. */
  readonly paths: RunPaths;
}

/** As it is in the workspace's state: a version before this one kept the start in milliseconds since the epoch. */
type StoredRun = Omit<RememberedRun, 'startedAt'> & { readonly startedAt: string | number };

function fromStored(run: StoredRun): RememberedRun {
  return {
    ...run,
    startedAt: typeof run.startedAt === 'number' ? new Date(run.startedAt).toISOString() : run.startedAt,
  };
}

const key = 'tarmac.runs';
/** Older runs are still in the list of the cluster and in the records; only what they were given is forgotten. */
const maxRemembered = 100;
/** The inputs of the newest runs are those that a text is about. */
const maxPaths = 3;

export class RunMemory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** Newest first. */
  get all(): readonly RememberedRun[] {
    return this.#memento.get<readonly StoredRun[]>(key, []).map(fromStored);
  }

  get(run: string): RememberedRun | undefined {
    return this.all.find((each) => each.run === run);
  }

  /**
   * Paths for links in a view: those of the newest runs of the task whose name is in the view's name, else of all.
   * @param view name of a channel or terminal
   */
  pathsFor(view: string): readonly RunPaths[] {
    const all = this.all;
    // The view of a second run at the same time has a number.
    const name = view.replace(/ \(\d+\)$/u, '');
    const own = all.filter(({ task }) => view.endsWith(`: ${task}`) || name.endsWith(`: ${task}`));
    return (own.length > 0 ? own : all).slice(0, maxPaths).map(({ paths }) => paths);
  }

  async add(run: RememberedRun): Promise<void> {
    const others = this.all.filter((each) => each.run !== run.run);
    const kept = others.filter((each, index) => each.unfinished || index < maxRemembered - 1);
    await this.#memento.update(key, [run, ...kept]);
  }

  async finish(run: string): Promise<void> {
    const change = (each: RememberedRun): RememberedRun => (each.run === run ? { ...each, unfinished: false } : each);
    await this.#memento.update(key, this.all.map(change));
  }

  async forget(run: string): Promise<void> {
    await this.#memento.update(
      key,
      this.all.filter((each) => each.run !== run),
    );
  }
}
