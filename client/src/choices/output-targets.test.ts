import { expect, test } from 'vitest';
import { outputTargets } from './output-targets.ts';

test.each([
  ['a store keeps them by default', true, false, ['store', 'choose'], 'store'],
  ['a folder of an earlier run comes first', true, true, ['store', 'as-before', 'choose'], 'as-before'],
  [
    'without a store they are downloaded by default, and the store is not offered',
    false,
    false,
    ['choose', 'create', 'drop'],
    'choose',
  ],
  ['without a store, as in the last run', false, true, ['as-before', 'choose', 'create', 'drop'], 'as-before'],
] as const)('%s', (_what, keeps, hasBefore, offered, first) => {
  expect(outputTargets(keeps, hasBefore)).toEqual({ offered, first });
});
