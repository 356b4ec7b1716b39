/** From text to the tree that Concourse sees; syntax errors become problems. */
import { isScalar, type Document } from 'yaml';
import { expand } from './expand.ts';
import { nullNode, type TaskNode } from './nodes.ts';
import { Problems, type Problem, type TextRange } from '../text/problem.ts';
import { reportSyntaxErrors } from './errors.ts';
import { directiveInside, endOfReading, unlikeGoYaml, withKnownLineBreaks } from './dialect.ts';
import { readDocuments, UnreadableSize } from './documents.ts';
import { type Duplicate, findDuplicates } from './duplicates.ts';
import { withoutTolerated } from './finding.ts';

/** The first document of a text. */
export interface ParsedText {
  /** Never absent: an empty document is a null node. */
  readonly root: TaskNode;
  /** The syntax tree, for features that need comments or unfinished parts; undefined when nothing could be composed. */
  readonly document: Document.Parsed | undefined;
  /** Offset from which on the syntax is broken and the tree a guess; undefined for a text that can be read. */
  readonly brokenFrom?: number | undefined;
  /** True where something has an anchor: a node may then be used at other places, too. */
  readonly anchored?: boolean;
}

/** A text that is parsed, for readers that look at the same text. */
export interface ParsedFile extends ParsedText {
  readonly text: string;
  /** Everything that is wrong with its syntax. */
  readonly problems: readonly Problem[];
  /** Keys that stand twice, as go-yaml v3 finds them. */
  readonly duplicates: readonly Duplicate[];
}

/** Parses a text once for several readers. */
export function parseFile(text: string): ParsedFile {
  const problems = new Problems();
  const parsed = parseText(text, problems);
  return {
    ...parsed,
    text,
    problems: problems.sorted(),
    duplicates: findDuplicates(parsed.document?.contents),
  };
}

/**
 * Parses the first document of a text as Concourse's YAML reader would.
 *
 * @param text any text; a byte order mark and CRLF are fine
 * @param problems receives everything that is wrong
 */
export function parseText(text: string, problems: Problems): ParsedText {
  try {
    const found = new Problems();
    const parsed = parseDocument(text, found);
    problems.addAll(found.sorted());
    return parsed;
  } catch (error) {
    // Recursion in the parser or in us: nesting of thousands of levels.
    if (!(error instanceof RangeError)) throw error;
    problems.add(
      'error',
      'yaml-too-deep',
      { start: 0, end: Math.min(1, text.length) },
      error instanceof UnreadableSize
        ? error.message
        : 'The values are nested too deeply to be read. Flatten the file.',
    );
    return { root: nullNode(0), document: undefined, brokenFrom: 0 };
  }
}

function parseDocument(text: string, problems: Problems): ParsedText {
  const known = withKnownLineBreaks(text);
  let { first: document, second: extra } = readDocuments(known);
  if (!document) return { root: nullNode(0), document };
  let stop = endOfReading(text, document);
  const directive = directiveInside(text, document);
  if (directive !== undefined) {
    stop = directive;
    // What follows must not get into the tree.
    ({ first: document } = readDocuments(known.slice(0, directive)));
    extra = undefined;
    if (!document) return { root: nullNode(0), document };
  }
  const scope = { start: 0, end: stop ?? (extra === undefined ? text.length : document.range[2]) };
  const errors = withoutTolerated(text, document.errors).filter(({ pos }) => stop === undefined || pos[0] < stop);
  const brokenFrom = reportSyntaxErrors(text, document, errors, problems);
  if (stop !== undefined) {
    problems.add(
      'warning',
      'ignored-text',
      { start: stop, end: firstLineEnd(text, stop) },
      'Concourse stops reading before this line and silently ignores the rest: the text falls back to the left of the first key, or follows a closed root. Give all top-level keys the same indentation.',
    );
  }
  unlikeGoYaml(text, scope, document, problems);
  if (extra && hasContents(extra)) extraDocument(text, extra.range[0], problems);
  const { root, complete, anchored } = expand(document.contents, problems);
  const from = complete ? brokenFrom : 0;
  return { root, document, brokenFrom: from, anchored };
}

function firstLineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

/** False for `---` with nothing behind it. */
function hasContents({ contents }: Document.Parsed): boolean {
  if (contents === null) return false;
  return !isScalar(contents) || contents.range[1] > contents.range[0];
}

function extraDocument(text: string, start: number, problems: Problems): void {
  const marker = text.indexOf('---', start);
  const range: TextRange = marker < 0 ? { start, end: text.length } : { start: marker, end: marker + 3 };
  problems.add(
    'warning',
    'extra-document',
    range,
    'Concourse reads the first YAML document of a file and silently ignores what follows this line. Put the second document into a file of its own.',
  );
}
