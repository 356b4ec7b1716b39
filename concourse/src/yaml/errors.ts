/** What the `yaml` package says of a broken text, in words and at places that help to mend it. */
import type { Document } from 'yaml';
import type { Problems, TextRange } from '../text/problem.ts';
import { diagnose } from './error-words.ts';
import { ErrorPlaces, type FindingKind, type OpenPlace, type SyntaxFinding } from './finding.ts';

const HELP: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Tabs cannot indent YAML: use blanks.',
  BAD_INDENT: 'Check the indentation of this line against the lines above.',
  MISSING_CHAR: 'Something is not closed or separated here.',
  BLOCK_AS_IMPLICIT_KEY:
    'Quote the value if it contains ": ", or put a nested mapping on its own, deeper indented line.',
  MULTILINE_IMPLICIT_KEY: 'Usually the ":" behind a key is missing, or a line is not indented enough.',
  UNEXPECTED_TOKEN: 'Check the indentation and the quotes around this place.',
  BAD_SCALAR_START: 'Quote a value that starts with a special character.',
  BAD_DQ_ESCAPE: 'In double quotes a backslash starts an escape: double it, or use single quotes.',
};

/** Errors inside of one value: what stands behind it is read as it was meant. */
const LOCAL: ReadonlySet<string> = new Set([
  'BAD_ALIAS',
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'BLOCK_AS_IMPLICIT_KEY',
  'TAG_RESOLVE_FAILED',
]);

const CONFLICT = /^(?:<{7}|>{7}|={7})(?=[ \r\n]|$).*/gm;

/** A range without the lines behind its first, inside of the text, and not empty where there is something to mark. */
function firstLine(text: string, start: number, end: number): TextRange {
  const from = Math.min(start, text.length);
  const rest = text.slice(from, Math.max(end, from));
  const line = /^[^\r\n]*/.exec(rest)?.[0].length ?? 0;
  if (line > 0 || from < text.trimEnd().length) return { start: from, end: from + line };
  // At the end of the file: the last character that is there.
  const last = text.trimEnd().length;
  return { start: Math.max(0, last - 1), end: last };
}

/** An error, and what it is about. */
interface Finding extends SyntaxFinding {
  readonly kind: FindingKind;
}

function openPlace({ kind, pos }: Finding, places: ErrorPlaces): OpenPlace | undefined {
  if (kind === 'open-bracket') return places.bracketBefore(pos[0]);
  return kind === 'open-quote' ? places.quoteBefore(pos[1]) : undefined;
}

