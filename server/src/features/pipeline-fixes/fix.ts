/** What a quick fix of a pipeline and a refactoring are. The table of all fixes is `pipeline-fixes/index.ts`. */
import type { Problem, TextRange } from '#concourse';
import type { OffsetEdit } from '../fixes/edits.ts';
import type { PipelineEditor } from './editor.ts';

/** Changes of another file than the pipeline. */
export interface OtherFile {
  /** Absolute. */
  readonly path: string;
  /** The text before; undefined for a file that the fix creates. */
  readonly before: string | undefined;
  readonly after: string;
}

/** One way to mend a problem of a pipeline. */
export interface PipelineFix {
  /** Imperative, one line, says what will be changed to what. */
  readonly title: string;
  /** Changes of the pipeline: not overlapping, in any order. */
  readonly edits: readonly OffsetEdit[];
  /** Task files that change, or that are created. */
  readonly others?: readonly OtherFile[];
  /** The most likely mend. At most one per problem. */
  readonly preferred?: true;
  /**
   * May be applied unseen, on save: Concourse rejects the pipeline at this place and only this can be meant, or it reads
   * the very same pipeline afterwards.
   */
  readonly safe?: true;
}

/** One refactoring that can be done at a place, or why it cannot. */
export interface PipelineRefactoring {
  /** Imperative, one line. */
  readonly title: string;
  readonly kind: 'refactor.extract' | 'refactor.inline' | 'refactor.rewrite';
  readonly edits: readonly OffsetEdit[];
  readonly others?: readonly OtherFile[];
  /** Why it cannot be done here; there are no edits then. */
  readonly refused?: string;
}

/** Finds the fixes of one problem, best first; none when the text at hand does not allow any. */
export type PipelineFixMaker = (problem: Problem, editor: PipelineEditor) => readonly PipelineFix[];

/** A fix that puts a text in place of a range. */
export function replace(
  title: string,
  range: TextRange,
  newText: string,
  flags: Partial<PipelineFix> = {},
): PipelineFix[] {
  return [{ title, edits: [{ range, newText }], ...flags }];
}

/** A fix, unless it has nothing to change. */
export function fix(title: string, edits: readonly OffsetEdit[], flags: Partial<PipelineFix> = {}): PipelineFix[] {
  return edits.length > 0 || (flags.others?.length ?? 0) > 0 ? [{ title, edits, ...flags }] : [];
}
