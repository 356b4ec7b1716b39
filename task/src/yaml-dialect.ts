/**
 * Where go-yaml v2 (YAML 1.1, a port of libyaml) and the `yaml` package (YAML 1.2) disagree on what is valid syntax.
 */
import { isMap, isScalar, isSeq } from 'yaml';
import type { Document, Scalar } from 'yaml';
import { rangeOfNode } from './expand.ts';
import type { Problems, TextRange } from './problem.ts';

/** What this needs to know of an error of the `yaml` package. */
export interface SyntaxFinding {
  readonly code: string;
  readonly message: string;
  /** Start and end offset. */
  readonly pos: readonly [number, number];
}

/**
 * The text with every line break of YAML 1.1 that the `yaml` package does not know (a lone CR, NEL, LS, PS) written as
 * LF. Offsets stay the same.
 */
export function withKnownLineBreaks(text: string): string {
  return text.replaceAll(/\r(?!\n)|[\u0085\u2028\u2029]/g, '\n');
}

/**
 * Where go-yaml stops reading a document although text follows: behind a root in braces, or where the text falls back
 * to the left of an indented root. Undefined when it reads to the end.
 */
export function endOfReading(text: string, document: Document.Parsed): number | undefined {
  const root = document.contents;
  if (!isMap(root) && !isSeq(root)) return undefined;
  const [start, end] = root.range;
  const stray = document.errors.find((error) => error.code === 'UNEXPECTED_TOKEN' && error.pos[0] >= end)?.pos[0];
  if (stray === undefined) return undefined;
  if (root.flow === true) return stray;
  return columnOf(text, stray) < columnOf(text, start) ? stray : undefined;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

/** True for an error of the `yaml` package over something that go-yaml reads without complaint. */
export function toleratedByGoYaml(error: SyntaxFinding): boolean {
  // Directives are checked below, tags when values are resolved.
  return error.code === 'BAD_DIRECTIVE';
}

// libyaml's reader: tab, line ends, printable characters.
const CONTROL = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Reports what the `yaml` package reads and go-yaml rejects.
 *
 * @param scope the part of the text that belongs to the first document
 */
export function unlikeGoYaml(text: string, scope: TextRange, document: Document.Parsed, problems: Problems): void {
  const own = text.slice(scope.start, scope.end);
  const control = CONTROL.exec(own);
  if (control) {
    problems.add(
      'error',
      'yaml-control-character',
      { start: control.index, end: control.index + control[0].length },
      `The file contains the control character U+${hex(control[0])} (yaml: control characters are not allowed). Remove it, or write it as an escape in double quotes.`,
    );
  }
  directives(own, document, problems);
  forEachScalar(document.contents, (node) => {
    if (node.type === 'QUOTE_DOUBLE') surrogates(node, text, problems);
    else if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') endWithoutBreak(node, text);
  });
}

/** Calls back for every scalar, keys included; several times as fast as the package's `visit`. */
function forEachScalar(node: unknown, found: (node: Scalar) => void): void {
  if (isScalar(node)) found(node);
  else if (isSeq(node)) for (const item of node.items) forEachScalar(item, found);
  else if (isMap(node)) {
    for (const { key, value } of node.items) {
      forEachScalar(key, found);
      forEachScalar(value, found);
    }
  }
}

/** libyaml adds no line break to a block scalar that the end of the file cuts off. */
function endWithoutBreak(node: Scalar, text: string): void {
  const end = node.range?.[1];
  if (end === undefined || end < text.length || !/[^\s][^\n]*$/.test(text)) return;
  node.source = node.source?.replace(/\n$/, '') ?? '';
}

function surrogates(node: Scalar, text: string, problems: Problems): void {
  const range = rangeOfNode(node, 0);
  const source = text.slice(range.start, range.end);
  const surrogate = /^(?:[^\\]|\\(?!u[dD][89a-fA-F])[^])*?(\\u[dD][89a-fA-F][0-9a-fA-F]{2})/.exec(source);
  if (!surrogate?.[1]) return;
  const start = range.start + surrogate[0].length - surrogate[1].length;
  problems.add(
    'error',
    'yaml-surrogate-escape',
    { start, end: start + surrogate[1].length },
    'JSON escapes of surrogate pairs are not read by Concourse (yaml: found invalid Unicode character escape code). Write the character itself, or \\U with 8 digits.',
  );
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function directives(own: string, document: Document.Parsed, problems: Problems): void {
  for (const match of own.matchAll(/^\ufeff?%(\S*)[ \t]*([^\r\n]*)/gm)) {
    if (match.index > (document.contents?.range[0] ?? own.length)) return;
    const range = { start: match.index, end: match.index + match[0].length };
    const [, name = '', rest = ''] = match;
    if (name === 'YAML' && !/^1\.1(?:[ \t]|$)/.test(rest)) {
      problems.add(
        'error',
        'yaml-version',
        range,
        'Concourse reads YAML 1.1 only (yaml: found incompatible YAML document). Remove the %YAML directive.',
        { replacement: '' },
      );
    } else if (name !== 'YAML' && name !== 'TAG') {
      problems.add(
        'error',
        'yaml-directive',
        range,
        `The directive %${name} is not known (yaml: found unknown directive name). Remove the line.`,
        { replacement: '' },
      );
    }
  }
}
