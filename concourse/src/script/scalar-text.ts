/** Where the characters of a YAML scalar stand in its file. */
import type { TextRange } from '../text/problem.ts';
import { TextMap, type Piece } from './text-map.ts';

/** How a scalar is written. */
export type ScalarStyle = 'literal' | 'folded' | 'plain' | 'single' | 'double';

/** The content of a scalar with the place of each character. */
export interface ScalarText {
  readonly text: string;
  readonly style: ScalarStyle;
  /** From the block indicator or the opening quote on. */
  readonly range: TextRange;
  readonly map: TextMap;
}

const STYLES: Readonly<Record<string, ScalarStyle>> = { '|': 'literal', '>': 'folded', "'": 'single', '"': 'double' };

/** How the scalar that begins at an offset is written. */
export function styleAt(file: string, start: number): ScalarStyle {
  return STYLES[file.charAt(start)] ?? 'plain';
}

const LINE_BREAK = /\r\n|[\n\r\u0085\u2028\u2029]/g;

/** Escapes of one character in double quotes (YAML 1.1 §5.5). */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  '\t': '\t',
};

/** Digits of the escapes for code points. */
const CODE_POINT_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * Maps a scalar.
 *
 * @param scalar its content, and where it stands in `file`
 * @param file the whole text
 * @returns undefined where the two do not agree, so that no offset is ever wrong
 */
export function scalarText(
  scalar: { readonly style: ScalarStyle; readonly source: string; readonly range: TextRange },
  file: string,
): ScalarText | undefined {
  const { style, source } = scalar;
  const range = { start: scalar.range.start, end: Math.min(scalar.range.end, file.length) };
  const pieces =
    style === 'literal' || style === 'folded'
      ? blockPieces(source, file, range, style)
      : flowPieces(source, file, range, style);
  return pieces && { text: source, style, range, map: new TextMap(pieces, range, source.length) };
}

/** Number of blanks at the start of a text, from an offset on. */
function blanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text[at] === ' ') at++;
  return at - from;
}

/** The lines of a block scalar below its header. */
function blockLines(file: string, range: TextRange): TextRange[] {
  const lines: TextRange[] = [];
  const breaks = new RegExp(LINE_BREAK);
  breaks.lastIndex = range.start;
  let start: number | undefined;
  for (let found = breaks.exec(file); found; found = breaks.exec(file)) {
    if (found.index >= range.end) break;
    if (start !== undefined) lines.push({ start, end: found.index });
    start = found.index + found[0].length;
  }
  if (start !== undefined && start < range.end) lines.push({ start, end: range.end });
  return lines;
}

/** Blanks that YAML takes away from each line: as the header says, else those of the first line with content. */
function blockIndent(source: string, file: string, lines: readonly TextRange[]): number {
  for (const line of lines) {
    const own = blanks(file, line.start, line.end);
    if (line.start + own === line.end) continue;
    // The first line's own blanks that are left in the text show how many were taken, whatever the header says.
    const first = /\S|\t/.exec(source)?.index ?? 0;
    const kept = first - (source.lastIndexOf('\n', first - 1) + 1);
    return Math.max(0, own - kept);
  }
  return 0;
}

function blockPieces(source: string, file: string, range: TextRange, style: 'literal' | 'folded'): Piece[] | undefined {
  const lines = blockLines(file, range);
  const indent = blockIndent(source, file, lines);
  const pieces: Piece[] = [];
  let at = 0;
  for (const line of lines) {
    const start = Math.min(line.start + Math.min(indent, blanks(file, line.start, line.end)), line.end);
    const length = line.end - start;
    if (style === 'literal') {
      // What chomping takes away at the end has no place in the text.
      if (at > source.length || (at === source.length && length === 0)) break;
      if (!source.startsWith(file.slice(start, line.end), at)) {
        if (file.slice(start, line.end).trim() !== '') return undefined;
        break;
      }
      pieces.push({ script: at, scriptLength: length, file: start, fileLength: length });
      at += length + 1;
      continue;
    }
    const content = file.slice(start, line.end);
    const word = content.trimStart();
    if (word === '') continue;
    // Between two lines a fold leaves only blanks and line breaks: the next character that is neither begins this line.
    while (at < source.length && /\s/.test(source[at] ?? '')) at++;
    if (!source.startsWith(word, at)) return undefined;
    const lead = Math.min(content.length - word.length, at - (pieces.at(-1)?.script ?? 0));
    const kept = source.slice(at - lead, at) === content.slice(0, content.length - word.length).slice(-lead) ? lead : 0;
    pieces.push({
      script: at - kept,
      scriptLength: word.length + kept,
      file: line.end - word.length - kept,
      fileLength: word.length + kept,
    });
    at += word.length;
  }
  return pieces;
}

