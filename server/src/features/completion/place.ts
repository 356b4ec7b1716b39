/** Where the cursor stands: in the value of which key, in which mapping, in which word. */
import type { TaskPath, TextRange } from '#concourse';
import { readTokens, yamlTokens, type YamlText, type YamlToken } from '../facts/yaml-tokens.ts';
import { StructureReader, lineParts, slotPath, type Bracket, type OpenParts, type Slot } from './structure.ts';

/** The word that a completion replaces: a part of one line. Empty between words. */
export interface Word {
  /** Without quotes. */
  readonly range: TextRange;
  readonly text: string;
  /** The part of `text` before the cursor. */
  readonly typed: string;
  readonly quote: '"' | "'" | '';
  /** A `:` follows. */
  readonly colon: boolean;
  /** In the text of a `|` or `>` scalar. */
  readonly block: boolean;
}

/** Something that may begin at the cursor. */
export interface Opening {
  /**
   * `key`: a key of the mapping at `path`. `value`: the value at `path`. `item`: a new `- ` of the list at `path`.
   */
  readonly kind: 'key' | 'value' | 'item';
  readonly path: TaskPath;
  /** Indentation of a key or dash that begins here; of a value, that of its key. */
  readonly column: number;
  /** Inside `{}` or `[]`. */
  readonly flow: boolean;
  /** A blank must come first, because the cursor stands right behind `:` or `-`. */
  readonly blank: boolean;
  /** The slot at `path`; undefined at the root. */
  readonly owner: Slot | undefined;
  /** The keys that the mapping has already. */
  readonly existing: ReadonlySet<string>;
}

/** A text to find places in: a file, or what stands in a range of a pipeline. */
export interface PlacedText extends YamlText {
  /** `pipeline`: a task that is written into a pipeline, at `range`. */
  readonly place?: 'file' | 'pipeline';
  readonly range?: TextRange;
}

/** A place in a task or a pipeline. */
export interface Place {
  readonly offset: number;
  readonly word: Word;
  readonly openings: readonly Opening[];
  /** The keys and items at the top of the task or pipeline. */
  readonly roots: readonly Slot[];
  /** Every slot of the file that carries an anchor and ends before the cursor. */
  readonly anchors: readonly Slot[];
}

/**
 * Finds the place of an offset; undefined where nothing can be completed: in comments, behind finished values, in later
 * YAML documents.
 */
export function placeAt(task: PlacedText, offset: number): Place | undefined {
  const tokens = tokensAround(task, offset);
  const reader = new StructureReader(task);
  const meaningful = tokens.filter(({ kind }) => kind !== 'comment');
  let open: OpenParts | undefined;
  let under: YamlToken | undefined;
  for (const [index, token] of meaningful.entries()) {
    const next = meaningful[index + 1];
    if (!open && isReached(token, next, offset)) {
      open = reader.open();
      under = isWord(token) && token.range.start <= offset ? token : undefined;
    }
    if (token.kind === 'document-start' && reader.roots.length > 0) {
      if (!open) return undefined;
      break;
    }
    reader.read(token, next);
  }
  open ??= reader.open();
  if (tokens.some(({ kind, range }) => kind === 'comment' && range.start < offset && range.end >= offset)) {
    return undefined;
  }
  return new PlaceFinder(task, offset, reader, open, under).find();
}

/** The first word that does not lie before the cursor, or touches it so that it may grow. */
function isReached(token: YamlToken, next: YamlToken | undefined, offset: number): boolean {
  if (token.range.end > offset) return true;
  if (token.range.end < offset || !isWord(token)) return false;
  // The text of a block scalar reaches to the next line's first word, which then is the one that is meant.
  return token.kind !== 'block-text' || next?.range.start !== offset;
}

/** Words that the cursor can be in. */
function isWord({ kind }: YamlToken): boolean {
  return kind === 'scalar' || kind === 'alias' || kind === 'block-text';
}

