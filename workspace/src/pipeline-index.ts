/** Which pipelines of a workspace use which task files, kept up to date file by file. */
import {
  type Files,
  type PipelineDocument,
  type PipelineTarget,
  type PipelineWorld,
  pipelineTemplate,
  readPipeline,
  type StepUse,
  type TaskFileCache,
  type TaskUse,
  taskUses,
} from '#concourse';

/** A step of a pipeline that uses a task file. */
export interface PipelineUse extends TaskUse, StepUse {}

interface KnownPipeline {
  readonly uses: readonly PipelineUse[];
  /** What tells whether the uses are the same ones. */
  readonly mark: string;
}

/** How to read pipelines. */
export interface PipelineIndexOptions {
  readonly files: Files;
  /** Shared with whoever else reads the same task files. */
  readonly taskFiles?: TaskFileCache;
}

/**
 * The index. It keeps names and places only, no texts and no trees: a pipeline is read again when it has changed.
 */
export class PipelineIndex {
  readonly #options: PipelineIndexOptions;
  readonly #pipelines = new Map<string, KnownPipeline>();
  #byTask: Map<string, PipelineUse[]> | undefined;

  constructor(options: PipelineIndexOptions) {
    this.#options = options;
  }

  /** Absolute paths of the pipelines that are known. */
  get pipelines(): readonly string[] {
    return [...this.#pipelines.keys()];
  }

  /**
   * The steps that use a task file, in the order of the pipelines' paths.
   *
   * @param path absolute
   */
  usesOf(path: string): readonly PipelineUse[] {
    this.#byTask ??= this.#grouped();
    return this.#byTask.get(path) ?? [];
  }

  /** The pipelines that use a task file. */
  pipelinesUsing(path: string): readonly string[] {
    return [...new Set(this.usesOf(path).map(({ pipeline }) => pipeline))];
  }

  /**
   * Reads a pipeline.
   *
   * @param pipeline its text, or what was read from it for the same target
   * @returns true when its uses of task files are other ones than before
   */
  read(path: string, pipeline: string | PipelineDocument, target: PipelineTarget = 'current'): boolean {
    const source = typeof pipeline === 'string' ? readPipeline(pipeline, { target, templated: true }) : pipeline;
    // Of a text that is being typed the last one that could be read counts.
    if (source.brokenFrom !== undefined && this.#pipelines.has(path)) return false;
    const { files, taskFiles } = this.#options;
    const world: PipelineWorld = { target, path, files, taskFiles };
    const found = pipelineTemplate(source) ? [] : taskUses(source, world);
    const uses = found.map((use): PipelineUse => ({
      ...use,
      pipeline: path,
      line: source.positionAt(use.range.start).line,
    }));
    return this.#keep(path, uses);
  }

  /**
   * Forgets a file that is gone, or is no pipeline any more.
   *
   * @returns true when it had uses of task files
   */
  forget(path: string): boolean {
    const had = (this.#pipelines.get(path)?.uses.length ?? 0) > 0;
    if (this.#pipelines.delete(path)) this.#byTask = undefined;
    return had;
  }

  #keep(path: string, uses: readonly PipelineUse[]): boolean {
    const mark = JSON.stringify(uses);
    const before = this.#pipelines.get(path);
    if (before?.mark === mark) return false;
    this.#pipelines.set(path, { uses, mark });
    this.#byTask = undefined;
    return uses.length > 0 || (before?.uses.length ?? 0) > 0;
  }

  #grouped(): Map<string, PipelineUse[]> {
    const grouped = new Map<string, PipelineUse[]>();
    for (const [, { uses }] of [...this.#pipelines].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const use of uses) {
        const known = grouped.get(use.path);
        if (known) known.push(use);
        else grouped.set(use.path, [use]);
      }
    }
    return grouped;
  }
}
