/** What is wrong with the tasks of one file, each thing once. */
import { type CheckSettings, checkTask, type Environment, type Problem, type TaskDocument } from '#concourse';

/** A problem, and the task that it was found in. */
export interface FileProblem {
  readonly task: TaskDocument;
  readonly problem: Problem;
}

/**
 * The problems of all tasks of a file, in the order of the text. What two tasks of a pipeline share through an anchor is
 * said once.
 */
export function problemsOf(
  tasks: readonly TaskDocument[],
  environmentOf: (task: TaskDocument) => Environment,
  settings: CheckSettings,
): FileProblem[] {
  const found = new Map<string, FileProblem>();
  for (const task of tasks) {
    for (const problem of checkTask(task, environmentOf(task), settings)) {
      const { start, end } = problem.range;
      const id = `${problem.code} ${start} ${end} ${problem.message}`;
      if (!found.has(id)) found.set(id, { task, problem });
    }
  }
  const all = [...found.values()];
  // The check of one task has ordered them already, with the note about the rest at the end.
  return tasks.length > 1 ? all.sort((a, b) => a.problem.range.start - b.problem.range.start) : all;
}
