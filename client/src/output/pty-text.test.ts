import { expect, it } from 'vitest';
import { PtyText } from './pty-text.ts';

it.each([
  ['a\nb\n', 'a\r\nb\r\n'],
  ['a\r\nb', 'a\r\nb'],
  ['10%\r20%\n', '10%\r20%\r\n'],
  ['\n\n', '\r\n\r\n'],
])('%j as a terminal wants it', (text, expected) => {
  expect(new PtyText().add(Buffer.from(text))).toBe(expected);
});

it('knows a line end that is cut in two, and a character', () => {
  const text = new PtyText();
  const pieces = [Buffer.from('a\r'), Buffer.from('\nb'), Buffer.from([0xc3]), Buffer.from([0xa9, 0x0a])];
  expect(pieces.map((piece) => text.add(piece)).join('')).toBe('a\r\nbé\r\n');
});
