import { describe, expect, test } from 'vitest';
import { ApiError } from '#internal/runner/src/cluster/errors.ts';
import type { PodList } from '#internal/runner/src/cluster/pod-state.ts';
import type { PodChange, V1Pod } from '#internal/runner/src/cluster/types.ts';
import { watchPods, type WatchOptions } from '#internal/runner/src/cluster/watch.ts';
import { ManualClock } from '../../fakes/clock.ts';

const pod = (name: string, version: number): V1Pod => ({
  metadata: { name, uid: `uid-${name}`, resourceVersion: String(version) },
});
const list = (version: number, ...items: V1Pod[]): PodList => ({ items, resourceVersion: String(version) });
const line = (type: string, object: object) => Buffer.from(`${JSON.stringify({ type, object })}\n`);
const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
const refused = (code: number | string) => new ApiError({ code, message: 'no', verb: 'list', resource: 'pods' });

/** One stream: chunks, then its end; `open` keeps it open, an error breaks it. */
type Script = (Buffer | Error | 'open')[];

/** A source that gives prepared lists and streams; the last list is repeated, and later streams stay open. */
function scripted(lists: (PodList | Error)[], streams: (Script | Error)[] = []) {
  const from: string[] = [];
  const state = { lists: 0, from, closed: 0, open: 0 };
  const source = {
    state,
    list: () => {
      const next = lists[Math.min(state.lists, lists.length - 1)];
      state.lists += 1;
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? list(1));
    },
    stream: (version: string, _: number, signal: AbortSignal) => {
      const script = streams[from.length] ?? ['open'];
      from.push(version);
      if (script instanceof Error) return Promise.reject(script);
      return Promise.resolve(play(script, signal));
    },
  };
  async function* play(script: Script, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    state.open += 1;
    try {
      for (const step of script) {
        if (step instanceof Error) throw step;
        if (step === 'open') {
          await new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')));
          });
        } else {
          yield step;
        }
      }
    } finally {
      state.open -= 1;
      state.closed += 1;
    }
  }
  return source;
}

/** Collects changes as `TYPE name@version` while the clock is moved. */
function follow(source: ReturnType<typeof scripted>, options: Partial<WatchOptions> = {}) {
  const clock = new ManualClock();
  const seen: string[] = [];
  const changes = watchPods(source, { clock, ...options });
  const done = (async () => {
    try {
      for await (const { type, pod: now } of changes as AsyncIterable<PodChange>) {
        seen.push(`${type} ${now.metadata?.name ?? ''}@${now.metadata?.resourceVersion ?? ''}`);
      }
      return 'ended';
    } catch (error) {
      return error;
    }
  })();
  return { clock, seen, done };
}

