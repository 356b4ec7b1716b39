/** Jobs as a list shows them. */
import type { JobStatus } from '../job/steps/outcome.ts';
import type { StepResult } from '../job/steps/job-events.ts';

export type { JobStatus, StepResult };

/** `left`: its client has ended; `tarmac attach` goes on with it. */
export type JobState = 'running' | 'left' | JobStatus;

/** A start of a step of a job. */
export interface StepSummary {
  /** `task:test`, with `@` and the attempt, `{across values}`, and `#2` for a further start. */
  readonly id: string;
  /** `unit/do[2]/task:test`. */
  readonly address: string;
  readonly name: string;
  readonly kind: string;
  readonly hook?: string;
  readonly attempt?: string;
  readonly state: 'running' | StepResult;
  readonly exitCode?: number;
  readonly error?: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs?: number;
  /** The runs of the step, oldest first: of a task one, of a get those of `check` and `in`. */
  readonly runs: readonly string[];
  /** The artifacts that it left, by name. */
  readonly artifacts: readonly {
    readonly name: string;
    /** An output of a run; else a folder or an image. */
    readonly run?: string;
    readonly output?: string;
  }[];
}

/** A job as the list shows it: from its record on this machine. */
export interface JobSummary {
  /** `unit-1f6d20aa`. */
  readonly id: string;
  readonly job: string;
  readonly pipeline: string;
  readonly state: JobState;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs?: number;
  readonly namespace: string;
  readonly context: string;
  readonly claim?: string;
  /** Names of puts that were held back. */
  readonly heldBack: readonly string[];
  readonly steps: readonly StepSummary[];
}
