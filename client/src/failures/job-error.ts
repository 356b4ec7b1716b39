/** The error that says why a job cannot be planned, or continued. */
import type { Uri } from 'vscode';

/** A job that cannot run as it is. The message names every problem. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly problems: readonly string[];
  /** The pipeline. */
  readonly uri: Uri;
  readonly job: string;

  constructor(uri: Uri, job: string, problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
    this.uri = uri;
    this.job = job;
  }
}
