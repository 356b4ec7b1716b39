/**
 * The keys and list items of a YAML text by their indentation, read from its words instead of its tree: so that a place
 * has a meaning while the text around it does not parse.
 */
import type { TextRange } from '#concourse';
import type { YamlText, YamlToken } from '../facts/yaml-tokens.ts';

/** A key of a mapping or an item of a list. */
export interface Slot {
  readonly kind: 'key' | 'item';
  /** The slot whose value this one is part of; undefined at the top of the file. */
  readonly parent: Slot | undefined;
  /** Content of the key, without quotes; '' for an item. */
  readonly name: string;
  /** Position among the items of the parent; 0 for a key. */
  readonly index: number;
  /** Characters before the key or the dash in its line; of a slot in `{}` or `[]` it says nothing. */
  readonly column: number;
  /** The key as written, or the dash; of an item in `[]` its first word. */
  readonly range: TextRange;
  readonly flow: boolean;
  readonly children: Slot[];
  /** A `:` follows the key; true for items. */
  complete: boolean;
  /** The first word of a value that is no mapping and no list. */
  value: YamlToken | undefined;
  /** The value is written in `{}` or `[]`. */
  bracket: '{' | '[' | undefined;
  /** Name of the anchor that the value carries. */
  anchor: string | undefined;
}

/** An open `{` or `[`. */
export interface Bracket {
  readonly kind: '{' | '[';
  /** Whose value it is; undefined when it is the root. */
  readonly owner: Slot | undefined;
  /** The key whose value comes next, or the item that was begun. */
  current: Slot | undefined;
  /** Commas so far. */
  count: number;
}

/** What is open at a place of the text. */
export interface OpenParts {
  /** Block keys and items, from the outermost on; columns grow, except that a dash may stand right below its key. */
  readonly stack: readonly Slot[];
  readonly brackets: readonly Bracket[];
  /** The word before the place, comments left out. */
  readonly before: YamlToken | undefined;
}

/** Reads words in their order. */
export class StructureReader {
  /** The keys of the root. */
  readonly roots: Slot[] = [];
  readonly #source: YamlText;
  #stack: Slot[] = [];
  #brackets: Bracket[] = [];
  #before: YamlToken | undefined;
  #anchor: string | undefined;

  constructor(source: YamlText) {
    this.#source = source;
  }

  /** A copy of what is open now. */
  open(): OpenParts {
    const brackets = this.#brackets.map((bracket) => ({ ...bracket }));
    return { stack: [...this.#stack], brackets, before: this.#before };
  }

  /** Takes the next word; `next` is the one after it, comments left out. */
  read(token: YamlToken, next: YamlToken | undefined): void {
    if (token.kind === 'comment') return;
    const first = this.isFirstOnLine(token.range.start, this.#before);
    if (first) this.closeBrackets(token);
    if (this.#brackets.length > 0) this.#readInBrackets(token, next);
    else this.#readInBlock(token, next, first);
    this.#before = token;
  }

  /** True when nothing but blanks stands before an offset in its line. */
  isFirstOnLine(offset: number, before: YamlToken | undefined): boolean {
    return !before || this.#source.positionAt(before.range.end - 1).line < this.#source.positionAt(offset).line;
  }

  /** A line that begins left of what `{` or `[` belongs to ends it, as the YAML lexer has it. */
  closeBrackets(token: YamlToken): void {
    const owner = this.#brackets[0]?.owner;
    if (!owner || owner.flow) return;
    const closes = token.kind === 'other' && /^[\]}]/.test(this.#text(token));
    if (!closes && this.#column(token.range.start) <= owner.column) this.#brackets = [];
  }

  #text({ range }: YamlToken): string {
    return this.#source.text.slice(range.start, range.end);
  }

  #column(offset: number): number {
    const { character } = this.#source.positionAt(offset);
    return this.#source.text.startsWith('\ufeff') && character === offset ? character - 1 : character;
  }

  #readInBlock(token: YamlToken, next: YamlToken | undefined, first: boolean): void {
    const top = this.#stack.at(-1);
    const source = token.kind === 'other' ? this.#text(token) : '';
    if (source === '-') {
      this.#item(token);
    } else if (token.kind === 'scalar' && this.#isColon(next)) {
      this.#key(token);
    } else if (token.kind === 'anchor') {
      this.#anchor = this.#text(token).slice(1);
    } else if (source === '{' || source === '[') {
      if (top) top.bracket = source;
      this.#brackets.push({ kind: source, owner: top, current: undefined, count: 0 });
      this.#takeAnchor(top);
    } else if (token.kind === 'scalar' && first && !this.#continues(token)) {
      this.#halfTypedKey(token);
    } else if (top && token.kind !== 'other') {
      top.value ??= token;
      this.#takeAnchor(top);
    }
  }

  /** A word in a line of its own is the value of the key above it when it is indented deeper. */
  #continues(token: YamlToken): boolean {
    const top = this.#stack.at(-1);
    return top?.children.length === 0 && this.#column(token.range.start) > top.column && top.value !== undefined;
  }

