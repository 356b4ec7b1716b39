/** The paths that a shell script names, and the directory that each starts at as far as `cd` can be followed. */
import { containerPath, readScript, type ShellWord, type SimpleCommand, type TextRange } from '#concourse';

/** A path in a script. */
export interface ScriptPath {
  readonly text: string;
  /** Offset of the text in the script. */
  readonly start: number;
  /** Directory that it starts at; undefined when it is not known. */
  readonly base: string | undefined;
  /** Whether it surely is a path; `with-slash`: only if it has more than one part. */
  readonly certain: 'always' | 'with-slash' | 'never';
  /** The command creates or changes it. */
  readonly writes: boolean;
}

/** Commands whose plain arguments are paths. */
const ON_PATHS: ReadonlySet<string> = new Set(
  (
    'cd pushd ls cat cp mv rm mkdir rmdir touch ln chmod chown chgrp find du stat tree head tail wc file rsync install ' +
    'source . test [ [[ realpath readlink diff cmp tee zip unzip sha256sum md5sum'
  ).split(' '),
);

/** Commands whose arguments are text to print, even when it looks like a path. */
const ON_TEXT: ReadonlySet<string> = new Set([
  'echo',
  'printf',
  'exit',
  'return',
  'set',
  'shift',
  'trap',
  'local',
  'alias',
]);

/** Commands that change what they name; of some only the last argument. */
const CHANGING: Readonly<Record<string, 'all' | 'last'>> = {
  rm: 'all',
  mkdir: 'all',
  rmdir: 'all',
  touch: 'all',
  tee: 'all',
  chmod: 'all',
  chown: 'all',
  cp: 'last',
  mv: 'last',
  ln: 'last',
  install: 'last',
  rsync: 'last',
};

/** A path inside of a word: at its start, behind `--file=`, `:` or `@`, behind a directory that is held by a variable. */
const IN_WORD =
  /(?:^|[=:,@])["']?(?:(\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|\$\(pwd\)|`pwd`)["']?(?:\/|$))?([^\s"'$`*?[\]{}()\\:,=@;&|<>]*)/g;

/** The whole value of an assignment that is a directory: `$PWD`, `"$(pwd)/x"`. */
const DIRECTORY_VALUE =
  /=(["']?)(\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|\$\(pwd\)|`pwd`)((?:\/[^\s"'$`;&|()]*)?)\1(?=[\s;&|)]|$)/y;
