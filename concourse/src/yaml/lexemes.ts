/**
 * Where libyaml ends a value in brackets or quotes elsewhere than the lexer of the `yaml` package: what that lexer says is
 * changed here before the parser hears it.
 */
import { CST, Lexer } from 'yaml';

/** True for text in which it makes a difference whether `withTextAtBrackets` reads it. */
export function hasIndicatorAtBracket(text: string): boolean {
  return /[:-][,[\]{}]/.test(text);
}

const isFlowIndicator = (lexeme: string): boolean => lexeme.length === 1 && ',[]{}'.includes(lexeme);
const isBlank = (lexeme: string): boolean => /^[ \t\r\n]/.test(lexeme);

/**
 * In brackets a colon or a lone dash in front of `,` or a bracket is text in libyaml: `[a:, -]` has the items `a:` and `-`.
 * In YAML 1.2 the colon is the one behind a key, and the dash begins a list.
 */
export function* withTextAtBrackets(lexemes: Iterable<string>): Generator<string> {
  let level = 0;
  /** A plain value in brackets and the blanks behind it: the value may go on. */
  let held: string[] = [];
  let isValue = false;
  /** A colon or a dash: the next lexeme decides. */
  let sign: string | undefined;
  let behind: string[] = [];
  function* release(): Generator<string> {
    if (held.length === 0) return;
    yield CST.SCALAR;
    yield* held;
    held = [];
  }
  for (const lexeme of lexemes) {
    if (sign !== undefined) {
      // The lexer sees an empty value between the sign and a comma.
      if (behind.length === 0 ? lexeme === CST.SCALAR : behind.length === 1 && lexeme === '') {
        behind.push(lexeme);
        continue;
      }
      if (isFlowIndicator(lexeme)) {
        held = [held.join('') + sign];
        yield* release();
      } else {
        yield* release();
        yield sign;
        isValue = behind.length === 1;
        if (!isValue) yield* behind;
      }
      sign = undefined;
      behind = [];
    }
    if (isValue) {
      isValue = false;
      held = [lexeme];
      // Outside of brackets every value is as the lexer says.
      if (level === 0) yield* release();
    } else if (held.length > 0 && isBlank(lexeme)) {
      held.push(lexeme);
    } else if (held.length > 0 && lexeme === ':') {
      sign = lexeme;
    } else {
      yield* release();
      if (level > 0 && lexeme === '-') sign = lexeme;
      else if (lexeme === CST.SCALAR) isValue = true;
      else yield lexeme;
      level = levelAfter(lexeme, level);
    }
  }
  yield* release();
  if (sign !== undefined) yield* [sign, ...behind];
}

function levelAfter(lexeme: string, level: number): number {
  switch (lexeme) {
    case '[':
    case '{':
      return level + 1;
    case ']':
    case '}':
      return Math.max(0, level - 1);
    case CST.FLOW_END:
      return 0;
    default:
      return level;
  }
}

/** True for the lexeme of a value in quotes that lacks its end. */
function lacksItsQuote(lexeme: string): boolean {
  const quote = lexeme.charAt(0);
  if (quote !== '"' && quote !== "'") return false;
  if (lexeme.length === 1 || !lexeme.endsWith(quote)) return true;
  // Behind two single quotes, or behind an escaped double one, the value goes on.
  const before = quote === '"' ? /\\*$/ : /'*$/;
  return (before.exec(lexeme.slice(1, -1))?.[0].length ?? 0) % 2 === 1;
}

/** Finds out, lexeme by lexeme, whether the lexer ended brackets or quotes because a line is not indented deeper. */
export class CutValues {
  #isText = false;
  #wereSeen = false;

  /** True when one of the lexemes that were handed on was such a one. */
  get wereSeen(): boolean {
    return this.#wereSeen;
  }

  /** Hands lexemes on, and remembers. */
  *watch(lexemes: Iterable<string>): Generator<string> {
    for (const lexeme of lexemes) {
      this.look(lexeme);
      yield lexeme;
    }
  }

  /** Remembers when a lexeme, the next of its text, was cut. */
  look(lexeme: string): void {
    if (this.isCut(lexeme)) this.#wereSeen = true;
  }

