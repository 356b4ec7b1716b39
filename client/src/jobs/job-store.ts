/** Every job that this window knows of: what the views read. Fed by the jobs that are followed, and by the records of this machine. */
import type { Event } from 'vscode';
import type { JobState, JobSummary, StepSummary } from '#runner';
import type { Emitter } from '../runs/run-store.ts';

/** One job as the views see it. */
export interface JobModel extends JobSummary {
  /** This window sees to it. */
  readonly following: boolean;
  /** Its abort was asked for. */
  readonly aborting?: boolean | undefined;
  /** Why it is not continued at the moment. */
  readonly waiting?: string | undefined;
}

/** A state in which nothing more happens. */
export function isJobOver(state: JobState): boolean {
  return state !== 'running' && state !== 'left';
}

/** Time between two announcements of changes, in milliseconds. */
const announceEveryMs = 50;

/** See the file's comment. Whoever makes it disposes of it, and of the emitter. */
export class JobStore {
  /** Fires after changes, with the ids of the jobs that were added, changed or removed. */
  readonly onDidChange: Event<ReadonlySet<string>>;
  readonly #emitter: Emitter<ReadonlySet<string>>;
  readonly #jobs = new Map<string, JobModel>();
  readonly #noted = new Set<string>();
  #ofSteps: ReadonlyMap<string, string> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(emitter: Emitter<ReadonlySet<string>>) {
    this.#emitter = emitter;
    this.onDidChange = emitter.event;
  }

  /** Newest first. */
  get jobs(): readonly JobModel[] {
    return [...this.#jobs.values()].sort((a, b) => b.startedAt.localeCompare(a.startedAt) || (a.id < b.id ? -1 : 1));
  }

  /** Jobs that are not over, newest first. */
  get active(): readonly JobModel[] {
    return this.jobs.filter(({ state }) => !isJobOver(state));
  }

  get(id: string): JobModel | undefined {
    return this.#jobs.get(id);
  }

  /** The id of the job that a run is a step of; undefined for a run of its own. */
  jobOf(run: string): string | undefined {
    this.#ofSteps ??= new Map(
      [...this.#jobs.values()].flatMap(({ id, steps }) =>
        steps.flatMap(({ runs }) => runs.map((each) => [each, id] as const)),
      ),
    );
    return this.#ofSteps.get(run);
  }

  /** The step of a job, by the id of its start. */
  step(id: string, step: string): StepSummary | undefined {
    return this.#jobs.get(id)?.steps.find((each) => each.id === step);
  }

  /** What is known now of a job; what only this window knows of it stays. */
  put(summary: JobSummary, more: Partial<Pick<JobModel, 'following' | 'aborting' | 'waiting'>> = {}): void {
    const known = this.#jobs.get(summary.id);
    const { following = false, aborting, waiting } = { ...known, ...more };
    const over = isJobOver(summary.state);
    const next: JobModel = {
      ...summary,
      following: following && !over,
      ...(aborting === true && !over && { aborting }),
      ...(waiting !== undefined && !over && { waiting }),
    };
    this.#set(next);
  }

  /** Changes what only this window knows of a job. */
  update(id: string, more: Partial<Pick<JobModel, 'following' | 'aborting' | 'waiting' | 'state'>>): void {
    const known = this.#jobs.get(id);
    if (known) this.#set({ ...known, ...more });
  }

  /** What the records of this machine say: a job that this window sees to knows better itself. */
  merge(summaries: readonly JobSummary[]): void {
    const listed = new Set(summaries.map(({ id }) => id));
    for (const { id, following } of this.#jobs.values()) if (!following && !listed.has(id)) this.remove(id);
    for (const summary of summaries) {
      const known = this.#jobs.get(summary.id);
      if (known?.following) continue;
      if (known === undefined || isNews(known, summary)) this.put(summary);
    }
  }

  remove(id: string): void {
    if (this.#jobs.delete(id)) this.#note(id);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#emitter.dispose();
  }

  #set(job: JobModel): void {
    this.#jobs.set(job.id, job);
    this.#note(job.id);
  }

  #note(id: string): void {
    this.#ofSteps = undefined;
    this.#noted.add(id);
    this.#timer ??= setTimeout(() => this.#announce(), announceEveryMs);
  }

  #announce(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const noted = new Set(this.#noted);
    this.#noted.clear();
    this.#emitter.fire(noted);
  }
}

/** The records are read again whenever a pod changes: a job that is as it was is not drawn anew. */
function isNews(known: JobModel, summary: JobSummary): boolean {
  const facts = ({ state, durationMs, steps, tree }: JobSummary): string =>
    JSON.stringify([state, durationMs, steps, tree]);
  return facts(known) !== facts(summary);
}
