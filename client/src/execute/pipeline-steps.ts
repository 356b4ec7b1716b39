/** The tasks that a pipeline offers to run: the `config:` of its steps, and the files of its steps that are on this machine. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A task step that can be executed by itself. */
export interface PipelineStep {
  /** What the step calls its task. */
  readonly name: string;
  /** Absolute path of its task file; absent for a task that is in the pipeline itself. */
  readonly file?: string;
  /** The place of its `config:` in the text of the pipeline. */
  readonly range?: { readonly start: number; readonly end: number };
}

/** What of the runner reads a pipeline. */
export interface PipelineReader {
  decodePipeline(
    text: string,
  ): readonly { readonly name: string | undefined; readonly range: { readonly start: number; readonly end: number } }[];
  pipelineFileTasks(text: string): readonly { readonly name: string; readonly file: string }[];
}

/**
 * The steps in the order of their kind: those in the pipeline, then those with a file that is found.
 * @param path absolute path of the pipeline
 */
export function pipelineSteps(text: string, path: string, reader: PipelineReader): PipelineStep[] {
  const inline = reader
    .decodePipeline(text)
    .flatMap(({ name, range }): PipelineStep[] => (name === undefined ? [] : [{ name, range }]));
  const files = reader.pipelineFileTasks(text).flatMap(({ name, file }): PipelineStep[] => {
    const local = localFile(file, path);
    return local === undefined ? [] : [{ name, file: local }];
  });
  return [...inline, ...files];
}

/** The step whose task has the place. */
export function stepAt(steps: readonly PipelineStep[], offset: number): PipelineStep | undefined {
  return steps.find(({ range }) => range !== undefined && range.start <= offset && offset <= range.end);
}

/** `source/ci/unit.yml`: the first segment is an artifact; a repository around the pipeline may be what is in it. */
function localFile(file: string, pipeline: string): string | undefined {
  const [, ...rest] = file.split('/');
  if (rest.length === 0 || rest.includes('..')) return undefined;
  for (let folder = dirname(resolve(pipeline)); ; folder = dirname(folder)) {
    const candidate = join(folder, ...rest);
    if (existsSync(candidate)) return candidate;
    // What is above the repository is none of its files.
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return undefined;
  }
}
