/**
 * What this workspace remembers of the runs that were started in it: where they run, so that they are found again after
 * a reload, and what they were given, so that they can be run again. Never a secret.
 */
import type { Memento } from 'vscode';
import type { RunFacts } from '#runner';
import type { ClusterRef } from '../cluster/runner-host.ts';
import type { Choices } from '../choices/choices.ts';
import { isViewOf, type RunPaths } from '../output/links.ts';
import { RememberedList } from './remembered-list.ts';

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

/** Older runs are still in the list of the cluster and in the records; only what they were given is forgotten. */
const maxRemembered = 100;
/** The inputs of the newest runs are those that a text is about. */
const maxPaths = 3;

export class RunMemory extends RememberedList<RememberedRun> {
  constructor(memento: Memento) {
    super(memento, { key: 'tarmac.runs', most: maxRemembered, idOf: ({ run }) => run, read: fromStored });
  }

  /**
   * Paths for links in a view: those of the newest runs of the task whose name is in the view's name, else of all.
   * @param view name of a channel or terminal
   */
  pathsFor(view: string): readonly RunPaths[] {
    const all = this.all;
    const own = all.filter(({ task }) => isViewOf(view, task));
    return (own.length > 0 ? own : all).slice(0, maxPaths).map(({ paths }) => paths);
  }
}
