/** Guesses what a misspelled word was meant to be. */

/** Edits (insert, delete, replace, swap neighbours) between two words, at most `limit` + 1. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? limit + 1;
}

/**
 * The candidate closest to a word, when it is close enough to be meant: one edit for short words, up to a third of
 * the letters for longer ones; case, `-` and `_` do not count. Else the only candidate that begins with the word.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, '');
  const wanted = plain(word);
  const limit = wanted.length <= 4 ? 1 : Math.min(3, Math.floor(wanted.length / 3));
  const known = [...candidates];
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    const edits = distance(wanted, plain(candidate), limit);
    if (edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best ?? onlyLongerWord(wanted, known, plain);
}

/** The one candidate that begins with the word: `repo` for `repository`. */
function onlyLongerWord(
  wanted: string,
  candidates: readonly string[],
  plain: (text: string) => string,
): string | undefined {
  if (wanted.length < 3) return undefined;
  const longer = candidates.filter((candidate) => plain(candidate).startsWith(wanted));
  return longer.length === 1 ? longer[0] : undefined;
}
