/** What the steps of pipelines give a task, wherever it is written. */
import type { TaskDocument } from '../task/document.ts';
import type { Environment } from '../task/environment.ts';
import type { StepParams } from '../pipeline/pipeline.ts';

/**
 * The params that a task gets from a step: of an inline task those of its steps, of a task file what any step of a pipeline
 * gives that names it. Undefined where no step is known.
 */
export function givenParams(
  { stepParams }: TaskDocument,
  { uses = [] }: Pick<Environment, 'uses'>,
): StepParams | undefined {
  if (stepParams !== undefined || uses.length === 0) return stepParams;
  const names = new Set<string>();
  for (const { params } of uses) {
    if (params === undefined) return 'unknown';
    for (const name of params) names.add(name);
  }
  return names;
}

/** The vars that a task file gets from its steps; `unknown` where a variable stands for them. */
export function givenVars({ uses = [] }: Pick<Environment, 'uses'>): StepParams {
  const names = new Set<string>();
  for (const { vars } of uses) {
    if (vars === undefined) return 'unknown';
    for (const name of vars) names.add(name);
  }
  return names;
}
