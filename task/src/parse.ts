/** From text to the tree that Concourse sees; syntax errors become problems. */
import { Composer, Parser } from 'yaml';
import type { Document } from 'yaml';
import { expand } from './expand.ts';
import { nullNode } from './nodes.ts';
import type { TaskNode } from './nodes.ts';
import type { Problems, TextRange } from './problem.ts';
import type { SyntaxFinding } from './yaml-dialect.ts';
import { endOfReading, toleratedByGoYaml, unlikeGoYaml, withKnownLineBreaks } from './yaml-dialect.ts';

/** The first document of a text. */
export interface ParsedText {
  /** Never absent: an empty document is a null node. */
  readonly root: TaskNode;
  /** The syntax tree, for features that need comments or unfinished parts; undefined when nothing could be composed. */
  readonly document: Document.Parsed | undefined;
}

/** `uniqueKeys` would cost quadratic time; scalars are resolved by us, so the smallest schema does. */
const OPTIONS = {
  uniqueKeys: false,
  prettyErrors: false,
  keepSourceTokens: true,
  merge: true,
  schema: 'failsafe',
  logLevel: 'silent',
} as const;

const SYNTAX_HELP: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Tabs cannot indent YAML: use blanks.',
  BAD_INDENT: 'Check the indentation of this line against the lines above.',
  MISSING_CHAR: 'Something is not closed or separated here.',
  BLOCK_AS_IMPLICIT_KEY:
    'Quote the value if it contains ": ", or put a nested mapping on its own, deeper indented line.',
  BAD_SCALAR_START: 'Quote a value that starts with a special character.',
  BAD_DQ_ESCAPE: 'In double quotes a backslash starts an escape: double it, or use single quotes.',
};

function syntaxProblem(problems: Problems, error: SyntaxFinding, length: number): void {
  const start = Math.min(error.pos[0], length);
  const end = Math.min(error.pos[1], length);
  const help = SYNTAX_HELP[error.code];
  problems.add(
    'error',
    'yaml-syntax',
    { start, end: Math.max(end, start) },
    `This is not valid YAML: ${error.message}${help === undefined ? '' : `. ${help}`}`,
  );
}

/**
 * Parses the first document of a text as Concourse's YAML reader would.
 *
 * @param text any text; a byte order mark and CRLF are fine
 * @param problems receives everything that is wrong
 */
export function parseText(text: string, problems: Problems): ParsedText {
  try {
    const documents = new Composer(OPTIONS).compose(new Parser().parse(withKnownLineBreaks(text)), true, text.length);
    const first = documents.next();
    const document = first.done === true ? undefined : first.value;
    if (!document) return { root: nullNode(0), document };
    // Later documents are looked at only to say that Concourse does not.
    const second = documents.next();
    const extra = second.done === true ? undefined : second.value;
    const stop = endOfReading(text, document);
    const scope = { start: 0, end: stop ?? (extra === undefined ? text.length : document.range[2]) };
    for (const error of document.errors) {
      const read = stop === undefined || error.pos[0] < stop;
      if (read && !toleratedByGoYaml(error)) syntaxProblem(problems, error, text.length);
    }
    if (stop !== undefined) {
      problems.add(
        'warning',
        'ignored-text',
        { start: stop, end: text.trimEnd().length },
        'Concourse stops reading before this line and silently ignores the rest: the text falls back to the left of the first key, or follows a closed root. Give all top-level keys the same indentation.',
      );
    }
    unlikeGoYaml(text, scope, document, problems);
    if (extra?.contents != null) extraDocument(text, extra.range[0], problems);
    return { root: expand(document.contents, problems), document };
  } catch (error) {
    // Recursion in the parser or in us: nesting of thousands of levels.
    if (!(error instanceof RangeError)) throw error;
    problems.add(
      'error',
      'yaml-too-deep',
      { start: 0, end: text.length },
      'The values are nested too deeply to be read. Flatten the file.',
    );
    return { root: nullNode(0), document: undefined };
  }
}

function extraDocument(text: string, start: number, problems: Problems): void {
  const marker = text.indexOf('---', start);
  const range: TextRange = marker < 0 ? { start, end: text.length } : { start: marker, end: marker + 3 };
  problems.add(
    'warning',
    'extra-document',
    range,
    'Concourse reads the first YAML document of a task file and silently ignores what follows this line. Put the second document into a file of its own.',
  );
}
