/** The outermost keys of a YAML or JSON text, read without a parser: quick, and right in unfinished texts, too. */

/** A key of the outermost mapping. */
export interface OutlineEntry {
  /** What follows the key on its line, without a comment. */
  readonly rest: string;
  /** Its value is a list. */
  list: boolean;
  /** Keys of its value, or of the items of its list, each with what follows it on its line. */
  readonly children: Map<string, string>;
}

/** What a text looks like from outside. */
export interface Outline {
  /** `none`: no mapping and no list, or nothing yet. */
  readonly root: 'map' | 'list' | 'none';
  /** Keys of the mapping; the keys of all items where the root is a list. */
  readonly keys: ReadonlyMap<string, OutlineEntry>;
  /** First key of each item where the root is a list; an item that is no mapping has ''. */
  readonly items: readonly string[];
}

/** Enough for the keys of any task: a longer text is not searched to its end for a key that it does not have. */
const SEARCHED = 2_000_000;
/** Keys and items that are kept: a file with more is told by the first of them. */
const MOST = 2_000;

const KEY =
  /^(?:"([^"\\]*)"|'([^']*)'|([^\s\-?:,[\]{}#&*!|>'"%@`](?:[^\s:#]|:(?=\S)|[ \t](?=[^\s:#]))*|-[^\s:][^\s:]*))[ \t]*:(?=\s|$)/u;

/** A key at the start of a text, and what follows it. */
function keyAt(text: string): { readonly key: string; readonly rest: string } | undefined {
  const match = KEY.exec(text);
  if (!match) return undefined;
  const [whole, double, single, plain] = match;
  return { key: double ?? single ?? plain ?? '', rest: withoutComment(text.slice(whole.length)) };
}

/** The start of a list in brackets, behind an anchor or a tag, too. */
const LIST_START = /^(?:[&!]\S*[ \t]+){0,2}\[/u;

function withoutComment(rest: string): string {
  const trimmed = rest.trim();
  if (trimmed.startsWith('#')) return '';
  const comment = trimmed.indexOf(' #');
  return comment < 0 ? trimmed : trimmed.slice(0, comment).trimEnd();
}

const CR = 13;

/** The lines of a text, without a byte order mark and line ends. */
export function* linesOf(text: string): Generator<string> {
  let start = text.startsWith('\ufeff') ? 1 : 0;
  const end = Math.min(text.length, SEARCHED);
  while (start < end) {
    const feed = text.indexOf('\n', start);
    const stop = feed < 0 ? text.length : feed;
    // What follows a key is looked at for a few words only.
    const cut = Math.min(stop, start + 500);
    yield text.slice(start, cut > start && text.charCodeAt(cut - 1) === CR ? cut - 1 : cut);
    start = stop + 1;
  }
}

/** Reads the keys at the left edge of the first document, and those one level below. */
export function outlineOf(text: string): Outline {
  const first = /\S/u.exec(text.slice(0, 10_000))?.[0];
  return first === '{' || first === '[' ? flowOutline(text) : blockOutline(text);
}

function blockOutline(text: string): Outline {
  const reader = new BlockReader();
  for (const line of linesOf(text)) if (!reader.read(line)) break;
  return reader;
}

/** Reads line after line. */
class BlockReader implements Outline {
  root: Outline['root'] = 'none';
  readonly keys = new Map<string, OutlineEntry>();
  readonly items: string[] = [];
  /** Column of the outermost keys or dashes; undefined before the first one. */
  #edge: number | undefined;
  #entry: OutlineEntry | undefined;
  /** Column of what stands directly below the entry; undefined before its first line. */
  #inner: number | undefined;

  /** @returns false when the rest of the text does not count */
  read(line: string): boolean {
    const content = line.trimStart();
    if (content === '' || content.startsWith('#')) return true;
    const column = line.length - content.length;
    if (column === 0 && /^(?:---|\.\.\.)(?:\s|$)/u.test(content)) return this.root === 'none';
    if (this.#edge === undefined && content.startsWith('%')) return true;
    this.#edge ??= column;
    if (column < this.#edge || this.keys.size + this.items.length > MOST) return false;
    if (column > this.#edge) this.#below(column, content);
    else this.#atEdge(column, content);
    return true;
  }

  #atEdge(column: number, content: string): void {
    const dash = /^-(?:[ \t]+|$)/u.exec(content)?.[0];
    // Items of a list may stand in the column of its key.
    if (dash !== undefined && this.root === 'map') {
      this.#below(column, content);
      return;
    }
    if (dash !== undefined) {
      if (this.root === 'none') this.root = 'list';
      const found = keyAt(content.slice(dash.length));
      this.items.push(found?.key ?? '');
      if (found) this.#add(found.key, found.rest);
      return;
    }
    const found = keyAt(content);
    if (!found || this.root === 'list') return;
    this.root = 'map';
    this.#add(found.key, found.rest);
  }

  #add(key: string, rest: string): void {
    this.#entry = { rest, list: LIST_START.test(rest), children: flowChildren(rest) };
    this.#inner = undefined;
    this.keys.set(key, this.#entry);
  }

  #below(column: number, content: string): void {
    const entry = this.#entry;
    if (this.root === 'list') {
      this.#inItem(column, content);
      return;
    }
    // Most lines of a long file: deeper than what is asked about.
    if (this.#inner !== undefined && column > this.#inner + 2) return;
    // Lines of a text that look like keys are none.
    if (!entry || /(?:^|\s)[|>][-+0-9]{0,2}$/u.test(entry.rest)) return;
    this.#inner ??= column;
    const dash = /^-[ \t]+/u.exec(content)?.[0];
    if (
      column === this.#inner &&
      (/^-(?:\s|$)/u.test(content) || (entry.children.size === 0 && content.startsWith('[')))
    ) {
      entry.list = true;
    } else if (column !== this.#inner && !entry.list) {
      return;
    }
    const found = keyAt(content.slice(dash?.length ?? 0));
    if (found && (column === this.#inner || column === this.#inner + 2)) entry.children.set(found.key, found.rest);
  }

  /** Further keys of an item of the outermost list stand behind the dash's column. */
  #inItem(column: number, content: string): void {
    this.#inner ??= column;
    if (column !== this.#inner || content.startsWith('- ')) return;
    const found = keyAt(content);
    if (found && !this.keys.has(found.key)) {
      this.keys.set(found.key, { rest: found.rest, list: false, children: new Map() });
    }
  }
}

/** Keys in `{a: 1, b: 2}` on one line. */
function flowChildren(rest: string): Map<string, string> {
  const children = new Map<string, string>();
  if (!/^(?:&\S+[ \t]+)?[{[]/u.test(rest)) return children;
  for (const [, key = '', value = ''] of rest.matchAll(/[{,[]\s*["']?([\w.-]+)["']?\s*:\s*([^,{}[\]]*)/gu)) {
    children.set(key, value.trim());
  }
  return children;
}

/** JSON, or YAML in braces: the keys at the first and the second depth. */
function flowOutline(text: string): Outline {
  const keys = new Map<string, OutlineEntry>();
  const items: string[] = [];
  const root = text.trimStart().startsWith('[') ? 'list' : 'map';
  const top = root === 'list' ? 2 : 1;
  let entry: OutlineEntry | undefined;
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*"(?:\s*:)?|'(?:[^']|'')*'(?:\s*:)?|[{}[\]]|[\w.-]+(?:\s*:(?=\s))?/gu;
  const head = text.slice(0, SEARCHED);
  for (const match of head.matchAll(token)) {
    const [word] = match;
    if (word === '{' || word === '[') {
      depth += 1;
      if (root === 'list' && depth === 2) items.push('');
      if (entry && depth === top + 1 && word === '[') entry.list = true;
    } else if (word === '}' || word === ']') {
      depth -= 1;
      if (depth <= 0) break;
    } else if (word.endsWith(':')) {
      const key = word.replace(/\s*:$/u, '').replace(/^(["'])(.*)\1$/su, '$2');
      const rest =
        /^\s*([^\n,]{0,100})/u.exec(head.slice(match.index + word.length, match.index + word.length + 200))?.[1] ?? '';
      if (depth === top) {
        entry = { rest: rest.trim().replace(/^(["'])(.*)\1$/u, '$2'), list: false, children: new Map() };
        keys.set(key, entry);
        if (root === 'list' && items.at(-1) === '') items[items.length - 1] = key;
      } else if (entry && (depth === top + 1 || (depth === top + 2 && entry.list))) {
        entry.children.set(key, rest.trim());
      }
      if (keys.size + items.length > MOST) break;
    }
  }
  return { root, keys, items };
}
