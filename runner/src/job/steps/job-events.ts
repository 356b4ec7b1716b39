/** What a job tells about itself while it runs, in the order of upstream's build events (atc/event). */
import type { AcrossValue, LeafRun } from './leaves.ts';
import type { JobStatus } from './outcome.ts';
import type { StepArtifact } from './scope.ts';
import type { Value, ValueMap } from '../values/values.ts';

/** How a step ended by itself, as the steps around it see it. `held back`: a put that nobody named. */
export type StepResult = 'succeeded' | 'failed' | 'errored' | 'aborted' | 'held back';

/** An across step as a whole. */
export interface AcrossRun {
  readonly address: string;
  readonly across: readonly AcrossValue[];
}

/** One event of a job. */
export type JobEvent = {
  readonly time: number;
  /** It happened before this process took the job up. */
  readonly past?: true;
} & (
  | { readonly type: 'status'; readonly status: JobStatus }
  /** A leaf starts; it sees these artifacts and vars. */
  | {
      readonly type: 'step-started';
      readonly step: LeafRun;
      readonly artifacts: ReadonlyMap<string, StepArtifact>;
      readonly vars: ReadonlyMap<string, Value>;
    }
  /** What a leaf works with, once it is known. */
  | {
      readonly type: 'step-inputs';
      readonly step: LeafRun;
      readonly inputs?: ReadonlyMap<string, StepArtifact>;
      readonly params?: ValueMap;
    }
  | { readonly type: 'initialize' | 'start'; readonly step: LeafRun | AcrossRun }
  | { readonly type: 'log'; readonly step: LeafRun | AcrossRun; readonly text: string }
  | { readonly type: 'error'; readonly step: LeafRun | AcrossRun; readonly message: string }
  /** A leaf or an across has finished: with an exit status, or well or not. */
  | { readonly type: 'finish'; readonly step: LeafRun | AcrossRun; readonly payload: number | boolean }
  | { readonly type: 'across-substeps'; readonly step: AcrossRun; readonly values: readonly (readonly Value[])[] }
  /** A put that nobody named: this is what it would have put. */
  | {
      readonly type: 'held-back';
      readonly step: LeafRun;
      readonly params: ValueMap;
      readonly inputs: readonly string[];
    }
  | {
      readonly type: 'step-ended';
      readonly step: LeafRun;
      readonly result: StepResult;
      /** What the user sees for it, one line per error event. */
      readonly error?: string;
      readonly exit?: number;
      readonly version?: Value;
    }
);

type WithoutTime<T> = T extends unknown ? Omit<T, 'time' | 'past'> : never;

/** An event before it has its time. */
export type JobNews = WithoutTime<JobEvent>;
