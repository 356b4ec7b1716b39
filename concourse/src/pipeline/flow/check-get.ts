/** What a get step takes: local variables only. */
import type { Bindings } from './bindings.ts';
import type { JobContext } from './job-context.ts';
import { entryIn, type Located } from './place.ts';
import type { Scope } from './scope.ts';

/** Checks a get step. */
export function checkFetch(step: Located, scope: Scope, bindings: Bindings, job: JobContext): void {
  job.vars(entryIn(step, 'params'), scope, bindings);
}
