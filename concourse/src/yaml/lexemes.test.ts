/** Values in brackets and quotes as libyaml ends them. */
import { CST } from 'yaml';
import { describe, expect, test } from 'vitest';
import { readDocuments } from './documents.ts';
import { looseLexemes } from './lexemes.ts';

/** The first document as data, with the codes of its errors when there are any. */
function read(text: string): unknown {
  const { first } = readDocuments(text);
  return first?.errors.length === 0 ? first.toJS() : first?.errors.map(({ code }) => code);
}

describe('a colon or a dash before a bracket is text', () => {
  test.each<[string, unknown]>([
    ['[a:, b]', ['a:', 'b']],
    ['[a :, b]', ['a :', 'b']],
    ['[a\n  :, b]', ['a :', 'b']],
    ['[a:::, b]', ['a:::', 'b']],
    ['{a:}', { 'a:': null }],
    ['{a: b:}', { a: 'b:' }],
    ['[-, a]', ['-', 'a']],
    ['[-]', ['-']],
    ['[[-], {x: -}]', [['-'], { x: '-' }]],
    ['[-:, a]', ['-:', 'a']],
    ['{"a":}', { a: '' }],
    ['{"a":[b]}', { a: ['b'] }],
    ['[a: b]', [{ a: 'b' }]],
    ['[:, a]', [{ '': '' }, 'a']],
    ['a: b:,\nc: -]\nd: |\n  [a:, -]\n', { a: 'b:,', c: '-]', d: '[a:, -]\n' }],
    ['a: "[a:, -]"\nb: [c:, -]\n', { a: '[a:, -]', b: ['c:', '-'] }],
  ])('%j', (text, expected) => expect(read(text)).toEqual(expected));
});

describe('lines of brackets and quotes may be indented in any way', () => {
  test.each<[string, unknown]>([
    ['a:\n  b: [c,\nd]\n', { a: { b: ['c', 'd'] } }],
    ['a: {b: c,\nd: e\n}\nf: g\n', { a: { b: 'c', d: 'e' }, f: 'g' }],
    ['- a: "b\nc"\n- d\n', [{ a: 'b c' }, 'd']],
    ["- a: 'it''s\nc'\n- d\n", [{ a: "it's c" }, 'd']],
    ['a: [b,\nc:, -]\nd: e\n', { a: ['b', 'c:', '-'], d: 'e' }],
    ['a: [b,\n# "]\nc] # d\n\n# e\nf: |\n  [\n', { a: ['b', 'c'], f: '[\n' }],
    ['a: [b,\r\nc]\r\nd: e\r\n', { a: ['b', 'c'], d: 'e' }],
    ['a: ["b\nc",\nd]\ne: "f\ng"\nh: [i,\nj]', { a: ['b c', 'd'], e: 'f g', h: ['i', 'j'] }],
    ['---\na: [b,\nc]\n---\nd: [e', { a: ['b', 'c'] }],
  ])('%j', (text, expected) => expect(read(text)).toEqual(expected));

  test.each([['a: [b,\nc: d\n'], ['a: [b,\nc}\nd: e\n'], ['a: "b\nc: d\n'], ['a: [b,\nc]: d\n'], ['a: [b,\nc] d\n']])(
    'but not %j',
    (text) => expect(readDocuments(text).first?.errors.length).toBeGreaterThan(0),
  );

  test('a text is there as it was, word by word', () => {
    const text = 'a: [b,\nc] # d\ne: "f\n g"\nh:\n- [i,\nj]\n';
    const { lexemes, openFrom } = looseLexemes(text);
    const controls: readonly string[] = [CST.DOCUMENT, CST.SCALAR, CST.FLOW_END];
    expect(lexemes.filter((lexeme) => !controls.includes(lexeme)).join('')).toBe(text);
    expect(lexemes.filter((lexeme) => lexeme === CST.DOCUMENT)).toHaveLength(1);
    expect(openFrom).toBeUndefined();
  });

  test('what has no end is named by its beginning', () =>
    expect(looseLexemes('a: "b"\nc: [d,\ne\n').openFrom).toBe(10));
});