describe('a watch', () => {
  test('tells what is there, then what changes, and goes on where a closed stream was', async () => {
    const source = scripted(
      [list(10, pod('a', 5))],
      [[line('MODIFIED', pod('a', 11)), line('BOOKMARK', { metadata: { resourceVersion: '20' } })], ['open']],
    );
    const { clock, seen } = follow(source);
    await clock.advance(0);
    expect(seen).toEqual(['ADDED a@5', 'MODIFIED a@11']);
    expect(source.state.from).toEqual(['10', '20']);
    expect(source.state.lists).toBe(1);
  });

  test('ends with the pod when it watches one', async () => {
    const source = scripted([list(10, pod('a', 5))], [[line('DELETED', pod('a', 12)), 'open']]);
    const { clock, seen, done } = follow(source, { single: true });
    await clock.advance(0);
    expect(await done).toBe('ended');
    expect(seen).toEqual(['ADDED a@5', 'DELETED a@12']);
    expect(source.state.open).toBe(0);
  });

  test.each<[string, Script | Error]>([
    ['an ERROR event of 410', [line('ERROR', expired)]],
    ['an ERROR event of a broken server', [line('ERROR', { code: 500, message: 'etcd' })]],
    ['410 instead of a stream', refused(410)],
    ['a line that is no JSON', [Buffer.from('{"type":\n')]],
  ])('lists anew after %s', async (_, stream) => {
    const source = scripted([list(10, pod('a', 5)), list(30, pod('a', 25), pod('b', 26))], [stream]);
    const { clock, seen } = follow(source);
    await clock.advance(1000);
    expect(seen).toEqual(['ADDED a@5', 'MODIFIED a@25', 'ADDED b@26']);
    expect(source.state.from).toEqual(['10', '30']);
  });

  test('a pod that a new list lacks was deleted meanwhile', async () => {
    const source = scripted([list(10, pod('a', 5), pod('b', 6)), list(30, pod('b', 6))], [[line('ERROR', expired)]]);
    const { clock, seen } = follow(source);
    await clock.advance(1000);
    expect(seen).toEqual(['ADDED a@5', 'ADDED b@6', 'DELETED a@5']);
  });

  test('lines may come in any pieces, also inside a character, and a cut line is dropped', async () => {
    const bytes = line('MODIFIED', { metadata: { name: 'zoë', uid: 'u', resourceVersion: '11' } });
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    const source = scripted([list(10)], [[...pieces, Buffer.from('{"type":"ADD')]]);
    const { clock, seen } = follow(source);
    await clock.advance(0);
    expect(seen).toEqual(['ADDED zoë@11']);
    expect(source.state.from[1]).toBe('11');
  });

  test('waits longer after each stream that brought nothing, and not at all after a lively one', async () => {
    const source = scripted([list(10)], [[], [], [], [], [], [], [line('ADDED', pod('a', 11))], ['open']]);
    const { clock } = follow(source);
    await clock.advance(40_000);
    const waits = clock.slept.filter((ms) => ms < 10_000);
    expect(waits).toEqual([375, 750, 1500, 3000, 6000, 7500]);
    expect(source.state.from).toHaveLength(8);
  });

  test('a stream that has gone silent is noticed by the list beside it, and replaced', async () => {
    const source = scripted([list(10, pod('a', 5)), list(40, pod('a', 40))], [['open']]);
    const { clock, seen } = follow(source);
    await clock.advance(29_999);
    expect(seen).toEqual(['ADDED a@5']);
    await clock.advance(1);
    expect(seen).toEqual(['ADDED a@5', 'MODIFIED a@40']);
    expect(source.state.from).toHaveLength(1);
    await clock.advance(3000);
    expect(source.state.from).toHaveLength(2);
    expect(source.state.open).toBe(1);
  });

  test('a list that is older than what the stream has told changes nothing', async () => {
    const news = [line('MODIFIED', pod('a', 50)), line('ADDED', pod('b', 51)), line('ADDED', pod('c', 52))];
    const source = scripted(
      [list(10, pod('a', 5)), list(49, pod('a', 49), pod('c', 48))],
      [[...news, line('DELETED', pod('c', 53)), 'open']],
    );
    const { clock, seen } = follow(source);
    await clock.advance(31_000);
    expect(seen).toEqual(['ADDED a@5', 'MODIFIED a@50', 'ADDED b@51', 'ADDED c@52', 'DELETED c@53']);
    expect(source.state.lists).toBe(2);
  });

  test('a stream that the server does not end is ended', async () => {
    const source = scripted([list(10)], [['open']]);
    const { clock } = follow(source);
    await clock.advance(314_999);
    expect(source.state.from).toHaveLength(1);
    await clock.advance(1001);
    expect(source.state.from).toHaveLength(2);
    expect(source.state.closed).toBe(1);
  });

  test.each([401, 403, 404, 'CERT_HAS_EXPIRED'])('ends with the error when the API says %s', async (code) => {
    const { clock, done } = follow(scripted([refused(code)]));
    await clock.advance(0);
    expect(await done).toMatchObject({ code });
  });

  test.each([429, 500, 503, 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND'])('survives %s', async (code) => {
    const source = scripted([refused(code), list(10, pod('a', 5))]);
    const { clock, seen } = follow(source);
    await clock.advance(1000);
    expect(seen).toEqual(['ADDED a@5']);
  });

  test('survives a stream that breaks, and goes on from where it was', async () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    const source = scripted([list(10)], [[line('ADDED', pod('a', 11)), reset], ['open']]);
    const { clock, seen } = follow(source);
    await clock.advance(1000);
    expect(seen).toEqual(['ADDED a@11']);
    expect(source.state.from).toEqual(['10', '11']);
  });

  test('gives up when the API has been out of reach for five minutes', async () => {
    const down = refused('ECONNREFUSED');
    const { clock, done } = follow(
      scripted(
        [list(10), down],
        Array.from({ length: 100 }, () => down),
      ),
    );
    await clock.advance(299_000);
    expect(await Promise.race([done, Promise.resolve('goes on')])).toBe('goes on');
    await clock.advance(20_000);
    expect(await done).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a consumer that stops closes the stream and ends every timer', async () => {
    const source = scripted([list(10, pod('a', 5))]);
    const clock = new ManualClock();
    for await (const { type } of watchPods(source, { clock })) {
      await clock.advance(0);
      expect(source.state.open).toBe(1);
      expect(type).toBe('ADDED');
      break;
    }
    expect(source.state.open).toBe(0);
    const before = { ...source.state };
    await clock.advance(600_000);
    expect(source.state).toEqual(before);
  });

  test('the caller’s signal ends it with its reason', async () => {
    const stop = new AbortController();
    const source = scripted([list(10, pod('a', 5))]);
    const { clock, done } = follow(source, { signal: stop.signal });
    await clock.advance(0);
    stop.abort(new Error('cancelled'));
    expect(await done).toMatchObject({ message: 'cancelled' });
    expect(source.state.open).toBe(0);
  });
});
