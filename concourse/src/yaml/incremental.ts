/**
 * Parsing the next version of a text: what was typed into an item of a list at the top (a job, a resource) is parsed
 * with that item alone, and the nodes of all others are taken over. The result is the one of `parseFile`. Whatever is
 * not as simple as that is parsed as a whole.
 */
import type { Document } from 'yaml';
import { movedRange, type TextRange } from '../text/problem.ts';
import { withKnownLineBreaks } from './dialect.ts';
import { readDocuments } from './documents.ts';
import { noteCopy } from './items.ts';
import type { ListNode, MapEntry, MapNode, TaskNode } from './nodes.ts';
import { parseFile, type ParsedFile } from './parse.ts';

/** Parses the versions of one text, one after the other. */
export class IncrementalParser {
  /** The last version without a flaw. Those that are typed on the way to the next one are often broken. */
  #last: SoundFile | undefined;

  /** Parses a version. */
  parse(text: string): ParsedFile {
    const parsed = (this.#last && reparse(this.#last, text)) ?? parseFile(text);
    if (isSound(parsed)) this.#last = parsed;
    return parsed;
  }
}

/** A file whose nodes can be taken over: each stands at one place, and nothing is wrong with the syntax. */
interface SoundFile extends ParsedFile {
  readonly root: MapNode;
}

/** Longer texts may come to the limits of what is parsed at all, which are counted over the whole text. */
const MOST_CHARACTERS = 700_000;

function isSound(file: ParsedFile): file is SoundFile {
  const { root, anchored, problems, duplicates, brokenFrom, text } = file;
  if (root.kind !== 'map' || anchored !== false || brokenFrom !== undefined) return false;
  return problems.length === 0 && duplicates.length === 0 && text.length <= MOST_CHARACTERS;
}

/** What differs between two texts: these offsets of the one before, and how much longer the text has become. */
interface Change extends TextRange {
  readonly growth: number;
}

function changeBetween(before: string, text: string): Change {
  const shorter = Math.min(before.length, text.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === text.charCodeAt(start)) start++;
  let kept = 0;
  const most = shorter - start;
  while (kept < most && before.charCodeAt(before.length - 1 - kept) === text.charCodeAt(text.length - 1 - kept)) kept++;
  return { start, end: before.length - kept, growth: text.length - before.length };
}

/** A list at the top of a file, cut into its items at the beginnings of lines. */
interface Section {
  readonly index: number;
  readonly entry: MapEntry & { readonly value: ListNode };
  readonly start: number;
  /** Where the line of each item begins. */
  readonly lines: readonly number[];
  /** Behind the last item: where the next key begins, or the end of the text. */
  readonly end: number;
  /** What stands before each dash. */
  readonly indent: string;
}

/** The key of a section, and comments below it. */
const HEAD = /^[A-Za-z_][\w-]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*$/;

/** The section that a change is in; undefined where the text cannot be cut by its lines. */
function sectionAround({ text, root }: SoundFile, change: Change): Section | undefined {
  const { entries } = root;
  const index = entries.findLastIndex(({ key }) => key.range.start < change.start);
  const entry = entries[index];
  if (entry?.value.kind !== 'list' || entry.value.items.length === 0) return undefined;
  const lines = entry.value.items.map(({ range }) => text.lastIndexOf('\n', range.start - 1) + 1);
  const [first = 0] = lines;
  const { start } = entry.key.range;
  if (start > 0 && text[start - 1] !== '\n') return undefined;
  const end = entries[index + 1]?.key.range.start ?? text.length;
  if (end < text.length && text[end - 1] !== '\n') return undefined;
  if (change.start < first || (end < text.length && change.end >= end)) return undefined;
  if (!HEAD.test(text.slice(start, first))) return undefined;
  const indent = /^ */.exec(text.slice(first, first + MOST_INDENT))?.[0] ?? '';
  const isCut = entry.value.items.every(({ range }, item) => {
    const before = text.slice(lines[item], range.start);
    return before.startsWith(`${indent}-`) && /^- +$/.test(before.slice(indent.length));
  });
  return isCut ? { index, entry: { ...entry, value: entry.value }, start, lines, end, indent } : undefined;
}

const MOST_INDENT = 100;

/** The items that a change touches, and their new text. */
interface Touched {
  readonly from: number;
  /** The last of them. */
  readonly to: number;
  /** Offset at which the new text begins. */
  readonly start: number;
  readonly text: string;
}

function touchedItems({ lines, end, indent }: Section, change: Change, text: string): Touched | undefined {
  const endOf = (item: number): number => lines[item + 1] ?? end;
  const dash = new RegExp(`^${indent}-(?:[ \\t\\r\\n]|$)`);
  const to = lines.findLastIndex((line) => line <= change.end);
  let from = lines.findIndex((_, item) => endOf(item) >= change.start);
  for (; from >= 0; from--) {
    const start = lines[from] ?? 0;
    const own = text.slice(start, endOf(to) + change.growth);
    // A text that begins with anything but an item belongs to the item before.
    if (own === '' || dash.test(own)) return { from, to, start, text: own };
  }
  return undefined;
}

const STUB = '- 0\n';

/**
 * The items of a text, parsed between such neighbours as they have: what the lexer and the parser know where an item
 * begins is the same for all items of a list.
 */
function parseItems(section: Section, touched: Touched, file: SoundFile): ParsedItems | undefined {
  const { start, lines, indent, entry } = section;
  const head = file.text.slice(start, lines[0]);
  const before = touched.from > 0 ? indent + STUB : '';
  const isLast = touched.to === lines.length - 1;
  const after = isLast ? (section.end < file.text.length ? `x: 0\n` : '') : indent + STUB;
  const prefix = head + before;
  const { root, ...parsed } = parseFile(prefix + touched.text + after);
  if (!isSound({ root, ...parsed }) || root.kind !== 'map') return undefined;
  const [{ value: list, name } = {}, next, third] = root.entries;
  if (list?.kind !== 'list' || name !== entry.name || third) return undefined;
  const behind = prefix.length + touched.text.length;
  // The neighbours must be what they are beside the items as they were.
  const hasKey = isLast && after !== '';
  if (hasKey ? next?.key.range.start !== behind : next) return undefined;
  const items = [...list.items];
  if (before !== '' && !isStub(items.shift(), head.length + indent.length)) return undefined;
  if (!isLast && !isStub(items.pop(), behind + indent.length)) return undefined;
  return {
    items,
    list: list.range,
    root: root.range,
    by: touched.start - prefix.length,
  };
}

/** Items parsed in a text of their own. */
interface ParsedItems {
  readonly items: readonly TaskNode[];
  readonly list: TextRange;
  readonly root: TextRange;
  /** What leads from offsets in that text to those in the file. */
  readonly by: number;
}

function isStub(node: TaskNode | undefined, dash: number): boolean {
  return node?.kind === 'scalar' && node.text === '0' && node.range.start === dash + 2;
}

/** The next version of a file; undefined where it must be parsed as a whole. */
function reparse(before: SoundFile, text: string): ParsedFile | undefined {
  if (before.text === text) return before;
  if (text.length > MOST_CHARACTERS) return undefined;
  const change = changeBetween(before.text, text);
  const section = sectionAround(before, change);
  const touched = section && touchedItems(section, change, text);
  const parsed = touched && parseItems(section, touched, before);
  if (!parsed) return undefined;
  const { growth } = change;
  const { index, entry, lines, end } = section;
  const { value: list } = entry;
  const isFirst = touched.from === 0;
  const isLast = touched.to === lines.length - 1;
  const items = [
    ...list.items.slice(0, touched.from),
    ...parsed.items.map((item) => moved(item, parsed.by)),
    ...list.items.slice(touched.to + 1).map((item) => movedItem(item, growth)),
  ];
  const range = {
    start: isFirst ? parsed.list.start + parsed.by : list.range.start,
    end: isLast ? parsed.list.end + parsed.by : list.range.end + growth,
  };
  const { entries } = before.root;
  const isAtEnd = isLast && end === before.text.length;
  const root: MapNode = {
    ...before.root,
    entries: [
      ...entries.slice(0, index),
      { ...entry, value: { ...list, items, range } },
      ...entries.slice(index + 1).map((each) => movedSection(each, growth)),
    ],
    range: {
      start: before.root.range.start,
      end: isAtEnd ? parsed.root.end + parsed.by : before.root.range.end + growth,
    },
  };
  return new ReparsedFile(text, root);
}

/** A file without a flaw whose syntax tree is made when somebody asks for it. */
class ReparsedFile implements ParsedFile {
  readonly text: string;
  readonly root: MapNode;
  readonly problems = [];
  readonly duplicates = [];
  readonly brokenFrom = undefined;
  readonly anchored = false;
  #document: Document.Parsed | undefined;

