/** Jobs as a list shows them. */
import type { HookName } from '#concourse';
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

/** The state of a line of a job's tree. `pending`: it may still run; `skipped`: it does not run any more. */
export type JobTreeState = 'pending' | 'running' | 'skipped' | StepResult;

/**
 * A line of a job's tree: a step, or what is around steps. `values`: one combination of the values of an `across`; `attempts`:
 * a step that may be tried again; `attempt`: one of its tries.
 */
export interface JobTreeNode {
  /** Unique in its job, and the same at each look. */
  readonly id: string;
  readonly kind: 'step' | 'do' | 'in_parallel' | 'across' | 'values' | 'try' | 'attempts' | 'attempt' | HookName;
  /** `task:test{os=linux}`, `in_parallel`, `across os`, `os=linux`. */
  readonly label: string;
  readonly state: JobTreeState;
  /** What the pipeline says beside it: `limit 2`, `fail_fast`, `timeout 5m`. */
  readonly notes: readonly string[];
  /** Which attempt it is, or has come to, of how many. */
  readonly attempt?: { readonly at: number; readonly of: number };
  /** Of a step: where it is in the plan, as `--from` and `--only` take it. */
  readonly address?: string;
  /** Of a step: the innermost hook that it is in. */
  readonly hook?: HookName;
  /** Of a step that has started: the id of its start. */
  readonly step?: string;
  /** ISO 8601: when its first step started. */
  readonly startedAt?: string;
  /** Until its last step ended, once all of it has. */
  readonly durationMs?: number;
  readonly children: readonly JobTreeNode[];
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
  /** The steps that have started, in that order. */
  readonly steps: readonly StepSummary[];
  /** All steps of the plan, nested as in the plan. */
  readonly tree: readonly JobTreeNode[];
}
