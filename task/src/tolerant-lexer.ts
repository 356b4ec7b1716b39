/** A lexer with libyaml's idea of where a value in brackets or quotes ends. */
import { Lexer } from 'yaml';

/** What the lexer of the `yaml` package (2.9) has inside and its types hide. */
export interface LexerInside {
  indentNext: number;
  lex(source: string, incomplete?: boolean): Generator<string>;
  parseFlowCollection(): Generator<string, unknown>;
  parseQuotedScalar(): Generator<string, unknown>;
}

const LexerBase = Lexer as unknown as new () => LexerInside;

/**
 * YAML 1.2 wants the lines of a value in brackets or quotes indented deeper than its key; libyaml does not care, and
 * files that rely on it exist. The package has no option for it, so the one number that it compares with is held at 0.
 *
 * In the bundles these generators are plain functions, as those of the package are (scripts/build/plain-yaml.ts).
 */
export class TolerantLexer extends LexerBase {
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
