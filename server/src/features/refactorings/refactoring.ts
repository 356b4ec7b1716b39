/** What a refactoring is: a change of a task that keeps what it does. */
import type { OffsetEdit } from '../fixes/edits.ts';

/** One refactoring that can be done at a place, or why it cannot. */
export interface Refactoring {
  /** Imperative, one line. */
  readonly title: string;
  readonly kind: 'refactor.extract' | 'refactor.inline' | 'refactor.rewrite';
  /** Changes of the task file. */
  readonly edits: readonly OffsetEdit[];
  /** A file to create beside the task file; the name has no directory. */
  readonly create?: { readonly name: string; readonly text: string };
  /** Why it cannot be done here; there are no edits then. */
  readonly refused?: string;
}
