/** Changes of mappings in a YAML text that keep its layout: where an entry begins and ends, and how a new one is written. */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  visit,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { TaskDocument, TextRange } from '#concourse';
import type { OffsetEdit } from './edits.ts';

/** What a layout is read from: a task or a pipeline. */
export type LayoutSource = Pick<TaskDocument, 'text' | 'syntax'>;

/** A value to write: the YAML source of a scalar, a list, or a mapping. */
export type NewValue = string | readonly NewValue[] | { readonly [key: string]: NewValue };

/** One `key: value` in the text. */
export interface WrittenEntry {
  readonly map: YAMLMap;
  readonly pair: Pair;
  readonly index: number;
}

/** Where a mapping or list hangs: the entry whose value it is, or the list that it is an item of. */
type Parent = { readonly entry: WrittenEntry } | { readonly list: YAMLSeq };

/** The layout of one text. */
export class Layout {
  readonly text: string;
  /** What separates lines in this text. */
  readonly lineEnd: '\n' | '\r\n';
  readonly #entries = new Map<number, WrittenEntry>();
  readonly #collections = new Map<number, YAMLMap | YAMLSeq>();
  readonly #parents = new Map<Node, Parent>();

  constructor({ text, syntax }: LayoutSource) {
    this.text = text;
    this.lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
    if (!syntax) return;
    visit(syntax, {
      Collection: (_key, node) => {
        if (!isMap(node) && !isSeq(node)) return;
        const start = node.range?.[0];
        // Only a mapping whose first key is itself a collection begins where another one does: the outer is meant.
        if (start !== undefined && !this.#collections.has(start)) this.#collections.set(start, node);
        node.items.forEach((item, index) => {
          if (isSeq(node)) {
            if (isCollection(item)) this.#parents.set(item, { list: node });
            return;
          }
          const pair = item as Pair;
          const keyStart = startOf(pair.key);
          if (keyStart === undefined) return;
          const entry = { map: node, pair, index } as WrittenEntry;
          this.#entries.set(keyStart, entry);
          if (isCollection(pair.value)) this.#parents.set(pair.value, { entry });
        });
      },
    });
  }

  /** The entry whose key begins at an offset. */
  entryAt(offset: number): WrittenEntry | undefined {
    return this.#entries.get(offset);
  }

  /** The entry whose value begins at an offset, or whose missing value would. */
  entryOfValueAt(offset: number): WrittenEntry | undefined {
    for (const entry of this.#entries.values()) {
      if (startOf(entry.pair.value) === offset) return entry;
    }
    return undefined;
  }

  /** The mapping or list that begins at an offset. */
  collectionAt(offset: number): YAMLMap | YAMLSeq | undefined {
    return this.#collections.get(offset);
  }

  /** The mapping that begins at an offset. */
  mapAt(offset: number): YAMLMap | undefined {
    const node = this.#collections.get(offset);
    return isMap(node) ? node : undefined;
  }

  /** The entry whose value a mapping or list is. */
  holderOf(node: YAMLMap | YAMLSeq): WrittenEntry | undefined {
    const parent = this.#parents.get(node);
    return parent && 'entry' in parent ? parent.entry : undefined;
  }

  /** The entry of a block mapping whose value stands in braces or brackets around a place. */
  flowEntryAround({ start, end }: TextRange): WrittenEntry | undefined {
    for (const entry of this.#entries.values()) {
      const { value } = entry.pair;
      if (entry.map.flow === true || !isCollection(value) || value.flow !== true || !value.range) continue;
      if ((startOf(entry.pair.key) ?? 0) <= start && end <= value.range[1]) return entry;
    }
    return undefined;
  }

  /** The list that a mapping or list is an item of. */
  listOf(node: YAMLMap | YAMLSeq): YAMLSeq | undefined {
    const parent = this.#parents.get(node);
    return parent && 'list' in parent ? parent.list : undefined;
  }

  /** The offset of the first character of a line. */
  lineStart(offset: number): number {
    return this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** The offset behind the last character of a line, before its line end. */
  lineStop(offset: number): number {
    const feed = this.text.indexOf('\n', offset);
    if (feed < 0) return this.text.length;
    return feed > 0 && this.text[feed - 1] === '\r' ? feed - 1 : feed;
  }

  /** Characters from the start of the line. */
  column(offset: number): number {
    const start = this.lineStart(offset);
    return offset - start - (start === 0 && this.text.startsWith('\ufeff') ? 1 : 0);
  }

  /** What stands between the start of the line and an offset is blank. */
  isFirstOnLine(offset: number): boolean {
    return /^\ufeff?[ \t]*$/.test(this.text.slice(this.lineStart(offset), offset));
  }

  /** Where an entry's value ends, without the comment and the line end behind it. */
  endOf({ pair }: WrittenEntry): number {
    const value = pair.value;
    const end = isScalar(value) || isCollection(value) || isAlias(value) ? value.range?.[1] : undefined;
    const colon = this.#behindColon(pair);
    return Math.max(end ?? colon, colon);
  }

  /** The lines of an entry, from the first character of its first to behind the line end of its last. */
  linesOf(entry: WrittenEntry): TextRange {
    const start = this.lineStart(startOf(entry.pair.key) ?? 0);
    return { start, end: this.nextLine(this.endOf(entry)) };
  }

  /**
   * Removes an entry.
   *
   * @returns no edit when the entry carries an anchor that is used elsewhere, or a form that is too rare to handle
   */
  remove(entry: WrittenEntry): OffsetEdit[] {
    const { map, pair, index } = entry;
    const start = startOf(pair.key);
    if (start === undefined || this.#isNeeded(entry)) return [];
    const end = this.endOf(entry);
    if (map.items.length === 1) {
      const holder = this.holderOf(map);
      if (!holder) {
        return map.flow === true
          ? [{ range: { start, end }, newText: '' }]
          : this.isFirstOnLine(start)
            ? [{ range: this.linesOf(entry), newText: '' }]
            : [{ range: { start, end: this.#trimmed(end) }, newText: '{}' }];
      }
      if (map.flow === true) return [{ range: { start, end }, newText: '' }];
      return [{ range: { start: this.#behindColon(holder.pair), end: this.#trimmed(end) }, newText: ' {}' }];
    }
    const next = map.items[index + 1];
    const nextStart = next && startOf(next.key);
    if (map.flow === true) {
      if (nextStart !== undefined) return [{ range: { start, end: nextStart }, newText: '' }];
      const before = map.items[index - 1];
      if (!before) return [];
      return [{ range: { start: this.endOf({ map, pair: before, index: index - 1 }), end }, newText: '' }];
    }
    if (this.isFirstOnLine(start)) return [{ range: this.linesOf(entry), newText: '' }];
    return nextStart === undefined ? [] : [{ range: { start, end: nextStart }, newText: '' }];
  }

  /**
   * Adds an entry to a mapping.
   *
   * @param where `first`, `last`, or the entry that it shall follow
   */
  insert(map: YAMLMap, where: 'first' | 'last' | WrittenEntry, key: string, value: NewValue): OffsetEdit[] {
    const start = map.range?.[0];
    if (start === undefined) return [];
    const after = where === 'first' ? undefined : where === 'last' ? this.#last(map) : where;
    if (map.flow === true) {
      const written = `${key}: ${flowText(value)}`;
      if (after) return [insertion(this.endOf(after), `, ${written}`)];
      return [insertion(start + 1, map.items.length === 0 ? written : `${written}, `)];
    }
    const first = startOf(map.items[0]?.key) ?? start;
    const indent = ' '.repeat(this.column(first));
    const lines = blockLines(key, value);
    if (!after) {
      return [insertion(first, lines.map((line) => `${line}${this.lineEnd}${indent}`).join(''))];
    }
    return [
      this.#insertLines(
        this.endOf(after),
        lines.map((line) => (line === '' ? '' : `${indent}${line}`)),
      ),
    ];
  }

  /** Puts a value in the place of what an entry has, or of nothing. */
  fill(entry: WrittenEntry, value: NewValue): OffsetEdit[] {
    const colon = this.#behindColon(entry.pair);
    const end = Math.max(colon, this.endOf(entry));
    // A block scalar takes the line end behind it along.
    const tail = this.text[end - 1] === '\n' ? this.lineEnd : '';
    const put = (text: string): OffsetEdit[] => [{ range: { start: colon, end }, newText: `${text}${tail}` }];
    if (typeof value === 'string') return put(` ${value}`);
    if (entry.map.flow === true) return put(` ${flowText(value)}`);
    const indent = ' '.repeat(this.column(startOf(entry.pair.key) ?? 0) + 2);
    return put(
      nestedLines(value)
        .map((line) => (line === '' ? this.lineEnd : `${this.lineEnd}${indent}${line}`))
        .join(''),
    );
  }

  /** Inserts whole lines behind the line of an offset. */
  #insertLines(offset: number, lines: readonly string[]): OffsetEdit {
    const at = this.nextLine(offset);
    const atEnd = at === this.text.length && !this.text.endsWith('\n');
    const body = lines.join(this.lineEnd);
    return insertion(at, atEnd ? `${this.lineEnd}${body}` : `${body}${this.lineEnd}`);
  }

  /** The first character of the line after the one of an offset; a block scalar's end is already there. */
  nextLine(offset: number): number {
    if (offset > 0 && this.text[offset - 1] === '\n') return offset;
    const feed = this.text.indexOf('\n', offset);
    return feed < 0 ? this.text.length : feed + 1;
  }

  #trimmed(end: number): number {
    return this.text.slice(0, end).trimEnd().length;
  }

  #last(map: YAMLMap): WrittenEntry | undefined {
    const index = map.items.length - 1;
    const pair = map.items[index];
    return pair && { map, pair, index };
  }

  #behindColon(pair: Pair): number {
    const token = (pair.srcToken?.sep ?? []).find(({ type }) => type === 'map-value-ind');
    if (token) return token.offset + token.source.length;
    return isScalar(pair.key) || isCollection(pair.key) || isAlias(pair.key) ? (pair.key.range?.[1] ?? 0) : 0;
  }

  /** An alias outside of the entry points into it. */
  #isNeeded(entry: WrittenEntry): boolean {
    const range = { start: startOf(entry.pair.key) ?? 0, end: this.endOf(entry) };
    return this.isNeeded([entry.pair.key, entry.pair.value], range);
  }

  /** True when an alias outside of a range names an anchor of one of the nodes in it. */
  isNeeded(nodes: readonly unknown[], { start, end }: TextRange): boolean {
    const own = new Set<string>();
    const collect = (node: unknown): void => {
      if (isScalar(node) || isCollection(node)) {
        if (node.anchor !== undefined) own.add(node.anchor);
      }
    };
    for (const node of nodes) {
      collect(node);
      if (!isCollection(node)) continue;
      visit(node, {
        Node: (_key, inner) => {
          collect(inner);
        },
      });
    }
    if (own.size === 0) return false;
    const uses = [...this.text.matchAll(/\*([^\s,[\]{}]+)/g)];
    return uses.some(({ 1: name = '', index }) => own.has(name) && (index < start || index >= end));
  }
}

/** Where a key or value begins; an anchor or tag before it does not count. */
export function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** An edit that only inserts. */
export function insertion(at: number, newText: string): OffsetEdit {
  return { range: { start: at, end: at }, newText };
}

/** A text as YAML source: plain where that is safe, else in double quotes. */
export function scalarSource(text: string): string {
  const plain = /^(?:[A-Za-z_/]|--?[A-Za-z]|\.\.?\/|\.[A-Za-z])[\w./@%+-]*(?::[\w./@%+-]+)*$/.test(text);
  const resolvesToOther = /^(?:y|yes|n|no|on|off|true|false|null|\.inf|\.nan)$/i.test(text);
  return plain && !resolvesToOther ? text : JSON.stringify(text);
}

/** A value on one line. */
export function flowText(value: NewValue): string {
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (isList(value)) return `[${value.map(flowText).join(', ')}]`;
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${flowText(inner)}`);
  return `{${entries.join(', ')}}`;
}

function isList(value: NewValue): value is readonly NewValue[] {
  return Array.isArray(value);
}

/** The lines of an entry, the first without indentation. */
function blockLines(key: string, value: NewValue): string[] {
  if (typeof value === 'string') return [value === '' ? `${key}:` : `${key}: ${value}`];
  return [`${key}:`, ...nestedLines(value).map((line) => (line === '' ? '' : `  ${line}`))];
}

/** The lines of a value in block style; a scalar may have several, as a block scalar does. */
export function nestedLines(value: NewValue): string[] {
  if (typeof value === 'string') return value.split('\n');
  if (isList(value)) {
    return value.flatMap((item) =>
      nestedLines(item).map((line, index) => (line === '' ? '' : `${index === 0 ? '- ' : '  '}${line}`)),
    );
  }
  return Object.entries(value).flatMap(([key, inner]) => blockLines(key, inner));
}

/** A text as a literal block where that shows it best, else as a scalar on one line. */
export function textSource(text: string): string {
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  // What a literal block cannot hold: characters that YAML does not print, and nothing but blanks.
  const literal =
    text.includes('\n') && /\S/.test(text) && !/[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text);
  if (!literal) return scalarSource(text);
  const chomping = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  const first = lines.find((line) => line !== '') ?? '';
  return [`|${first.startsWith(' ') ? '2' : ''}${chomping}`, ...lines].join('\n');
}
