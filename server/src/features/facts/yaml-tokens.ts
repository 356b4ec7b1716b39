/**
 * The words of a YAML text with their places, for what the decoded tree does not keep: comments, anchors, aliases, block
 * scalars. It reads any text, also one that does not parse, in one pass.
 */
import { Lexer } from 'yaml';
import type { Position, TextRange } from '#concourse';

/** A YAML text that is kept as it is: a task or a pipeline. */
export interface YamlText {
  readonly text: string;
  positionAt(offset: number): Position;
}

/** One word of a YAML text. */
export interface YamlToken {
  readonly kind: 'comment' | 'anchor' | 'alias' | 'block-header' | 'block-text' | 'scalar' | 'document-start' | 'other';
  readonly range: TextRange;
}

/** What the lexer puts before a scalar; like its other control characters it does not stand in the text. */
const SCALAR = '\u001f';
const CONTROLS: ReadonlySet<string> = new Set([SCALAR, '\u0002', '\u0018']);

const known = new WeakMap<YamlText, readonly YamlToken[]>();

/** The words of the whole file, in the order of the text, blanks and line breaks left out. Computed once per document. */
export function yamlTokens(source: YamlText): readonly YamlToken[] {
  let tokens = known.get(source);
  if (!tokens) {
    tokens = readTokens(source.text);
    known.set(source, tokens);
  }
  return tokens;
}

/** The words of any text. */
export function readTokens(text: string): YamlToken[] {
  const tokens: YamlToken[] = [];
  // YAML 1.1 knows more line breaks than the lexer; each is one character, so that places stay.
  const lines = text.replaceAll(/\r(?!\n)|[\u0085\u2028\u2029]/g, '\n');
  let at = 0;
  let scalarNext = false;
  let blockNext = false;
  for (const source of new Lexer().lex(lines)) {
    if (!scalarNext && CONTROLS.has(source)) {
      scalarNext = source === SCALAR;
      continue;
    }
    const range = { start: at, end: at + source.length };
    at = range.end;
    const kind = scalarNext ? (blockNext ? 'block-text' : 'scalar') : kindOf(source);
    if (scalarNext) blockNext = false;
    else if (kind === 'block-header') blockNext = true;
    scalarNext = false;
    if (source.trim() !== '' || kind === 'block-text') tokens.push({ kind, range });
  }
  return tokens;
}

function kindOf(source: string): YamlToken['kind'] {
  switch (source[0]) {
    case '#':
      return 'comment';
    case '&':
      return 'anchor';
    case '*':
      return 'alias';
    case '|':
    case '>':
      return 'block-header';
    case '"':
    case "'":
      return 'scalar';
    default:
      return source === '---' ? 'document-start' : 'other';
  }
}
