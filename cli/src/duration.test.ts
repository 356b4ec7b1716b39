import { expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

it.each([
  ['0', 0],
  ['90s', 90_000],
  ['10m', 600_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['500ms', 500],
  ['7d', 604_800_000],
  ['1d12h', 129_600_000],
  ['10', undefined],
  ['', undefined],
  ['-5m', undefined],
  ['5 m', undefined],
  ['1w', undefined],
  ['12h1d', undefined],
])('%s', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});
