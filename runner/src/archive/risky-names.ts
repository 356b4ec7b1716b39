/** Names that are code by their place: programs of this machine read them without being asked to. */

/**
 * Code points that HFS+ leaves out when it compares names, so that `.g\u200cit` is `.git` there: the list of Git itself
 * (`utf8.c`, next_hfs_char).
 */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;

/**
 * `.git`, and its short name `git~1` on NTFS, in any case, with what NTFS leaves out behind it: blanks, dots, a stream
 * such as `::$INDEX_ALLOCATION` (Git's `path.c`, is_ntfs_dotgit).
 */
const DOT_GIT = /^(?:\.git|git~1)[ .]*(?:$|:)/iu;

function plain(part: string): string {
  return part.replace(HFS_IGNORED, '');
}

/**
 * Whether one part of a path is `.git` to some file system, by the rules by which Git refuses it since CVE-2014-9390
 * (`read-cache.c`, verify_path). The rules of all systems count everywhere, for a folder may be shared or copied.
 */
export function isGitName(part: string): boolean {
  // On Windows a backslash separates names.
  return plain(part)
    .split('\\')
    .some((name) => DOT_GIT.test(name));
}

/**
 * What editors and shells run because a folder is opened or entered, in lower case: tasks and settings of VS Code, run
 * configurations of JetBrains' editors, dev containers, direnv, the hooks of husky, scripts and programs that package
 * managers take from their settings. What runs only when it is called by its name (a Makefile, a script) is not here, and
 * neither is what holds values only (`.env`).
 */
const RUN_BY_ITSELF: ReadonlySet<string> = new Set([
  '.vscode',
  '.idea',
  '.devcontainer',
  '.devcontainer.json',
  '.envrc',
  '.husky',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
]);

/** Whether an editor, a shell or a package manager may run what this part of a path holds. */
export function runsByItself(part: string): boolean {
  const name = plain(part)
    .toLowerCase()
    .replace(/[ .]+$/u, '');
  return RUN_BY_ITSELF.has(name) || name.endsWith('.code-workspace');
}

/** Counts entries by the place that makes them risky, and tells them in one sentence. */
export class RiskyEntries {
  readonly #places = new Map<string, number>();
  readonly #is: (part: string) => boolean;

  constructor(is: (part: string) => boolean) {
    this.#is = is;
  }

  /** Whether the path has such a part; if so, it is counted. */
  add(parts: readonly string[]): boolean {
    const at = parts.findIndex((part) => this.#is(part));
    if (at < 0) return false;
    const place = parts.slice(0, at + 1).join('/');
    this.#places.set(place, (this.#places.get(place) ?? 0) + 1);
    return true;
  }

  /** The places, the first few of them, and how many entries they have; undefined when there are none. */
  get told(): { readonly entries: number; readonly places: string; readonly first: string } | undefined {
    const [first] = this.#places.keys();
    if (first === undefined) return undefined;
    const names = [...this.#places.keys()];
    const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
    return {
      entries: [...this.#places.values()].reduce((sum, each) => sum + each, 0),
      places: `${names.slice(0, MOST_NAMED).map(shownName).join(', ')}${more}`,
      first,
    };
  }
}

/** So many places are named, the rest is counted. */
const MOST_NAMED = 10;

/** A text with what cannot be seen or turns the text around written as an escape. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** A name for one of our lines, in quotes. */
export function shownName(name: string): string {
  return visible(JSON.stringify(name));
}
