/** Ignore files, where there is no git to ask: patterns as gitignore(5) has them. */
import ignore, { type Ignore } from 'ignore';

/** `ignored`: leave it out. `included`: a `!` pattern for it, or for a folder above, asks for it. `none`: no word on it. */
export type Verdict = 'ignored' | 'included' | 'none';

/** git folds case where the file system does (core.ignoreCase is set so by `git init`). */
const ignorecase = process.platform === 'win32' || process.platform === 'darwin';

/** Paths that a matcher may remember. */
const FORGET_AFTER = 4096;

/**
 * The patterns of all ignore files (gitignore syntax) that speak for a folder, deeper files after higher ones, so that
 * the last match wins as in git (https://git-scm.com/docs/gitignore). Immutable: `with` makes a new set.
 */
export class IgnoreRules {
  /** Rules that say nothing. */
  static readonly none = new IgnoreRules([]);

  readonly #patterns: readonly string[];
  #matcher: Ignore;
  #tests = 0;
  /** For each `!` pattern its path up to the first wildcard; empty when it may match at any depth. */
  readonly #asks: readonly string[];

  private constructor(patterns: readonly string[]) {
    this.#patterns = patterns;
    this.#matcher = ignore({ ignorecase }).add(patterns);
    this.#asks = patterns
      .filter((pattern) => pattern.startsWith('!'))
      .map((pattern) => literalPrefix(pattern.slice(1)));
  }

  /** True when no file had a pattern. */
  get empty(): boolean {
    return this.#patterns.length === 0;
  }

  /** True when some pattern asks for files back. */
  get asksBack(): boolean {
    return this.#asks.length > 0;
  }

  /** These rules and then those of the ignore file `text` that lies in `folder` (relative, `/`, empty for the root). */
  with(folder: string, text: string): IgnoreRules {
    const added = text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => rebase(folder, line));
    return added.length === 0 ? this : new IgnoreRules([...this.#patterns, ...added]);
  }

  /** What the rules say of a path relative to the root. */
  verdict(path: string, directory: boolean): Verdict {
    if (this.empty) return 'none';
    // The matcher remembers every path that it saw. One that is made of it has its rules alone.
    if (++this.#tests % FORGET_AFTER === 0) this.#matcher = ignore({ ignorecase }).add(this.#matcher);
    const result = this.#matcher.test(directory ? `${path}/` : path);
    if (result.ignored) return 'ignored';
    if (!this.asksBack) return 'none';
    if (result.unignored) return 'included';
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (this.#matcher.test(path.slice(0, end + 1)).unignored) return 'included';
    }
    return 'none';
  }

  /** Whether a `!` pattern might match the folder or something below it; saves walks through what git ignores. */
  mayAskBelow(folder: string): boolean {
    return this.#asks.some((ask) => ask === '' || `${folder}/`.startsWith(ask) || ask.startsWith(`${folder}/`));
  }
}

/** A pattern of an ignore file in `folder`, as it would be written in the root's. */
function rebase(folder: string, line: string): string {
  if (folder === '') return line;
  const negated = line.startsWith('!');
  const body = (negated ? line.slice(1) : line).replace(/(?<!\\)\s+$/, '');
  const anchored = body.replace(/\/$/, '').includes('/');
  const place = `/${folder.replaceAll(/[\\*?[\]]/g, '\\$&')}/`;
  return `${negated ? '!' : ''}${place}${anchored ? body.replace(/^\//, '') : `**/${body}`}`;
}

/** `/a/b/*.c` → `a/b/`; without a `/` inside, a pattern matches at any depth: empty. */
function literalPrefix(pattern: string): string {
  const body = pattern.trimEnd();
  if (!body.replace(/\/$/, '').includes('/')) return '';
  const wild = body.search(/[*?[\\]/);
  const literal = (wild === -1 ? body : body.slice(0, wild)).replace(/^\//, '');
  // A case-folding match is not worth a second form of every path: such systems look everywhere.
  if (process.platform === 'win32' || process.platform === 'darwin') return '';
  return wild === -1 && literal.endsWith('/') ? literal : literal.slice(0, literal.lastIndexOf('/') + 1);
}
