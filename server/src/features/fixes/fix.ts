/** What a quick fix is. The table of all of them is `fixes/index.ts`. */
import type { Environment, Problem, TaskDocument, TextRange } from '#concourse';
import type { OffsetEdit } from './edits.ts';
import type { Layout } from './layout.ts';

/** One way to mend a problem. */
export interface Fix {
  /** Imperative, one line, says what will be changed to what. */
  readonly title: string;
  /** Not overlapping, in any order. */
  readonly edits: readonly OffsetEdit[];
  /** The most likely mend: the editor applies it without asking. At most one per problem. */
  readonly preferred?: true;
  /**
   * May be applied unseen, on save: Concourse either rejected the file at this place and only this can be meant, or it
   * runs the very same task afterwards.
   */
  readonly safe?: true;
}

/** What a fix may look at. */
export interface FixContext {
  readonly problem: Problem;
  readonly task: TaskDocument;
  readonly environment: Environment;
  /** How the text of the task is laid out: indentation, line ends, where entries begin and end. */
  readonly layout: Layout;
}

/** Finds the fixes of one problem, best first; none when the text at hand does not allow any. */
export type FixMaker = (context: FixContext) => readonly Fix[];

/** A fix that puts a text in place of a range. */
export function replace(title: string, range: TextRange, newText: string, flags: Partial<Fix> = {}): Fix {
  return { title, edits: [{ range, newText }], ...flags };
}
