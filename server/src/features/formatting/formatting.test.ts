/** Formatting: tables of small texts. test/conformance/own-corpus.test.ts formats every probe and every task file. */
import { describe, expect, test } from 'vitest';
import { decodeTask } from '#concourse';
import { applyEdits } from '../fixes/edits.ts';
import { formattingEdits, rangeFormatting } from './formatting.ts';
import { CURSOR, requested } from '../testing/marked.ts';

function formatted(text: string, step = 2): string {
  return applyEdits(text, formattingEdits(decodeTask(text, { extensions: true }), step));
}

const ROWS: readonly { readonly what: string; readonly text: string; readonly result: string }[] = [
  { what: 'indents by two columns', text: 'run:\n    path: ls\n    dir: a\n', result: 'run:\n  path: ls\n  dir: a\n' },
  {
    what: 'indents lists below their key',
    text: 'inputs:\n- name: a\n  path: b\n-   name: c\n    path: d\n',
    result: 'inputs:\n  - name: a\n    path: b\n  - name: c\n    path: d\n',
  },
  {
    what: 'writes one blank behind a colon and a dash',
    text: 'a:   1\nb :  2\nc:\n  -   3\n',
    result: 'a: 1\nb: 2\nc:\n  - 3\n',
  },
  { what: 'removes blanks at the end of lines', text: 'a: 1  \nb:\t\n  c: 2 \t\n', result: 'a: 1\nb:\n  c: 2\n' },
  { what: 'keeps one empty line of several', text: '\n\na: 1\n\n\n\nb: 2\n\n\n', result: 'a: 1\n\nb: 2\n' },
  { what: 'ends the file with one line end', text: 'a: 1', result: 'a: 1\n' },
  { what: 'keeps CRLF', text: 'a:\r\n    b: 1  \r\n\r\n', result: 'a:\r\n  b: 1\r\n' },
  {
    what: 'moves a script with its block and keeps its own indentation and blanks',
    text: 'run:\n    args:\n    - |\n        if x; then\n            y  \n\n        fi\n',
    result: 'run:\n  args:\n    - |\n      if x; then\n          y  \n\n      fi\n',
  },
  {
    what: 'keeps the empty lines that count at the end of a block scalar',
    text: 'a:\n    b: |+\n        c\n\n\n',
    result: 'a:\n  b: |+\n    c\n\n\n',
  },
  {
    what: 'keeps the indentation that a block scalar names',
    text: 'a:\n    b: |2\n         c\n       d\n',
    result: 'a:\n  b: |2\n       c\n     d\n',
  },
  {
    what: 'moves comments with what they stand beside',
    text: '# top\na:\n    # first\n    b: 1 # tail\n    # last of a\n# before c\nc:\n- d\n# - e\n- f\n',
    result: '# top\na:\n  # first\n  b: 1 # tail\n  # last of a\n# before c\nc:\n  - d\n  # - e\n  - f\n',
  },
  {
    what: 'moves the lines of a flow collection together',
    text: 'a:\n    b: {c: 1,\n        d: 2\n    }\n',
    result: 'a:\n  b: {c: 1,\n      d: 2\n  }\n',
  },
  {
    what: 'moves the lines of a text together',
    text: 'a:\n    b: "one\n\n        two"\n    c: three\n        four\n',
    result: 'a:\n  b: "one\n\n      two"\n  c: three\n      four\n',
  },
  { what: 'moves an indented root to the left', text: '  a: 1\n  b:\n    c: 2\n', result: 'a: 1\nb:\n  c: 2\n' },
  {
    what: 'lets no comment slip into the block scalar above it',
    text: 'a:\n    b: |\n            text\n      # no text\n    c: 1\n',
    result: 'a:\n  b: |\n    text\n  # no text\n  c: 1\n',
  },
  { what: 'leaves a text with errors alone', text: 'a: [1\nb:    2\n', result: 'a: [1\nb:    2\n' },
  { what: 'leaves several documents alone', text: 'a:   1\n---\nb:   2\n', result: 'a:   1\n---\nb:   2\n' },
  {
    what: 'leaves anchors and tags where they are',
    text: 'a:   &x   !!str 1\nb: *x\n',
    result: 'a: &x   !!str 1\nb: *x\n',
  },
];

describe('formatting', () => {
  test.each(ROWS)('$what', ({ text, result }) => {
    expect(formatted(text)).toBe(result);
    expect(formatted(result)).toBe(result);
  });

  test('follows the editor in the width of a level', () => {
    expect(formatted('run:\n  path: ls\n  args:\n  - a\n', 4)).toBe('run:\n    path: ls\n    args:\n        - a\n');
  });

  test('of a selection lays out the top-level entries that it touches', () => {
    const text = `a:\n    b: 1\nc:\n    d: 2${CURSOR}\ne:\n    f: 3\n`;
    const offset = text.indexOf(CURSOR);
    const request = requested(text.replace(CURSOR, ''));
    const edits = rangeFormatting(request, { start: offset, end: offset }, { tabSize: 2, insertSpaces: true });
    expect(edits).toEqual([
      { range: { start: { line: 3, character: 0 }, end: { line: 3, character: 4 } }, newText: '  ' },
    ]);
  });

  test('leaves pipelines to their own tools', () => {
    const text = 'jobs:\n- name: a\n  plan:\n  - task: t\n    config:\n        platform:   linux\n';
    const { task } = requested(text, { pipeline: true });
    expect(formattingEdits(task, 2)).toEqual([]);
  });
});