  #isColon(token: YamlToken | undefined): boolean {
    return token?.kind === 'other' && this.#text(token) === ':';
  }

  #takeAnchor(slot: Slot | undefined): void {
    if (slot && this.#anchor !== undefined) slot.anchor = this.#anchor;
    this.#anchor = undefined;
  }

  #item(token: YamlToken): void {
    const column = this.#column(token.range.start);
    for (let top = this.#stack.at(-1); top; top = this.#stack.at(-1)) {
      if (top.column < column || (top.column === column && top.kind === 'key')) break;
      this.#stack.pop();
    }
    this.#push('item', token.range, column, true);
  }

  /** A plain scalar over several lines is no key: only its last line is, and the others are half typed. */
  #key(token: YamlToken): void {
    const lines = lineParts(this.#source.text, token.range);
    lines.forEach((range, index) => {
      this.#keyAt(range, index === lines.length - 1);
    });
  }

  #halfTypedKey(token: YamlToken): void {
    const top = this.#stack.at(-1);
    const column = this.#column(token.range.start);
    if (top && column > top.column && top.children.length === 0 && this.#isQuoted(token)) top.value ??= token;
    else for (const range of lineParts(this.#source.text, token.range)) this.#keyAt(range, false);
  }

  #isQuoted(token: YamlToken): boolean {
    return /["']/.test(this.#source.text[token.range.start] ?? '');
  }

  #keyAt(range: TextRange, complete: boolean): void {
    const column = this.#column(range.start);
    while ((this.#stack.at(-1)?.column ?? -1) >= column) this.#stack.pop();
    this.#push('key', range, column, complete);
  }

  #push(kind: Slot['kind'], range: TextRange, column: number, complete: boolean): void {
    const parent = this.#stack.at(-1);
    this.#takeAnchor(parent);
    this.#stack.push(this.#add({ kind, parent, range, column, complete, flow: false }));
  }

  #add(slot: Pick<Slot, 'kind' | 'parent' | 'range' | 'column' | 'complete' | 'flow'>): Slot {
    const siblings = slot.parent ? slot.parent.children : this.roots;
    const last = siblings.at(-1);
    const index = slot.kind === 'item' ? (last?.kind === 'item' ? last.index + 1 : 0) : 0;
    const name = slot.kind === 'item' ? '' : unquoted(this.#source.text.slice(slot.range.start, slot.range.end));
    const added: Slot = { ...slot, name, index, children: [], value: undefined, bracket: undefined, anchor: undefined };
    siblings.push(added);
    return added;
  }

  #readInBrackets(token: YamlToken, next: YamlToken | undefined): void {
    const bracket = this.#brackets.at(-1);
    if (!bracket) return;
    const source = token.kind === 'other' ? this.#text(token) : '';
    if (source === '}' || source === ']') {
      this.#brackets.pop();
    } else if (source === ',') {
      bracket.current = undefined;
      bracket.count++;
    } else if (source === ':') {
      if (bracket.current) bracket.current.complete = true;
    } else if (source === '{' || source === '[') {
      if (bracket.kind === '[') bracket.current ??= this.#flowItem(bracket, token);
      if (bracket.current) bracket.current.bracket = source;
      this.#brackets.push({ kind: source, owner: bracket.current, current: undefined, count: 0 });
    } else if (bracket.kind === '{' && !bracket.current && token.kind === 'scalar') {
      const complete = this.#isColon(next);
      bracket.current = this.#add({ ...this.#inFlow(bracket, token), kind: 'key', complete });
    } else if (token.kind !== 'anchor') {
      if (bracket.kind === '[') bracket.current ??= this.#flowItem(bracket, token);
      if (bracket.current) bracket.current.value ??= token;
    }
  }

  #flowItem(bracket: Bracket, token: YamlToken): Slot {
    return this.#add({ ...this.#inFlow(bracket, token), kind: 'item', complete: true });
  }

  #inFlow(bracket: Bracket, { range }: YamlToken): Pick<Slot, 'parent' | 'range' | 'column' | 'flow'> {
    return { parent: bracket.owner, range, column: this.#column(range.start), flow: true };
  }
}

/** The parts of a scalar in each of its lines, blanks around them left out. */
export function lineParts(text: string, { start, end }: TextRange): TextRange[] {
  const parts: TextRange[] = [];
  for (const match of text.slice(start, end).matchAll(/[^\s](?:[^\r\n]*[^\s])?/g)) {
    parts.push({ start: start + match.index, end: start + match.index + match[0].length });
  }
  return parts;
}

/** The content of a key as it is usually written: in plain or simple quotes. */
function unquoted(source: string): string {
  return /^(["']).*\1$/.test(source) ? source.slice(1, -1) : source;
}

/** Path of a slot's value below the slots that hold it; `from` leaves out those that begin before an offset. */
export function slotPath(slot: Slot | undefined, from: number): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = slot; at && at.range.start >= from; at = at.parent) {
    path.unshift(at.kind === 'item' ? at.index : at.name);
  }
  return path;
}