/** The same as a word. */
const DIRECTORY_WORD = /^(["']?)(\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|\$\(pwd\)|`pwd`)["']?((?:\/[^\s"'$`;&|()]*)?)["']?$/;
const VALUE = /=([^\s;&|()<>]*)/y;

/** Longer words are data, not paths. */
const LONGEST_WORD = 2000;

/**
 * Finds the paths of a script. `cd` is followed through the commands in the order of the text; where its target is not
 * known, relative paths that come later have no base.
 *
 * @param start absolute directory that the script starts in
 */
export function scriptPaths(text: string, start: string): ScriptPath[] {
  return new PathFinder(text, start).find();
}

class PathFinder {
  readonly #text: string;
  readonly #paths: ScriptPath[] = [];
  /** Where the shell is; undefined: somewhere. */
  #directory: string | undefined;
  #previous: string | undefined;
  /** Directories to come back to: of `pushd`, and of brackets. */
  readonly #pushed: (string | undefined)[] = [];
  readonly #subshells: (readonly [string | undefined, string | undefined])[] = [];
  /** Variables that hold a directory. */
  readonly #variables = new Map<string, string>();

  constructor(text: string, start: string) {
    this.#text = text;
    this.#directory = start;
  }

  find(): ScriptPath[] {
    let at = 0;
    for (const command of readScript(this.#text).commands) {
      if (!command.nested) {
        this.#brackets(at, command.range.start);
        at = command.range.end;
      }
      this.#command(command);
      if (!command.nested && command.kind === 'command') this.#move(command);
    }
    return this.#paths;
  }

  /** Subshells begin and end between commands: `( cd x; … )` leaves the directory as it was. */
  #brackets(from: number, to: number): void {
    const between = this.#text.slice(from, Math.max(from, to)).replaceAll(/#[^\n]*/g, '');
    // Anything else than grammar is a here-document: its brackets mean nothing.
    if (!/^[\s;&|(){}!]*(?:(?:if|then|elif|else|fi|do|done|while|until|time|esac)[\s;&|(){}!]+)*$/.test(between)) {
      return;
    }
    for (const bracket of between.match(/[()]/g) ?? []) {
      if (bracket === '(') this.#subshells.push([this.#previous, this.#directory]);
      else [this.#previous, this.#directory] = this.#subshells.pop() ?? [this.#previous, this.#directory];
    }
  }

  #command({ words, assignments, redirects, kind }: SimpleCommand): void {
    for (const { name, range } of assignments) this.#assignment(name, range);
    const name = kind === 'command' ? (words[0]?.text ?? '') : '';
    const base = name.slice(name.lastIndexOf('/') + 1);
    const changes = CHANGING[base];
    words.forEach((word, index) => {
      const isName = index === 0 && kind === 'command';
      const certain = isName
        ? 'with-slash'
        : ON_PATHS.has(base)
          ? 'always'
          : ON_TEXT.has(base)
            ? 'never'
            : 'with-slash';
      if (certain === 'never' || (isName && !name.includes('/'))) return;
      const writes = !isName && (changes === 'all' || (changes === 'last' && index === words.length - 1));
      this.#word(word.range, certain, writes);
    });
    for (const { operator, target } of redirects) this.#word(target.range, 'always', operator.includes('>'));
  }

  #word(range: TextRange, certain: ScriptPath['certain'], writes: boolean): void {
    const raw = this.#text.slice(range.start, range.end);
    if (raw.length > LONGEST_WORD) return;
    for (const match of raw.matchAll(IN_WORD)) {
      const [whole, holder, path = ''] = match;
      const start = range.start + match.index + whole.length - path.length;
      const base = holder === undefined ? this.#directory : this.#held(holder);
      // Behind a variable a path is never absolute, and one that is cut off by something else is not known to its end.
      if (path === '' || path.startsWith('-') || (holder !== undefined && base === undefined)) continue;
      this.#paths.push({ text: path, start, base, certain: holder === undefined ? certain : 'always', writes });
    }
  }

  #assignment(name: string, { end }: TextRange): void {
    DIRECTORY_VALUE.lastIndex = end;
    const [, , holder, below = ''] = DIRECTORY_VALUE.exec(this.#text) ?? [];
    const directory = holder === undefined ? undefined : this.#held(holder);
    const value = directory === undefined ? undefined : containerPath(below.slice(1), directory);
    if (value === undefined) this.#variables.delete(name);
    else this.#variables.set(name, value);
    VALUE.lastIndex = end;
    const written = VALUE.exec(this.#text)?.[1];
    if (written !== undefined) this.#word({ start: end + 1, end: end + 1 + written.length }, 'with-slash', false);
  }

  /** The directory in `$PWD`, `$(pwd)` or a variable that was set to one. */
  #held(expansion: string): string | undefined {
    if (expansion === '$(pwd)' || expansion === '`pwd`') return this.#directory;
    const name = expansion.replaceAll(/[${}]/g, '');
    if (name === 'PWD') return this.#directory;
    return name === 'OLDPWD' ? this.#previous : this.#variables.get(name);
  }

  /** Follows `cd`, `pushd` and `popd`. */
  #move({ words }: SimpleCommand): void {
    const name = words[0]?.text;
    if (name === 'popd') {
      [this.#previous, this.#directory] = [this.#directory, this.#pushed.pop()];
      return;
    }
    if (name !== 'cd' && name !== 'pushd') return;
    const target = words.slice(1).find((word) => !/^-[LPe@]$/.test(word.text));
    const directory = target && this.#target(target);
    if (name === 'pushd') this.#pushed.push(this.#directory);
    [this.#previous, this.#directory] = [this.#directory, directory];
  }

  #target(word: ShellWord): string | undefined {
    if (word.literal && word.text === '-') return this.#previous;
    if (word.literal && word.text.startsWith('/')) return containerPath(word.text, '/');
    if (word.literal) return this.#directory === undefined ? undefined : containerPath(word.text, this.#directory);
    const raw = this.#text.slice(word.range.start, word.range.end);
    const [, , holder = '', below = ''] = DIRECTORY_WORD.exec(raw) ?? [];
    const held = this.#held(holder);
    return held === undefined ? undefined : containerPath(below.slice(1), held);
  }
}
