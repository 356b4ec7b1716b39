/** The jobs that were started from this workspace: where they run, so that they are continued after a reload. Never a secret. */
import type { Memento } from 'vscode';
import type { ClusterRef } from '../cluster/runner-host.ts';
import { RememberedList } from '../runs/remembered-list.ts';
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

/** As many as the runner keeps records of. */
const maxRemembered = 50;

export class JobMemory extends RememberedList<RememberedJob> {
  constructor(memento: Memento) {
    super(memento, { key: 'tarmac.jobs', most: maxRemembered, idOf: ({ id }) => id });
  }
}
