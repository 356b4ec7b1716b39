import { describe, expect, it } from 'vitest';
import { plain, PlainText } from './plain-text.ts';

describe('plain text of a terminal program', () => {
  it.each([
    ['colours', '\u001b[1;31mred\u001b[0m text', 'red text'],
    ['a link with its address', '\u001b]8;;https://example.com\u0007here\u001b]8;;\u0007', 'here'],
    ['a window title ended by ST', '\u001b]0;title\u001b\\text', 'text'],
    ['erase and move', 'a\u001b[2K\u001b[3Ab', 'ab'],
    ['a charset switch', '\u001b(Btext', 'text'],
    ['an 8-bit CSI', '\u009b31mred', 'red'],
    ['bells and backspaces', 'a\u0007b\u0008c', 'abc'],
    ['tabs stay', 'a\tb\n', 'a\tb\n'],
    ['line ends of a pty', 'a\r\nb\r\r\n', 'a\nb\n'],
    ['the last state of a progress bar', '10%\r50%\r100%\ndone\n', '100%\ndone\n'],
    ['nothing of a line that was cleared', 'abc\r\n\rx', 'abc\nx'],
  ])('%s', (_what, text, expected) => {
    expect(plain(text)).toBe(expected);
  });

  it.each([
    ['an escape sequence', ['\u001b[3', '1mred'], 'red'],
    ['a lone escape', ['\u001b', '[31mred'], 'red'],
    ['a link', ['\u001b]8;;http', 's://x\u0007t'], 't'],
    ['a character of several bytes', [Buffer.from([0xc3]), Buffer.from([0xa9])], 'é'],
    ['a line end', ['a\r', '\nb'], 'a\nb'],
    ['a progress bar: its new state comes below', ['10%\r', '20%\r', '30%\n'], '10%\n20%\n30%\n'],
  ])('cut in the middle of %s', (_what, pieces, expected) => {
    const text = new PlainText();
    expect(pieces.map((piece) => text.add(Buffer.from(piece as string))).join('') + text.end()).toBe(expected);
  });

  it('does not wait for the end of a sequence that has none', () => {
    const text = new PlainText();
    expect(text.add(Buffer.from(`\u001b]0;${'x'.repeat(10_000)}`))).toContain('xxx');
  });
});