/** Collects the text of a flow scalar together with its pieces. */
class FlowReader {
  readonly pieces: Piece[] = [];
  text = '';

  /** Characters that stand in the file as they are. */
  copy(characters: string, file: number): void {
    const last = this.pieces.at(-1);
    const length = characters.length;
    if (last?.scriptLength === last?.fileLength && last && last.file + last.fileLength === file) {
      this.pieces[this.pieces.length - 1] = {
        ...last,
        scriptLength: last.scriptLength + length,
        fileLength: last.fileLength + length,
      };
    } else {
      this.pieces.push({ script: this.text.length, scriptLength: length, file, fileLength: length });
    }
    this.text += characters;
  }

  /** Characters that an escape of another length stands for. */
  escape(characters: string, file: number, fileLength: number): void {
    this.pieces.push({ script: this.text.length, scriptLength: characters.length, file, fileLength });
    this.text += characters;
  }
}

function flowPieces(source: string, file: string, range: TextRange, style: ScalarStyle): Piece[] | undefined {
  const quoted = style !== 'plain';
  const end = quoted ? range.end - 1 : range.end;
  const reader = new FlowReader();
  const ordinary = /[^\s'\\]*/y;
  let at = quoted ? range.start + 1 : range.start;
  while (at < end) {
    const character = file[at] ?? '';
    const space = whitespaceEnd(file, at, end);
    if (space > at || isBreak(character)) {
      if (space < end && isBreak(file[space] ?? '')) {
        const fold = skipFold(file, space, end);
        reader.text += fold.breaks === 1 ? ' ' : '\n'.repeat(fold.breaks - 1);
        at = fold.end;
      } else {
        reader.copy(file.slice(at, space), at);
        at = space;
      }
    } else if (style === 'single' && character === "'") {
      reader.escape("'", at, 2);
      at += 2;
    } else if (style === 'double' && character === '\\') {
      at = readEscape(file, at, end, reader);
    } else {
      const from = at;
      ordinary.lastIndex = at + 1;
      at = Math.min(end, at + 1 + (ordinary.exec(file)?.[0].length ?? 0));
      reader.copy(file.slice(from, at), from);
    }
  }
  return reader.text === source ? reader.pieces : undefined;
}

function isBreak(character: string): boolean {
  return /[\n\r\u0085\u2028\u2029]/.test(character);
}

function whitespaceEnd(file: string, from: number, end: number): number {
  let at = from;
  while (at < end && (file[at] === ' ' || file[at] === '\t')) at++;
  return at;
}

/** Line breaks with the blanks around them. */
function skipFold(file: string, from: number, end: number): { readonly breaks: number; readonly end: number } {
  let breaks = 0;
  let at = from;
  while (at < end && isBreak(file[at] ?? '')) {
    at += file.startsWith('\r\n', at) ? 2 : 1;
    breaks++;
    at = whitespaceEnd(file, at, end);
  }
  return { breaks, end: at };
}

/** Reads one escape of a double-quoted scalar and returns where the next character stands. */
function readEscape(file: string, at: number, end: number, reader: FlowReader): number {
  const name = file[at + 1] ?? '';
  if (isBreak(name)) {
    const next = at + (file.startsWith('\r\n', at + 1) ? 3 : 2);
    return whitespaceEnd(file, next, end);
  }
  const digits = CODE_POINT_DIGITS[name];
  if (digits !== undefined) {
    const code = Number.parseInt(file.slice(at + 2, at + 2 + digits), 16);
    reader.escape(code <= 0x10ffff ? String.fromCodePoint(code) : '', at, 2 + digits);
    return at + 2 + digits;
  }
  reader.escape(ESCAPES[name] ?? name, at, 2);
  return at + 2;
}
