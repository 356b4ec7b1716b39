/**
 * Where go-yaml v2 (YAML 1.1, a port of libyaml) and the `yaml` package (YAML 1.2) disagree on what is valid syntax.
 */
import { isScalar, visit } from 'yaml';
import type { Document, YAMLParseError } from 'yaml';
import { rangeOfNode } from './expand.ts';
import type { Problems, TextRange } from './problem.ts';

/** True for an error of the `yaml` package over something that go-yaml reads without complaint. */
export function toleratedByGoYaml(error: YAMLParseError, text: string, document: Document.Parsed): boolean {
  void text;
  void document;
  // Custom tags of any name are fine, and `%YAML` is checked below.
  return error.code === 'BAD_DIRECTIVE';
}

// libyaml's reader: tab, line ends, printable characters.
// eslint-disable-next-line no-control-regex -- the control characters are what is looked for
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
  visit(document, {
    Scalar(_key, node) {
      if (!isScalar(node) || node.type !== 'QUOTE_DOUBLE') return;
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
    },
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
