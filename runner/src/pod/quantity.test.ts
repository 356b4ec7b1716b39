import { expect, test } from 'vitest';
import { formatQuantity, parseQuantity } from './quantity.ts';

test.each<[string, number | undefined]>([
  ['250m', 0.25],
  ['1', 1],
  ['1.5', 1.5],
  ['128Mi', 128 * 2 ** 20],
  ['2Gi', 2 * 2 ** 30],
  ['512M', 512e6],
  ['1e3', 1000],
  ['+2k', 2000],
  ['.5', 0.5],
  ['', undefined],
  ['-1', undefined],
  ['2GB', undefined],
  ['1 Gi', undefined],
])('%j is %j', (text, amount) => expect(parseQuantity(text)).toBe(amount));

test.each<[string, number, string]>([
  ['cpu', 0.25, '250m'],
  ['cpu', 0.1 + 0.2, '300m'],
  ['cpu', 0.0001, '1m'],
  ['memory', 256 * 2 ** 20, '256Mi'],
  ['memory', 1000, '1000'],
])('%s %d is written %s', (resource, amount, text) => expect(formatQuantity(resource, amount)).toBe(text));
