/**
 * Where go-yaml v2 (YAML 1.1, a port of libyaml) and the `yaml` package (YAML 1.2) disagree on what is valid syntax.
 */
import { isMap, isNode, isScalar, isSeq, type CST, type Document, type Node, type Scalar, type YAMLMap } from 'yaml';
import { rangeOfNode } from './expand.ts';
import type { Problems, TextRange } from '../text/problem.ts';
import { tabLines } from './tabs.ts';

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

/** Directives that libyaml's scanner reads to their end. */
const READABLE_DIRECTIVE = /^%(?:YAML[ \t]+\d+\.\d+|TAG[ \t]+!(?:[\w-]*!)?[ \t]+\S+)[ \t]*(?:#.*)?$/;

/**
 * A directive in the middle of the text: libyaml takes every `%` at the beginning of a line for one, which ends the
 * document. One that it cannot read is an error as it stands.
 */
export function directiveInside(text: string, document: Document.Parsed): number | undefined {
  const error = document.errors.find(
    ({ code, pos }) => code === 'BAD_SCALAR_START' && text[pos[0]] === '%' && columnOf(text, pos[0]) === 0,
  );
  if (!error) return undefined;
  const [start] = error.pos;
  return READABLE_DIRECTIVE.test(text.slice(start, lineEnd(text, start))) ? start : undefined;
}

function lineEnd(text: string, offset: number): number {
  const end = /[\r\n]/g;
  end.lastIndex = offset;
  return end.exec(text)?.index ?? text.length;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
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
  tabLines(text, scope, document, problems);
  forEachNode(document.contents, false, (node, inFlow) => {
    anchorName(node, problems);
    if (isMap(node)) emptyKeys(node, problems);
    if (isMap(node) && node.flow === true) keyLines(node, text, problems);
    if (isMap(node) || isSeq(node)) tokensBetween(node.srcToken, text, problems);
    if (isSeq(node) && node.srcToken?.type === 'block-seq') tabsBehindDashes(node.srcToken.items, problems);
    if (!isScalar(node)) return;
    if (node.type === 'QUOTE_DOUBLE') {
      surrogates(node, text, problems);
      escapedSlash(node, text, problems);
    } else if (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED') {
      endWithoutBreak(node, text);
      tabInFirstLine(node, text, problems);
    } else if (inFlow && node.type === 'PLAIN') {
      flowIndicators(node, text, problems);
    }
  });
}

/** Calls back for every node, keys included; several times as fast as the package's `visit`. */
export function forEachNode(node: unknown, inFlow: boolean, found: (node: Node, inFlow: boolean) => void): void {
  if (!isNode(node)) return;
  found(node, inFlow);
  if (isSeq(node)) {
    for (const item of node.items) forEachNode(item, inFlow || node.flow === true, found);
  } else if (isMap(node)) {
    for (const { key, value } of node.items) {
      forEachNode(key, inFlow || node.flow === true, found);
      forEachNode(value, inFlow || node.flow === true, found);
    }
  }
}

/** In brackets libyaml ends a plain value at every question mark, and takes a leading colon for the one behind a key. */
function flowIndicators(node: Scalar, text: string, problems: Problems): void {
  const { start, end } = rangeOfNode(node, 0);
  const source = text.slice(start, end);
  const at = source.startsWith(':') ? 0 : source.indexOf('?');
  if (at < 0) return;
  problems.add(
    'error',
    'yaml-syntax',
    { start, end },
    `This is not valid YAML for Concourse. Inside of brackets a plain value must not ${source.startsWith(':') ? "begin with ':'" : "contain '?'"} (yaml: did not find expected ',' or '}'). Quote the value.`,
    { replacement: JSON.stringify(node.source ?? source) },
  );
}

/** A key without `?` must be on one line with its colon; the `yaml` package forgets that in mappings in braces. */
function keyLines(node: YAMLMap, text: string, problems: Problems): void {
  for (const { key, srcToken } of node.items) {
    const colon = srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
    if (!colon || !isNode(key) || srcToken?.start.some(({ type }) => type === 'explicit-key-ind')) continue;
    const { start, end } = rangeOfNode(key, colon.offset);
    if (!/[\r\n\u0085\u2028\u2029]/.test(text.slice(start, colon.offset))) continue;
    problems.add(
      'error',
      'yaml-syntax',
      { start, end },
      "This is not valid YAML for Concourse. A key and its ':' must be on one line (yaml: did not find expected ',' or '}'). Join the lines.",
    );
  }
}

/** Behind the `-` of an item libyaml expects the next token, and a tab begins none. */
function tabsBehindDashes(items: readonly CST.BlockSequence['items'][number][], problems: Problems): void {
  for (const { start } of items) {
    const dash = start.findIndex(({ type }) => type === 'seq-item-ind');
    const blanks = start[dash + 1];
    const tab = dash >= 0 && blanks?.type === 'space' ? blanks.source.indexOf('\t') : -1;
    if (!blanks || tab < 0) continue;
    problems.add(
      'error',
      'yaml-syntax',
      { start: blanks.offset + tab, end: blanks.offset + blanks.source.length },
      "This is not valid YAML for Concourse. Behind the '-' of a list item there must be blanks, not a tab (yaml: found character that cannot start any token).",
      { replacement: ' ' },
    );
  }
}

/** libyaml reads a `:` without a key before it as an error; the `yaml` package as one with the key null. */
function emptyKeys(node: YAMLMap, problems: Problems): void {
  for (const { key, srcToken } of node.items) {
    const before = srcToken?.start.filter(({ type }) => !['space', 'newline', 'comma', 'comment'].includes(type)) ?? [];
    if (srcToken?.key || before.length > 0) continue;
    const colon = srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
    if (!colon || (isScalar(key) && (key.tag !== undefined || key.anchor !== undefined))) continue;
    problems.add(
      'error',
      'yaml-syntax',
      { start: colon.offset, end: colon.offset + 1 },
      "This is not valid YAML for Concourse. There is no key before this ':' (yaml: did not find expected key). Write one, or quote the text.",
    );
  }
}

/** What libyaml does not allow between values: a tab that begins a line, and a tag that runs into a bracket. */
function tokensBetween(token: CST.Token | undefined, text: string, problems: Problems): void {
  if (token?.type === 'block-map') {
    for (const { sep } of token.items) if (sep) tabAtLineStart(sep, problems);
  } else if (token?.type === 'flow-collection') {
    for (const { start, sep } of token.items) {
      for (const each of start) tagAtBracket(each, text, problems);
      for (const each of sep ?? []) tagAtBracket(each, text, problems);
    }
  }
}

/** In block style a value may stand in a line of its own, but no tab before it. */
function tabAtLineStart(tokens: readonly CST.SourceToken[], problems: Problems): void {
  const line = tokens.findLastIndex(({ type }) => type === 'newline');
  if (line < 0) return;
  const blanks = tokens.slice(line + 1).find(({ type, source }) => type === 'space' && source.includes('\t'));
  if (!blanks) return;
  const start = blanks.offset + blanks.source.indexOf('\t');
  // Most of them the `yaml` package rejects, too.
  if (problems.added.some(({ code, range }) => code === 'yaml-syntax' && range.start <= start && start < range.end)) {
    return;
  }
  problems.add(
    'error',
    'yaml-syntax',
    { start, end: blanks.offset + blanks.source.length },
    'This is not valid YAML for Concourse. The blanks at the beginning of a line must not have a tab (yaml: found character that cannot start any token). Use blanks.',
    { replacement: ' ' },
  );
}

/** Brackets and commas may be part of a tag, and a brace must not follow one at once. */
function tagAtBracket({ type, offset, source }: CST.SourceToken, text: string, problems: Problems): void {
  const end = offset + source.length;
  if (type !== 'tag' || !/[,[\]{}]/.test(text.charAt(end))) return;
  problems.add(
    'error',
    'yaml-syntax',
    { start: offset, end },
    `This is not valid YAML for Concourse. Behind a tag there must be a blank (yaml: did not find expected whitespace or line break). Write '${source} '.`,
    { replacement: `${source} ` },
  );
}

/** JSON may escape a slash; libyaml knows no such escape. */
function escapedSlash(node: Scalar, text: string, problems: Problems): void {
  const range = rangeOfNode(node, 0);
  const slash = /^(?:[^\\]|\\[^/])*?\\(?=\/)/.exec(text.slice(range.start, range.end));
  if (!slash) return;
  const start = range.start + slash[0].length - 1;
  problems.add(
    'error',
    'yaml-syntax',
    { start, end: start + 2 },
    "This is not valid YAML for Concourse. A slash has no escape, unlike in JSON (yaml: found unknown escape character). Write '/'.",
    { replacement: '/' },
  );
}

/** Names of anchors are shorter in libyaml: the `yaml` package takes nearly every character. */
function anchorName(node: Node, problems: Problems): void {
  const name = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (name === undefined || /^[\w-]+$/.test(name)) return;
  problems.add(
    'error',
    'yaml-syntax',
    rangeOfNode(node, 0),
    `This is not valid YAML for Concourse. The name of an anchor, here '${name}', has only letters, digits, '-' and '_' (yaml: did not find expected alphabetic or numeric character). Rename it.`,
  );
}

/** libyaml adds no line break to a block scalar that the end of the file cuts off. */
function endWithoutBreak(node: Scalar, text: string): void {
  const end = node.range?.[1];
  if (end === undefined || end < text.length || !/[^\s][^\n]*$/.test(text)) return;
  node.source = node.source?.replace(/\n$/, '') ?? '';
}

/** libyaml takes the indentation of a block scalar from its first line, and wants no tab behind those blanks. */
function tabInFirstLine(node: Scalar, text: string, problems: Problems): void {
  const { start, end } = rangeOfNode(node, 0);
  const tab = /^[|>][-+]?[ \t]*(?:#[^\n]*)?\r?\n(?: *\r?\n)* +(\t+)/.exec(text.slice(start, end));
  if (!tab?.[1]) return;
  const at = start + tab[0].length - tab[1].length;
  problems.add(
    'error',
    'yaml-syntax',
    { start: at, end: at + tab[1].length },
    'This is not valid YAML for Concourse. The first line of a text must not be indented by a tab (yaml: found a tab character where an indentation space is expected). Use blanks.',
  );
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

/** fly reads a pipeline with go-yaml v3 first, where only `true` and `false` are booleans, `!!bool yes` is none. */
export function wordsOfYaml11(contents: unknown, text: string, problems: Problems): void {
  if (!/!!bool|!<|%TAG/.test(text)) return;
  forEachNode(contents, false, (node) => {
    if (!isScalar(node) || node.tag !== 'tag:yaml.org,2002:bool') return;
    const word = node.source ?? '';
    if (!/^(?:y|yes|on|n|no|off)$/i.test(word)) return;
    problems.add(
      'error',
      'yaml-tag',
      rangeOfNode(node, 0),
      `The value does not fit its tag (yaml: cannot decode !!str \`${word}\` as a !!bool). Write true or false, without the tag.`,
    );
  });
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function directives(own: string, document: Document.Parsed, problems: Problems): void {
  for (const match of own.matchAll(/^\ufeff?%(\S*)[ \t]*([^\r\n]*)/gm)) {
    if (match.index > (document.contents?.range[0] ?? own.length)) return;
    const range = { start: match.index, end: match.index + match[0].length };
    const [, name = '', rest = ''] = match;
    if (name === 'YAML' && !/^0?1\.0?1(?:[ \t]|$)/.test(rest)) {
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
