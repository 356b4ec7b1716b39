/** What the exit code of a job says; the guide has the table. */
import type { JobRunResult } from '#runner/model';

/**
 * A table of our own: fly's exit code depends on the event that came last. Wrong usage, and what is known to be missing
 * before the first pod, is 1, too. Who leaves a job has the exit code of his signal.
 */
export const jobExitCodes: Readonly<Record<Exclude<JobRunResult['status'], 'left'>, number>> = {
  succeeded: 0,
  failed: 1,
  errored: 2,
  aborted: 3,
  started: 2,
};