/** The words of the file; a quote that is not closed in the line of the cursor ends with that line. */
function tokensAround(task: YamlText, offset: number): readonly YamlToken[] {
  const tokens = closedAtEnd(task.text, yamlTokens(task));
  const index = tokens.findIndex(({ kind, range }) => kind === 'scalar' && range.start < offset && range.end >= offset);
  const token = tokens[index];
  if (!token || !/["']/.test(task.text[token.range.start] ?? '')) return tokens;
  const stop = lineStop(task.text, token.range.start);
  return stop >= token.range.end || offset > stop ? tokens : cutAt(task.text, tokens, index, stop);
}

/** A quote that is never closed ends with its line, so that the lines below keep their meaning. */
function closedAtEnd(text: string, tokens: readonly YamlToken[]): readonly YamlToken[] {
  const last = tokens.at(-1);
  const quote = last?.kind === 'scalar' ? text[last.range.start] : undefined;
  if (!last || (quote !== '"' && quote !== "'")) return tokens;
  const closed = last.range.end > last.range.start + 1 && text[last.range.end - 1] === quote;
  const stop = lineStop(text, last.range.start);
  if (closed || stop >= last.range.end) return tokens;
  // What was inside of the quote has no such quote: each kind is cut once, and this ends.
  return closedAtEnd(text, cutAt(text, tokens, tokens.length - 1, stop));
}

/** Ends a word at an offset and reads the text behind it anew. */
function cutAt(text: string, tokens: readonly YamlToken[], index: number, stop: number): readonly YamlToken[] {
  const rest = readTokens(text.slice(stop)).map(({ kind, range }) => ({
    kind,
    range: { start: range.start + stop, end: range.end + stop },
  }));
  const cut = tokens
    .slice(index, index + 1)
    .map(({ kind, range }) => ({ kind, range: { start: range.start, end: stop } }));
  return [...tokens.slice(0, index), ...cut, ...rest];
}

/** The offset of the line end behind an offset. */
function lineStop(text: string, offset: number): number {
  const match = /[\r\n]/g;
  match.lastIndex = offset;
  return match.exec(text)?.index ?? text.length;
}

class PlaceFinder {
  readonly #task: YamlText;
  readonly #offset: number;
  readonly #reader: StructureReader;
  readonly #open: OpenParts;
  readonly #under: YamlToken | undefined;
  readonly #from: number;
  readonly #openings: Opening[] = [];

  constructor(
    task: PlacedText,
    offset: number,
    reader: StructureReader,
    open: OpenParts,
    under: YamlToken | undefined,
  ) {
    this.#task = task;
    this.#offset = offset;
    this.#reader = reader;
    this.#open = open;
    this.#under = under;
    this.#from = task.place === 'pipeline' ? (task.range?.start ?? 0) : 0;
  }

  find(): Place | undefined {
    if (this.#under?.kind === 'block-text' && this.#isInBlockText(this.#under)) {
      this.#addValue(this.#open.stack.at(-1), false, true);
      return this.#place(this.#lineWord(true));
    }
    const word = this.#word();
    if (!word) return undefined;
    const start = word.range.start - word.quote.length;
    const { before, brackets, stack } = this.#open;
    const first = this.#reader.isFirstOnLine(start, before);
    const bracket = first && this.#column(start) <= (brackets[0]?.owner?.column ?? -1) ? undefined : brackets.at(-1);
    if (bracket) this.#inBrackets(bracket);
    else if (first) this.#firstOnLine(this.#column(start));
    else if (before) this.#behind(before, stack.at(-1), start);
    return this.#openings.length > 0 ? this.#place(word) : undefined;
  }

  #place(word: Word): Place {
    const { roots } = this.#reader;
    const anchors: Slot[] = [];
    // A list of its own instead of recursion: a text may nest deeper than the call stack.
    const waiting = roots.toReversed();
    for (let slot = waiting.pop(); slot !== undefined; slot = waiting.pop()) {
      if (slot.anchor !== undefined && slot.range.start < this.#offset) anchors.push(slot);
      for (const child of slot.children.toReversed()) waiting.push(child);
    }
    return {
      offset: this.#offset,
      word,
      openings: this.#openings,
      roots: this.#taskRoots(),
      anchors,
    };
  }

  /** In a pipeline the slots of the task only. */
  #taskRoots(): readonly Slot[] {
    if (this.#from === 0) return this.#reader.roots;
    let level: readonly Slot[] = this.#reader.roots;
    while (level.length > 0 && !level.some(({ range }) => range.start >= this.#from)) {
      level = level.findLast(({ range }) => range.start < this.#from)?.children ?? [];
    }
    // Below the last slot before the task stand its keys; a later sibling of that slot would end the task.
    const holder = level.findLast(({ range }) => range.start < this.#from);
    return holder ? holder.children.filter(({ range }) => range.start >= this.#from) : level;
  }

  #column(offset: number): number {
    const { character } = this.#task.positionAt(offset);
    return this.#task.text.startsWith('\ufeff') && character === offset && offset > 0 ? character - 1 : character;
  }

  /** Below a block scalar the cursor is still in its text as long as it is indented like it. */
  #isInBlockText({ range }: YamlToken): boolean {
    const { text } = this.#task;
    const line = this.#offset - this.#task.positionAt(this.#offset).character;
    if (line < range.start) return false;
    if (text.slice(line, lineStop(text, line)).trim() !== '') return this.#offset <= range.end;
    const own = /^[ \t]*(?=[^\s])/m.exec(text.slice(range.start, range.end))?.[0].length;
    const holder = this.#open.stack.at(-1);
    return this.#offset - line >= (own ?? (holder?.column ?? -1) + 1);
  }

  /** The part of the cursor's line that a word takes; undefined where no word can be completed. */
  #word(): Word | undefined {
    const token = this.#under;
    if (!token || token.kind === 'block-text') {
      return this.#wordOf({ start: this.#offset, end: this.#offset }, '', false);
    }
    const { text } = this.#task;
    const quote = text[token.range.start];
    if (quote === '"' || quote === "'") {
      if (this.#offset <= token.range.start) return undefined;
      const closed = token.range.end > token.range.start + 1 && text[token.range.end - 1] === quote;
      if (closed && this.#offset >= token.range.end) return undefined;
      return this.#wordOf({ start: token.range.start + 1, end: token.range.end - (closed ? 1 : 0) }, quote, false);
    }
    const part = lineParts(text, token.range).find(({ start, end }) => start <= this.#offset && this.#offset <= end);
    return this.#wordOf(part ?? { start: this.#offset, end: this.#offset }, '', false);
  }

  #wordOf(range: TextRange, quote: Word['quote'], block: boolean): Word {
    const { text } = this.#task;
    const colon = /^[ \t]*:(?:\s|$)/.test(text.slice(range.end + quote.length, range.end + quote.length + 20));
    return {
      range,
      text: text.slice(range.start, range.end),
      typed: text.slice(range.start, this.#offset),
      quote,
      colon,
      block,
    };
  }

  /** The cursor's line of a block scalar, as far as the cursor. */
  #lineWord(block: boolean): Word {
    const start = this.#offset - this.#task.positionAt(this.#offset).character;
    return this.#wordOf({ start, end: this.#offset }, '', block);
  }

  #inBrackets(bracket: Bracket): void {
    const { current, owner, kind } = bracket;
    if (kind === '[') {
      if (current?.bracket || (current?.value && current.value !== this.#under)) return;
      const path = [...this.#pathOf(owner), bracket.count];
      this.#openings.push({ ...NOTHING, kind: 'value', path, owner: current, flow: true, column: owner?.column ?? 0 });
    } else if (!current) {
      this.#add('key', owner, { flow: true, existing: this.#keysOf(owner) });
    } else if (current.complete && this.#isEmpty(current)) {
      this.#add('value', current, { flow: true, column: current.column });
    }
  }

  /** Behind another word in the same line. */
  #behind(before: YamlToken, top: Slot | undefined, start: number): void {
    const sign = this.#task.text.slice(before.range.start, before.range.end);
    const opens = before.kind === 'anchor' || sign.startsWith('!') || sign === ':' || sign === '-';
    if (!top || !opens || !this.#isEmpty(top)) return;
    const blank = before.range.end === start;
    this.#addValue(top, blank);
    // A mapping may begin behind a dash; behind a key it begins in the next line.
    if (top.kind === 'item' && sign === '-') {
      const column = this.#column(start) + (blank ? 1 : 0);
      this.#add('key', top, { blank, column, existing: this.#keysOf(top) });
    }
  }

  #addValue(slot: Slot | undefined, blank: boolean, always = false): void {
    if (!slot || (!always && slot.children.some(({ range }) => !this.#isUnder(range)))) return;
    this.#add('value', slot, { blank, column: slot.column });
  }

  #firstOnLine(column: number): void {
    const rest = [...this.#open.stack];
    const level: Slot[] = [];
    while ((rest.at(-1)?.column ?? -1) >= column) {
      const slot = rest.pop();
      if (slot?.column === column) level.unshift(slot);
    }
    const top = rest.at(-1);
    if (level.length > 0) {
      this.#besides(level, column);
    } else if (!top) {
      this.#add('key', undefined, { column, existing: this.#keysOf(undefined) });
    } else if (top.range.start < this.#from && !this.#holdsTask(top)) {
      return;
    } else if (this.#isEmpty(top) && (top.kind === 'key' ? top.complete : top.children.length === 0)) {
      this.#add('key', top, { column, existing: this.#keysOf(top) });
      if (top.kind === 'key') this.#add('item', top, { column });
      if (top.children.every(({ range }) => this.#isUnder(range))) this.#add('value', top, { column });
    }
  }

  /** In the column of keys or dashes above: another key, another item. */
  #besides(level: readonly Slot[], column: number): void {
    const key = level.find(({ kind }) => kind === 'key');
    const item = level.find(({ kind }) => kind === 'item');
    if (key && (key.range.start >= this.#from || this.#from === 0)) {
      this.#add('key', key.parent, { column, existing: this.#keysOf(key.parent) });
      const takesItems = this.#isEmpty(key) && key.children.every(({ kind }) => kind === 'item');
      if (takesItems && key.complete) this.#add('item', key, { column });
    } else if (item) {
      this.#add('item', item.parent, { column });
    }
  }

  /** The slot is the `config:` whose task is still to be written. */
  #holdsTask(slot: Slot): boolean {
    return slot.range.start < this.#from && slot.children.every(({ range }) => range.start >= this.#from);
  }

  #isUnder({ start }: TextRange): boolean {
    return this.#under !== undefined && start >= this.#under.range.start && start <= this.#under.range.end;
  }

  #pathOf(slot: Slot | undefined): TaskPath {
    return slotPath(slot, this.#from);
  }

  #keysOf(slot: Slot | undefined): ReadonlySet<string> {
    const children = slot ? slot.children : this.#taskRoots();
    const word = this.#word()?.range;
    const others = children.filter(({ range }) => !word || range.end < word.start || range.start > word.end);
    return new Set(others.map(({ name }) => name));
  }

  #add(kind: Opening['kind'], owner: Slot | undefined, options: Partial<Opening>): void {
    this.#openings.push({ ...NOTHING, ...options, kind, owner, path: this.#pathOf(owner) });
  }

  /** No value is written yet, but for the word at the cursor. */
  #isEmpty({ value, bracket }: Slot): boolean {
    return !bracket && (!value || value === this.#under);
  }
}

const NOTHING = { column: 0, flow: false, blank: false, existing: new Set<string>() } as const;
