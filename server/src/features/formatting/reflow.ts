/** Where each line of a YAML text should begin: two columns per level, lists deeper than their key, comments with what they stand beside. */
import { Parser, type CST } from 'yaml';
import type { TextRange } from '#concourse';

/** A line whose first character should stand in another column, or already does. */
interface Line {
  /** Offset of the first character that is no blank. */
  readonly at: number;
  readonly oldColumn: number;
  readonly newColumn: number;
}

/** How a text should be laid out. */
export interface Reflow {
  /** New column by offset of the first character of the line that is no blank. */
  readonly columns: ReadonlyMap<number, number>;
  /** Blanks inside of a line, each to become a single one or none. */
  readonly gaps: readonly { readonly range: TextRange; readonly newText: string }[];
  /** Texts in which blanks at line ends and empty lines belong to a value. */
  readonly kept: readonly TextRange[];
  /** Offsets of the entries of the root, when they stand in column 0. */
  readonly roots: readonly number[];
}

/** Thrown inside this file only: a form of YAML that is too rare to be laid out. */
class Unsupported extends Error {}

/** A comment must not slip into the block scalar above it. */
interface BlockEnd {
  readonly end: number;
  readonly newColumn: number;
}

class Walker {
  readonly columns = new Map<number, number>();
  readonly gaps: { range: TextRange; newText: string }[] = [];
  readonly kept: TextRange[] = [];
  readonly roots: number[] = [];
  readonly #text: string;
  readonly #step: number;
  readonly #lines: Line[] = [];
  readonly #comments: CST.SourceToken[] = [];
  readonly #blockEnds: BlockEnd[] = [];

  constructor(text: string, step: number) {
    this.#text = text;
    this.#step = step;
  }

  document(token: CST.Document): void {
    this.#note(token.start);
    const { value } = token;
    if (value) {
      if (value.type === 'block-map' && this.#column(value.offset) === 0) {
        for (const item of value.items) if (item.key) this.roots.push(item.key.offset);
      }
      if (this.#isFirst(value.offset) && !isBlock(value)) this.#line(value.offset, 0);
      this.#value(value, { oldColumn: this.#column(value.offset), newColumn: 0 }, 0);
    }
    this.#note(token.end ?? []);
  }

  comments(tokens: readonly CST.SourceToken[]): void {
    this.#note(tokens);
  }

  /** Comments are placed when all other lines are known. */
  finish(): void {
    this.#lines.sort((a, b) => a.at - b.at);
    for (const { offset } of this.#comments) {
      if (!this.columns.has(offset)) this.columns.set(offset, this.#commentColumn(offset));
    }
  }

  #commentColumn(offset: number): number {
    const column = this.#column(offset);
    const next = this.#lines.find(({ at }) => at > offset);
    let target: number | undefined;
    if (next?.oldColumn === column) {
      target = next.newColumn;
    } else {
      // The open block, or the entry beside it, that the comment belongs to.
      let least = Infinity;
      let best: Line | undefined;
      for (const line of this.#lines.filter(({ at }) => at < offset).reverse()) {
        if (line.oldColumn >= least) continue;
        least = line.oldColumn;
        if (line.oldColumn <= column) {
          best = line;
          break;
        }
      }
      target = best ? best.newColumn + column - best.oldColumn : column === 0 ? 0 : (next?.newColumn ?? 0);
    }
    const above = this.#blockEnds.findLast(({ end }) => end <= offset);
    const between = above && this.#text.slice(above.end, offset - column);
    const directly = between !== undefined && /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*$/.test(between);
    return above && directly && target > above.newColumn ? above.newColumn : target;
  }

  /** Lays out a value that begins at its own offset. `parent` is the block that it stands in. */
  #value(token: CST.Token, parent: { oldColumn: number; newColumn: number }, newColumn: number): void {
    switch (token.type) {
      case 'block-map':
        this.#map(token, newColumn);
        return;
      case 'block-seq':
        this.#list(token, newColumn);
        return;
      case 'block-scalar':
        this.#blockScalar(token, parent);
        return;
      case 'scalar':
      case 'single-quoted-scalar':
      case 'double-quoted-scalar': {
        const range = { start: token.offset, end: token.offset + token.source.length };
        this.#keep(range);
        this.#continuation(range, parent);
        this.#note(token.end ?? []);
        return;
      }
      case 'alias':
        this.#note(token.end ?? []);
        return;
      case 'flow-collection':
        this.#keepInside(token);
        this.#continuation({ start: token.offset, end: endOfFlow(token) }, parent);
        this.#note(token.end);
        return;
      default:
        throw new Unsupported(token.type);
    }
  }

