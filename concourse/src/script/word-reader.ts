/** Reads the words of a shell script: quoting, expansions and what they use. */
import type { TextRange } from '../text/problem.ts';
import { Cursor } from './cursor.ts';
import type { VariableSetting, VariableUse } from './syntax.ts';

/** Nesting of `$(…)` that is followed. */
const DEEPEST = 60;

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const ORDINARY = /[^\s;&|()<>'"\\$`*?[{~#]+/y;
const ARITHMETIC_SETTING = /\b([A-Za-z_][A-Za-z0-9_]*)\s{0,20}(?:=(?!=)|[-+*/%&|^]=|\+\+|--)/g;
/** Concourse's `((var))`: its value is put in before the shell reads the script. */
export const CONCOURSE_VAR = /\(\([-/.:@"A-Za-z0-9_]{1,500}\)\)/y;

/** What a word is built from; see `ShellWord`. */
export interface WordDraft {
  text: string;
  literal: boolean;
  glob: boolean;
  quoted: boolean;
}

/** The lower half of the lexer. Substitutions hold commands, which the upper half reads. */
export abstract class WordReader extends Cursor {
  protected readonly uses: VariableUse[] = [];
  protected readonly settings: VariableSetting[] = [];
  protected complete = true;
  protected indirect = false;
  protected depth = 0;
  /** Characters that may still be looked through for the ends of `((…))`: nesting would make that quadratic. */
  protected lookAhead: number;
  /** True inside of backquotes: the next one closes them. */
  protected closesBackquotes = false;

  constructor(text: string) {
    super(text);
    this.lookAhead = 1000 + 4 * text.length;
  }

  /** Reads commands up to a closing character, which is consumed, or to the end of the text. */
  protected abstract list(close: ')' | '`' | undefined): void;

  protected readWord(): WordDraft {
    const word: WordDraft = { text: '', literal: true, glob: false, quoted: false };
    const start = this.at;
    while (this.at < this.text.length) {
      const ordinary = this.matchAt(ORDINARY);
      if (ordinary !== undefined) {
        this.append(word, ordinary);
        this.at += ordinary.length;
        continue;
      }
      const character = this.text[this.at] ?? '';
      if (character === '\\') {
        this.escape(word);
      } else if (character === "'") {
        this.singleQuoted(word);
      } else if (character === '"') {
        this.doubleQuoted(word);
      } else if (character === '$') {
        this.dollar(word);
      } else if (character === '`') {
        if (this.closesBackquotes) break;
        this.backquotes(word);
      } else if (character === '(') {
        const variable = this.matchAt(CONCOURSE_VAR);
        if (variable === undefined) break;
        word.literal = false;
        this.at += variable.length;
      } else if ((character === '<' || character === '>') && this.text[this.at + 1] === '(' && this.at === start) {
        this.at += 2;
        word.literal = false;
        this.nest(')');
      } else if (/[*?[{~]/.test(character)) {
        if (character !== '~' || this.at === start) {
          word.glob = true;
          word.literal = false;
        }
        this.append(word, character);
        this.at++;
      } else if (character === '#' && this.at > start) {
        this.append(word, character);
        this.at++;
      } else {
        break;
      }
    }
    return word;
  }

  /** The value of an assignment: a word, nothing, or a list in brackets. */
  protected value(): void {
    if (this.text[this.at] !== '(' || this.matchAt(CONCOURSE_VAR) !== undefined) {
      this.readWord();
      return;
    }
    this.at++;
    while (this.at < this.text.length) {
      const character = this.text[this.at] ?? '';
      if (character === ')') {
        this.at++;
        return;
      }
      if (character === '#') {
        this.skipLine();
      } else if (/[\s;&|(<>]/.test(character)) {
        this.at++;
      } else {
        const before = this.at;
        this.readWord();
        if (this.at === before) this.at++;
      }
    }
    this.complete = false;
  }

  protected append(word: WordDraft, text: string): void {
    if (word.literal) word.text += text;
  }

  protected escape(word: WordDraft): void {
    const lineBreak = this.lineBreakLength(this.at + 1);
    if (lineBreak === 0) {
      word.quoted = true;
      this.append(word, this.text[this.at + 1] ?? '');
    }
    this.at = Math.min(this.text.length, this.at + 1 + Math.max(1, lineBreak));
  }

  protected singleQuoted(word: WordDraft): void {
    word.quoted = true;
    const end = this.text.indexOf("'", this.at + 1);
    if (end < 0) this.complete = false;
    this.append(word, this.text.slice(this.at + 1, end < 0 ? undefined : end));
    this.at = end < 0 ? this.text.length : end + 1;
  }

  protected doubleQuoted(word: WordDraft): void {
    word.quoted = true;
    this.at++;
    const plain = /[^"\\$`(]+/y;
    while (this.at < this.text.length) {
      plain.lastIndex = this.at;
      const run = plain.exec(this.text)?.[0];
      if (run !== undefined) {
        this.append(word, run);
        this.at += run.length;
        continue;
      }
      const character = this.text[this.at] ?? '';
      if (character === '"') {
        this.at++;
        return;
      }
      if (character === '\\') {
        this.escape(word);
      } else if (character === '$') {
        this.dollar(word);
      } else if (character === '`') {
        if (this.closesBackquotes) break;
        this.backquotes(word);
      } else {
        const variable = this.matchAt(CONCOURSE_VAR);
        if (variable !== undefined) word.literal = false;
        this.append(word, character);
        this.at += variable?.length ?? 1;
      }
    }
    this.complete = false;
  }

  protected backquotes(word: WordDraft): void {
    word.literal = false;
    this.at++;
    this.nest('`');
  }

  protected nest(close: ')' | '`'): void {
    if (this.depth >= DEEPEST) {
      // Deeper scripts are not written by people: the rest is not looked at.
      this.complete = false;
      this.at = this.text.length;
      return;
    }
    const before = this.closesBackquotes;
    this.closesBackquotes = close === '`';
    this.depth++;
    this.list(close);
    this.depth--;
    this.closesBackquotes = before;
  }

  /** An expansion. What follows the dollar sign decides; alone it is a character. */
  protected dollar(word: WordDraft): void {
    const start = this.at;
    const next = this.text[start + 1] ?? '';
    if (next === '(') {
      word.literal = false;
      if (this.text[start + 2] === '(' && this.arithmetic(start + 1)) return;
      this.at = start + 2;
      this.nest(')');
    } else if (next === '{') {
      word.literal = false;
      this.at = start + 2;
      this.braces(start);
    } else if (next === "'" && !word.quoted) {
      this.ansiQuoted(word);
    } else if (next === '"' && !word.quoted) {
      this.at++;
    } else if (/[A-Za-z_]/.test(next)) {
      word.literal = false;
      this.at = start + 1;
      const name = this.matchAt(NAME) ?? '';
      this.at += name.length;
      this.use(name, start + 1, { start, end: this.at }, false);
    } else if (/[0-9@*#?$!-]/.test(next)) {
      word.literal = false;
      this.at += 2;
    } else {
      this.append(word, '$');
      this.at++;
    }
  }

  protected use(name: string, at: number, whole: TextRange, guarded: boolean): void {
    this.uses.push({ name, range: { start: at, end: at + name.length }, whole, guarded });
  }

  /** `$'…'`: escapes are not computed, so the word is not known. */
  protected ansiQuoted(word: WordDraft): void {
    word.quoted = true;
    word.literal = false;
    this.at += 2;
    while (this.at < this.text.length && this.text[this.at] !== "'") {
      this.at += this.text[this.at] === '\\' ? 2 : 1;
    }
    if (this.at >= this.text.length) this.complete = false;
    this.at = Math.min(this.text.length, this.at + 1);
  }

  /** `${…}`, behind the brace. */
  protected braces(start: number): void {
    const prefix = this.text[this.at] ?? '';
    if ((prefix === '#' || prefix === '!') && /[A-Za-z_]/.test(this.text[this.at + 1] ?? '')) {
      this.at++;
      if (prefix === '!') this.indirect = true;
    }
    const nameStart = this.at;
    const name = this.matchAt(NAME) ?? '';
    this.at += name.length;
    const guarded = /^:?[-=?+]/.test(this.text.slice(this.at, this.at + 2));
    const sets = /^:?=/.test(this.text.slice(this.at, this.at + 2));
    const inner: WordDraft = { text: '', literal: false, glob: false, quoted: false };
    this.closingBrace(inner);
    if (name === '') return;
    const range = { start: nameStart, end: nameStart + name.length };
    this.uses.push({ name, range, whole: { start, end: this.at }, guarded });
    if (sets) this.settings.push({ name, range });
  }

  /** The rest of `${…}`; braces nest only as expansions. */
  protected closingBrace(inner: WordDraft): void {
    if (++this.depth > DEEPEST) {
      this.complete = false;
      this.at = this.text.length;
    }
    while (this.at < this.text.length) {
      const character = this.text[this.at];
      if (character === '}') {
        this.at++;
        this.depth--;
        return;
      }
      if (character === '\\') this.at = Math.min(this.text.length, this.at + 2);
      else if (character === '$') this.dollar(inner);
      else if (character === '"') this.doubleQuoted({ ...inner });
      else if (character === '`' && !this.closesBackquotes) this.backquotes(inner);
      else this.at++;
    }
    this.depth--;
    this.complete = false;
  }

  /** `((…))` from the first bracket on; false when it is none: two subshells, or not closed. */
  protected arithmetic(start: number): boolean {
    if (this.depth >= DEEPEST) return false;
    let depth = 0;
    let end = start;
    for (; end < this.text.length && this.lookAhead > 0; end++, this.lookAhead--) {
      const character = this.text[end];
      if (character === '(') depth++;
      else if (character === ')' && --depth === 1) break;
    }
    if (this.lookAhead <= 0) this.complete = false;
    if (this.text[end] !== ')' || this.text[end + 1] !== ')') return false;
    const inner = { start: start + 2, end };
    for (const match of this.text.slice(inner.start, inner.end).matchAll(ARITHMETIC_SETTING)) {
      const name = match[1] ?? '';
      const at = inner.start + match.index;
      this.settings.push({ name, range: { start: at, end: at + name.length } });
    }
    this.depth++;
    this.at = start;
    this.expansionsIn(inner);
    this.depth--;
    this.at = Math.max(this.at, end + 2);
    return true;
  }

  /** Reads the expansions of a text without quoting, and continues where it was. */
  protected expansionsIn({ start, end }: TextRange): void {
    const resume = this.at;
    const word: WordDraft = { text: '', literal: true, glob: false, quoted: true };
    this.at = start;
    while (this.at < end) {
      const character = this.text[this.at];
      if (character === '\\') this.at = Math.min(this.text.length, this.at + 2);
      else if (character === '$') this.dollar(word);
      else if (character === '`') this.backquotes(word);
      else this.at++;
    }
    this.at = Math.max(resume, this.at);
  }
}
