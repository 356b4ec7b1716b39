/**
 * What an error of the `yaml` package is about: its code says the family, and the tree and the text at its place say the
 * rest. The words of its message are for people, and may change with any version of the package.
 */
import { isMap, isScalar, isSeq, type Document, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { TextRange } from '../text/problem.ts';
import { forEachNode } from './dialect.ts';

/** What we need to know of an error of the `yaml` package. */
export interface SyntaxFinding {
  readonly code: string;
  /** The package's own words: shown where we have none that are better, and never looked into. */
  readonly message: string;
  /** Start and end offset. */
  readonly pos: readonly [number, number];
}

/** What the package has found, where it makes a difference to us; undefined for all else. */
export type FindingKind =
  /** A list or mapping in brackets without its closing bracket. */
  | 'open-bracket'
  /** A value in quotes without its closing quote. */
  | 'open-quote'
  /** A key or an item in another column than those before it. */
  | 'column'
  /** The text below `|` or `>` is not indented. */
  | 'block-indent'
  /** A line of that text is indented less than its first line. */
  | 'block-line'
  /** An empty line before the first one of that text is indented deeper. */
  | 'block-empty-line'
  /** A key without its colon. */
  | 'key-alone'
  /** An item without its dash. */
  | 'item-without-dash'
  /** A comment that no blank separates from what stands before it. */
  | 'comment-at-value'
  /** A closing bracket that nothing has opened. */
  | 'closing-bracket'
  /** Text behind a value that has ended. */
  | 'behind-value'
  | undefined;

interface Place {
  readonly range: TextRange;
}

/** Something that lacks its end, and how to say so. */
export interface OpenPlace extends Place {
  readonly message: string;
  /** Offset behind what there is of it. */
  readonly stop: number;
}

/** The places of a tree that an error can be about, each kind in the order of the text. */
interface Found {
  readonly brackets: OpenPlace[];
  readonly quotes: OpenPlace[];
  /** Where those stop. */
  readonly bracketStops: Set<number>;
  readonly quoteStops: Set<number>;
  readonly blocks: Place[];
  readonly lonelyKeys: Set<number>;
  readonly lonelyItems: Set<number>;
}

/** The places of a document that its errors are about; they are looked for when somebody asks. */
export class ErrorPlaces {
  readonly #text: string;
  readonly #document: Document.Parsed;
  #found: Found | undefined;

  constructor(text: string, document: Document.Parsed) {
    this.#text = text;
    this.#document = document;
  }

  /** What an error is about. */
  kindOf({ code, pos: [offset] }: SyntaxFinding): FindingKind {
    switch (code) {
      case 'BAD_INDENT':
        return this.#kindOfIndent(offset);
      case 'MISSING_CHAR':
        return this.#kindOfMissing(offset);
      case 'UNEXPECTED_TOKEN':
        return this.#kindOfUnexpected(offset);
      default:
        return undefined;
    }
  }

  /** The last bracket without its closing one before an offset. */
  bracketBefore(offset: number): OpenPlace | undefined {
    return lastBefore(this.#places().brackets, offset);
  }

  /** The text in quotes without an end that stops at an offset. */
  quoteBefore(offset: number): OpenPlace | undefined {
    const quote = lastBefore(this.#places().quotes, offset);
    return quote && quote.stop >= offset - 1 ? quote : undefined;
  }

  #kindOfIndent(offset: number): FindingKind {
    const block = this.#blockAround(offset);
    if (block === undefined) {
      return this.#places().bracketStops.has(offset) ? 'open-bracket' : 'column';
    }
    // Behind the line with the `|` only empty lines: its first line of text.
    return /^[^\n]*\n\s*$/.test(this.#text.slice(block.start, offset)) ? 'block-indent' : 'block-line';
  }

  #kindOfMissing(offset: number): FindingKind {
    const { quoteStops, lonelyKeys, lonelyItems } = this.#places();
    if (quoteStops.has(offset)) return 'open-quote';
    if (isGluedComment(this.#text, offset)) return 'comment-at-value';
    if (this.#blockAround(offset)) return 'block-empty-line';
    if (lonelyKeys.has(offset)) return 'key-alone';
    return lonelyItems.has(offset) ? 'item-without-dash' : undefined;
  }

  #kindOfUnexpected(offset: number): FindingKind {
    const character = this.#text.charAt(offset);
    if (character === ']' || character === '}') return 'closing-bracket';
    const isIndicator = /^(?:[,[{#&*!|>]|[-?:](?:\s|$))/.test(this.#text.slice(offset, offset + 2));
    return !isIndicator && this.#blockAround(offset) === undefined ? 'behind-value' : undefined;
  }

  #blockAround(offset: number): TextRange | undefined {
    const range = lastBefore(this.#places().blocks, offset)?.range;
    return range && offset < range.end ? range : undefined;
  }

  #places(): Found {
    return (this.#found ??= placesOf(this.#document));
  }
}

/** True at a comment that follows what stands before it without a blank. */
function isGluedComment(text: string, offset: number): boolean {
  return text[offset] === '#' && /\S/.test(text.charAt(offset - 1));
}

/** The errors that go-yaml has, too. */
export function withoutTolerated<Finding extends SyntaxFinding>(text: string, findings: readonly Finding[]): Finding[] {
  const comments = new Set<number>();
  return findings.filter(({ code, pos: [offset] }) => {
    // Directives are checked by us, tags when values are resolved.
    if (code === 'BAD_DIRECTIVE') return false;
    // A '#' right behind a bracket or quote is a comment. What else is missing there comes as a second error.
    if (code !== 'MISSING_CHAR' || !isGluedComment(text, offset) || comments.has(offset)) return true;
    comments.add(offset);
    return false;
  });
}

function placesOf(document: Document.Parsed): Found {
  const found: Found = {
    brackets: [],
    quotes: [],
    bracketStops: new Set(),
    quoteStops: new Set(),
    blocks: [],
    lonelyKeys: new Set(),
    lonelyItems: new Set(),
  };
  forEachNode(document.contents, false, (node) => {
    if (!node.range) return;
    const [start, stop] = node.range;
    if (isMap(node) || isSeq(node)) {
      if (node.flow === true) openBracket(node, start, stop, found);
      else if (isMap(node)) keysAlone(node, found);
      else itemsWithoutDash(node, found);
    } else if (isScalar(node)) {
      if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
        found.blocks.push({ range: { start, end: stop } });
      } else if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') {
        openQuote(node, start, stop, found);
      }
    }
  });
  return found;
}

function openQuote(node: Scalar, start: number, stop: number, { quotes, quoteStops }: Found): void {
  const source = node.srcToken !== undefined && 'source' in node.srcToken ? node.srcToken.source : '';
  const isDouble = node.type === 'QUOTE_DOUBLE';
  // As the package looks at it: only at the last character.
  if (source.length > 1 && source.endsWith(isDouble ? '"' : "'")) return;
  const message = `The text behind this ${isDouble ? 'double' : 'single'} quote is not closed.`;
  quotes.push({ range: { start, end: start + 1 }, message, stop });
  quoteStops.add(stop);
}

function openBracket(node: YAMLMap | YAMLSeq, start: number, stop: number, { brackets, bracketStops }: Found): void {
  const token = node.srcToken;
  if (token?.type !== 'flow-collection') return;
  const closing = token.start.source === '[' ? ']' : '}';
  if (token.end.some(({ source }) => source === closing)) return;
  const what = closing === ']' ? 'list' : 'mapping';
  const message = `This ${what} is not closed: '${closing}' is missing, or a line in it is not indented.`;
  brackets.push({ range: { start, end: start + 1 }, message, stop });
  bracketStops.add(stop);
}

function keysAlone(node: YAMLMap, { lonelyKeys }: Found): void {
  for (const { key, srcToken } of node.items) {
    const hasColon = srcToken?.sep?.some(({ type }) => type === 'map-value-ind') === true;
    const range = (key as { range?: readonly number[] | null } | null)?.range;
    if (!hasColon && range?.[0] !== undefined) lonelyKeys.add(range[0]);
  }
}

/** The package names the place behind the item before. */
function itemsWithoutDash(node: YAMLSeq, { lonelyItems }: Found): void {
  const token = node.srcToken;
  if (token?.type !== 'block-seq') return;
  token.items.forEach(({ start }, index) => {
    if (start.some(({ type }) => type === 'seq-item-ind')) return;
    const before = node.items[index - 1] as { range?: readonly number[] | null } | undefined;
    lonelyItems.add(before?.range?.[2] ?? token.offset);
  });
}

/** The last of some places, which stand in the order of the text, that begins before an offset. */
function lastBefore<Found extends Place>(places: readonly Found[], offset: number): Found | undefined {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.range.start ?? offset) < offset) low = middle + 1;
    else high = middle;
  }
  return places[low - 1];
}
