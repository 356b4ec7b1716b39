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
  if (state === 'succeeded' || state === 'aborted') return state;
  return isOver(state) ? 'failed' : 'running';
}

/** True when the filter leaves something out. */
export function isFiltering({ mine, states, tasks, text }: RunFilter): boolean {
  return mine || states.length > 0 || tasks.length > 0 || text !== '';
}

/** The runs that the filter shows, in their order. */
export function shownRuns(runs: readonly RunModel[], filter: RunFilter): readonly RunModel[] {
  if (!isFiltering(filter)) return runs;
  const text = filter.text.toLowerCase();
  return runs.filter(
    (run) =>
      !(filter.mine && run.elsewhere) &&
      (filter.states.length === 0 || filter.states.includes(groupOf(run))) &&
      (filter.tasks.length === 0 || filter.tasks.includes(run.task)) &&
      `${run.task} ${run.run}`.toLowerCase().includes(text),
  );
}

/** The jobs that the filter shows, in their order. All of them are one's own; a job counts as a task by its name. */
export function shownJobs(jobs: readonly JobModel[], filter: RunFilter): readonly JobModel[] {
  if (!isFiltering(filter)) return jobs;
  const text = filter.text.toLowerCase();
  return jobs.filter(
    ({ id, job, state }) =>
      (filter.states.length === 0 || filter.states.includes(jobGroupOf(state))) &&
      (filter.tasks.length === 0 || filter.tasks.includes(job)) &&
      `${job} ${id}`.toLowerCase().includes(text),
  );
}

function jobGroupOf(state: JobModel['state']): StateGroup {
  if (state === 'succeeded' || state === 'aborted') return state;
  return isJobOver(state) ? 'failed' : 'running';
}
