import { expect, test } from 'vitest';
import { outputTargets, wouldLose } from './output-targets.ts';

test.each([
  ['a store keeps them by default', true, false, ['store', 'choose'], 'store'],
  ['a folder of an earlier run comes first', true, true, ['store', 'as-before', 'choose'], 'as-before'],
  [
    'without a store they are downloaded by default, and the store is not offered',
    false,
    false,
    ['choose', 'drop'],
    'choose',
  ],
  ['without a store, as in the last run', false, true, ['as-before', 'choose', 'drop'], 'as-before'],
] as const)('%s', (_what, keeps, hasBefore, offered, first) => {
  expect(outputTargets(keeps, hasBefore)).toEqual({ offered, first });
});

test('outputs that would be lost are asked about, once', () => {
  const inStore = { outputs: {} };
  expect(wouldLose(['report'], inStore, true)).toBe(false);
  expect(wouldLose(['report'], inStore, false)).toBe(true);
  expect(wouldLose(['report'], { ...inStore, dropOutputs: true }, false)).toBe(false);
  expect(wouldLose(['report', 'coverage'], { outputs: { report: '/out/report' } }, false)).toBe(true);
  expect(wouldLose(['report'], { outputs: { report: '/out/report' } }, false)).toBe(false);
});
