import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Listings } from './listings.ts';
import { MemberTree } from './member-tree.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Counts how often an artifact was listed; each listing takes so long. */
function setUp(tookMs = 0) {
  const listings = new Listings();
  let asked = 0;
  const fetch = async (): Promise<MemberTree> => {
    asked++;
    if (tookMs > 0) await new Promise((resolve) => setTimeout(resolve, tookMs));
    return MemberTree.of([]);
  };
  const get = async (isLive: boolean, key = 'a'): Promise<void> => {
    const tree = listings.get(key, isLive, fetch);
    await vi.advanceTimersByTimeAsync(tookMs);
    await tree;
  };
  return { listings, get, fetch, asked: () => asked };
}

describe('the listing of an artifact', () => {
  it('is fetched once when it cannot change', async () => {
    const { get, asked } = setUp();
    await get(false);
    vi.advanceTimersByTime(3_600_000);
    await get(false);
    expect(asked()).toBe(1);
  });

  it('is fetched again after two seconds while it may change, and once more when it does not any longer', async () => {
    const { get, asked } = setUp();
    await get(true);
    vi.advanceTimersByTime(1999);
    await get(true);
    expect(asked()).toBe(1);
    vi.advanceTimersByTime(1);
    await get(true);
    expect(asked()).toBe(2);
    await get(false);
    expect(asked()).toBe(3);
  });

  it('that took long is not fetched again soon', async () => {
    const { get, asked } = setUp(1000);
    await get(true);
    vi.advanceTimersByTime(19_000);
    await get(true);
    expect(asked()).toBe(1);
    vi.advanceTimersByTime(20_000);
    await get(true);
    expect(asked()).toBe(2);
  });

  it('is asked for by many at once and fetched once', async () => {
    const { listings, fetch, asked } = setUp();
    await Promise.all([1, 2, 3].map(() => listings.get('a', true, fetch)));
    expect(asked()).toBe(1);
  });

  it('that could not be had is not asked for again at once, and then it is', async () => {
    const { listings, get, asked } = setUp();
    const fail = (): Promise<MemberTree> => Promise.reject(new Error('unreachable'));
    await expect(listings.get('a', true, fail)).rejects.toThrow('unreachable');
    await expect(get(true)).rejects.toThrow('unreachable');
    expect(asked()).toBe(0);
    vi.advanceTimersByTime(3000);
    await get(true);
    expect(asked()).toBe(1);
  });

  it('of many artifacts is kept for the newest', async () => {
    const { get, asked } = setUp();
    for (let artifact = 0; artifact < 13; artifact++) await get(false, String(artifact));
    await get(false, '12');
    expect(asked()).toBe(13);
    await get(false, '0');
    expect(asked()).toBe(14);
  });
});
