import { expect, test } from 'vitest';
import { addressPath, parseAddress, type ArtifactAddress } from './artifact-address.ts';

test.each<[string, ArtifactAddress]>([
  ['/runs/unit-1f/out', { artifact: { kind: 'output', run: 'unit-1f', name: 'out' }, path: '' }],
  ['/runs/unit-1f/out/a b/ü', { artifact: { kind: 'output', run: 'unit-1f', name: 'out' }, path: 'a b/ü' }],
  ['/runs/unit-1f/a%2Fb%25/f', { artifact: { kind: 'output', run: 'unit-1f', name: 'a/b%' }, path: 'f' }],
  ['/inputs/0af3/x', { artifact: { kind: 'input', tree: '0af3' }, path: 'x' }],
  ['/caches/0af3', { artifact: { kind: 'cache', key: '0af3' }, path: '' }],
])('%s', (path, address) => {
  expect(addressPath(address)).toBe(path);
  expect(parseAddress(path)).toEqual(address);
});

test.each(['', '/', '/runs', '/runs/r', '/inputs', '/inputs/', '/other/x/y'])('%j is no address', (path) => {
  expect(parseAddress(path)).toBeUndefined();
});

test('a slash at the end and a percent sign that encodes nothing', () => {
  expect(parseAddress('/runs/r/100%/d/')).toEqual({ artifact: { kind: 'output', run: 'r', name: '100%' }, path: 'd' });
});
