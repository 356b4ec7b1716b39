/** What steps are together, while some of them still run: the rules of `combinators.ts` for results that come one by one. */
import type { HookName } from '#concourse';

/** How far a step has come, as the steps around it see it. A put that is held back has succeeded. */
export type Outcome = 'pending' | 'running' | 'succeeded' | 'failed' | 'errored' | 'timed out' | 'aborted';

/** Nothing more happens. */
export function isDone(outcome: Outcome): boolean {
  return outcome !== 'pending' && outcome !== 'running';
}

/** Steps in order. @returns also how many of them may run: those after it do not */
export function afterSteps(outcomes: readonly Outcome[]): { readonly outcome: Outcome; readonly may: number } {
  const at = outcomes.findIndex((each) => each !== 'succeeded');
  const found = outcomes[at];
  if (found === undefined) return { outcome: 'succeeded', may: outcomes.length };
  if (isDone(found)) return { outcome: found, may: at + 1 };
  // Between two steps none of them runs.
  return { outcome: at > 0 ? 'running' : found, may: outcomes.length };
}

/** Branches side by side. @returns also whether those that are pending do not run any more */
export function afterBranches(
  outcomes: readonly Outcome[],
  failFast: boolean,
): { readonly outcome: Outcome; readonly isStopped: boolean } {
  const has = (...some: readonly Outcome[]): boolean => outcomes.some((each) => some.includes(each));
  const isBad = has('failed', 'errored', 'timed out');
  const isStopped = has('aborted') || (failFast && isBad);
  const others = isStopped ? outcomes.filter((each) => each !== 'pending') : outcomes;
  if (others.some((each) => !isDone(each))) {
    return { outcome: others.every((each) => each === 'pending') ? 'pending' : 'running', isStopped };
  }
  // A branch that `fail_fast` has stopped says nothing of the whole.
  if (has('aborted') && !(failFast && isBad)) return { outcome: 'aborted', isStopped };
  if (has('errored', 'timed out')) return { outcome: has('errored') ? 'errored' : 'timed out', isStopped };
  return { outcome: has('failed') ? 'failed' : 'succeeded', isStopped };
}

/** All but an abort is a success. */
export function afterTry(outcome: Outcome): Outcome {
  return isDone(outcome) && outcome !== 'aborted' ? 'succeeded' : outcome;
}

/** A step with a hook. @returns also whether the hook may still run, or has */
export function afterHook(
  kind: HookName,
  step: Outcome,
  hook: Outcome,
): { readonly outcome: Outcome; readonly mayRun: boolean } {
  if (!isDone(step)) return { outcome: step, mayRun: true };
  if (!runsAfter(kind, step)) return { outcome: step, mayRun: false };
  if (!isDone(hook)) return { outcome: 'running', mayRun: true };
  return { outcome: both(kind, step, hook), mayRun: true };
}

function runsAfter(kind: HookName, step: Outcome): boolean {
  switch (kind) {
    case 'on_success':
      return step === 'succeeded';
    case 'on_failure':
      return step === 'failed';
    case 'on_abort':
      return step === 'aborted';
    case 'on_error':
      return step === 'errored' || step === 'timed out';
    case 'ensure':
      return true;
  }
}

function both(kind: HookName, step: Outcome, hook: Outcome): Outcome {
  const isError = (each: Outcome): boolean => each !== 'succeeded' && each !== 'failed';
  switch (kind) {
    case 'on_success':
      return hook;
    case 'on_failure':
      return isError(hook) ? hook : 'failed';
    case 'on_abort':
    case 'on_error':
      return step;
    case 'ensure':
      if (isError(step)) return step;
      if (isError(hook)) return hook;
      return step === 'failed' ? step : hook;
  }
}
