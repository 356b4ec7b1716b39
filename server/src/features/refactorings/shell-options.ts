/** Options of a shell between its command line (`sh -euc SCRIPT`) and a script (`set -eu`). */

/** Letters that `set` takes as the command line does (POSIX set; bash SHELL BUILTIN COMMANDS). */
const SETTABLE = /[abefhkmnptuvxBCEHPT]/;

/** The options in front of an inline script. */
export interface ShellOptions {
  /** Letters for `set -…`. */
  readonly letters: string;
  /** Names for `set -o …`. */
  readonly names: readonly string[];
  /** What only the command line takes, e.g. `-l`. */
  readonly others: readonly string[];
}

/** Reads the words between the shell's name and its script; `-c` itself is left out. */
export function readOptions(words: readonly string[]): ShellOptions {
  let letters = '';
  const names: string[] = [];
  const others: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--' || word === '-') continue;
    if (!/^-[a-zA-Z]+$/.test(word)) {
      others.push(word);
      continue;
    }
    let kept = '';
    for (const letter of word.slice(1)) {
      if (letter === 'o') names.push(words[++index] ?? '');
      else if (SETTABLE.test(letter)) letters += letters.includes(letter) ? '' : letter;
      else if (letter !== 'c') kept += letter;
    }
    if (kept !== '') others.push(`-${kept}`);
  }
  return { letters, names, others };
}

/** The `set` command for options; empty when there are none. */
export function setCommand({ letters, names }: Pick<ShellOptions, 'letters' | 'names'>): string {
  if (letters === '' && names.length === 0) return '';
  const [first, ...more] = names;
  const start = first === undefined ? `-${letters}` : `-${letters}o ${first}`;
  return `set ${[start, ...more.map((name) => `-o ${name}`)].join(' ')}`;
}

/** The words that pass options and a script to a shell. */
export function inlineWords({ letters, names, others }: ShellOptions): string[] {
  const own =
    names.length === 0
      ? [`-${letters}c`]
      : [`-${letters}o`, names[0] ?? '', ...names.slice(1).flatMap((name) => ['-o', name]), '-c'];
  return [...others, ...own];
}
