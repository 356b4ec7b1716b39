import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogPiece } from './run-log.ts';
import { Throttle } from './throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a throttle shows, with what it has left out in brackets. */
function shown(options: { bundleBytes?: number; waitingBytes?: number } = {}) {
  const bundles: string[] = [];
  const throttle = new Throttle({
    everyMs: 50,
    ...options,
    show: (pieces, leftOut) =>
      bundles.push(
        `${leftOut > 0 ? `[${leftOut}]` : ''}${pieces.map(({ data }) => Buffer.from(data).toString()).join('')}`,
      ),
  });
  const add = (text: string, source: LogPiece['source'] = 'stdout') =>
    throttle.add({ source, data: Buffer.from(text) });
  return { throttle, add, bundles };
}

describe('throttle', () => {
  it('shows the first piece at once, and bundles those that follow', () => {
    const { add, bundles } = shown();
    add('a');
    add('b');
    add('c');
    expect(bundles).toEqual(['a']);
    vi.advanceTimersByTime(50);
    expect(bundles).toEqual(['a', 'bc']);
  });

  it('calls the view at most 20 times a second', () => {
    const { add, bundles } = shown();
    for (let ms = 0; ms < 1000; ms++) {
      add('x');
      vi.advanceTimersByTime(1);
    }
    expect(bundles.length).toBeLessThanOrEqual(21);
    vi.advanceTimersByTime(50);
    expect(bundles.join('')).toBe('x'.repeat(1000));
  });

  it('hands on no more than a bundle at a time, and all of it in the end', () => {
    const { add, bundles } = shown({ bundleBytes: 4 });
    add('0123456789');
    expect(bundles).toEqual(['0123']);
    vi.advanceTimersByTime(200);
    expect(bundles).toEqual(['0123', '4567', '89']);
  });

  it('leaves out the oldest lines of what is too much, says how much, and keeps our own lines', () => {
    const { add, bundles, throttle } = shown({ bundleBytes: 1, waitingBytes: 20 });
    add('!');
    add('first\n');
    add('ours\n', 'tarmac');
    add('second\nthird\n');
    add('4\n');
    throttle.flush();
    expect(bundles.join('')).toBe('![13]ours\nthird\n4\n');
  });

  it('shows what waits when it is told to, and nothing after its end', () => {
    const { add, bundles, throttle } = shown();
    add('a');
    add('b');
    throttle.flush();
    expect(bundles).toEqual(['a', 'b']);
    add('c');
    throttle[Symbol.dispose]();
    vi.advanceTimersByTime(1000);
    expect(bundles).toEqual(['a', 'b']);
  });
});
