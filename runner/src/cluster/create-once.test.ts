import { expect, test } from 'vitest';
import { ApiError } from './errors.ts';
import { createOnce, mayHaveActed } from './create-once.ts';

function apiError(code: number | string): ApiError {
  return new ApiError({ code, message: String(code), verb: 'create', resource: 'pods' });
}

/** Answers in order: an error code, or the object. */
function answers(...list: readonly (number | string)[]): { create: () => Promise<string>; asked: () => number } {
  let asked = 0;
  return {
    create: () => {
      const answer = list[asked++] ?? 'too often';
      return answer === 'made' ? Promise.resolve(answer) : Promise.reject(apiError(answer));
    },
    asked: () => asked,
  };
}

const never = new AbortController().signal;

test.each<[string, { answers: (number | string)[]; there?: string; gives: string | number; asked: number }]>([
  ['made at once', { answers: ['made'], gives: 'made', asked: 1 }],
  ['the connection broke before it was made', { answers: ['ECONNRESET', 'made'], gives: 'made', asked: 2 }],
  [
    'the connection broke after it was made',
    { answers: ['ECONNRESET', 409], there: 'found', gives: 'found', asked: 2 },
  ],
  ['no answer twice', { answers: ['ETIMEDOUT', 'EBADBODY', 409], there: 'found', gives: 'found', asked: 3 }],
  ['never an answer', { answers: ['EPIPE', 'EPIPE', 'EPIPE'], gives: 'EPIPE', asked: 3 }],
  ['it is there before we asked: not ours', { answers: [409], there: 'other', gives: 409, asked: 1 }],
  ['it was there and is gone again', { answers: ['ECONNRESET', 409], gives: 409, asked: 2 }],
  ['refused', { answers: [403], gives: 403, asked: 1 }],
])('%s', async (_, { answers: list, there, gives, asked }) => {
  const server = answers(...list);
  const result = await createOnce(server.create, () => Promise.resolve(there), never).catch((error: unknown) =>
    error instanceof ApiError ? error.code : error,
  );
  expect([result, server.asked()]).toEqual([gives, asked]);
});

test('an abort asks no more, and what was asked for may be there', async () => {
  const server = answers('ECONNRESET', 'made');
  const error: unknown = await createOnce(server.create, () => Promise.resolve(undefined), AbortSignal.abort()).catch(
    (thrown: unknown) => thrown,
  );
  expect([
    server.asked(),
    mayHaveActed(error, AbortSignal.abort()),
    mayHaveActed(error, never),
    mayHaveActed(apiError(403), never),
  ]).toEqual([1, true, true, false]);
});
