/**
 * The one way from decoded tasks and pipelines to what is said of their file: diagnostics of an open text, of a folder and
 * of a rendered template, and each format of `tarmac validate`.
 */
import {
  type CheckSettings,
  checkPipeline,
  checkTask,
  type Environment,
  type PipelineDocument,
  type PipelineWorld,
  type Position,
  type Problem,
  Problems,
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

/** What is in a file, and what lies around it. */
export interface FileContent {
  readonly tasks: readonly TaskDocument[];
  environmentOf(task: TaskDocument): Environment;
  /** Of a pipeline: the file as a whole. */
  readonly pipeline?: PipelineFile | undefined;
}

/**
 * The problems of a pipeline and of all tasks of a file, in the order of the text. What two tasks of a pipeline share
 * through an anchor is said once.
 */
export function problemsOf(file: FileContent, settings: CheckSettings): FileProblem[] {
  const { tasks, pipeline } = file;
  // All of them have the text of the whole file.
  const document = pipeline?.source ?? tasks[0];
  if (!document) return [];
  const found = new Problems();
  for (const task of tasks) found.addAll(checkTask(task, file.environmentOf(task), settings));
  if (pipeline) found.addAll(checkPipeline(pipeline.source, pipeline.world, settings));
  const all = [...found.added];
  // Each check has ordered its own already, with the note about the rest at the end.
  if (tasks.length > 1 || pipeline) all.sort((a, b) => a.range.start - b.range.start);
  return all.map((problem) => ({ document, problem }));
}
