/** What a step returns, as upstream's steps do (atc/exec/step.go): whether it is ok, and an error. */
import { Cancelled, DeadlineExceeded } from './context.ts';

/** How a job ended. `started`: it is left to be run again, because a node was lost. */
export type JobStatus = 'succeeded' | 'failed' | 'errored' | 'aborted' | 'started';

/** The result of a step for the steps around it. */
export interface StepOutcome {
  readonly ok: boolean;
  readonly error?: Error;
}

/** A step that succeeded. */
export const SUCCEEDED: StepOutcome = { ok: true };
/** A step that failed. */
export const FAILED: StepOutcome = { ok: false };

/** Several errors of one step. */
export class ErrorList extends Error {
  override readonly name = 'ErrorList';
  readonly errors: readonly Error[];

  constructor(errors: readonly Error[]) {
    const flat = errors.flatMap((error) => (error instanceof ErrorList ? error.errors : [error]));
    const title = flat.length === 1 ? '1 error occurred:' : `${flat.length} errors occurred:`;
    super(`${title}\n${flat.map((error) => `\t* ${error.message}\n`).join('')}\n`);
    this.errors = flat;
  }
}

/** The error of a step whose node was lost, when such jobs are run again. */
export class Retriable extends Error {
  override readonly name = 'Retriable';

  constructor(error: Error) {
    super(error.message, { cause: error });
  }
}

/** True when the error is of the class, or one is in it. */
export function contains(error: unknown, kind: abstract new (...args: never[]) => Error): boolean {
  if (error instanceof kind) return true;
  if (error instanceof ErrorList) return error.errors.some((each) => contains(each, kind));
  return error instanceof Retriable && contains(error.cause, kind);
}

/** True when the step was aborted. */
export function isCancel(error: unknown): boolean {
  return contains(error, Cancelled);
}

/** True when a timeout ended the step. */
export function isDeadline(error: unknown): boolean {
  return contains(error, DeadlineExceeded);
}

/** The status of a job from the result of its outermost step. */
export function statusOf({ ok, error }: StepOutcome): JobStatus {
  if (contains(error, Retriable)) return 'started';
  if (isCancel(error)) return 'aborted';
  if (error !== undefined) return 'errored';
  return ok ? 'succeeded' : 'failed';
}

/** What the user is told about an error. */
export function shownError(error: Error): string {
  if (isCancel(error)) return 'interrupted';
  return isDeadline(error) ? 'timeout exceeded' : error.message;
}

/** Anything that was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
