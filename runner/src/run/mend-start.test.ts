import { expect, test } from 'vitest';
import { fakeArtifact } from '../../../test/fakes/fake-artifact.ts';
import { aPlan } from '../../../test/fakes/plans.ts';
import type { RunEvent } from '../events.ts';
import { failure } from '../failures/index.ts';
import { RunFailureError } from '../failures/types.ts';
import { RunEmitter } from './emitter.ts';
import { mendStart } from './mend-start.ts';
import type { StartAttempt } from './start-pod.ts';

/** What becomes of an init container that did not find the input of this number: the first is local, the second is not. */
async function mend(container: string): Promise<{ attempt: StartAttempt | undefined; notes: string[] }> {
  const input = (name: string, source: StartAttempt['inputs'][number]['input']['source']) => ({
    input: { name, path: `/${name}`, volume: name, source },
  });
  const attempt: StartAttempt = {
    plan: aPlan(),
    store: fakeArtifact(),
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
  const mended = await mendStart(error, attempt, emitter, () => Promise.reject(new Error('nothing has changed')));
  return { attempt: mended?.attempt, notes: events.flatMap((event) => (event.type === 'note' ? [event.message] : [])) };
}

test('a tree that is gone is sent again; an output of an earlier run cannot be, and is named', async () => {
  const { attempt, notes } = await mend('fetch-input-0');
  expect([attempt?.store.sendsTo, notes]).toEqual(['init', ['An input is no longer in the store: it is sent again']]);
  await expect(mend('fetch-input-1')).rejects.toMatchObject({
    failure: {
      kind: 'init-failed',
      title: 'Output bin of run build-1 is not in the store, or is damaged there',
      nextStep: expect.stringContaining('Run that task again') as string,
    },
  });
});
