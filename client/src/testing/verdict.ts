/** What the end of a run means for a test. Pure. */
import type { RunModel } from '../runs/run-model.ts';

/** `failed`: the command ended with another code than 0. `errored`: it could not run, or its end is not known. */
export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'errored' | 'skipped';
  /** Why it has not passed. */
  readonly text: string;
}

export function verdict(run: RunModel): Verdict {
  const { state, exitCode, hint, failure } = run;
  if (state === 'succeeded') return { outcome: 'passed', text: '' };
  if (state === 'aborted') return { outcome: 'skipped', text: 'The run was aborted.' };
  const why = failure ? `${failure.title}. ${failure.nextStep}` : hint;
  const text =
    exitCode === undefined || exitCode === 0
      ? (why ?? 'The run ended without a result.')
      : `The command ended with exit code ${exitCode}.${why === undefined ? '' : ` ${why}`}`;
  return { outcome: state === 'failed' ? 'failed' : 'errored', text };
}
