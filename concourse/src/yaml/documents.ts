/** From text to the `yaml` package's documents. */
import { Composer, Lexer, Parser, type Document } from 'yaml';
import { CutValues, hasIndicatorAtBracket, looseLexemes, withTextAtBrackets } from './lexemes.ts';

/** `uniqueKeys` would cost quadratic time; scalars are resolved by us, so the smallest schema does. */
const OPTIONS = {
  uniqueKeys: false,
  prettyErrors: false,
  keepSourceTokens: true,
  merge: true,
  schema: 'failsafe',
  logLevel: 'silent',
} as const;

/** The documents of a text that matter: Concourse reads the first one. */
export interface ReadDocuments {
  /** Undefined for a text without any. */
  readonly first: Document.Parsed | undefined;
  /** Looked at only to say that Concourse does not. */
  readonly second: Document.Parsed | undefined;
}

/** Deeper values than any task has; libyaml stops at 10,000. Whatever walks the tree may use recursion below this. */
const MOST_LEVELS = 1_000;
/** Of a dense file of about 3 MB: beyond that, time and memory are not worth the answer. */
const MOST_LEXEMES = 1_500_000;

/** A text that is not read to its end, so that neither time nor memory grow without bound. */
export class UnreadableSize extends RangeError {
  override name = 'UnreadableSize';
}

/**
 * Lexemes to documents. Plain loops: a chain of generators, each of which hands on what the one before it yields, costs
 * more than the parsing. The lexer and the parser stop at the second document, and where a text is too large.
 */
function compose(text: string, lexemes: Iterable<string>, seen?: CutValues): ReadDocuments {
  const words = hasIndicatorAtBracket(text) ? withTextAtBrackets(seen?.watch(lexemes) ?? lexemes) : lexemes;
  const watching = words === lexemes ? seen : undefined;
  const parser = new Parser();
  const composer = new Composer(OPTIONS);
  const documents: Document.Parsed[] = [];
  let count = 0;
  for (const lexeme of words) {
    watching?.look(lexeme);
    for (const token of parser.next(lexeme)) for (const document of composer.next(token)) documents.push(document);
    if (documents.length > 1) break;
    if (parser.stack.length > MOST_LEVELS) {
      throw new UnreadableSize(`The values are nested more than ${MOST_LEVELS} levels deep. Flatten the file.`);
    }
    if (++count > MOST_LEXEMES) {
      throw new UnreadableSize('The file has more keys and values than can be read. Split it, or move data out of it.');
    }
  }
  if (documents.length < 2) {
    for (const token of parser.end()) for (const document of composer.next(token)) documents.push(document);
    for (const document of composer.end(true, text.length)) documents.push(document);
  }
  return { first: documents[0], second: documents[1] };
}

/**
 * Composes the first two documents of a text.
 *
 * @param text with LF or CRLF as line breaks
 */
export function readDocuments(text: string): ReadDocuments {
  const cuts = new CutValues();
  const strict = compose(text, new Lexer().lex(text), cuts);
  if (!cuts.wereSeen) return strict;
  const { lexemes, openFrom } = looseLexemes(text);
  const loose = compose(text, lexemes);
  // Where brackets or quotes are really open, the strict reading finds its way back at the next key; keep that one.
  return loose.first && (openFrom === undefined || openFrom >= loose.first.range[2]) ? loose : strict;
}
