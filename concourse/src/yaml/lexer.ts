/** Lexers with libyaml's idea of where a value in brackets or quotes ends. */
import { CST, Lexer } from 'yaml';

/** What the lexer of the `yaml` package (2.9) has inside and its types hide. */
export interface LexerInside {
  readonly atEnd: boolean;
  readonly buffer: string;
  readonly flowLevel: number;
  readonly pos: number;
  indentNext: number;
  lex(source: string, incomplete?: boolean): Generator<string>;
  parseFlowCollection(): Generator<string, unknown>;
  parseQuotedScalar(): Generator<string, unknown>;
  parsePlainScalar(): Generator<string, unknown>;
  charAt(offset: number): string | undefined;
  continueScalar(offset: number): number;
  pushToIndex(index: number, allowEmpty: boolean): Generator<string, number>;
  setNext(state: string): null;
}

const LexerBase = Lexer as unknown as new () => LexerInside;

/** True for text in which it makes a difference whether the `FlowLexer` reads it. */
export function hasIndicatorAtBracket(text: string): boolean {
  return /[:-][,[\]{}]/.test(text);
}

/**
 * In brackets a colon or a lone dash in front of `,` or a bracket is text in libyaml: `[a:, -]` has the items `a:` and `-`.
 * In YAML 1.2 the colon is the one behind a key, and the dash begins a list.
 */
export class FlowLexer extends LexerBase {
  /** The lexer asks for the next character where a dash might be an indicator. */
  override charAt(offset: number): string | undefined {
    const character = super.charAt(offset);
    const behindDash = offset === 1 && this.flowLevel > 0 && this.buffer[this.pos] === '-';
    return behindDash && character !== undefined && ',[]{}'.includes(character) ? '-' : character;
  }

  override *parsePlainScalar(): Generator<string, unknown> {
    if (this.flowLevel === 0) {
      const after = yield* super.parsePlainScalar();
      return after;
    }
    let end = this.pos - 1;
    let at = this.pos;
    for (; at < this.buffer.length; at++) {
      const character = this.buffer.charAt(at);
      const next = this.buffer.charAt(at + 1);
      if (character === ':') {
        if (isBlank(next)) break;
      } else if (isBlank(character)) {
        const isLine = character === '\n' || (character === '\r' && next === '\n');
        if (character === '\r' && isLine) at++;
        const behind = this.buffer.charAt(at + 1);
        if (behind === '#' || (behind !== '' && ',[]{}'.includes(behind))) break;
        if (!isLine) continue;
        const continued = this.continueScalar(at + 1);
        if (continued === -1) break;
        at = Math.max(at, continued - 2);
        continue;
      } else if (',[]{}'.includes(character)) {
        break;
      }
      end = at;
    }
    if (at >= this.buffer.length && !this.atEnd) return this.setNext('plain-scalar');
    yield CST.SCALAR;
    yield* this.pushToIndex(end + 1, true);
    return 'flow';
  }
}

function isBlank(character: string): boolean {
  return character === '' || ' \t\r\n'.includes(character);
}

/**
 * YAML 1.2 wants the lines of a value in brackets or quotes indented deeper than its key; libyaml does not care, and
 * files that rely on it exist. The package has no option for it, so the one number that it compares with is held at 0.
 *
 * In the bundles these generators are plain functions, as those of the package are (scripts/build/plain-yaml.ts).
 */
export class TolerantLexer extends FlowLexer {
  override *parseFlowCollection(): Generator<string, unknown> {
    const indent = this.indentNext;
    this.indentNext = 0;
    const next = yield* super.parseFlowCollection();
    this.indentNext = indent;
    return next;
  }

  override *parseQuotedScalar(): Generator<string, unknown> {
    const indent = this.indentNext;
    this.indentNext = 0;
    const next = yield* super.parseQuotedScalar();
    this.indentNext = indent;
    return next;
  }
}
