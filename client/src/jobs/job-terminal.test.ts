/** A job as the body of a VS Code task: what it shows, how it ends, and what ends it. */
import { expect, test, vi } from 'vitest';
import { PlainEmitter } from '../testing/plain-emitter.ts';
import type { FollowedJob, JobListener } from './job-control.ts';

vi.mock('vscode', () => ({ EventEmitter: PlainEmitter }));
const { JobTerminal } = await import('./job-terminal.ts');

type Status = Awaited<FollowedJob['done']>;

function terminalOf(start: (onPiece: JobListener['onPiece']) => Promise<FollowedJob | undefined>) {
  const aborted: string[] = [];
  const terminal = new JobTerminal({
    start,
    abort: (id) => void aborted.push(id),
    logFile: (id) => `/logs/${id}`,
    afterwards: () => ['on this machine: /w/a.c:1:1: error: no'],
    errorText: (error) => (error as Error).message,
  });
  let shown = '';
  const closed = Promise.withResolvers<number>();
  terminal.onDidWrite((text) => (shown += text));
  terminal.onDidClose(closed.resolve);
  return { terminal, aborted, closed: closed.promise, text: () => shown };
}

const line = { source: 'stdout', data: Buffer.from('[task:a] hello\n') } as const;

test.each<[Status, number]>([
  ['succeeded', 0],
  ['failed', 1],
  ['errored', 2],
  ['aborted', 3],
])('a job that %s ends with %d, after its lines and those of the matcher', async (status, code) => {
  const { terminal, closed, text } = terminalOf((onPiece) => {
    onPiece(line);
    return Promise.resolve({ id: 'unit-1', done: Promise.resolve(status) });
  });
  terminal.open();
  expect(await closed).toBe(code);
  expect(text()).toBe('[task:a] hello\r\non this machine: /w/a.c:1:1: error: no\r\n');
});

test('a job that does not begin says why, and ends with 1', async () => {
  const wrong = terminalOf(() => Promise.reject(new Error('no such job')));
  wrong.terminal.open();
  expect([await wrong.closed, wrong.text()]).toEqual([1, 'no such job\r\n']);
  const left = terminalOf(() => Promise.resolve(undefined));
  left.terminal.open();
  expect([await left.closed, left.text()]).toEqual([1, 'Nothing was executed.\r\n']);
});

test('Ctrl-C and the end of the task abort the job, also before it has begun', async () => {
  const done = Promise.withResolvers<Status>();
  const early = terminalOf(() => Promise.resolve({ id: 'unit-1', done: done.promise }));
  early.terminal.open();
  early.terminal.handleInput('\u0003');
  await vi.waitFor(() => expect(early.aborted).toEqual(['unit-1']));
  early.terminal.close();
  done.resolve('aborted');
  expect(await early.closed).toBe(3);
});
