/** The two kinds of patterns in a pipeline: gobwas/glob in `groups`, Go's `path.Match` in `passed`. */

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
const escapeInClass = (text: string): string => text.replaceAll(/[\\^\]-]/g, '\\$&');

/** Reads a pattern of gobwas/glob, without separators. */
class GroupGlob {
  readonly #pattern: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = Array.from(pattern);
  }

  /** The source of a regular expression; undefined for a pattern that is none. */
  source(depth = 0): string | undefined {
    let source = '';
    while (this.#at < this.#pattern.length) {
      const character = this.#pattern[this.#at++] ?? '';
      if (character === '\\') {
        const next = this.#pattern[this.#at++];
        if (next !== undefined) source += escape(next);
      } else if (character === '*') {
        source += '.*';
      } else if (character === '?') {
        source += '.';
      } else if (character === '[') {
        const range = this.#range();
        if (range === undefined) return undefined;
        source += range;
      } else if (character === '{') {
        const inner = this.source(depth + 1);
        if (inner === undefined) return undefined;
        source += `(?:${inner})`;
      } else if (depth > 0 && character === ',') {
        source += '|';
      } else if (depth > 0 && character === '}') {
        return source;
      } else {
        source += escape(character);
      }
    }
    // A brace that is not closed ends with the pattern.
    return source;
  }

  /** Either `a-z` or a list of characters, behind an optional `!`; `^` is a character. */
  #range(): string | undefined {
    const end = this.#pattern.indexOf(']', this.#at);
    if (end < 0) return undefined;
    let inner = this.#pattern.slice(this.#at, end);
    this.#at = end + 1;
    const not = inner[0] === '!';
    if (not) inner = inner.slice(1);
    if (inner.length === 0) return undefined;
    const [low = '', dash, high] = inner;
    if (dash === '-') {
      if (inner.length !== 3 || high === undefined || high < low) return undefined;
      return `[${not ? '^' : ''}${escapeInClass(low)}-${escapeInClass(high)}]`;
    }
    return `[${not ? '^' : ''}${inner
      .filter((each) => each !== '\\')
      .map(escapeInClass)
      .join('')}]`;
  }
}

/** The names that a pattern of a group matches; undefined for a pattern that is none. */
export function groupMatcher(pattern: string): ((name: string) => boolean) | undefined {
  const source = new GroupGlob(pattern).source();
  if (source === undefined) return undefined;
  const expression = new RegExp(`^(?:${source})$`, 'su');
  return (name) => expression.test(name);
}

/** True for an entry of `passed` that may match several names. */
export function isGlob(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

/** The names that an entry of `passed` matches; none for a malformed pattern. Before 8.1 it is a plain name. */
export function passedMatcher(pattern: string, globs: boolean): (name: string) => boolean {
  if (!globs || !isGlob(pattern)) return (name) => name === pattern;
  const source = pathMatchSource(Array.from(pattern));
  if (source === undefined) return () => false;
  const expression = new RegExp(`^(?:${source})$`, 'su');
  return (name) => expression.test(name);
}

function pathMatchSource(pattern: readonly string[]): string | undefined {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    if (character === '*') {
      source += '[^/]*';
    } else if (character === '?') {
      source += '[^/]';
    } else if (character === '\\') {
      const next = pattern[++at];
      if (next === undefined) return undefined;
      source += escape(next);
    } else if (character === '[') {
      const range = pathMatchRange(pattern, at + 1);
      if (!range) return undefined;
      source += range.source;
      at = range.end;
    } else {
      source += escape(character);
    }
  }
  return source;
}

function pathMatchRange(pattern: readonly string[], from: number): { source: string; end: number } | undefined {
  let at = from;
  const not = pattern[at] === '^';
  if (not) at++;
  const one = (): string | undefined => {
    let character = pattern[at];
    if (character === undefined || character === '-' || character === ']') return undefined;
    if (character === '\\') character = pattern[++at];
    at++;
    // A class must be closed behind its last character.
    return character === undefined || at >= pattern.length ? undefined : character;
  };
  let inner = '';
  for (let count = 0; ; count++) {
    if (pattern[at] === ']' && count > 0) {
      return { source: inner === '' ? `[${not ? '^' : ''}]` : `[${not ? '^' : ''}${inner}]`, end: at };
    }
    const low = one();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (pattern[at] === '-') {
      at++;
      high = one();
      if (high === undefined) return undefined;
    }
    // A range that runs backwards matches nothing.
    if (high >= low) inner += `${escapeInClass(low)}-${escapeInClass(high)}`;
  }
}
