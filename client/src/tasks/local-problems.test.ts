import { describe, expect, test } from 'vitest';
import { ToolErrorReader } from '#internal/runner/src/results/tool-errors.ts';
import { JobProblems, LocalProblems } from './local-problems.ts';

describe('lines for the matcher', () => {
  const paths = {
    dir: '/tmp/build/b1dda4c3',
    inputs: [{ container: '/tmp/build/b1dda4c3/source', local: '/home/me/shop' }],
  };
  const lines = (...pieces: readonly string[]): string[] => {
    const problems = new LocalProblems({ ToolErrorReader });
    for (const piece of pieces) problems.add('stderr', Buffer.from(piece));
    return problems.lines(paths, (path) => path === '/home/me/shop/src/a.c');
  };

  test('say where the file is on this machine: below the input, or relative to what the command was given', () => {
    const local = 'on this machine: /home/me/shop/src/a.c:1:2: error: no';
    expect(lines('source/src/a.c:1:2: error: no\n')).toEqual([local]);
    expect(lines('src/a.c:1:2: error: no\n')).toEqual([local]);
    expect(lines('/tmp/build/b1dda4c3/source/src/a.c:1:2: error: no\n')).toEqual([local]);
  });

  test('are not there for a file that is not', () => {
    expect(lines('src/b.c:1:2: error: no\n12:30:01: started\n')).toEqual([]);
  });

  test('come once, from pieces that are cut anywhere, without colours, also without a last line feed', () => {
    expect(lines('src/a.c:1', ':2: \u001B[31merr', 'or:\u001B[0m no\nsrc/a.c:1:2: error: no')).toEqual([
      'on this machine: /home/me/shop/src/a.c:1:2: error: no',
    ]);
  });
});

test('the runs of a job have paths of their own, and what two of them say is told once', () => {
  const problems = new JobProblems({ ToolErrorReader });
  const run = (id: string, text: string, local: string | undefined): void => {
    const data = Buffer.from(text);
    const event = { type: 'output', stream: 'stderr', run: id, data, time: '', offset: 0 } as const;
    problems.take(event, local === undefined ? undefined : { dir: '/w', inputs: [{ container: '/w/in', local }] });
  };
  run('a', 'in/a.c:1:2: error: no\n', '/home/a');
  run('b', 'in/a.c:1:2: error: no\n', '/home/b');
  run('c', 'in/a.c:1:2: error: no\n', '/home/a');
  run('d', 'in/a.c:1:2: error: no\n', undefined);
  expect(problems.lines(() => true)).toEqual([
    'on this machine: /home/a/a.c:1:2: error: no',
    'on this machine: /home/b/a.c:1:2: error: no',
  ]);
});
