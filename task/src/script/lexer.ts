/**
 * Reads shell scripts (POSIX shell and what bash adds, https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html):
 * into words, simple commands and uses of variables, not into a full grammar. Made for scripts that are being edited:
 * any text is survivable, time is linear, and what cannot be followed is said (`complete`), so that rules stay silent.
 */
import type { TextRange } from '../problem.ts';
import type {
  Assignment,
  Redirect,
  ShellSyntax,
  ShellWord,
  SimpleCommand,
  VariableSetting,
  VariableUse,
} from './syntax.ts';

/** Nesting of `$(…)` that is followed. */
const DEEPEST = 60;

const OPERATOR = /&&|\|\||;;&|;;|;&|\|&|[;&|()\n]/y;
const REDIRECT = /\d{0,9}(?:<<<|<<-|<<|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
/** An assignment; the subscript of an array is bounded, so that no text makes this look far ahead again and again. */
const ASSIGNMENT = /([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]\n]{0,200}\])?\+?=/y;
/** Concourse's `((var))`: its value is put in before the shell reads the script. */
const CONCOURSE_VAR = /\(\([-/.:@"A-Za-z0-9_]{1,500}\)\)/y;
const ORDINARY = /[^\s;&|()<>'"\\$`*?[{~#]+/y;
const ARITHMETIC_SETTING = /\b([A-Za-z_][A-Za-z0-9_]*)\s{0,20}(?:=(?!=)|[-+*/%&|^]=|\+\+|--)/g;

/** Words after which a command begins. */
const LEADING = new Set(['if', 'then', 'elif', 'else', 'fi', 'do', 'done', 'while', 'until', '{', '}', '!', 'time']);
/** Commands whose arguments may be assignments. */
const DECLARING = new Set(['export', 'local', 'readonly', 'declare', 'typeset']);

interface HereDocument {
  readonly delimiter: string;
  readonly expands: boolean;
  readonly indented: boolean;
}

/** The parts of a command that is being read. */
interface Draft {
  start: number;
  assignments: Assignment[];
  words: ShellWord[];
  redirects: Redirect[];
  kind: SimpleCommand['kind'];
}

/** What a word is built from. */
interface WordDraft {
  text: string;
  literal: boolean;
  glob: boolean;
  quoted: boolean;
}

/** Reads a script. */
export function readShell(text: string): ShellSyntax {
  return new Lexer(text).read();
}

class Lexer {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #complete = true;
  #indirect = false;
  /** Characters that may still be looked through for the ends of `((…))`: nesting would make that quadratic. */
  #lookAhead: number;
  readonly #commands: SimpleCommand[] = [];
  readonly #uses: VariableUse[] = [];
  readonly #settings: VariableSetting[] = [];
  readonly #functions = new Set<string>();
  #hereDocuments: HereDocument[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#lookAhead = 1000 + 4 * text.length;
  }

  read(): ShellSyntax {
    this.#list(undefined);
    if (this.#hereDocuments.length > 0) this.#complete = false;
    return {
      commands: this.#commands,
      uses: this.#uses.sort((a, b) => a.whole.start - b.whole.start),
      settings: this.#settings,
      functions: this.#functions,
      indirect: this.#indirect,
      complete: this.#complete,
    };
  }

  /** Commands up to a closing character, which is consumed, or to the end of the text. */
  #list(close: ')' | '`' | undefined): void {
    const nested = close !== undefined;
    let open = 0;
    let cases = 0;
    let pattern = false;
    let draft = this.#draft();
    const finish = (terminator: string): void => {
      if (pattern) draft.kind = 'pattern';
      this.#finish(draft, terminator, nested);
      draft = this.#draft();
    };
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      if (character === ' ' || character === '\t' || character === '\r') this.#at++;
      else if (character === '\\' && this.#lineBreakLength(this.#at + 1) > 0) {
        this.#at += 1 + this.#lineBreakLength(this.#at + 1);
      } else if (character === '#') this.#comment();
      else if (close === '`' && character === '`') {
        finish(close);
        this.#at++;
        return;
      } else if (this.#insideTest(draft) && /[;&|()<>\n]/.test(character)) {
        // Operators of `[[ … ]]` are words of it.
        this.#at++;
      } else if (/[<>&0-9]/.test(character) && this.#redirect(draft)) continue;
      else if (character === ')' && open === 0 && cases === 0 && close === ')') {
        finish(close);
        this.#at++;
        return;
      } else if (character === '(' && this.#text[this.#at + 1] === '(' && this.#emptyDraft(draft)) {
        if (!this.#concourseVar(draft) && !this.#arithmetic(this.#at)) {
          open++;
          this.#at++;
        }
      } else if (character === '(' && this.#functionHead(draft)) draft = this.#draft();
      else if (character === '(' && this.#matchAt(CONCOURSE_VAR) !== undefined) this.#word(draft);
      else if (/[;&|()\n]/.test(character)) {
        const operator = this.#matchAt(OPERATOR) ?? character;
        this.#at += operator.length;
        finish(operator);
        if (operator === '(' && !pattern) open++;
        else if (operator === ')' && pattern) pattern = false;
        else if (operator === ')' && open > 0) open--;
        else if (operator === ')') this.#complete = false;
        else if (operator.startsWith(';') && operator !== ';') pattern = cases > 0;
        if (operator === '\n') this.#readHereDocuments();
      } else {
        const word = this.#word(draft);
        const keyword = word && this.#keyword(draft, word);
        if (keyword === 'case') {
          cases++;
          pattern = true;
        } else if (keyword === 'esac') {
          cases = Math.max(0, cases - 1);
          pattern = false;
        }
        if (keyword !== undefined && keyword !== 'case' && keyword !== 'for') draft = this.#draft();
      }
    }
    finish('');
    if (nested || open > 0 || cases > 0) this.#complete = false;
  }

  #draft(): Draft {
    return { start: this.#at, assignments: [], words: [], redirects: [], kind: 'command' };
  }

  #emptyDraft({ words, assignments, redirects }: Draft): boolean {
    return words.length === 0 && assignments.length === 0 && redirects.length === 0;
  }

  #finish(draft: Draft, terminator: string, nested: boolean): void {
    if (this.#emptyDraft(draft)) return;
    const { assignments, words, redirects, kind } = draft;
    const starts = [words[0]?.range.start, assignments[0]?.range.start, redirects[0]?.target.range.start];
    const start = Math.min(...starts.filter((offset) => offset !== undefined));
    this.#commands.push({
      range: { start, end: this.#at - (terminator === '' ? 0 : terminator.length) },
      assignments,
      words,
      redirects,
      kind,
      terminator,
      nested,
    });
    if (kind === 'command' && words[0]?.text === '[[' && words.at(-1)?.text !== ']]') this.#complete = false;
  }

  #insideTest({ words }: Draft): boolean {
    return words[0]?.text === '[[' && words.at(-1)?.text !== ']]';
  }

  /** A word at the start of a command that is grammar; undefined for any other word. */
  #keyword(draft: Draft, word: ShellWord): string | undefined {
    if (draft.words.length !== 1 || draft.assignments.length > 0 || word.quoted || !word.literal) return undefined;
    if (LEADING.has(word.text) || word.text === 'esac') return word.text;
    if (word.text === 'function') {
      this.#skipBlanks();
      const name = this.#word(this.#draft());
      if (name) this.#functions.add(name.text);
      return word.text;
    }
    if (word.text !== 'for' && word.text !== 'select' && word.text !== 'case') return undefined;
    const isCase = word.text === 'case';
    draft.words = [];
    this.#skipBlanks();
    if (!isCase && this.#text.startsWith('((', this.#at)) {
      this.#arithmetic(this.#at);
      return 'loop';
    }
    const subject = this.#word(this.#draft());
    if (!subject) return undefined;
    draft.kind = isCase ? 'case' : 'for';
    if (isCase) draft.words = [subject];
    else if (subject.literal) this.#settings.push({ name: subject.text, range: subject.range });
    this.#skipBlanks();
    if (/^in[\s;]/.test(this.#text.slice(this.#at, this.#at + 3))) this.#at += 2;
    if (isCase) this.#finishCase(draft);
    return isCase ? 'case' : 'for';
  }

  /** The head of a `case` is a command of its own; its patterns follow. */
  #finishCase(draft: Draft): void {
    this.#finish({ ...draft }, '', this.#depth > 0);
    draft.words = [];
    draft.kind = 'command';
  }

  /** `name ()`: consumes the brackets. */
  #functionHead(draft: Draft): boolean {
    const [name, ...more] = draft.words;
    if (!name || more.length > 0 || !name.literal || draft.assignments.length > 0) return false;
    const brackets = /\([ \t]{0,20}\)/y;
    brackets.lastIndex = this.#at;
    const match = brackets.exec(this.#text);
    if (!match) return false;
    this.#functions.add(name.text);
    this.#at += match[0].length;
    return true;
  }

  #redirect(draft: Draft): boolean {
    const found = this.#matchAt(REDIRECT);
    if (found === undefined) return false;
    this.#at += found.length;
    const operator = found.replace(/^\d+/, '');
    this.#skipBlanks();
    const target = this.#word(this.#draft());
    if (!target) return true;
    if (operator === '<<' || operator === '<<-') {
      this.#hereDocuments.push({
        delimiter: target.literal ? target.text : this.#text.slice(target.range.start, target.range.end),
        expands: !target.quoted,
        indented: operator === '<<-',
      });
    } else draft.redirects.push({ operator, target });
    return true;
  }

  /** The bodies of the here-documents whose operators stand on the line that just ended. */
  #readHereDocuments(): void {
    const documents = this.#hereDocuments;
    this.#hereDocuments = [];
    for (const { delimiter, expands, indented } of documents) {
      const start = this.#at;
      let end: number | undefined;
      while (end === undefined && this.#at < this.#text.length) {
        const lineStart = this.#at;
        const next = this.#text.indexOf('\n', lineStart);
        const lineEnd = next < 0 ? this.#text.length : next;
        this.#at = next < 0 ? this.#text.length : next + 1;
        // Only a line of about the delimiter's length can be it: long lines are not copied.
        if (lineEnd - lineStart > delimiter.length + 1000) continue;
        const line = this.#text.slice(lineStart, lineEnd).replace(/\r$/, '');
        if ((indented ? line.replace(/^\t+/, '') : line) === delimiter) end = lineStart;
      }
      if (end === undefined) this.#complete = false;
      if (expands) this.#expansionsIn({ start, end: end ?? this.#text.length });
    }
  }

  /** Reads the expansions of a text without quoting, and continues where it was. */
  #expansionsIn({ start, end }: TextRange): void {
    const resume = this.#at;
    const word: WordDraft = { text: '', literal: true, glob: false, quoted: true };
    this.#at = start;
    while (this.#at < end) {
      const character = this.#text[this.#at];
      if (character === '\\') this.#at += 2;
      else if (character === '$') this.#dollar(word);
      else if (character === '`') this.#backquotes(word);
      else this.#at++;
    }
    this.#at = Math.max(resume, this.#at);
  }

  #comment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === ' ' || character === '\t' || character === '\r') this.#at++;
      else if (character === '\\' && this.#lineBreakLength(this.#at + 1) > 0) {
        this.#at += 1 + this.#lineBreakLength(this.#at + 1);
      } else return;
    }
  }

  #lineBreakLength(at: number): number {
    if (this.#text[at] === '\n') return 1;
    return this.#text.startsWith('\r\n', at) ? 2 : 0;
  }

  #matchAt(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  /** `((name))` as a word of the command. */
  #concourseVar(draft: Draft): boolean {
    if (this.#matchAt(CONCOURSE_VAR) === undefined) return false;
    this.#word(draft);
    return true;
  }

  /** Reads a word and adds it to the command; undefined when there is none at this place. */
  #word(draft: Draft): ShellWord | undefined {
    const start = this.#at;
    const mayAssign = draft.words.length === 0 || DECLARING.has(draft.words[0]?.text ?? '');
    ASSIGNMENT.lastIndex = start;
    const assignment = mayAssign && draft.kind === 'command' ? ASSIGNMENT.exec(this.#text) : undefined;
    if (assignment) {
      const name = assignment[1] ?? '';
      this.#at += assignment[0].length;
      this.#value();
      const place = { name, range: { start, end: start + name.length } };
      draft.assignments.push(place);
      this.#settings.push(place);
      return undefined;
    }
    const word = this.#readWord();
    if (this.#at === start) {
      // An operator where a word was expected, or a character that begins nothing.
      if (!/[;&|()<>\n`]/.test(this.#text[start] ?? '\n')) this.#at++;
      else if (this.#text[start] === '`' || this.#text[start] === '<' || this.#text[start] === '>') this.#at++;
      return undefined;
    }
    const raw = this.#text.slice(start, Math.min(this.#at, start + 3));
    // Brackets that stand alone are commands or text, not patterns.
    const plain = ['[', '[[', '{', '{}'].includes(raw) ? { text: raw, literal: true, glob: false } : {};
    const read = { range: { start, end: this.#at }, ...word, ...plain };
    draft.words.push(read);
    return read;
  }

  /** The value of an assignment: a word, nothing, or a list in brackets. */
  #value(): void {
    if (this.#text[this.#at] !== '(' || this.#matchAt(CONCOURSE_VAR) !== undefined) {
      this.#readWord();
      return;
    }
    this.#at++;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      if (character === ')') {
        this.#at++;
        return;
      }
      if (character === '#') this.#comment();
      else if (/[\s;&|(<>]/.test(character)) this.#at++;
      else {
        const before = this.#at;
        this.#readWord();
        if (this.#at === before) this.#at++;
      }
    }
    this.#complete = false;
  }

  #readWord(): WordDraft {
    const word: WordDraft = { text: '', literal: true, glob: false, quoted: false };
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const ordinary = this.#matchAt(ORDINARY);
      if (ordinary !== undefined) {
        this.#append(word, ordinary);
        this.#at += ordinary.length;
        continue;
      }
      const character = this.#text[this.#at] ?? '';
      if (character === '\\') this.#escape(word);
      else if (character === "'") this.#singleQuoted(word);
      else if (character === '"') this.#doubleQuoted(word);
      else if (character === '$') this.#dollar(word);
      else if (character === '`') {
        if (this.#closesBackquotes) break;
        this.#backquotes(word);
      } else if (character === '(') {
        const variable = this.#matchAt(CONCOURSE_VAR);
        if (variable === undefined) break;
        word.literal = false;
        this.#at += variable.length;
      } else if ((character === '<' || character === '>') && this.#text[this.#at + 1] === '(' && this.#at === start) {
        this.#at += 2;
        word.literal = false;
        this.#nest(')');
      } else if (/[*?[{~]/.test(character)) {
        if (character !== '~' || this.#at === start) {
          word.glob = true;
          word.literal = false;
        }
        this.#append(word, character);
        this.#at++;
      } else if (character === '#' && this.#at > start) {
        this.#append(word, character);
        this.#at++;
      } else break;
    }
    return word;
  }

  #append(word: WordDraft, text: string): void {
    if (word.literal) word.text += text;
  }

  #escape(word: WordDraft): void {
    const lineBreak = this.#lineBreakLength(this.#at + 1);
    if (lineBreak === 0) {
      word.quoted = true;
      this.#append(word, this.#text[this.#at + 1] ?? '');
    }
    this.#at = Math.min(this.#text.length, this.#at + 1 + Math.max(1, lineBreak));
  }

  #singleQuoted(word: WordDraft): void {
    word.quoted = true;
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) this.#complete = false;
    this.#append(word, this.#text.slice(this.#at + 1, end < 0 ? undefined : end));
    this.#at = end < 0 ? this.#text.length : end + 1;
  }

  #doubleQuoted(word: WordDraft): void {
    word.quoted = true;
    this.#at++;
    const plain = /[^"\\$`(]+/y;
    while (this.#at < this.#text.length) {
      plain.lastIndex = this.#at;
      const run = plain.exec(this.#text)?.[0];
      if (run !== undefined) {
        this.#append(word, run);
        this.#at += run.length;
        continue;
      }
      const character = this.#text[this.#at] ?? '';
      if (character === '"') {
        this.#at++;
        return;
      }
      if (character === '\\') this.#escape(word);
      else if (character === '$') this.#dollar(word);
      else if (character === '`') {
        if (this.#closesBackquotes) break;
        this.#backquotes(word);
      } else {
        const variable = this.#matchAt(CONCOURSE_VAR);
        if (variable !== undefined) word.literal = false;
        this.#append(word, character);
        this.#at += variable?.length ?? 1;
      }
    }
    this.#complete = false;
  }

  /** True inside of backquotes: the next one closes them. */
  #closesBackquotes = false;

  #backquotes(word: WordDraft): void {
    word.literal = false;
    this.#at++;
    this.#nest('`');
  }

  #nest(close: ')' | '`'): void {
    if (this.#depth >= DEEPEST) {
      // Deeper scripts are not written by people: the rest is not looked at.
      this.#complete = false;
      this.#at = this.#text.length;
      return;
    }
    const before = this.#closesBackquotes;
    this.#closesBackquotes = close === '`';
    this.#depth++;
    this.#list(close);
    this.#depth--;
    this.#closesBackquotes = before;
  }

  /** An expansion. What follows the dollar sign decides; alone it is a character. */
  #dollar(word: WordDraft): void {
    const start = this.#at;
    const next = this.#text[start + 1] ?? '';
    if (next === '(') {
      word.literal = false;
      if (this.#text[start + 2] === '(' && this.#arithmetic(start + 1)) return;
      this.#at = start + 2;
      this.#nest(')');
    } else if (next === '{') {
      word.literal = false;
      this.#at = start + 2;
      this.#braces(start);
    } else if (next === "'" && !word.quoted) {
      this.#ansiQuoted(word);
    } else if (next === '"' && !word.quoted) {
      this.#at++;
    } else if (/[A-Za-z_]/.test(next)) {
      word.literal = false;
      this.#at = start + 1;
      const name = this.#matchAt(NAME) ?? '';
      this.#at += name.length;
      this.#use(name, start + 1, { start, end: this.#at }, false);
    } else if (/[0-9@*#?$!-]/.test(next)) {
      word.literal = false;
      this.#at += 2;
    } else {
      this.#append(word, '$');
      this.#at++;
    }
  }

  #use(name: string, at: number, whole: TextRange, guarded: boolean): void {
    this.#uses.push({ name, range: { start: at, end: at + name.length }, whole, guarded });
  }

  /** `$'…'`: escapes are not computed, so the word is not known. */
  #ansiQuoted(word: WordDraft): void {
    word.quoted = true;
    word.literal = false;
    this.#at += 2;
    while (this.#at < this.#text.length && this.#text[this.#at] !== "'") {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    }
    if (this.#at >= this.#text.length) this.#complete = false;
    this.#at = Math.min(this.#text.length, this.#at + 1);
  }

  /** `${…}`, behind the brace. */
  #braces(start: number): void {
    const prefix = this.#text[this.#at] ?? '';
    if ((prefix === '#' || prefix === '!') && /[A-Za-z_]/.test(this.#text[this.#at + 1] ?? '')) {
      this.#at++;
      if (prefix === '!') this.#indirect = true;
    }
    const nameStart = this.#at;
    const name = this.#matchAt(NAME) ?? '';
    this.#at += name.length;
    const guarded = /^:?[-=?+]/.test(this.#text.slice(this.#at, this.#at + 2));
    const sets = /^:?=/.test(this.#text.slice(this.#at, this.#at + 2));
    const inner: WordDraft = { text: '', literal: false, glob: false, quoted: false };
    this.#closingBrace(inner);
    if (name === '') return;
    const range = { start: nameStart, end: nameStart + name.length };
    this.#uses.push({ name, range, whole: { start, end: this.#at }, guarded });
    if (sets) this.#settings.push({ name, range });
  }

  /** The rest of `${…}`; braces nest only as expansions. */
  #closingBrace(inner: WordDraft): void {
    if (++this.#depth > DEEPEST) {
      this.#complete = false;
      this.#at = this.#text.length;
    }
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at];
      if (character === '}') {
        this.#at++;
        this.#depth--;
        return;
      }
      if (character === '\\') this.#at = Math.min(this.#text.length, this.#at + 2);
      else if (character === '$') this.#dollar(inner);
      else if (character === '"') this.#doubleQuoted({ ...inner });
      else if (character === '`' && !this.#closesBackquotes) this.#backquotes(inner);
      else this.#at++;
    }
    this.#depth--;
    this.#complete = false;
  }

  /** `((…))` from the first bracket on; false when it is none: two subshells, or not closed. */
  #arithmetic(start: number): boolean {
    if (this.#depth >= DEEPEST) return false;
    let depth = 0;
    let end = start;
    for (; end < this.#text.length && this.#lookAhead > 0; end++, this.#lookAhead--) {
      const character = this.#text[end];
      if (character === '(') depth++;
      else if (character === ')' && --depth === 1) break;
    }
    if (this.#lookAhead <= 0) this.#complete = false;
    if (this.#text[end] !== ')' || this.#text[end + 1] !== ')') return false;
    const inner = { start: start + 2, end };
    for (const match of this.#text.slice(inner.start, inner.end).matchAll(ARITHMETIC_SETTING)) {
      const name = match[1] ?? '';
      const at = inner.start + match.index;
      this.#settings.push({ name, range: { start: at, end: at + name.length } });
    }
    this.#depth++;
    this.#at = start;
    this.#expansionsIn(inner);
    this.#depth--;
    this.#at = Math.max(this.#at, end + 2);
    return true;
  }
}
