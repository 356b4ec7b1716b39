/** The jobs that were started from this workspace: where they run, so that they are continued after a reload. Never a secret. */
import type { Memento } from 'vscode';
import type { ClusterRef } from '../cluster/runner-host.ts';
import type { JobChoices } from './job-choices.ts';

/** What is remembered of a job that was started here. */
export interface RememberedJob extends ClusterRef {
  readonly id: string;
  /** URI of the pipeline. */
  readonly uri: string;
  readonly job: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Nobody has seen its end. */
  readonly unfinished: boolean;
  /** What its vars are read from again. */
  readonly choices: Pick<JobChoices, 'vars' | 'secretVars'>;
}

const key = 'tarmac.jobs';
/** As many as the runner keeps records of. */
const maxRemembered = 50;

export class JobMemory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** Newest first. */
  get all(): readonly RememberedJob[] {
    return this.#memento.get<readonly RememberedJob[]>(key, []);
  }

  get(id: string): RememberedJob | undefined {
    return this.all.find((each) => each.id === id);
  }

  async add(job: RememberedJob): Promise<void> {
    const others = this.all.filter(({ id }) => id !== job.id);
    const kept = others.filter(({ unfinished }, index) => unfinished || index < maxRemembered - 1);
    await this.#memento.update(key, [job, ...kept]);
  }

  async finish(id: string): Promise<void> {
    await this.#memento.update(
      key,
      this.all.map((each) => (each.id === id ? { ...each, unfinished: false } : each)),
    );
  }

  async forget(id: string): Promise<void> {
    await this.#memento.update(
      key,
      this.all.filter((each) => each.id !== id),
    );
  }
}
