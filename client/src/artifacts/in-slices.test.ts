import { expect, test } from 'vitest';
import { eachInSlices, sortInSlices } from './in-slices.ts';

/** Numbers in an order that is none, the same each time. */
const numbers = Array.from({ length: 23_456 }, (_, index) => (index * 7919) % 23_456);
const key = (value: number): string => String(value).padStart(6, '0');

test('many items are sorted as all at once would be', async () => {
  expect(await sortInSlices(numbers, key)).toEqual([...numbers].sort((a, b) => a - b));
  expect(await sortInSlices([], key)).toEqual([]);
});

test('items of equal keys keep their order', async () => {
  const items = numbers.map((value, index) => ({ value: value % 10, index }));
  const sorted = await sortInSlices(items, ({ value }) => String(value));
  for (const [at, { value, index }] of sorted.entries()) {
    const before = sorted[at - 1];
    expect(before === undefined || before.value < value || before.index < index).toBe(true);
  }
});

test('other work gets its turn in between', async () => {
  let [turns, done] = [0, false];
  const count = (): void => {
    turns++;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  const seen: number[] = [];
  await eachInSlices(numbers, (each) => seen.push(each));
  const afterEach = turns;
  await sortInSlices(numbers, key);
  done = true;
  expect(seen).toEqual(numbers);
  expect(afterEach).toBeGreaterThanOrEqual(4);
  expect(turns - afterEach).toBeGreaterThanOrEqual(4);
});
