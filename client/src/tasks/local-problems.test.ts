import { describe, expect, test } from 'vitest';
import { ToolErrorReader } from '#internal/runner/src/results/tool-errors.ts';
import { LocalProblems } from './local-problems.ts';

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
