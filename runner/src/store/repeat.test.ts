import { expect, test } from 'vitest';
import { ExecError } from '../cluster/exec/error.ts';
import type { ExecErrorCode } from '../cluster/types.ts';
import { repeatWhenLost } from './repeat.ts';

const lost = (code: ExecErrorCode): ExecError => new ExecError(code, code);

test.each<[string, (Error | 'done')[], string, number]>([
  ['done at once', ['done'], 'done', 1],
  ['lost once', [lost('LOST'), 'done'], 'done', 2],
  ['no connection, then silence', [lost('CONNECT'), lost('STALLED'), 'done'], 'done', 3],
  ['lost each time', [lost('LOST'), lost('LOST'), lost('LOST'), lost('TIMEOUT')], 'TIMEOUT', 4],
  ['refused', [lost('REFUSED')], 'REFUSED', 1],
  ['an error of another kind', [new Error('full')], 'full', 1],
])('%s', async (_, answers, ends, times) => {
  let asked = 0;
  const work = (): Promise<string> => {
    const answer = answers[asked++] ?? new Error('too often');
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const end = await repeatWhenLost(work).catch((error: unknown) => (error as Error).message);
  expect([end, asked]).toEqual([ends, times]);
});

test('an abort ends the waiting', async () => {
  const controller = new AbortController();
  const work = (): Promise<string> => {
    controller.abort(new Error('stop'));
    return Promise.reject(lost('LOST'));
  };
  await expect(repeatWhenLost(work, controller.signal)).rejects.toThrow('stop');
});
