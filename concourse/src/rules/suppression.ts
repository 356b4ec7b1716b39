/** Comments that silence rules: `# tarmac: disable=rule[,rule]`. */
import { LineIndex } from '../text/lines.ts';
import type { Problem, TextRange } from '../text/problem.ts';

/** One rule named in a comment. */
export interface Suppression {
  readonly rule: string;
  /** The name in the comment. */
  readonly range: TextRange;
  /** The whole comment, for a fix that removes it; it names one rule or several. */
  readonly comment: TextRange;
  /** Zero-based line that it is about; undefined for the whole file. */
  readonly line: number | undefined;
}

const COMMENT = /(?<=^|[ \t\ufeff])#[ \t]*tarmac:[ \t]*disable=([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)/gm;
/** Nothing but comments, directives and document markers. */
const HEADER_LINE = /^\ufeff?\s*(?:#.*|%.*|---\s*(?:#.*)?)?$/;
const COMMENT_LINE = /^\s*(?:#.*)?$/;

/**
 * The suppressions of a text, in its order. A comment behind something is about its line; one that stands alone is
 * about the next line that has more than a comment, and above the first key about the whole file. Comments in an inline
 * script count too.
 */
export function findSuppressions(text: string): readonly Suppression[] {
  // Each task of a pipeline asks about the same text.
  if (last?.text !== text) last = { text, found: suppressionsOf(text) };
  return last.found;
}

let last: { readonly text: string; readonly found: readonly Suppression[] } | undefined;

function suppressionsOf(text: string): Suppression[] {
  // Nearly no file has any.
  if (!text.includes('tarmac:')) return [];
  const lines = text.split(/\r\n|\n|\r/);
  const index = new LineIndex(text);
  const header = lines.findIndex((line) => !HEADER_LINE.test(line));
  const next = nextContentLines(lines);
  const found: Suppression[] = [];
  for (const match of text.matchAll(COMMENT)) {
    const { line, character } = index.positionAt(match.index);
    const alone = (lines[line] ?? '').slice(0, character).trim().replace('\ufeff', '') === '';
    const names = match[1] ?? '';
    const namesAt = match.index + match[0].length - names.length;
    const comment = { start: match.index, end: match.index + match[0].length };
    const about = !alone ? line : header < 0 || line < header ? undefined : next[line];
    for (const name of names.matchAll(/[\w-]+/g)) {
      const start = namesAt + name.index;
      found.push({ rule: name[0], range: { start, end: start + name[0].length }, comment, line: about });
    }
  }
  return found;
}

/** For each line the number of the next one that has more than a comment. */
function nextContentLines(lines: readonly string[]): number[] {
  const next: number[] = [];
  let following = lines.length;
  for (let line = lines.length - 1; line >= 0; line--) {
    next[line] = following;
    if (!COMMENT_LINE.test(lines[line] ?? '')) following = line;
  }
  return next;
}

/** Problems that stay, those that a comment silences, and the suppressions that silenced any. */
export interface Suppressed {
  readonly kept: Problem[];
  readonly hidden: Problem[];
  readonly used: ReadonlySet<Suppression>;
}

/** Applies suppressions; a problem belongs to the line it starts in. */
export function suppress(problems: readonly Problem[], suppressions: readonly Suppression[], text: string): Suppressed {
  const kept: Problem[] = [];
  const hidden: Problem[] = [];
  const used = new Set<Suppression>();
  if (suppressions.length === 0) return { kept: [...problems], hidden, used };
  const index = new LineIndex(text);
  const byKey = new Map<string, Suppression[]>();
  for (const suppression of suppressions) {
    const key = `${suppression.rule} ${suppression.line ?? 'file'}`;
    byKey.set(key, [...(byKey.get(key) ?? []), suppression]);
  }
  for (const problem of problems) {
    const { line } = index.positionAt(problem.range.start);
    const ofLine = byKey.get(`${problem.code} ${line}`);
    const ofFile = byKey.get(`${problem.code} file`);
    for (const suppression of [...(ofLine ?? []), ...(ofFile ?? [])]) used.add(suppression);
    if (ofLine ?? ofFile) hidden.push(problem);
    else kept.push(problem);
  }
  return { kept, hidden, used };
}
