/** Changes of a text. */
import type { TextRange } from '#concourse';

/** One change of a text, in UTF-16 offsets into the text before any change. */
export interface OffsetEdit {
  readonly range: TextRange;
  readonly newText: string;
}

/**
 * Applies edits that do not overlap.
 *
 * @returns the changed text
 */
export function applyEdits(text: string, edits: readonly OffsetEdit[]): string {
  const inOrder = [...edits].sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  let result = '';
  let done = 0;
  for (const { range, newText } of inOrder) {
    result += text.slice(done, range.start) + newText;
    done = range.end;
  }
  return result + text.slice(done);
}

/** True when two edits touch the same text, or insert at the same place. */
export function overlaps(a: OffsetEdit, b: OffsetEdit): boolean {
  if (a.range.start === b.range.start) return true;
  return a.range.start < b.range.end && b.range.start < a.range.end;
}
