import { expect, test } from 'vitest';
import type { SelectionRange } from 'vscode-languageserver';
import { selectionRanges } from './selection-ranges.ts';
import { marked } from './testing/marked.ts';

/** What is selected step by step, from the smallest. */
function steps(text: string): string[] {
  const request = marked(text);
  const { text: whole } = request.task;
  const lines = whole.split('\n');
  const offsetOf = ({ line, character }: { line: number; character: number }): number =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, character);
  const found: string[] = [];
  for (
    let range: SelectionRange | undefined = selectionRanges(request, [request.offset])[0];
    range;
    range = range.parent
  ) {
    found.push(whole.slice(offsetOf(range.range.start), offsetOf(range.range.end)));
  }
  return found;
}

const rows: [string, string, string[]][] = [
  [
    'word, path, key with value, mapping, …',
    'run:\n  path: repo/ci/un<*>it.sh\n  user: x\n',
    [
      'unit',
      'unit.sh',
      'repo/ci/unit.sh',
      'path: repo/ci/unit.sh',
      'path: repo/ci/unit.sh\n  user: x',
      'run:\n  path: repo/ci/unit.sh\n  user: x',
      'run:\n  path: repo/ci/unit.sh\n  user: x\n',
    ],
  ],
  ['text without and with quotes', 'a: "b <*>c"', ['c', 'b c', '"b c"', 'a: "b c"']],
  ['items of a list', 'a: [b, c<*>]', ['c', '[b, c]', 'a: [b, c]']],
  [
    'a line of a script, then the script',
    'a: |\n  one tw<*>o\n  three\n',
    [
      'two',
      'one two',
      'one two\n  three',
      '|\n  one two\n  three',
      'a: |\n  one two\n  three',
      'a: |\n  one two\n  three\n',
    ],
  ],
  ['nothing', '<*>', ['']],
  ['a broken file', 'a: [b, c<*>', ['c', '[b, c', 'a: [b, c']],
];
test.each(rows)('%s', (_name, text, expected) => {
  expect(steps(text)).toEqual(expected);
});
