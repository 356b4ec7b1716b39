/**
 * Reads shell scripts (POSIX shell and what bash adds, https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html):
 * into words, simple commands and uses of variables, not into a full grammar. Made for scripts that are being edited:
 * any text is survivable, time is linear, and what cannot be followed is said (`complete`), so that rules stay silent.
 */
import type { Assignment, Redirect, ShellSyntax, ShellWord, SimpleCommand } from './syntax.ts';
import { CONCOURSE_VAR, WordReader } from './word-reader.ts';

const OPERATOR = /&&|\|\||;;&|;;|;&|\|&|[;&|()\n]/y;
const REDIRECT = /\d{0,9}(?:<<<|<<-|<<|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())/y;
/** An assignment; the subscript of an array is bounded, so that no text makes this look far ahead again and again. */
const ASSIGNMENT = /([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]\n]{0,200}\])?\+?=/y;

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
  assignments: Assignment[];
  words: ShellWord[];
  redirects: Redirect[];
  kind: SimpleCommand['kind'];
}

/** Reads a script. */
export function readShell(text: string): ShellSyntax {
  return new Lexer(text).read();
}

/** The upper half: commands, operators, keywords and here-documents. */
class Lexer extends WordReader {
  readonly #commands: SimpleCommand[] = [];
  readonly #functions = new Set<string>();
  #hereDocuments: HereDocument[] = [];

  read(): ShellSyntax {
    this.list(undefined);
    if (this.#hereDocuments.length > 0) this.complete = false;
    return {
      commands: this.#commands,
      uses: this.uses.sort((a, b) => a.whole.start - b.whole.start),
      settings: this.settings,
      functions: this.#functions,
      indirect: this.indirect,
      complete: this.complete,
    };
  }

  /** Commands up to a closing character, which is consumed, or to the end of the text. */
  protected override list(close: ')' | '`' | undefined): void {
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
    while (this.at < this.text.length) {
      const character = this.text[this.at] ?? '';
      if (character === ' ' || character === '\t' || character === '\r') {
        this.at++;
      } else if (character === '\\' && this.lineBreakLength(this.at + 1) > 0) {
        this.at += 1 + this.lineBreakLength(this.at + 1);
      } else if (character === '#') {
        this.skipLine();
      } else if (close === '`' && character === '`') {
        this.at++;
        finish(close);
        return;
      } else if (this.#insideTest(draft) && /[;&|()<>\n]/.test(character)) {
        // Operators of `[[ … ]]` are words of it.
        this.at++;
      } else if (/[<>&0-9]/.test(character) && this.#redirect(draft)) {
        continue;
      } else if (character === ')' && open === 0 && cases === 0 && close === ')') {
        this.at++;
        finish(close);
        return;
      } else if (character === '(' && this.text[this.at + 1] === '(' && this.#emptyDraft(draft)) {
        if (!this.#concourseVar(draft) && !this.arithmetic(this.at)) {
          open++;
          this.at++;
        }
      } else if (character === '(' && this.#functionHead(draft)) {
        draft = this.#draft();
      } else if (character === '(' && this.matchAt(CONCOURSE_VAR) !== undefined) {
        this.#word(draft);
      } else if (/[;&|()\n]/.test(character)) {
        const operator = this.matchAt(OPERATOR) ?? character;
        this.at += operator.length;
        finish(operator);
        if (operator === '(' && !pattern) open++;
        else if (operator === ')' && pattern) pattern = false;
        else if (operator === ')' && open > 0) open--;
        else if (operator === ')') this.complete = false;
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
    if (nested || open > 0 || cases > 0) this.complete = false;
  }

  #draft(): Draft {
    return { assignments: [], words: [], redirects: [], kind: 'command' };
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
      range: { start, end: this.at - (terminator === '' ? 0 : terminator.length) },
      assignments,
      words,
      redirects,
      kind,
      terminator,
      nested,
    });
    if (kind === 'command' && words[0]?.text === '[[' && words.at(-1)?.text !== ']]') this.complete = false;
  }

