import { expect, test } from 'vitest';
import { foldingRanges } from './folding-ranges.ts';
import { requested } from './testing/marked.ts';

/** `first-last kind` of each fold, lines counted from 1. */
function folds(text: string, pipeline?: true): string[] {
  return foldingRanges(requested(text, pipeline ? { pipeline } : {})).map(
    ({ startLine, endLine, kind }) => `${startLine + 1}-${endLine + 1}${kind === undefined ? '' : ` ${kind}`}`,
  );
}

const rows: [string, string, string[]][] = [
  ['a mapping', 'run:\n  path: a\n  user: b\nplatform: c', ['1-3']],
  ['a list below its key, at the same column', 'inputs:\n- name: a\n  path: b\n- name: c\nrun:', ['1-4', '2-3']],
  ['an indented list', 'inputs:\n  - name: a\n    path: b', ['1-3', '2-3']],
  ['a block scalar with its blank lines inside', 'args:\n- |\n  a\n\n  b: c\n\nx: 1', ['1-5', '2-5']],
  ['text in a block scalar is no structure', 'a: |\n  b:\n    c\n', ['1-3']],
  ['brackets over lines', 'args: [\n  a,\n  b\n]\nx: 1', ['1-4']],
  ['a quoted text over lines', 'a: "x\n  y\n  z"\nb: 1', ['1-3']],
  ['comments that follow each other', '# a\n# b\n# c\nx: 1\n# d\ny: 2', ['1-3 comment']],
  ['a comment inside of a mapping', 'a:\n  b: 1\n# x\n  c: 2', ['1-4']],
  ['regions', '# region x\na: 1\n#endregion\nb: 2', ['1-3 region']],
  ['documents', '---\na: 1\n---\nb:\n  c: 1\n', ['1-2', '3-5', '4-5']],
  ['blank lines at the end', 'a:\n  b: 1\n\n\n', ['1-2']],
  ['CRLF', 'a:\r\n  b: 1\r\nc: 1\r\n', ['1-2']],
  ['a broken file', 'a:\n  b: [1,\n  c: 2\n', ['1-3', '2-3']],
  ['one line', 'a: 1', []],
  ['nothing', '', []],
];
test.each(rows)('%s', (_name, text, expected) => {
  expect(folds(text)).toEqual(expected);
});

test('in a pipeline only the task', () => {
  const text =
    'jobs:\n- plan:\n  - task: a\n    config:\n      platform: x\n      run:\n        path: y\n  - get: b\n    params:\n      c: 1\n';
  expect(folds(text, true)).toEqual(['6-7']);
});