  #map(map: CST.BlockMap, newColumn: number): void {
    const place = { oldColumn: this.#column(map.offset), newColumn };
    for (const { start, key, sep, value } of map.items) {
      this.#note(start);
      const first = start.find(isContent)?.offset ?? key?.offset;
      if (first === undefined) {
        if (sep ?? value) throw new Unsupported('entry without key');
        continue;
      }
      if (start.some(({ type }) => type === 'explicit-key-ind')) throw new Unsupported('explicit key');
      if (key && this.#text.slice(first, key.offset).includes('\n')) throw new Unsupported('key below its anchor');
      if (this.#isFirst(first)) this.#line(first, newColumn);
      if (!sep) throw new Unsupported('key without colon');
      this.#note(sep);
      this.#afterIndicator(sep, 'map-value-ind');
      if (value) this.#nested(value, place, newColumn + this.#step);
    }
  }

  #list(list: CST.BlockSequence, newColumn: number): void {
    const place = { oldColumn: this.#column(list.offset), newColumn };
    for (const { start, value } of list.items) {
      this.#note(start);
      const dash = start.find(({ type }) => type === 'seq-item-ind');
      if (!dash) continue;
      if (this.#isFirst(dash.offset)) this.#line(dash.offset, newColumn);
      this.#afterIndicator(start, 'seq-item-ind');
      if (value) this.#nested(value, place, newColumn + 2);
    }
  }

  #nested(value: CST.Token, parent: { oldColumn: number; newColumn: number }, newColumn: number): void {
    if (!isBlock(value) && value.type !== 'block-scalar' && this.#isFirst(value.offset)) {
      this.#line(value.offset, newColumn);
    }
    this.#value(value, parent, newColumn);
  }

  /** One blank between an indicator and what follows it on the line; none before a colon. */
  #afterIndicator(tokens: readonly CST.SourceToken[], indicator: string): void {
    const index = tokens.findIndex(({ type }) => type === indicator);
    const before = tokens[index - 1];
    if (indicator === 'map-value-ind' && index === 1 && before?.type === 'space') this.#gap(before, '');
    const space = tokens[index + 1];
    const next = tokens[index + 2];
    if (space?.type !== 'space' || next?.type === 'newline' || next?.type === 'comment') return;
    if (/[\r\n]/.test(this.#text[space.offset + space.source.length] ?? '\n')) return;
    this.#gap(space, ' ');
  }

  #gap({ offset, source }: CST.SourceToken, newText: string): void {
    if (source !== newText) this.gaps.push({ range: { start: offset, end: offset + source.length }, newText });
  }

  #blockScalar(token: CST.BlockScalar, parent: { oldColumn: number; newColumn: number }): void {
    const sources = token.props.filter((each): each is CST.SourceToken => 'source' in each);
    const last = sources.at(-1);
    const header = sources.find(({ type }) => type === 'block-scalar-header')?.source ?? '|';
    if (!last) return;
    const start = last.offset + last.source.length;
    const content = token.source;
    const indicator = /[1-9]/.exec(header)?.[0];
    const lines = [...content.matchAll(/^( *)([^\r\n]*)(\r?\n|$)/gm)];
    const filled = lines.filter(([, , text = '']) => text !== '');
    const keepsEnd = header.includes('+');
    this.kept.push({ start, end: start + (keepsEnd ? content.length : content.trimEnd().length) });
    if (filled.length === 0) return;
    const least = Math.min(...filled.map(([, blanks = '']) => blanks.length));
    const oldColumn = indicator === undefined ? (filled[0]?.[1]?.length ?? 0) : parent.oldColumn + Number(indicator);
    if (least < oldColumn) throw new Unsupported('text left of its block');
    const newColumn = parent.newColumn + (indicator === undefined ? this.#step : Number(indicator));
    for (const { index, 1: blanks = '', 2: text = '' } of lines) {
      // Blanks up to the indentation are no text.
      const empty = text === '' && blanks.length <= oldColumn;
      this.columns.set(start + index + blanks.length, empty ? 0 : newColumn + blanks.length - oldColumn);
    }
    this.#blockEnds.push({ end: start + content.length, newColumn: parent.newColumn });
  }

  /** Further lines of a value keep their distance to the block they stand in. */
  #continuation({ start, end }: TextRange, parent: { oldColumn: number; newColumn: number }): void {
    const own = this.columns.get(start);
    const delta = own === undefined ? parent.newColumn - parent.oldColumn : own - this.#column(start);
    for (const match of this.#text.slice(start, end).matchAll(/\n([ \t]*)(?=[^\s])/g)) {
      const at = start + match.index + match[0].length;
      const column = match[1]?.length ?? 0;
      const inside = column > parent.oldColumn;
      this.columns.set(at, Math.max(column + delta, inside ? parent.newColumn + 1 : parent.newColumn, 0));
    }
  }

  #keep(range: TextRange): void {
    if (this.#text.slice(range.start, range.end).includes('\n')) this.kept.push(range);
  }

  #keepInside(flow: CST.FlowCollection): void {
    for (const { key, value } of flow.items) {
      for (const token of [key, value]) {
        if (token?.type === 'flow-collection') {
          this.#keepInside(token);
        } else if (token && 'source' in token) {
          this.#keep({ start: token.offset, end: token.offset + token.source.length });
        }
      }
    }
  }

