/** How long the start of a run may take. */
import type { Plan } from '../model/plan.ts';

/** Whatever the run's timeout is: shorter than this no start is given up for a connection that is away. */
const leastMs = 15 * 60_000;
/** And however long the command may run. */
const mostMs = 60 * 60_000;

/**
 * How long a start is begun anew or resumed while the connection breaks: as long as the run's timeout, at least a quarter
 * of an hour and at most an hour. A pod that cannot start, a refusal and other answers end it at once.
 *
 * @returns milliseconds
 */
export function startLimitMs({ timeoutMs }: Pick<Plan, 'timeoutMs'>): number {
  return Math.max(leastMs, Math.min(timeoutMs, mostMs));
}
