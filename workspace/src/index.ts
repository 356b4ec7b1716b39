/** Finding and reading the files of a workspace: the same work for the language server and for a terminal. */
export { decodeText } from './decoded-text.ts';
export type { DecodedText, DecodeTextOptions } from './decoded-text.ts';
export { configuredVars, environmentOf } from './environment.ts';
export { findTaskFiles, ReadFiles } from './find-task-files.ts';
export { ANSWERS_LIFETIME_MS, NodeFiles } from './node-files.ts';
export { PipelineIndex } from './pipeline-index.ts';
export type { PipelineIndexOptions, PipelineUse } from './pipeline-index.ts';
export { problemsOf } from './problems.ts';
export type { FileContent, FileProblem, PipelineFile } from './problems.ts';
export { render } from './render.ts';
export type { RenderCommand, Rendered, RenderOptions } from './render.ts';
export { globMatcher, taskFileMatcher } from './task-globs.ts';
export type { PathMatcher } from './task-globs.ts';
export {
  type ChosenKind,
  kindOf,
  kindOfOpenText,
  type KnownByPath,
  PIPELINE_LANGUAGE,
  TASK_LANGUAGE,
} from './text-kind.ts';
