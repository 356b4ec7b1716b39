/** What the `yaml` package says of a broken text, in words and at places that help to mend it. */
import { visit, type Document } from 'yaml';
import type { Problems, TextRange } from '../text/problem.ts';
import { diagnose } from './error-words.ts';
import type { SyntaxFinding } from './dialect.ts';

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

interface Located {
  readonly range: TextRange;
  readonly message: string;
}

/** Brackets and quotes that may be open, each kind in the order of the text. */
class OpenEnds {
  readonly #document: Document.Parsed;
  #brackets: Located[] | undefined;
  #quotes: (Located & { readonly stop: number })[] | undefined;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  /** The last bracket without its closing one before an offset. */
  bracketBefore(offset: number): Located | undefined {
    this.#brackets ??= this.#findBrackets();
    return lastBefore(this.#brackets, offset);
  }

  /** The text in quotes that ends at an offset. */
  quoteBefore(offset: number): Located | undefined {
    this.#quotes ??= this.#findQuotes();
    const quote = lastBefore(this.#quotes, offset);
    return quote && quote.stop >= offset - 1 ? quote : undefined;
  }

  #findBrackets(): Located[] {
    const found: Located[] = [];
    visit(this.#document, {
      Collection(_key, node) {
        const token = node.srcToken;
        if (token?.type !== 'flow-collection' || !node.range) return;
        const closing = token.start.source === '[' ? ']' : '}';
        if (token.end.some(({ source }) => source === closing)) return;
        const [start] = node.range;
        const what = closing === ']' ? 'list' : 'mapping';
        const message = `This ${what} is not closed: '${closing}' is missing, or a line in it is not indented.`;
        found.push({ range: { start, end: start + 1 }, message });
      },
    });
    return found;
  }

  #findQuotes(): (Located & { stop: number })[] {
    const found: (Located & { stop: number })[] = [];
    visit(this.#document, {
      Scalar(_key, node) {
        if (!node.range || (node.type !== 'QUOTE_DOUBLE' && node.type !== 'QUOTE_SINGLE')) return;
        const [start, stop] = node.range;
        const kind = node.type === 'QUOTE_DOUBLE' ? 'double' : 'single';
        const message = `The text behind this ${kind} quote is not closed.`;
        found.push({ range: { start, end: start + 1 }, message, stop });
      },
    });
    return found;
  }
}

/** The last of some places, which stand in the order of the text, that begins before an offset. */
function lastBefore<Place extends Located>(places: readonly Place[], offset: number): Place | undefined {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.range.start ?? offset) < offset) low = middle + 1;
    else high = middle;
  }
  return places[low - 1];
}

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

function located(error: SyntaxFinding, open: OpenEnds): Located | undefined {
  if (isFlowError(error)) return open.bracketBefore(error.pos[0]);
  return isQuoteError(error) ? open.quoteBefore(error.pos[1]) : undefined;
}

function isQuoteError({ code, message }: SyntaxFinding): boolean {
  return code === 'MISSING_CHAR' && message.includes('quote');
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
function isShapeError({ code, message }: SyntaxFinding): boolean {
  return (
    code === 'MULTILINE_IMPLICIT_KEY' ||
    (code === 'MISSING_CHAR' && !message.includes('quote')) ||
    (code === 'BAD_INDENT' && message.startsWith('Block scalar values'))
  );
}

/**
 * True for an error that follows from another one: from the one reported last, in its line or the next, or from quotes
 * that are not closed.
 */
function follows(
  text: string,
  error: SyntaxFinding,
  range: TextRange,
  last: TextRange | undefined,
  quotes: readonly number[],
): boolean {
  if (isQuoteError(error)) return false;
  if (quotes.some((quote) => (isFlowError(error) ? quote > range.start : error.pos[0] === quote))) return true;
  if (!last || !isShapeError(error)) return false;
  if (range.start === last.start) return true;
  const [from, to] = last.end < range.start ? [last.end, range.start] : [range.start, last.end];
  if (to - from > FAR) return false;
  const between = text.slice(from, to).trimEnd();
  return !between.includes('\n');
}

function isFlowError({ code, message }: SyntaxFinding): boolean {
  return code === 'BAD_INDENT' && message.startsWith('Flow ');
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
 * @param errors those that count, in the order of the text
 * @returns the offset from which on the tree is a guess; undefined when it can be trusted
 */
export function reportSyntaxErrors(
  text: string,
  document: Document.Parsed,
  errors: readonly SyntaxFinding[],
  problems: Problems,
): number | undefined {
  if (errors.length === 0) return undefined;
  const conflict = conflicts(text, problems);
  if (conflict !== undefined) return conflict;
  let brokenFrom: number | undefined;
  const open = new OpenEnds(document);
  let unexpected = false;
  let last: Reported | undefined;
  const quotes = errors.flatMap((error) =>
    isQuoteError(error) ? (open.quoteBefore(error.pos[1])?.range.start ?? []) : [],
  );
  for (const error of errors) {
    if (error.code === 'UNEXPECTED_TOKEN') {
      // The tokens behind the first one that nobody expects are its consequence.
      if (unexpected || brokenFrom !== undefined) continue;
      unexpected = true;
    }
    const place = located(error, open);
    const own = place ? undefined : diagnose(text, error);
    const range = place?.range ?? own?.range ?? firstLine(text, error.pos[0], error.pos[1]);
    if (follows(text, error, range, last, quotes)) continue;
    if (own && last && isSameTrouble(text, range, own.message, last)) {
      // What is wrong in the same way in the next line follows from this one as well.
      if (own.message === last.message) last = { ...range, message: own.message };
      continue;
    }
    const help = HELP[error.code];
    const words = error.message.replace('"quote', '"').replace("'quote", "'");
    const message = place?.message ?? own?.message ?? `${words}.${help === undefined ? '' : ` ${help}`}`;
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
