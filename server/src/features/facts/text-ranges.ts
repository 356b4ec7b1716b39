/** Small questions about ranges of a text. */
import type { TextRange } from '#concourse';

/** Without the blanks and line breaks at the end, which belong to the next thing for a reader. */
export function trimmed(text: string, { start, end }: TextRange): TextRange {
  let last = end;
  while (last > start && /\s/.test(text[last - 1] ?? '')) last--;
  return { start, end: last };
}

/** Whether a range holds an offset; its end counts, because a cursor there touches it. */
export function holds({ start, end }: TextRange, offset: number): boolean {
  return offset >= start && offset <= end;
}

/** Whether a range lies inside of another. */
export function contains(outer: TextRange, inner: TextRange): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

/** Nothing is written yet, but for comments. */
export function isBlank(text: string): boolean {
  return /^\uFEFF?(?:\s|#[^\n]*\n)*(?:#[^\n]*)?$/u.test(text);
}
