import { describe, expect, it } from 'vitest';
import { PodSlots } from './pod-slots.ts';

const forever = new AbortController().signal;

/** Whether a slot was handed over, once everything that is ready has run. */
async function isThere(slot: Promise<unknown>): Promise<boolean> {
  let there = false;
  void slot.then(() => (there = true));
  await new Promise(setImmediate);
  return there;
}

describe('slots for pods', () => {
  it('are handed on in turn', async () => {
    const slots = new PodSlots(1);
    const first = await slots.take(forever);
    const [second, third] = [slots.take(forever), slots.take(forever)];
    expect([await isThere(second), await isThere(third)]).toEqual([false, false]);
    first[Symbol.dispose]();
    expect([await isThere(second), await isThere(third)]).toEqual([true, false]);
    (await second)[Symbol.dispose]();
    expect(await isThere(third)).toBe(true);
  });

  it('are not handed to who was aborted while waiting', async () => {
    const slots = new PodSlots(1);
    const first = await slots.take(forever);
    const stop = new AbortController();
    const gone = slots.take(stop.signal);
    const last = slots.take(forever);
    stop.abort(new Error('too late'));
    await expect(gone).rejects.toThrow('too late');
    first[Symbol.dispose]();
    expect(await isThere(last)).toBe(true);
  });

  it('are not taken by who was aborted before', async () => {
    const slots = new PodSlots(1);
    await expect(slots.take(AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
    expect(await isThere(slots.take(forever))).toBe(true);
  });
});
