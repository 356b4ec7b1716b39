/** What the runs of a job's steps, tasks and scripts of resource types alike, are planned with. */
import type { Plan, PlanResult } from '../../model/plan.ts';
import { timeoutMs } from '../steps/combinators.ts';

/** The plan. @throws Error with everything that is wrong with the request */
export function planOrThrow(result: PlanResult): Plan {
  if ('plan' in result) return result.plan;
  throw new Error(result.problems.map(({ message }) => message).join('\n'));
}

/** The time limit of the run of a step: twice the step's own, which ends it first; so a client that is gone leaves no pod. */
export function limitOfRun(timeout: string | undefined): { readonly timeoutMs?: number } {
  return timeout === undefined ? {} : { timeoutMs: Math.max(timeoutMs(timeout), 1000) * 2 };
}
