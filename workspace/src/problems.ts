/** What is wrong with a file and the tasks in it, each thing once. */
import {
  type CheckSettings,
  checkPipeline,
  checkTask,
  type Environment,
  type PipelineDocument,
  type PipelineWorld,
  type Position,
  type Problem,
  type TaskDocument,
} from '#concourse';

/** A problem, and what tells the lines of its file. */
export interface FileProblem {
  readonly document: { positionAt(offset: number): Position };
  readonly problem: Problem;
}

/** A pipeline, and what lies around it. */
export interface PipelineFile {
  readonly source: PipelineDocument;
  readonly world: PipelineWorld;
}

/**
 * The problems of a pipeline and of all tasks of a file, in the order of the text. What two tasks of a pipeline share
 * through an anchor is said once.
 */
export function problemsOf(
  tasks: readonly TaskDocument[],
  environmentOf: (task: TaskDocument) => Environment,
  settings: CheckSettings,
  pipeline?: PipelineFile,
): FileProblem[] {
  const found = new Map<string, FileProblem>();
  const add = (document: FileProblem['document'], problem: Problem): void => {
    const { start, end } = problem.range;
    const id = `${problem.code} ${start} ${end} ${problem.message}`;
    if (!found.has(id)) found.set(id, { document, problem });
  };
  for (const task of tasks) for (const problem of checkTask(task, environmentOf(task), settings)) add(task, problem);
  if (pipeline) {
    const { source, world } = pipeline;
    for (const problem of checkPipeline(source, world, settings)) add(source, problem);
  }
  const all = [...found.values()];
  // The check of one task has ordered them already, with the note about the rest at the end.
  return tasks.length > 1 || pipeline ? all.sort((a, b) => a.problem.range.start - b.problem.range.start) : all;
}
