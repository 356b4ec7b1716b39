import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../../../test/fakes/fake-cluster.ts';
import { ApiError } from '../cluster/errors.ts';
import type { ByteSink } from '../cluster/types.ts';
import type { RunEvent } from '../model/events.ts';
import { RunEmitter } from './emitter.ts';
import { followSidecars } from './sidecars.ts';

/** What each opening of the log does, in order; the last one goes on. */
type Opening = (sink: ByteSink, signal: AbortSignal) => Promise<void>;

/** Follows one sidecar until this much was told; what was told of it, and what was noted. */
async function follow(openings: readonly Opening[], enough: string): Promise<{ log: string; notes: string[] }> {
  const cluster = new FakeCluster();
  let opened = 0;
  cluster.followLog = (_pod, _container, sink, signal) => (openings[opened++] ?? goesOn)(sink, signal);
  const events: RunEvent[] = [];
  const emitter = new RunEmitter('r', [(event) => void events.push(event)]);
  const log = (): string =>
    events.map((event) => (event.type === 'sidecar-output' ? Buffer.from(event.data).toString() : '')).join('');
  {
    await using following = followSidecars(cluster, 'pod', ['db'], Promise.resolve(), emitter);
    await expect.poll(() => log().length, { timeout: 4000 }).toBeGreaterThanOrEqual(enough.length);
    expect(following).toBeDefined();
  }
  return { log: log(), notes: events.flatMap((event) => (event.type === 'note' ? [event.message] : [])) };
}

const goesOn: Opening = (_sink, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

const writes =
  (text: string, then: Opening = goesOn): Opening =>
  async (sink, signal) => {
    for (const piece of text.match(/.{1,4}/gsu) ?? []) await sink(Buffer.from(piece));
    await then(sink, signal);
  };
const breaks: Opening = () => Promise.reject(new Error('aborted'));
const isAway: Opening = () =>
  Promise.reject(new ApiError({ code: 'ECONNREFUSED', message: 'away', verb: 'get', resource: 'pods/log' }));

describe('the log of a sidecar', () => {
  test('goes on after a broken connection, without a gap and without a double', async () => {
    const all = 'one\ntwo\nthree\nfour\n';
    const openings = [writes('one\ntwo\nth', breaks), isAway, writes(all)];
    expect(await follow(openings, all)).toEqual({ log: all, notes: [] });
  });

  test('that may not be read is noted, once, and not asked for again', async () => {
    const cluster = new FakeCluster();
    const error = new ApiError({ code: 403, reason: 'Forbidden', message: 'no', verb: 'get', resource: 'pods/log' });
    cluster.failNext('followLog', error);
    const notes: string[] = [];
    const emitter = new RunEmitter('r', [
      (event) => {
        if (event.type === 'note') notes.push(event.message);
      },
    ]);
    {
      await using following = followSidecars(cluster, 'pod', ['db'], Promise.resolve(), emitter);
      await expect.poll(() => notes).toHaveLength(1);
      expect(following).toBeDefined();
    }
    expect(notes).toHaveLength(1);
    expect(cluster.calls.filter(({ method }) => method === 'followLog')).toHaveLength(1);
  });

  test('is heard to its end when the command is over: what is under way is told', async () => {
    let late: (() => Promise<void>) | undefined;
    const cluster = new FakeCluster();
    cluster.followLog = async (_pod, _container, sink, signal) => {
      await sink(Buffer.from('early '));
      late = async () => sink(Buffer.from('late'));
      await goesOn(sink, signal);
    };
    let log = '';
    const emitter = new RunEmitter('r', [
      (event) => {
        if (event.type === 'sidecar-output') log += Buffer.from(event.data).toString();
      },
    ]);
    const following = followSidecars(cluster, 'pod', ['db'], Promise.resolve(), emitter);
    await expect.poll(() => late).toBeDefined();
    const over = following[Symbol.asyncDispose]();
    await late?.();
    await over;
    expect(log).toBe('early late');
  });
});
