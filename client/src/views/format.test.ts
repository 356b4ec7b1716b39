import { expect, test } from 'vitest';
import { agoText, durationText, filesText, sizeText } from './format.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [200 * 1024, '200 KiB'],
  [5 * 2 ** 30, '5.0 GiB'],
])('%d bytes', (bytes, text) => expect(sizeText(bytes)).toBe(text));

test.each([
  [0, '0.0 s'],
  [440, '0.4 s'],
  [9949, '9.9 s'],
  [12_400, '12 s'],
  [60_000, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [7_200_000, '2 h'],
])('%d ms', (ms, text) => expect(durationText(ms)).toBe(text));

test.each([
  [10_000, 'just now'],
  [60_000, '1 minute ago'],
  [7_200_000, '2 hours ago'],
  [86_400_000, 'yesterday'],
])('%d ms ago', (ms, text) => expect(agoText(0, ms)).toBe(text));

test('files', () => expect([filesText(1), filesText(100_000)]).toEqual(['1 file', '100,000 files']));
