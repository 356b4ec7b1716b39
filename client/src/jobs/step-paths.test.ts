import { expect, test } from 'vitest';
import type { RunPaths } from '../output/links.ts';
import { PlainMemory } from '../testing/plain-memory.ts';
import { StepPaths } from './step-paths.ts';

const paths = (local: string): RunPaths => ({ dir: '/w', inputs: [{ container: '/w/src', local }] });

async function scene(): Promise<StepPaths> {
  const memory = new PlainMemory();
  const all = new StepPaths(memory);
  await all.add({ run: 'lint-1', job: 'build', step: 'task:lint', name: 'lint', paths: paths('/lint') });
  await all.add({ run: 'test-1', job: 'build', step: 'task:test', name: 'test', paths: paths('/old') });
  await all.add({ run: 'test-2', job: 'build', step: 'task:test', name: 'test', paths: paths('/new') });
  await all.add({ run: 'test-3', job: 'nightly', step: 'task:test', name: 'test', paths: paths('/night') });
  // What the next window finds.
  return new StepPaths(memory);
}

test.each([
  ['a line of a step in the output of its job', 'Tarmac: build', 'task:test', ['/new', '/old']],
  ['another step', 'Tarmac: build', 'task:lint', ['/lint']],
  ['another job with the same step', 'Tarmac: nightly', 'task:test', ['/night']],
  ['a second run of the job at the same time', 'Tarmac: build (2)', 'task:test', ['/new', '/old']],
  ['one channel for all', 'Tarmac Tasks', 'task:lint', ['/lint']],
  ['the output of a step by itself', 'Tarmac: lint', undefined, ['/lint']],
  ['a line that only looks like one', 'Tarmac: lint', 'error', ['/lint']],
  ['a task that is in no job', 'Tarmac: unit', undefined, []],
] as const)('paths for %s', async (_what, view, step, local) => {
  const found = (await scene()).pathsFor(view, step);
  expect(found.flatMap(({ inputs }) => inputs.map((input) => input.local))).toEqual(local);
});

test('a run that is known stays as it is, and others are not there', async () => {
  const all = await scene();
  await all.add({ run: 'test-1', job: 'build', step: 'task:test', name: 'test', paths: paths('/other') });
  expect(all.get('test-1')?.inputs[0]?.local).toBe('/old');
  expect(all.get('never')).toBeUndefined();
});

test('old ones are forgotten', async () => {
  const all = await scene();
  for (let count = 0; count < 100; count++) {
    await all.add({ run: `more-${count}`, job: 'b', step: 'task:more', name: 'more', paths: paths('/more') });
  }
  expect(all.get('test-3')).toBeUndefined();
  expect(all.get('more-0')).toBeDefined();
});
