import { expect, test } from 'vitest';
import { ExecError } from '../cluster/exec/error.ts';
import { StoreError } from '../store/errors.ts';
import type { Clock } from '../cluster/clock.ts';
import { retry, type Loss, type RetryOptions } from './retry.ts';

const away = new ExecError('LOST', 'the stream broke');
const absent = new ExecError('REFUSED', 'container not found', { status: 404 });
const damaged = new StoreError('DAMAGED', 'another digest');
const denied = new ExecError('REFUSED', 'no', { status: 403 });

const clock: Clock = {
  now: () => 0,
  random: () => 0.5,
  sleep(_ms, signal) {
    signal?.throwIfAborted();
    return Promise.resolve();
  },
};

/** Tries that end with these errors in turn, then well. The clock does not wait. */
async function tries(errors: readonly Error[], options: Partial<RetryOptions> = {}) {
  const losses: Loss[] = [];
  let count = 0;
  const result = retry(
    () => {
      const error = errors[count++];
      return error ? Promise.reject(error) : Promise.resolve('done');
    },
    {
      clock,
      pauses: { first: 100, most: 1000 },
      doubtfulTries: 3,
      onLoss: (loss) => void losses.push(loss),
      ...options,
    },
  );
  return { losses, count: () => count, result: await result.catch((error: unknown) => error) };
}

test('what may pass is asked for again, after pauses that grow up to the longest', async () => {
  const { result, losses } = await tries([away, absent, away, away, away, away]);
  expect(result).toBe('done');
  expect(losses.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const [index, most] of [100, 200, 400, 800, 1000, 1000].entries()) {
    expect(losses[index]?.delayMs).toSatisfy((ms: number) => ms >= most / 2 && ms <= most);
  }
});

test('an answer that stands is thrown at once', async () => {
  const { result, count } = await tries([away, denied]);
  expect([result, count()]).toEqual([denied, 2]);
});

test('a doubtful answer is believed after a few times; other losses between do not count', async () => {
  expect((await tries([damaged, away, damaged, damaged])).result).toBe(damaged);
  expect((await tries([damaged, away, damaged])).result).toBe('done');
  expect((await tries([damaged, damaged, away, damaged, damaged], { inARow: true })).result).toBe('done');
  expect((await tries([damaged, damaged, damaged], { inARow: true })).result).toBe(damaged);
});

test('progress makes all counting begin anew', async () => {
  let progressed = false;
  const { result, losses } = await tries([damaged, damaged, damaged, damaged], {
    hasProgressed: () => (progressed = !progressed),
  });
  expect(result).toBe('done');
  expect(losses.map(({ attempt }) => attempt)).toEqual([1, 2, 1, 2]);
});

test('whoever hears of a loss may end it, and says how long to wait', async () => {
  const gone = new Error('the pod is gone');
  const { result, count } = await tries([away, away], {
    onLoss({ attempt }) {
      if (attempt === 2) throw gone;
    },
  });
  expect([result, count()]).toEqual([gone, 2]);
  const { losses } = await tries([away, absent], { pause: ({ passing }) => (passing === 'absent' ? 7 : undefined) });
  expect(losses[1]?.delayMs).toBe(7);
});

test("a signal ends it with its reason, whatever the work's error was", async () => {
  const abort = new AbortController();
  const reason = new Error('enough');
  const { result } = await tries([away, away], { signal: abort.signal, onLoss: () => abort.abort(reason) });
  expect(result).toBe(reason);
});
