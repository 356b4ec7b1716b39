/** What rules and features ask about a shell script. */
import type { TextRange } from '../text/problem.ts';
import { OPTION_LETTERS, baseName } from './command.ts';
import { readShell } from './lexer.ts';
import type { ShellSyntax, ShellWord, SimpleCommand, VariableSetting, VariableUse } from './syntax.ts';

/** The first line of a script that the kernel reads (execve(2)). */
export interface Shebang {
  /** The line without its end. */
  readonly range: TextRange;
  /** As written, e.g. `/usr/bin/env`. */
  readonly path: string;
  /** Name of the program that reads the script in the end, e.g. `bash` behind `env`. */
  readonly interpreter: string;
  /** Options for it. */
  readonly args: readonly string[];
  /** The line ends with CR LF: the kernel looks for an interpreter whose name ends with a carriage return. */
  readonly carriageReturn: boolean;
}

/** A shell script, read. All ranges are UTF-16 offsets into its text. */
export interface ScriptFacts {
  readonly shebang: Shebang | undefined;
  /** Every command, also those in substitutions, in the order of the text in which they end. */
  readonly commands: readonly SimpleCommand[];
  /** `$NAME` and `${NAME…}`, also in double quotes and here-documents, in the order of the text. */
  readonly uses: readonly VariableUse[];
  /** Assignments, `for`, `read`, `getopts`, `local`, `export NAME=…` and the like. */
  readonly settings: readonly VariableSetting[];
  readonly functions: ReadonlySet<string>;
  /** Options that the script sets by its shebang or by `set`, as `set -o` names them. */
  readonly options: ReadonlySet<string>;
  /**
   * True when more is going on than can be read here: another file is sourced, text is evaluated, names are computed,
   * or the script is not closed. Then nothing is known about what it does not use or set.
   */
  readonly openEnded: boolean;
}

/** Reads the first line of a script; undefined when it does not begin with `#!`. */
export function readShebang(text: string): Shebang | undefined {
  if (!text.startsWith('#!')) return undefined;
  const lineEnd = text.indexOf('\n');
  // The kernel reads 255 bytes (BINPRM_BUF_SIZE); more is no shebang.
  const line = text.slice(0, Math.min(lineEnd < 0 ? text.length : lineEnd, 256));
  const written = line.replace(/\r$/, '');
  const [path = '', ...rest] = written.slice(2).trim().split(/\s+/);
  const words = [...rest];
  let interpreter = baseName(path);
  if (interpreter === 'env') {
    while (/^(?:-|[A-Za-z_]\w*=)/.test(words[0] ?? '')) words.shift();
    interpreter = baseName(words.shift() ?? '');
  } else if (interpreter === 'busybox') {
    interpreter = words.shift() ?? '';
  }
  return {
    range: { start: 0, end: written.length },
    path,
    interpreter,
    args: words,
    carriageReturn: line.endsWith('\r'),
  };
}

/**
 * Reads a shell script of any size in linear time.
 *
 * @param text any text; nothing makes this throw
 */
export function readScript(text: string): ScriptFacts {
  const syntax = readShell(text);
  const shebang = readShebang(text);
  const settings = [...syntax.settings];
  const options = new Set<string>();
  if (shebang) applyOptions(shebang.args, options);
  const guards: TextRange[] = [];
  let openEnded = !syntax.complete || syntax.indirect;
  for (const command of syntax.commands) {
    if (command.kind === 'case') guards.push(command.range);
    if (command.kind !== 'command') continue;
    const [name, ...args] = command.words;
    if (!name) continue;
    for (const setting of settingsOf(name.text, args)) settings.push(setting);
    if (['.', 'source', 'eval'].includes(name.text)) openEnded = true;
    if (['[', '[[', 'test'].includes(name.text)) guards.push(command.range);
    if (name.text === 'set' && !command.nested) {
      applyOptions(
        args.map(({ text: word }) => word),
        options,
      );
    }
  }
  settings.sort((a, b) => a.range.start - b.range.start);
  return {
    shebang,
    commands: syntax.commands,
    uses: withGuards(syntax, guards),
    settings,
    functions: syntax.functions,
    options,
    openEnded,
  };
}

/** Words of `set` or of a shell's command line. */
function applyOptions(words: readonly string[], options: Set<string>): void {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!/^[-+][A-Za-z]/.test(word)) return;
    for (const letter of word.slice(1)) {
      const name = letter === 'o' ? words[++index] : OPTION_LETTERS[letter];
      if (name === undefined) continue;
      // A script that turns an option off for a while has it.
      if (word.startsWith('-')) options.add(name);
    }
  }
}

/** Variables that a command of the shell sets by its arguments. */
function settingsOf(command: string, args: readonly ShellWord[]): VariableSetting[] {
  const names = args.filter(({ text, literal }) => literal && /^[A-Za-z_]\w*$/.test(text));
  const setting = ({ text, range }: ShellWord): VariableSetting => ({ name: text, range });
  switch (command) {
    case 'read':
    case 'mapfile':
    case 'readarray':
    case 'local':
    case 'declare':
    case 'typeset':
    case 'readonly':
    case 'unset':
      return names.map(setting);
    case 'getopts':
      return args
        .slice(1, 2)
        .filter((word) => names.includes(word))
        .map(setting);
    case 'printf': {
      const flag = args.findIndex(({ text }) => text === '-v');
      const target = flag < 0 ? undefined : args[flag + 1];
      return target && names.includes(target) ? [setting(target)] : [];
    }
    case 'let':
      return args.flatMap(({ text, range }) => {
        const name = /^[A-Za-z_]\w*(?=\s*(?:[-+*/%&|^]?=|\+\+|--))/.exec(text)?.[0];
        return name === undefined ? [] : [{ name, range: { start: range.start, end: range.start + name.length } }];
      });
    default:
      return [];
  }
}

/** A variable that the script tests anywhere may be absent: all of its uses are provided for. */
function withGuards({ uses }: ShellSyntax, guards: readonly TextRange[]): readonly VariableUse[] {
  const sorted = [...guards].sort((a, b) => a.start - b.start);
  const tested = new Set<string>();
  let index = 0;
  let end = -1;
  for (const { name, whole, guarded } of uses) {
    for (let guard = sorted[index]; guard && guard.start <= whole.start; guard = sorted[++index]) {
      end = Math.max(end, guard.end);
    }
    if (guarded || whole.start < end) tested.add(name);
  }
  return uses.map((use) => (tested.has(use.name) && !use.guarded ? { ...use, guarded: true } : use));
}
