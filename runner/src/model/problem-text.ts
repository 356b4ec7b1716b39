/** A problem of a plan as a line of text. */
import type { PlanProblem } from './plan.ts';

/**
 * `FILE:LINE:COLUMN: message`, as compilers write, and in a line below it what to do.
 *
 * @param file as the user names it
 */
export function problemText({ line, column, message, nextStep }: PlanProblem, file: string): string {
  const place = line === undefined ? '' : `${file}:${line}:${column ?? 1}: `;
  return `${place}${message}${nextStep === undefined ? '' : `\n${nextStep}`}`;
}