  #insideTest({ words }: Draft): boolean {
    return words[0]?.text === '[[' && words.at(-1)?.text !== ']]';
  }

  /** A word at the start of a command that is grammar; undefined for any other word. */
  #keyword(draft: Draft, word: ShellWord): string | undefined {
    if (draft.words.length !== 1 || draft.assignments.length > 0 || word.quoted || !word.literal) return undefined;
    if (LEADING.has(word.text) || word.text === 'esac') return word.text;
    if (word.text === 'function') {
      this.skipBlanks();
      const name = this.#word(this.#draft());
      if (name) this.#functions.add(name.text);
      return word.text;
    }
    if (word.text !== 'for' && word.text !== 'select' && word.text !== 'case') return undefined;
    const isCase = word.text === 'case';
    draft.words = [];
    this.skipBlanks();
    if (!isCase && this.text.startsWith('((', this.at)) {
      this.arithmetic(this.at);
      return 'loop';
    }
    const subject = this.#word(this.#draft());
    if (!subject) return undefined;
    draft.kind = isCase ? 'case' : 'for';
    if (isCase) draft.words = [subject];
    else if (subject.literal) this.settings.push({ name: subject.text, range: subject.range });
    this.skipBlanks();
    if (/^in[\s;]/.test(this.text.slice(this.at, this.at + 3))) this.at += 2;
    if (isCase) this.#finishCase(draft);
    return isCase ? 'case' : 'for';
  }

  /** The head of a `case` is a command of its own; its patterns follow. */
  #finishCase(draft: Draft): void {
    this.#finish({ ...draft }, '', this.depth > 0);
    draft.words = [];
    draft.kind = 'command';
  }

  /** `name ()`: consumes the brackets. */
  #functionHead(draft: Draft): boolean {
    const [name, ...more] = draft.words;
    if (!name || more.length > 0 || !name.literal || draft.assignments.length > 0) return false;
    const brackets = /\([ \t]{0,20}\)/y;
    brackets.lastIndex = this.at;
    const match = brackets.exec(this.text);
    if (!match) return false;
    this.#functions.add(name.text);
    this.at += match[0].length;
    return true;
  }

  #redirect(draft: Draft): boolean {
    const found = this.matchAt(REDIRECT);
    if (found === undefined) return false;
    this.at += found.length;
    const operator = found.replace(/^\d+/, '');
    this.skipBlanks();
    const target = this.#word(this.#draft());
    if (!target) return true;
    if (operator === '<<' || operator === '<<-') {
      this.#hereDocuments.push({
        delimiter: target.literal ? target.text : this.text.slice(target.range.start, target.range.end),
        expands: !target.quoted,
        indented: operator === '<<-',
      });
    } else {
      draft.redirects.push({ operator, target });
    }
    return true;
  }

  /** The bodies of the here-documents whose operators stand on the line that just ended. */
  #readHereDocuments(): void {
    const documents = this.#hereDocuments;
    this.#hereDocuments = [];
    for (const { delimiter, expands, indented } of documents) {
      const start = this.at;
      let end: number | undefined;
      while (end === undefined && this.at < this.text.length) {
        const lineStart = this.at;
        const next = this.text.indexOf('\n', lineStart);
        const lineEnd = next < 0 ? this.text.length : next;
        this.at = next < 0 ? this.text.length : next + 1;
        // Only a line of about the delimiter's length can be it: long lines are not copied.
        if (lineEnd - lineStart > delimiter.length + 1000) continue;
        const line = this.text.slice(lineStart, lineEnd).replace(/\r$/, '');
        if ((indented ? line.replace(/^\t+/, '') : line) === delimiter) end = lineStart;
      }
      if (end === undefined) this.complete = false;
      if (expands) this.expansionsIn({ start, end: end ?? this.text.length });
    }
  }

  /** `((name))` as a word of the command. */
  #concourseVar(draft: Draft): boolean {
    if (this.matchAt(CONCOURSE_VAR) === undefined) return false;
    this.#word(draft);
    return true;
  }

  /** Reads a word and adds it to the command; undefined when there is none at this place. */
  #word(draft: Draft): ShellWord | undefined {
    const start = this.at;
    const mayAssign = draft.words.length === 0 || DECLARING.has(draft.words[0]?.text ?? '');
    ASSIGNMENT.lastIndex = start;
    const assignment = mayAssign && draft.kind === 'command' ? ASSIGNMENT.exec(this.text) : undefined;
    if (assignment) {
      const name = assignment[1] ?? '';
      this.at += assignment[0].length;
      this.value();
      const place = { name, range: { start, end: start + name.length } };
      draft.assignments.push(place);
      this.settings.push(place);
      return undefined;
    }
    const word = this.readWord();
    if (this.at === start) {
      // An operator where a word was expected, or a character that begins nothing.
      if (!/[;&|()<>\n`]/.test(this.text[start] ?? '\n')) this.at++;
      else if (this.text[start] === '`' || this.text[start] === '<' || this.text[start] === '>') this.at++;
      return undefined;
    }
    const { quoted } = word;
    const range = { start, end: this.at };
    // Brackets that stand alone are commands or text, not patterns.
    const bracket = word.glob && this.at - start <= 2 ? this.text.slice(start, this.at) : '';
    const plain = ['[', '[[', '{', '{}'].includes(bracket);
    const read = plain
      ? { range, text: bracket, literal: true, glob: false, quoted }
      : { range, text: word.text, literal: word.literal, glob: word.glob, quoted };
    draft.words.push(read);
    return read;
  }
}
