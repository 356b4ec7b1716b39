import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cluster, PodChange, RunnerContext } from '#runner';
import type { ClusterRef, Runner } from '../cluster/runner-host.ts';
import { ClusterWatch, type WatchState } from './cluster-watch.ts';

const runner = await import('#runner');

const here: ClusterRef = { kubeconfig: '', context: 'kind', namespace: 'ci' };
const there: ClusterRef = { ...here, namespace: 'other' };

/** A watch over clusters whose pods change when the test says so. */
function setUp() {
  const watched: string[] = [];
  const listed: string[] = [];
  const states: WatchState[] = [];
  let answer: () => Promise<void> = () => Promise.resolve();
  const watch = new ClusterWatch(
    {
      load: () =>
        Promise.resolve({
          ...runner,
          listRuns: async (context: RunnerContext) => {
            await answer();
            listed.push(context.stateDir);
            return [];
          },
        } as Runner),
      context: ({ namespace }) => Promise.resolve({ stateDir: namespace } as RunnerContext),
      cluster: ({ namespace }) =>
        Promise.resolve({
          watchPods: async function* (_selector: string, signal: AbortSignal): AsyncGenerator<PodChange> {
            watched.push(namespace);
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
            watched.splice(watched.indexOf(namespace), 1);
            yield* [];
          },
        } as Partial<Cluster> as Cluster),
    },
    { merge: () => undefined },
    { trace: () => undefined, debug: () => undefined, warn: () => undefined },
    (state) => states.push(state),
  );
  return { watch, watched, listed, states, answers: (next: () => Promise<void>) => (answer = next) };
}

let scene: ReturnType<typeof setUp>;
beforeEach(() => {
  scene = setUp();
});
afterEach(() => scene.watch[Symbol.asyncDispose]());

describe('the watch of runs', () => {
  it('is one, however many want it at once', async () => {
    await Promise.all([scene.watch.start(here), scene.watch.start(here), scene.watch.start(here)]);
    await vi.waitFor(() => expect(scene.watch.state).toBe('watching'));
    await vi.waitFor(() => expect(scene.watched).toEqual(['ci']));
    await scene.watch.stop();
    expect(scene.watched).toEqual([]);
    expect(scene.watch.state).toBe('off');
  });

  it('is that of the place that was asked for last', async () => {
    await Promise.all([scene.watch.start(here), scene.watch.start(there)]);
    await vi.waitFor(() => expect(scene.watched).toEqual(['other']));
    await scene.watch.start(here);
    await vi.waitFor(() => expect(scene.watched).toEqual(['ci']));
  });

  it('does not begin when it was stopped while the first list was asked for', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    scene.answers(() => promise);
    const started = scene.watch.start(here);
    await scene.watch.stop();
    resolve(undefined);
    await started;
    expect(scene.watched).toEqual([]);
    expect(scene.watch.state).toBe('off');
  });

  it('tells whoever starts it that the list cannot be had, and is off then', async () => {
    scene.answers(() => Promise.reject(new Error('unreachable')));
    await expect(scene.watch.start(here)).rejects.toThrow('unreachable');
    expect(scene.states).toEqual(['connecting', 'off']);
  });

  it('that has failed does not end another that was started meanwhile', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const ask = vi.fn(() => promise);
    scene.answers(ask);
    const told = expect(scene.watch.start(here)).rejects.toThrow('unreachable');
    await vi.waitFor(() => expect(ask).toHaveBeenCalled());
    scene.answers(() => Promise.resolve());
    const second = scene.watch.start(there);
    await vi.waitFor(() => expect(scene.watch.state).toBe('watching'));
    reject(new Error('unreachable'));
    await told;
    await second;
    expect(scene.watch.state).toBe('watching');
  });
});
