/** What the end of a run means for a test. Pure. */
import * as l10n from '@vscode/l10n';
import type { FlakyTest } from '../results/history.ts';
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
  if (state === 'aborted') return { outcome: 'skipped', text: l10n.t('The run was aborted.') };
  const why = failure ? `${failure.title}. ${failure.nextStep}` : hint;
  const text =
    exitCode === undefined || exitCode === 0
      ? (why ?? l10n.t('The run ended without a result.'))
      : [l10n.t('The command ended with exit code {0}.', exitCode), ...(why === undefined ? [] : [why])].join(' ');
  return { outcome: state === 'failed' ? 'failed' : 'errored', text };
}

/** That something is flaky, and the two runs that show it. */
export function flakyText({ failedIn, passedIn }: FlakyTest): string {
  return l10n.t(
    'Flaky: it failed in run {0} and passed in run {1}, with the same inputs, image and params.',
    failedIn,
    passedIn,
  );
}
