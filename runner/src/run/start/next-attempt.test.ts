import { expect, test } from 'vitest';
import { fakeDelivery } from '../../../../test/fakes/fake-delivery.ts';
import { aPlan } from '../../../../test/fakes/plans.ts';
import type { RunEvent } from '../../model/events.ts';
import { failure } from '../../failures/index.ts';
import { RunFailureError, type FailureKind } from '../../model/failure.ts';
import { podShape } from '../../pod/shape.ts';
import { RunEmitter } from '../emitter.ts';
import { nextAttempt } from './next-attempt.ts';
import type { StartAttempt } from './attempt.ts';

/** What becomes of an init container that did not find the input of this number: the first is local, the second is not. */
async function nextOf(container: string): Promise<{ attempt: StartAttempt | undefined; notes: string[] }> {
  const input = (name: string, source: StartAttempt['inputs'][number]['input']['source']) => ({
    input: { name, path: `/${name}`, volume: name, source },
  });
  const attempt: StartAttempt = {
    plan: aPlan(),
    delivery: fakeDelivery(),
    nodeImage: false,
    inputs: [
      input('here', { kind: 'directory', directory: '/src' }),
      input('there', { kind: 'output', run: 'build-1', output: 'bin' }),
    ],
  };
  const events: RunEvent[] = [];
  const error = new RunFailureError(
    failure('init-failed', 'An input is no longer in the store', {
      nextStep: 'x',
      detail: { container, exitCode: 44 },
    }),
  );
  const emitter = new RunEmitter('r', [(event) => void events.push(event)]);
  const next = await nextAttempt(error, attempt, emitter, () => Promise.reject(new Error('nothing has changed')));
  return { attempt: next?.attempt, notes: events.flatMap((event) => (event.type === 'note' ? [event.message] : [])) };
}

test('a tree that is gone is sent again; an output of an earlier run cannot be, and is named', async () => {
  const { attempt, notes } = await nextOf('fetch-input-0');
  expect([attempt?.delivery.sendsTo, notes]).toEqual([
    'init',
    ['An input is no longer in the store: it is sent again'],
  ]);
  await expect(nextOf('fetch-input-1')).rejects.toMatchObject({
    failure: {
      kind: 'init-failed',
      title: 'Output bin of run build-1 is not in the store, or is damaged there',
      nextStep: expect.stringContaining('Run that task again') as string,
    },
  });
});

const latest = { reference: 'registry.example.com/private/tool:latest', registry: 'registry.example.com' };

function pullFailed(kind: FailureKind, image = latest.reference): RunFailureError {
  return new RunFailureError(failure(kind, 'No image', { nextStep: 'Log in.', detail: { container: 'main', image } }));
}

async function nextPull(error: RunFailureError, changes: Partial<StartAttempt> = {}) {
  const attempt: StartAttempt = {
    plan: aPlan({ image: latest }),
    delivery: fakeDelivery(),
    nodeImage: false,
    inputs: [],
    ...changes,
  };
  const events: RunEvent[] = [];
  const emitter = new RunEmitter('r', [(event) => void events.push(event)]);
  const next = await nextAttempt(error, attempt, emitter, () => Promise.reject(new Error('nothing has changed')));
  return { next, notes: events.flatMap((event) => (event.type === 'note' ? [event.message] : [])) };
}

test.each<[FailureKind, string]>([
  ['image-unreachable', 'does not answer'],
  ['image-denied', 'refuses to hand it out'],
  ['image-not-found', 'does not have it'],
])('%s: the copy of the node is used, and that is told once', async (kind, why) => {
  const error = pullFailed(kind);
  const { next, notes } = await nextPull(error);
  expect(next).toMatchObject({ attempt: { nodeImage: true, imageRefused: error.failure }, isLoss: false });
  expect(notes).toEqual([
    `the registry of ${latest.reference} ${why}: using the copy that the node has, if it has one`,
  ]);
});

test('where no node has a copy, the first reason is told, with what can be done', async () => {
  const first = pullFailed('image-denied').failure;
  await expect(
    nextPull(pullFailed('image-unreachable'), { nodeImage: true, imageRefused: first }),
  ).rejects.toMatchObject({
    failure: {
      kind: 'image-denied',
      nextStep: expect.stringMatching(/Log in\. .*--node-selector.*--pull-policy/) as string,
    },
  });
});

test.each<[string, Partial<StartAttempt>, RunFailureError]>([
  [
    'a tag other than latest',
    { plan: aPlan({ image: { ...latest, reference: 'tool:1' } }) },
    pullFailed('image-denied', 'tool:1'),
  ],
  [
    'a policy that somebody has chosen',
    { plan: aPlan({ image: latest, pod: podShape({ imagePullPolicy: 'always' }).shape }) },
    pullFailed('image-denied'),
  ],
  ['the image of a sidecar', {}, pullFailed('image-denied', 'postgres:latest')],
  ['another trouble', {}, pullFailed('image-wrong-architecture')],
])('the failure stands: %s', async (_, changes, error) => {
  expect(await nextPull(error, changes)).toEqual({ next: undefined, notes: [] });
});
