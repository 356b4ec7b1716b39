import { describe, expect, it } from 'vitest';
import { needlesOf, Redactor, redactText } from './redact.ts';

/** What is shown of a stream that comes in these pieces, and how much of it has been taken. */
function shown(secrets: readonly string[], pieces: readonly string[]): string {
  const redactor = new Redactor(needlesOf(secrets));
  const results = [...pieces.map((piece) => redactor.add(Buffer.from(piece))), redactor.end()];
  const consumed = results.reduce((sum, each) => sum + each.consumed, 0);
  expect(consumed).toBe(Buffer.byteLength(pieces.join('')));
  return results.map(({ data }) => Buffer.from(data).toString()).join('');
}

describe('secrets in output', () => {
  it.each([
    ['none', [], ['plain'], 'plain'],
    ['one', ['sesame'], ['open sesame!'], 'open ((redacted))!'],
    ['twice', ['ab'], ['ab ab'], '((redacted)) ((redacted))'],
    ['cut in two', ['sesame'], ['open ses', 'ame!'], 'open ((redacted))!'],
    ['byte by byte', ['sesame'], 'a sesame b'.split(/(?:)/u), 'a ((redacted)) b'],
    ['begun and not ended', ['sesame'], ['ses', 'sesam'], 'sessesam'],
    ['a second beginning within the first', ['aab'], ['aa', 'ab'], 'a((redacted))'],
    ['the longer of two', ['key', 'keyring'], ['keyring key'], '((redacted)) ((redacted))'],
    ['each line of a private key', ['BEGIN\nline1\nEND'], ['got line1'], 'got ((redacted))'],
    ['a character that is no secret', ['x'], ['x y'], 'x y'],
    ['not ASCII', ['schlüssel'], ['der schl', 'üssel'], 'der ((redacted))'],
  ])('%s', (_what, secrets, pieces, expected) => {
    expect(shown(secrets, pieces)).toBe(expected);
  });

  it('are taken out of our own lines, too', () => {
    expect(redactText('running sh -c curl?key=sesame', needlesOf(['sesame']))).toBe(
      'running sh -c curl?key=((redacted))',
    );
  });
});
