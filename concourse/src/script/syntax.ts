/** What the lexer makes of a shell script. All ranges are UTF-16 offsets into the script. */
import type { TextRange } from '../text/problem.ts';

/** One word after the shell's splitting. */
export interface ShellWord {
  readonly range: TextRange;
  /** Quotes and escapes removed, up to the first expansion or glob. */
  readonly text: string;
  /** True when `text` is the whole word, whatever the script's variables hold. */
  readonly literal: boolean;
  /** Has `*`, `?`, `[`, `{` or a leading `~` outside of quotes. */
  readonly glob: boolean;
  readonly quoted: boolean;
}

/** `NAME=value` in front of a command, or as an argument of `export`, `local` and the like. */
export interface Assignment {
  readonly name: string;
  /** The name alone. */
  readonly range: TextRange;
}

/** `> file` and the like. */
export interface Redirect {
  /** Without a descriptor: `>`, `>>`, `<`, `<<<` … */
  readonly operator: string;
  readonly target: ShellWord;
}

/** A command between two operators. */
export interface SimpleCommand {
  readonly range: TextRange;
  readonly assignments: readonly Assignment[];
  /** The name first; empty when there are only assignments or redirects. Those of `for` and `case` are the list and the subject. */
  readonly words: readonly ShellWord[];
  readonly redirects: readonly Redirect[];
  readonly kind: 'command' | 'for' | 'case' | 'pattern';
  /** The operator that ends it; empty at the end of the script. */
  readonly terminator: string;
  /** Inside of `$(…)` or backquotes. */
  readonly nested: boolean;
}

/** `$NAME` or `${NAME…}`. */
export interface VariableUse {
  readonly name: string;
  /** The name alone. */
  readonly range: TextRange;
  /** With the dollar sign and the braces. */
  readonly whole: TextRange;
  /** The script provides for its absence: `${NAME:-x}`, `${NAME:?}`, `${NAME+x}`, or a test with `-n`, `-z` or `-v`. */
  readonly guarded: boolean;
}

/** A place that gives a variable a value, or declares it. */
export type VariableSetting = Assignment;

/** A script in its parts. */
export interface ShellSyntax {
  readonly commands: readonly SimpleCommand[];
  readonly uses: readonly VariableUse[];
  readonly settings: readonly VariableSetting[];
  readonly functions: ReadonlySet<string>;
  /** Names are looked up by a name that is computed: `${!NAME}`. */
  readonly indirect: boolean;
  /** False when a quote, a bracket or a here-document is not closed, or the nesting is too deep to be followed. */
  readonly complete: boolean;
}
