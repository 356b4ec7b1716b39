import { describe, expect, test } from 'vitest';
import { LocalProblems, readLocation } from './local-problems.ts';

describe('the place that a line begins with', () => {
  test.each<[string, string]>([
    ['src/main.c:12:3: error: expected ;', 'src/main.c 12 3 error expected ;'],
    ['./main.go:10:5: undefined: x', './main.go 10 5 warning undefined: x'],
    ['source/run.sh:7: note: see here', 'source/run.sh 7 1 info see here'],
    ['app.ts(3,14): error TS2322: no', 'app.ts 3 14 error TS2322: no'],
    ['/tmp/build/b1dda4c3/source/a.py:1:0: warning: w', '/tmp/build/b1dda4c3/source/a.py 1 1 warning w'],
    ['  a.h:2: fatal error: gone', 'a.h 2 1 error gone'],
  ])('%s', (line, expected) => {
    const { path, line: at, column, severity, message } = readLocation(line) ?? {};
    expect([path, at, column, severity, message].join(' ')).toBe(expected);
  });

  test.each(['error: nothing', 'src/main.c:12', 'a.c:0: zero', `a.c:1: ${'x'.repeat(3000)}`])('none: %.40s', (line) => {
    expect(readLocation(line)).toBeUndefined();
  });
});

describe('lines for the matcher', () => {
  const paths = {
    dir: '/tmp/build/b1dda4c3',
    inputs: [{ container: '/tmp/build/b1dda4c3/source', local: '/home/me/shop' }],
  };
  const lines = (...pieces: readonly string[]): string[] => {
    const problems = new LocalProblems();
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
