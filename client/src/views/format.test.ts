import { expect, test } from 'vitest';
import { agoText, filesText, shortAgoText } from './format.ts';

test.each([
  [10_000, 'just now'],
  [60_000, '1 minute ago'],
  [7_200_000, '2 hours ago'],
  [86_400_000, 'yesterday'],
])('%d ms ago', (ms, text) => expect(agoText(0, ms)).toBe(text));

test('files', () => expect([filesText(1), filesText(100_000)]).toEqual(['1 file', '100,000 files']));

test.each([
  [10_000, 'now'],
  [119_000, '1m'],
  [7_200_000, '2h'],
  [259_200_000, '3d'],
])('%d ms ago, in short', (ms, text) => expect(shortAgoText(0, ms)).toBe(text));
