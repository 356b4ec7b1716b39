/** From text to the `yaml` package's documents. */
import { Composer, Lexer, Parser, type CST, type Document } from 'yaml';
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

/** The tokens of the parser, which stops where a text is too large. */
function* tokens(lexemes: Iterable<string>): Generator<CST.Token> {
  const parser = new Parser();
  let count = 0;
  for (const lexeme of lexemes) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MOST_LEVELS) {
      throw new UnreadableSize(`The values are nested more than ${MOST_LEVELS} levels deep. Flatten the file.`);
    }
    if (++count > MOST_LEXEMES) {
      throw new UnreadableSize('The file has more keys and values than can be read. Split it, or move data out of it.');
    }
  }
  yield* parser.end();
}

function compose(text: string, lexemes: Iterable<string>): ReadDocuments {
  const words = hasIndicatorAtBracket(text) ? withTextAtBrackets(lexemes) : lexemes;
  const documents = new Composer(OPTIONS).compose(tokens(words), true, text.length);
  const first = documents.next();
  if (first.done === true) return { first: undefined, second: undefined };
  const second = documents.next();
  return { first: first.value, second: second.done === true ? undefined : second.value };
}

/**
 * Composes the first two documents of a text.
 *
 * @param text with LF or CRLF as line breaks
 */
export function readDocuments(text: string): ReadDocuments {
  const cuts = new CutValues();
  const strict = compose(text, cuts.watch(new Lexer().lex(text)));
  if (!cuts.wereSeen) return strict;
  const { lexemes, openFrom } = looseLexemes(text);
  const loose = compose(text, lexemes);
  // Where brackets or quotes are really open, the strict reading finds its way back at the next key; keep that one.
  return loose.first && (openFrom === undefined || openFrom >= loose.first.range[2]) ? loose : strict;
}
