/** Finds what an unfinished merge leaves in a file. */

/**
 * The line (from 1) where a conflict begins, as git writes it: `<<<<<<< `, then `=======`, then `>>>>>>> ` at the
 * beginning of lines. All three in this order: a line of equals signs alone is a heading in many texts.
 */
export function mergeMarkerLine(text: string): number | undefined {
  // Most files have none, and many are long.
  if (!text.includes('<<<<<<<') || !text.includes('>>>>>>>')) return undefined;
  let begin: number | undefined;
  let divided = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^<{7}(?: |\r?$)/u.test(line)) {
      begin = index + 1;
      divided = false;
    } else if (begin !== undefined && /^={7}\r?$/u.test(line)) {
      divided = true;
    } else if (begin !== undefined && divided && /^>{7}(?: |\r?$)/u.test(line)) {
      return begin;
    }
  }
  return undefined;
}
