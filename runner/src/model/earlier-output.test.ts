import { expect, test } from 'vitest';
import { formatEarlierOutput, formatInputSource, parseEarlierOutput } from './earlier-output.ts';

test.each([
  ['run:build-1/bin', { run: 'build-1', output: 'bin' }],
  ['run:latest/an output/with: all\nof it', { run: 'latest', output: 'an output/with: all\nof it' }],
  ['run:build-1', undefined],
  ['run:build-1/', undefined],
  ['run:/bin', undefined],
  ['/run:build-1/bin', undefined],
  ['./run:x/y', undefined],
  ['', undefined],
])('%j', (text, expected) => {
  expect(parseEarlierOutput(text)).toEqual(expected);
  if (expected) expect(formatEarlierOutput(expected)).toBe(text);
});

test('an input is named by its folder, or by the run and its output', () => {
  expect(formatInputSource({ kind: 'directory', directory: '/src' })).toBe('/src');
  expect(formatInputSource({ kind: 'output', run: 'build-1', output: 'bin' })).toBe('run:build-1/bin');
});