/** The error that was reported last. */
interface Reported extends TextRange {
  readonly message: string;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** True for a line in what hangs on a wrong one, indented deeper, or for the next line when it is wrong in the same way. */
function isSameTrouble(text: string, range: TextRange, message: string, last: Reported): boolean {
  if (range.start <= last.start || range.start - last.end > FAR) return false;
  const column = columnOf(text, last.start);
  const [, ...lines] = text.slice(last.end, range.start).split('\n');
  lines.pop();
  const filled = lines.filter((line) => line.trim() !== '');
  if (filled.length === 0 && message === last.message) return true;
  if (columnOf(text, range.start) <= column) return false;
  return filled.every((line) => line.length - line.trimStart().length > column);
}

/** Characters beyond which two errors are not about the same lines. */
const FAR = 2_000;

/** Errors about the shape of lines: a line that was taken wrongly leads to them in the next one. */
function isShapeError({ code, kind }: Finding): boolean {
  return (
    code === 'MULTILINE_IMPLICIT_KEY' || (code === 'MISSING_CHAR' && kind !== 'open-quote') || kind === 'block-indent'
  );
}

/**
 * True for an error that follows from another one: from the one reported last, in its line or the next, or from quotes
 * that are not closed.
 */
function follows(
  text: string,
  error: Finding,
  range: TextRange,
  last: TextRange | undefined,
  quotes: readonly number[],
): boolean {
  if (error.kind === 'open-quote') return false;
  const isBracket = error.kind === 'open-bracket';
  if (quotes.some((quote) => (isBracket ? quote > range.start : error.pos[0] === quote))) return true;
  if (!last || !isShapeError(error)) return false;
  if (range.start === last.start) return true;
  const [from, to] = last.end < range.start ? [last.end, range.start] : [range.start, last.end];
  if (to - from > FAR) return false;
  const between = text.slice(from, to).trimEnd();
  return !between.includes('\n');
}

/** Reports the markers of a merge that was not finished; they explain all other errors. */
function conflicts(text: string, problems: Problems): number | undefined {
  const markers = [...text.matchAll(CONFLICT)];
  if (!markers.some(([marker]) => marker.startsWith('<')) || !markers.some(([marker]) => marker.startsWith('>'))) {
    return undefined;
  }
  for (const marker of markers) {
    const range = { start: marker.index, end: marker.index + marker[0].length };
    const message = 'This is a marker of an unfinished merge, not YAML. Choose one side and remove the markers.';
    problems.add('error', 'yaml-syntax', range, message, { key: 'merge-conflict' });
  }
  return markers[0]?.index;
}

/**
 * Reports the syntax errors of a document. Of errors that follow from each other the first is kept.
 *
 * @param found those that count, in the order of the text
 * @returns the offset from which on the tree is a guess; undefined when it can be trusted
 */
export function reportSyntaxErrors(
  text: string,
  document: Document.Parsed,
  found: readonly SyntaxFinding[],
  problems: Problems,
): number | undefined {
  if (found.length === 0) return undefined;
  const conflict = conflicts(text, problems);
  if (conflict !== undefined) return conflict;
  let brokenFrom: number | undefined;
  const places = new ErrorPlaces(text, document);
  const errors = found.map(({ code, message, pos }): Finding => {
    const error = { code, message, pos };
    return { ...error, kind: places.kindOf(error) };
  });
  let unexpected = false;
  let last: Reported | undefined;
  const quotes = errors.flatMap((error) =>
    error.kind === 'open-quote' ? (places.quoteBefore(error.pos[1])?.range.start ?? []) : [],
  );
  for (const error of errors) {
    if (error.code === 'UNEXPECTED_TOKEN') {
      // The tokens behind the first one that nobody expects are its consequence.
      if (unexpected || brokenFrom !== undefined) continue;
      unexpected = true;
    }
    const place = openPlace(error, places);
    const own = place ? undefined : diagnose(text, error, error.kind);
    const range = place?.range ?? own?.range ?? firstLine(text, error.pos[0], error.pos[1]);
    if (follows(text, error, range, last, quotes)) continue;
    if (own && last && isSameTrouble(text, range, own.message, last)) {
      // What is wrong in the same way in the next line follows from this one as well.
      if (own.message === last.message) last = { ...range, message: own.message };
      continue;
    }
    const help = HELP[error.code];
    const message = place?.message ?? own?.message ?? `${error.message}.${help === undefined ? '' : ` ${help}`}`;
    const data = own?.replacement === undefined ? undefined : { replacement: own.replacement };
    problems.add('error', 'yaml-syntax', range, `This is not valid YAML. ${message}`, data);
    if (LOCAL.has(error.code) && own === undefined) continue;
    last = { ...range, message: own?.message ?? '' };
    const start = Math.min(range.start, place ? range.start : error.pos[0]);
    const from = text.lastIndexOf('\n', start - 1) + 1;
    brokenFrom = Math.min(brokenFrom ?? from, place ? range.start : from);
  }
  return brokenFrom;
}

/** Codes that tell what a tree lacks. */
const ABSENCES: ReadonlySet<string> = new Set(['missing-platform', 'missing-run-path', 'missing-name']);
/** Codes that tell what a tree has. */
const SHAPES: ReadonlySet<string> = new Set([
  'unknown-key',
  'step-key',
  'helper-key',
  'legacy-image',
  'wrong-case-key',
  'wrong-type',
  'duplicate-key',
  'yaml-map-key',
  'unsupported-key',
]);

/** True for a problem that may only follow from the syntax errors before it. */
export function isConsequence(code: string, start: number, brokenFrom: number): boolean {
  return ABSENCES.has(code) || (SHAPES.has(code) && start >= brokenFrom);
}
