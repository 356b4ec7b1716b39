/** When a pod is kept ready for the next run of a task. */
import { expect, test, vi } from 'vitest';
import type { Plan } from '#runner';
import type { ClusterRef, RunnerHost } from '../cluster/runner-host.ts';
import { Spares } from './spares.ts';

const minute = 60_000;
const place: ClusterRef = { kubeconfig: '', context: 'kind', namespace: 'ci' };
// Only its id counts here: the rest of a plan is the runner's, which only notes what it is asked.
const plan = { run: 'unit-1', task: 'unit' } as unknown as Plan;
const ready: Plan = { ...plan, run: 'unit-2', spare: { pod: 'task-unit-2', uid: 'u' } };

/** The spares of a window whose runner only notes what it is asked. */
function window(broken = false) {
  const asked: unknown[] = [];
  const note =
    (name: string) =>
    (...given: readonly unknown[]) => {
      asked.push([name, ...given.filter((each) => typeof each !== 'object')]);
      return Promise.resolve(name === 'withSpare' ? ready : undefined);
    };
  const names = ['withSpare', 'removeSpareOf', 'leaveSpare', 'removeSpares'];
  const host = {
    load: () => Promise.resolve(Object.fromEntries(names.map((name) => [name, note(name)]))),
    context: () => (broken ? Promise.reject(new Error('no such context')) : Promise.resolve({})),
  };
  // The whole runner is far more than what is asked of it here.
  return { asked, spares: new Spares(host as unknown as RunnerHost) };
}

const request = { name: 'file:///ci/unit.yml', place, ms: 10 * minute, isWatched: false };

test('a pod is made when the task runs for the second time within the time that one waits', async () => {
  const { asked, spares } = window();
  expect(await spares.take(plan, request, 0)).toBe(ready);
  await spares.take(plan, request, 11 * minute);
  await spares.take(plan, request, 20 * minute);
  expect(asked).toEqual([
    ['withSpare', undefined],
    ['withSpare', undefined],
    ['withSpare', 10 * minute],
  ]);
});

test.each([
  ['another task', { name: 'file:///ci/lint.yml' }],
  ['another namespace', { place: { ...place, namespace: 'prod' } }],
])('%s has its own count', async (_what, change) => {
  const { asked, spares } = window();
  await spares.take(plan, request, 0);
  await spares.take(plan, { ...request, ...change }, minute);
  expect(asked.at(-1)).toEqual(['withSpare', undefined]);
});

test('a task that is executed on save has one from its first run on', async () => {
  const { asked, spares } = window();
  await spares.take(plan, { ...request, isWatched: true }, 0);
  expect(asked).toEqual([['withSpare', 10 * minute]]);
});

test('where it is off, none is made or taken, and the one of this task is removed', async () => {
  const { asked, spares } = window();
  expect(await spares.take(plan, { ...request, ms: 0, isWatched: true }, 0)).toBe(plan);
  await vi.waitFor(() => expect(asked).toEqual([['removeSpareOf']]));
});

test('switching it off removes those that this window has brought about, once', async () => {
  const { asked, spares } = window();
  await spares.removeAll();
  expect(asked).toEqual([]);
  await spares.take(plan, { ...request, isWatched: true }, 0);
  await spares.removeAll();
  await spares.removeAll();
  expect(asked.slice(1)).toEqual([['removeSpares']]);
});

test('a run that does not begin gives up what it has taken', async () => {
  const { asked, spares } = window();
  await spares.leave(plan, place);
  expect(asked).toEqual([]);
  await spares.leave(ready, place);
  expect(asked).toEqual([['leaveSpare']]);
});

test('a cluster that cannot be opened keeps nobody from going on', async () => {
  const { asked, spares } = window(true);
  await spares.leave(ready, place);
  await spares.removeOf(ready, place);
  expect(asked).toEqual([]);
});