  #line(at: number, newColumn: number): void {
    this.#lines.push({ at, oldColumn: this.#column(at), newColumn });
    this.columns.set(at, newColumn);
  }

  #note(tokens: readonly CST.SourceToken[]): void {
    for (const token of tokens) {
      if (token.type === 'comment' && this.#isFirst(token.offset)) this.#comments.push(token);
    }
  }

  #column(offset: number): number {
    return offset - (this.#text.lastIndexOf('\n', offset - 1) + 1);
  }

  #isFirst(offset: number): boolean {
    return /^[ \t]*$/.test(this.#text.slice(offset - this.#column(offset), offset));
  }
}

function isBlock(token: CST.Token): token is CST.BlockMap | CST.BlockSequence {
  return token.type === 'block-map' || token.type === 'block-seq';
}

function isContent({ type }: CST.SourceToken): boolean {
  return type !== 'space' && type !== 'newline' && type !== 'comment';
}

function endOfFlow(flow: CST.FlowCollection): number {
  const close = flow.end.find(({ type }) => type === 'flow-map-end' || type === 'flow-seq-end');
  return close ? close.offset + close.source.length : flow.offset;
}

/**
 * Lays out the first document of a text.
 *
 * @param text a text that parses without errors
 * @param step columns per level
 * @returns undefined when the text uses forms that are better left alone: explicit keys, several documents, tabs
 */
export function reflow(text: string, step: number): Reflow | undefined {
  const walker = new Walker(text, step);
  try {
    let seen = false;
    for (const token of new Parser().parse(text)) {
      if (token.type === 'document') {
        if (seen) return undefined;
        seen = true;
        walker.document(token);
      } else if (token.type === 'comment') {
        walker.comments([token]);
      }
    }
    walker.finish();
  } catch (error) {
    if (error instanceof Unsupported || error instanceof RangeError) return undefined;
    throw error;
  }
  const { columns, gaps, kept, roots } = walker;
  return { columns, gaps, kept, roots };
}