  /** True for the lexeme at which it did. */
  isCut(lexeme: string): boolean {
    const isText = this.#isText;
    this.#isText = lexeme === CST.SCALAR;
    return !isText && (lexeme === CST.FLOW_END || lacksItsQuote(lexeme));
  }
}

/** The lexemes of a text whose values in brackets and quotes may be indented in any way. */
export interface LooseLexemes {
  readonly lexemes: readonly string[];
  /** Where a value in brackets or quotes begins that has no end. */
  readonly openFrom: number | undefined;
}

/**
 * YAML 1.2 wants the lines of a value in brackets or quotes indented deeper than its key; libyaml does not care, and
 * files that rely on it exist. Such a value is read by itself, as if it was all there is; behind its line the lexer
 * begins anew.
 */
export function looseLexemes(text: string): LooseLexemes {
  const lexemes: string[] = [];
  let from = 0;
  for (;;) {
    const before = lexemes.length;
    const start = lexUntilCut(text, from, lexemes);
    if (start === undefined) return { lexemes, openFrom: undefined };
    const end = lexValue(text, start, lexemes);
    const next = end === undefined ? undefined : lexEndOfLine(text, end, lexemes);
    if (next === undefined || !beginsAnew(text, next)) {
      lexemes.length = before;
      for (const lexeme of lexemesFrom(text, from)) lexemes.push(lexeme);
      return { lexemes, openFrom: start };
    }
    from = next;
  }
}

/** The lexemes of the rest of a text, which belongs to the document that has begun. */
function* lexemesFrom(text: string, from: number): Generator<string> {
  let goesOn = from > 0;
  for (const lexeme of new Lexer().lex(text.slice(from))) {
    if (!goesOn || lexeme !== CST.DOCUMENT) yield lexeme;
    else goesOn = false;
  }
}

/** Appends the lexemes of a text up to the first value that is cut off; the offset of that, or undefined for none. */
function lexUntilCut(text: string, from: number, lexemes: string[]): number | undefined {
  const cuts = new CutValues();
  let at = from;
  let level = 0;
  let outermost = { at, count: lexemes.length };
  let isText = false;
  for (const lexeme of lexemesFrom(text, from)) {
    if (level === 0) outermost = { at, count: lexemes.length };
    if (cuts.isCut(lexeme)) {
      lexemes.length = outermost.count;
      return outermost.at;
    }
    if (!isText) level = levelAfter(lexeme, level);
    isText = lexeme === CST.SCALAR;
    lexemes.push(lexeme);
    if (!isControl(lexeme)) at += lexeme.length;
  }
  return undefined;
}

const isControl = (lexeme: string): boolean =>
  lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END || lexeme === CST.SCALAR;

/** Appends the lexemes of one value in brackets or quotes; the offset behind it, or undefined when it has no end. */
function lexValue(text: string, start: number, lexemes: string[]): number | undefined {
  const cuts = new CutValues();
  const closing: string[] = [];
  let at = start;
  for (const lexeme of new Lexer().lex(text.slice(start))) {
    if (cuts.isCut(lexeme)) return undefined;
    if (lexeme === CST.DOCUMENT) continue;
    lexemes.push(lexeme);
    if (!isControl(lexeme)) at += lexeme.length;
    if (lexeme === '[') closing.push(']');
    else if (lexeme === '{') closing.push('}');
    else if ((lexeme === ']' || lexeme === '}') && closing.pop() !== lexeme) return undefined;
    if (closing.length === 0) return at;
  }
  return undefined;
}

/** Appends blanks, a comment and the line break; the offset behind them, or undefined when something else follows. */
function lexEndOfLine(text: string, from: number, lexemes: string[]): number | undefined {
  const rest = /([ \t]*)(#[^\r\n]*)?(\r?\n|$)/y;
  rest.lastIndex = from;
  const found = rest.exec(text);
  if (!found) return undefined;
  lexemes.push(...found.slice(1).filter((part?: string) => part !== undefined && part !== ''));
  return rest.lastIndex;
}

/** False before a line that a lexer which begins there would not take for a part of the document. */
function beginsAnew(text: string, from: number): boolean {
  const first = /(?:[ \t]*(?:#[^\n]*)?\r?\n)*[%\ufeff]/y;
  first.lastIndex = from;
  return !first.test(text);
}
