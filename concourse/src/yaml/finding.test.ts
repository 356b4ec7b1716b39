/** Errors of the `yaml` package and what they are about: told by code, tree and text, never by the package's words. */
import { expect, test } from 'vitest';
import { parseText } from './parse.ts';
import { Problems } from '../text/problem.ts';
import { readDocuments } from './documents.ts';
import { ErrorPlaces, withoutTolerated, type FindingKind } from './finding.ts';

/** The kinds of all errors of a text, with the offset of each. */
function kindsOf(text: string): (readonly [FindingKind, number])[] {
  const { first } = readDocuments(text);
  if (!first) return [];
  const places = new ErrorPlaces(text, first);
  return first.errors.map((error) => [places.kindOf(error), error.pos[0]] as const);
}

test.each<[string, FindingKind, number]>([
  ['a: [b,\nc: d\n', 'open-bracket', 7],
  ['a: {b: c\nd: e\n', 'open-bracket', 9],
  ['a: "b\nc: d\n', 'open-quote', 11],
  ["a: 'b\n", 'open-quote', 6],
  ['a:\n  b: c\n d: e\n', 'column', 10],
  ['- a\n- |\n  b\n c\n', 'item-without-dash', 12],
  ['a: |\n    \n  b\n', 'block-empty-line', 12],
  ['a: b\nc\n', 'key-alone', 5],
  ['a: [b]#c\n', 'comment-at-value', 6],
  ['a: b]\nc: [d]]\n', 'closing-bracket', 12],
  ['a: "b" c\n', 'behind-value', 7],
  ['a: [b] "c"\n', 'behind-value', 7],
])('%j: %s', (text, kind, offset) => {
  expect(kindsOf(text)).toContainEqual([kind, offset]);
});

test('only the comment at a value is tolerated, not what else is missing there', () => {
  const finding = (offset: number) => ({ code: 'MISSING_CHAR', message: '', pos: [offset, offset + 1] as const });
  const text = '[a]# b\n[c] # d\n';
  expect(withoutTolerated(text, [finding(3), finding(3), finding(11), finding(0)])).toEqual([
    finding(3),
    finding(11),
    finding(0),
  ]);
});

test('words of the package do not matter', () => {
  const { first } = readDocuments('a: [b,\nc: d\n');
  if (!first) throw new Error('nothing was read');
  const places = new ErrorPlaces('a: [b,\nc: d\n', first);
  for (const { code, pos } of first.errors) {
    expect(places.kindOf({ code, pos, message: 'auf Deutsch' })).toBe(places.kindOf({ code, pos, message: '' }));
  }
});

test('a text of many errors is read in linear time', () => {
  const problems = new Problems();
  parseText('a: "b\n'.repeat(5_000), problems);
  expect(problems.sorted().length).toBeGreaterThan(0);
});
