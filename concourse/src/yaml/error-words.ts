/** What is most likely wrong with a line that is no YAML, in the words of somebody who wrote a task. */
import type { TextRange } from '../text/problem.ts';
import { TASK } from '../schema/task.ts';
import type { FindingKind, SyntaxFinding } from './finding.ts';

/** A syntax error in plain words, at the place to be changed. */
export interface SyntaxDiagnosis {
  readonly range: TextRange;
  readonly message: string;
  /** Text that mends the range. */
  readonly replacement?: string;
}

/** A line without its end; offsets are those of the text. */
interface Line {
  readonly start: number;
  readonly end: number;
  /** Where it begins behind its indentation. */
  readonly first: number;
  /** Behind the indentation, without a comment and blanks at the end. */
  readonly content: string;
}

const KEYS: ReadonlySet<string> = new Set(
  TASK.fields.flatMap(({ key, type }) => [
    key,
    ...(type.kind === 'object'
      ? type.fields
      : type.kind === 'list' && type.of.kind === 'object'
        ? type.of.fields
        : []
    ).map((field) => field.key),
  ]),
);

/** Characters of a line that are looked at, and empty lines around it: any text ends in linear time. */
const MOST_CHARACTERS = 1_000;
const MOST_LINES = 100;

function lineAt(text: string, offset: number): Line {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const stop = text.indexOf('\n', start);
  const end = stop < 0 ? text.length : stop;
  const written = text.slice(start, Math.min(end, start + MOST_CHARACTERS));
  const content = written.trimStart();
  const comment = content.startsWith('#') ? 0 : content.search(/[ \t]#/);
  return {
    start,
    end,
    first: start + written.length - content.length,
    content: (comment < 0 ? content : content.slice(0, comment)).trimEnd(),
  };
}

function lineBefore(text: string, line: Line): Line | undefined {
  let at = line;
  for (let count = 0; at.start > 0 && count < MOST_LINES; count++) {
    at = lineAt(text, at.start - 1);
    if (at.content !== '') return at;
  }
  return undefined;
}

function lineAfter(text: string, line: Line): Line | undefined {
  let at = line;
  for (let count = 0; at.end < text.length && count < MOST_LINES; count++) {
    at = lineAt(text, at.end + 1);
    if (at.content !== '') return at;
  }
  return undefined;
}

function contentRange({ first, content }: Line): TextRange {
  return { start: first, end: first + content.length };
}

/** The key of a line, its dash, or all of it. */
function headRange(line: Line): TextRange {
  const head = /^(?:-(?= |$)|[^\s:]+(?=:(?: |$)))/.exec(line.content)?.[0] ?? line.content;
  return { start: line.first, end: line.first + head.length };
}

const beginsBlock = (line: Line | undefined): boolean =>
  /(?:^|[:\-?] {1,20})[|>][-+0-9]{0,2}$/.test(line?.content ?? '');

const isItem = ({ content }: Line): boolean => /^-(?: |$)/.test(content);

const ITEM =
  "This list item is not in line with those above it. The '-' of all items of a list must start in the same column.";
const KEY = 'This key is not in line with those above it. All keys of a mapping must start in the same column.';
const DEEPER =
  'This line is indented deeper than the one above it, which has a value already. Give both the same indentation.';
const BLOCK = 'The text below | or > must be indented deeper than the line that begins it. Indent it.';

/** A line without the colon that would make a key of it. */
function withoutColon(line: Line, below: Line | undefined): SyntaxDiagnosis {
  const range = contentRange(line);
  const { content } = line;
  const glued = /^([A-Za-z_][\w-]*):([^\s/:].*)$/.exec(content);
  if (glued) {
    const [, key = '', value = ''] = glued;
    return { range, message: "A blank is missing behind the ':'.", replacement: `${key}: ${value}` };
  }
  const [word = '', ...rest] = content.split(/[ \t]+/);
  const isHead =
    rest.length === 0 &&
    /^[\w-]+$/.test(word) &&
    below !== undefined &&
    below.first - below.start > line.first - line.start;
  const isPair = rest.length > 0 && KEYS.has(word);
  const message =
    "Here a key with its ':' is expected. Add the ':', or indent the line if it belongs to the value above.";
  if (!isHead && !isPair) return { range, message };
  return {
    range,
    message: `The ':' behind the key '${word}' is missing.`,
    replacement: isHead ? `${word}:` : `${word}: ${rest.join(' ')}`,
  };
}

/** What an error about a key without value, or about a key that goes on, is really about. */
function aboutKey(text: string, line: Line, offset: number): SyntaxDiagnosis {
  if (isItem(line)) return { range: headRange(line), message: ITEM };
  if (beginsBlock(lineBefore(text, line))) return { range: contentRange(line), message: BLOCK };
  const below = lineAfter(text, line);
  // The value of a line that has its key: what is wrong is the line below.
  if (offset > line.first && below) return { range: headRange(below), message: DEEPER };
  return withoutColon(line, below);
}

/**
 * Says what an error of the `yaml` package is about.
 *
 * @returns undefined where the package's own words are the best there are
 */
export function diagnose(text: string, { code, pos }: SyntaxFinding, kind: FindingKind): SyntaxDiagnosis | undefined {
  const [offset] = pos;
  const line = lineAt(text, offset);
  const tab = text.slice(line.start, line.first).indexOf('\t');
  if (tab >= 0 && offset <= line.first) {
    const range = { start: line.start + tab, end: line.first };
    return { range, message: 'A tab cannot indent a line of YAML. Use blanks.' };
  }
  if (code === 'MULTILINE_IMPLICIT_KEY') return aboutKey(text, line, offset);
  if (code === 'BLOCK_AS_IMPLICIT_KEY') {
    if (isItem(line)) return { range: headRange(line), message: ITEM };
    if (!/:(?: |$)/.test(line.content.slice(offset - line.first))) return aboutKey(text, line, offset);
    return {
      range: { start: offset, end: Math.max(offset + 1, line.first + line.content.length) },
      message:
        "A value with ': ' in it must be quoted. Quote it, or put a nested mapping on its own, deeper indented line.",
    };
  }
  switch (kind) {
    case 'column':
      return { range: headRange(line), message: isItem(line) ? ITEM : KEY };
    case 'block-indent':
      return { range: contentRange(line), message: BLOCK };
    case 'block-line':
      return {
        range: line.content === '' ? { start: line.start, end: line.end } : contentRange(line),
        message: 'This line is indented less than the first line of its text block. Indent it to the same depth.',
      };
    case 'key-alone':
      return aboutKey(text, line, offset);
    case 'item-without-dash':
      return {
        range: contentRange(line),
        message:
          "Here an item with its '-' is expected. Add the '-', or indent the line if it belongs to the value above.",
      };
    case 'block-empty-line':
      return {
        range: contentRange(line),
        message:
          'This line is indented less than an empty line above it, where the text begins. Remove the blanks from the empty lines.',
      };
    case 'closing-bracket':
      return {
        range: { start: offset, end: offset + 1 },
        message: 'No bracket is open that this one would close. Remove it, or quote the value.',
      };
    case 'behind-value':
      return {
        range: { start: offset, end: Math.max(offset + 1, line.first + line.content.length) },
        message: 'The value has ended before this text. Quote the whole value, or check the indentation.',
      };
    default:
      return undefined;
  }
}