  constructor(text: string, root: MapNode) {
    this.text = text;
    this.root = root;
  }

  get document(): Document.Parsed | undefined {
    return (this.#document ??= readDocuments(withKnownLineBreaks(this.text)).first);
  }
}

function movedItem(item: TaskNode, by: number): TaskNode {
  const copy = moved(item, by);
  if (copy !== item) noteCopy(copy, item);
  return copy;
}

function movedSection(entry: MapEntry, by: number): MapEntry {
  const { value } = entry;
  if (value.kind !== 'list' || by === 0) return movedEntry(entry, by);
  const items = value.items.map((item) => movedItem(item, by));
  return {
    ...movedEntry({ ...entry, value: { ...value, items: [] } }, by),
    value: { ...value, items, range: movedRange(value.range, by) },
  };
}

function movedEntry({ name, key, value }: MapEntry, by: number): MapEntry {
  return { name, key: { ...key, range: movedRange(key.range, by) }, value: moved(value, by) };
}

/** The same node at another place. */
function moved(node: TaskNode, by: number): TaskNode {
  if (by === 0) return node;
  const range = movedRange(node.range, by);
  switch (node.kind) {
    case 'scalar':
      return { kind: 'scalar', value: node.value, text: node.text, plain: node.plain, range };
    case 'list':
      return { kind: 'list', items: node.items.map((item) => moved(item, by)), range };
    case 'map':
      return { kind: 'map', entries: node.entries.map((entry) => movedEntry(entry, by)), range };
  }
}
