import { expect, it } from 'vitest';
import { mergeMarkerLine } from './merge-markers.ts';

const conflict = 'a\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> branch\nb\n';

it.each<[string, string, number | undefined]>([
  ['a conflict', conflict, 2],
  ['one of a file of Windows', conflict.replaceAll('\n', '\r\n'), 2],
  ['one with its base (diff3)', '<<<<<<< a\n1\n||||||| b\n2\n=======\n3\n>>>>>>> c\n', 1],
  ['the second, when the first has no end', `<<<<<<< a\n${conflict}`, 3],
  ['an end at the end of the text', '<<<<<<<\n=======\n>>>>>>>', 1],
  ['a heading', 'Title\n=======\ntext\n', undefined],
  ['markers that do not begin a line', conflict.replaceAll(/^(?=[<=>])/gmu, ' '), undefined],
  ['markers in another order', '>>>>>>> a\n=======\n<<<<<<< b\n', undefined],
  ['no middle', '<<<<<<< a\n>>>>>>> b\n', undefined],
  ['longer lines', '<<<<<<<<\n========\n>>>>>>>>\n', undefined],
  ['nothing', '', undefined],
])('%s', (_name, text, line) => {
  expect(mergeMarkerLine(text)).toBe(line);
});
