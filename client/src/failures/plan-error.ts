/** The error that says why a task cannot be planned. */
import type { Uri } from 'vscode';
import type { PlanProblem } from '#runner';

/** What is wrong, and what to do, in one line. */
export function withNextStep({ message, nextStep }: PlanProblem): string {
  return nextStep === undefined ? message : `${message}: ${nextStep}`;
}

/** A task that cannot run as it is. The message names every problem. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
  readonly problems: readonly PlanProblem[];
  /** The task file. */
  readonly uri: Uri;

  constructor(uri: Uri, problems: readonly PlanProblem[]) {
    super(problems.map(withNextStep).join('\n'));
    this.problems = problems;
    this.uri = uri;
  }
}
