/** Edits as people make them, with a fixed seed. */
import type { Random } from './random.ts';

const TYPED = [
  'x',
  '-',
  ' ',
  '\n',
  '#',
  ':',
  '"',
  "'",
  '[',
  '{',
  '|',
  '&a ',
  '*a',
  '\t',
  '\r\n',
  '- ',
  ': ',
  '0',
  '((v))',
];
const LINES = [
  '- name: new\n',
  '  - get: new\n    trigger: true\n',
  '# a comment\n',
  '\n',
  '  plan: []\n',
  '- {name: new, plan: []}\n',
  '  - task: new\n    config:\n      platform: linux\n      run: {path: ls}\n',
  'groups:\n',
  '---\n',
  '...\n',
  '    x: |\n      a\n     b\n',
  '      - "open\n',
  '-\n',
  '- - a\n  - b\n',
  '  params: {a: [b,\nc]}\n',
];

/** One edit of a text. Each kind leads to another text most of the time. */
export function edited(random: Random, text: string, others: readonly string[]): string {
  const lines = text.split(/(?<=\n)/);
  const line = random.integer(lines.length);
  const count = 1 + random.integer(4);
  const at = random.integer(text.length + 1);
  const replaced = (from: number, to: number, ...own: string[]): string =>
    [...lines.slice(0, from), ...own, ...lines.slice(to)].join('');
  const own = lines.slice(line, line + count);
  switch (random.integer(11)) {
    case 0:
    case 1:
      return text.slice(0, at) + random.pick(TYPED) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + count);
    case 3:
      return replaced(line, line, random.pick(LINES));
    case 4:
      return replaced(line, line + count);
    case 5:
      return replaced(line, line, ...own);
    case 6:
      return replaced(line, line + count, ...own.map((each) => `  ${each}`));
    case 7:
      return replaced(line, line + count, ...own.map((each) => each.replace(/^ {1,2}/, '')));
    case 8: {
      const word = random.pick(text.match(/\w+/g) ?? ['a']);
      return text.replace(word, `${word}x`);
    }
    case 9: {
      const other = random.pick(others).split(/(?<=\n)/);
      const from = random.integer(other.length);
      return replaced(line, line, ...other.slice(from, from + 1 + random.integer(12)));
    }
    default: {
      // A line moves.
      const to = random.integer(lines.length);
      const rest = [...lines.slice(0, line), ...lines.slice(line + count)];
      return [...rest.slice(0, to), ...own, ...rest.slice(to)].join('');
    }
  }
}
