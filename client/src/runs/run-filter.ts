/** Which runs the Runs view shows: everybody's or one's own, of some states, of some tasks. */
import { isJobOver, type JobModel } from '../jobs/job-store.ts';
import { isOver, type RunModel } from './run-model.ts';

/** How runs are told apart by their end. */
export type StateGroup = 'running' | 'succeeded' | 'failed' | 'aborted';

/** Nothing chosen in a part means all of it. */
export interface RunFilter {
  readonly mine: boolean;
  readonly states: readonly StateGroup[];
  /** Names of tasks. */
  readonly tasks: readonly string[];
  /** Part of a run's id or of its task's name, in any case. */
  readonly text: string;
}

export const noFilter: RunFilter = { mine: false, states: [], tasks: [], text: '' };

/** A run that ended badly failed, whoever's fault it was. */
export function groupOf({ state }: Pick<RunModel, 'state'>): StateGroup {
  return groupOfEnd(state, isOver(state));
}

function groupOfEnd(state: RunModel['state'] | JobModel['state'], over: boolean): StateGroup {
  if (state === 'succeeded' || state === 'aborted') return state;
  if (state === 'spare') return 'running';
  return over ? 'failed' : 'running';
}

/** True when the filter leaves something out. */
export function isFiltering({ mine, states, tasks, text }: RunFilter): boolean {
  return mine || states.length > 0 || tasks.length > 0 || text !== '';
}

/** The runs that the filter shows, in their order. */
export function shownRuns(runs: readonly RunModel[], filter: RunFilter): readonly RunModel[] {
  if (!isFiltering(filter)) return runs;
  const runsOfFilter = filter.mine ? runs.filter(({ elsewhere }) => !elsewhere) : runs;
  return runsOfFilter.filter((run) => isShown(run.run, run.task, groupOf(run), filter));
}

/** The jobs that the filter shows, in their order. All of them are one's own; a job counts as a task by its name. */
export function shownJobs(jobs: readonly JobModel[], filter: RunFilter): readonly JobModel[] {
  if (!isFiltering(filter)) return jobs;
  return jobs.filter(({ id, job, state }) => isShown(id, job, groupOfEnd(state, isJobOver(state)), filter));
}

function isShown(id: string, name: string, group: StateGroup, { states, tasks, text }: RunFilter): boolean {
  return (
    (states.length === 0 || states.includes(group)) &&
    (tasks.length === 0 || tasks.includes(name)) &&
    `${name} ${id}`.toLowerCase().includes(text.toLowerCase())
  );
}
