/** Colours for inline scripts: comments, keywords, commands, variables, texts in quotes, here-documents. */
import { embeddedScripts, readScript, type SimpleCommand, type TaskDocument, type TextRange } from '#concourse';
import type { Token } from './token.ts';

/** Commands that the shell itself has (POSIX, special and regular built-ins; bash's `local`, `source` and the like). */
const BUILTINS: ReadonlySet<string> = new Set(
  (
    '. : [ [[ alias break cd command continue declare echo eval exec exit export false getopts hash let local mapfile ' +
    'popd printf pushd pwd read readonly return set shift shopt source test time times trap true type typeset ulimit ' +
    'umask unalias unset wait'
  ).split(' '),
);

/** What stands between commands: comments, heads of functions, words of the shell's grammar. */
const GRAMMAR =
  /(?<=^|[\s;&|()])(?<comment>#[^\n]*)|(?<head>[A-Za-z_][\w-]*)(?=[ \t]*\([ \t]*\))|(?<=^|[\s;&|(){}!])(?<keyword>if|then|elif|else|fi|for|select|in|do|done|while|until|case|esac|function|time)(?=$|[\s;&|()])/g;

const QUOTED = /\$?'[^']*'|\$?"(?:[^"\\]|\\[^])*"/g;
const VALUE = /=(?:'[^']*'|"(?:[^"\\]|\\[^])*"|[^\s;&|()<>'"])*/y;
const HERE_DOCUMENT = /<<-?[ \t]*(["']?)([\w.-]+)\1/g;

/** The tokens of all inline scripts of a task; of two at one place the later one says more. */
export function scriptTokens(task: TaskDocument): Token[] {
  return embeddedScripts(task).flatMap((script) =>
    shellTokens(script.text).map((token) => ({ ...token, range: script.toFileRange(token.range) })),
  );
}

/** The tokens of a shell script; of two at one place the later one says more. */
export function shellTokens(text: string): Token[] {
  const { commands, uses, settings, functions } = readScript(text);
  return [
    ...betweenCommands(text, commands),
    ...commands.flatMap((command) => quotedTokens(text, command)),
    ...commands.flatMap((command) => commandToken(command, functions)),
    ...uses.map(({ range }): Token => ({ range, type: 'variable' })),
    ...settings.map(({ range }): Token => ({ range, type: 'variable', modifiers: ['modification'] })),
  ];
}

/** The name of a command, unless it is a path. */
function commandToken({ kind, words: [name] }: SimpleCommand, functions: ReadonlySet<string>): Token[] {
  if (kind !== 'command' || !name?.literal || name.text.includes('/')) return [];
  const isBuiltin = BUILTINS.has(name.text) && !functions.has(name.text);
  return [{ range: name.range, type: 'function', ...(isBuiltin ? { modifiers: ['defaultLibrary'] } : {}) }];
}

/** Texts in quotes, in words and in values of variables. */
function quotedTokens(text: string, { words, assignments, redirects }: SimpleCommand): Token[] {
  const values = assignments.map(({ range }) => ({ start: range.end, end: valueEnd(text, range.end) }));
  const quoted = [...words, ...redirects.map(({ target }) => target)].filter((word) => word.quoted);
  return [...quoted.map(({ range }) => range), ...values].flatMap(({ start, end }) =>
    Array.from(text.slice(start, end).matchAll(QUOTED), (match): Token => {
      const from = start + match.index;
      return { range: { start: from, end: from + match[0].length }, type: 'string' };
    }),
  );
}

/** Where the value of a variable ends, from the end of its name. */
function valueEnd(text: string, nameEnd: number): number {
  VALUE.lastIndex = nameEnd;
  return nameEnd + (VALUE.exec(text)?.[0].length ?? 0);
}

/** Where the last word of a command ends; its range goes up to the operator behind it. */
function contentEnd(text: string, { words, assignments, redirects }: SimpleCommand): number {
  return Math.max(
    words.at(-1)?.range.end ?? 0,
    redirects.at(-1)?.target.range.end ?? 0,
    assignments.length > 0 ? valueEnd(text, assignments.at(-1)?.range.end ?? 0) : 0,
  );
}

/** Comments, grammar and the bodies of here-documents: everything that belongs to no command. */
function betweenCommands(text: string, commands: readonly SimpleCommand[]): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let delimiters: string[] = [];
  const gapTo = (end: number): void => {
    const bodies = delimiters.length > 0 ? hereDocuments(text, { start: at, end }, delimiters) : [];
    if (bodies.length > 0) delimiters = [];
    const start = bodies.at(-1)?.end ?? at;
    for (const body of bodies) tokens.push({ range: body, type: 'string' });
    for (const token of grammarTokens(text, { start, end })) tokens.push(token);
  };
  for (const command of commands) {
    if (command.nested) continue;
    const { range } = command;
    gapTo(Math.max(at, range.start));
    at = Math.max(at, contentEnd(text, command));
    for (const match of text.slice(range.start, range.end).matchAll(HERE_DOCUMENT)) delimiters.push(match[2] ?? '');
  }
  gapTo(text.length);
  return tokens;
}

/** The bodies of the here-documents whose lines begin in a gap, each with its closing line; none when no line ends in it. */
function hereDocuments(text: string, gap: TextRange, delimiters: readonly string[]): TextRange[] {
  const bodies: TextRange[] = [];
  let line = text.indexOf('\n', gap.start);
  for (const delimiter of delimiters) {
    if (line < 0 || line >= gap.end) break;
    const start = line + 1;
    let end = start;
    let closed = false;
    while (!closed && end < gap.end) {
      const next = text.indexOf('\n', end);
      const lineEnd = next < 0 || next > gap.end ? gap.end : next;
      closed = text.slice(end, Math.min(lineEnd, end + delimiter.length + 1000)).trim() === delimiter;
      line = lineEnd;
      end = lineEnd + 1;
    }
    bodies.push({ start, end: Math.min(line, gap.end) });
  }
  return bodies;
}

function grammarTokens(text: string, { start, end }: TextRange): Token[] {
  return Array.from(text.slice(start, end).matchAll(GRAMMAR), (match): Token => {
    const range = { start: start + match.index, end: start + match.index + match[0].length };
    const { comment, head } = match.groups ?? {};
    if (comment !== undefined) return { range, type: 'comment' };
    return head === undefined ? { range, type: 'keyword' } : { range, type: 'function', modifiers: ['declaration'] };
  });
}
