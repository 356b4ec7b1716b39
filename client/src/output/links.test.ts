import { describe, expect, it } from 'vitest';
import { findLog, findMentions, localCandidates, stepOfLine, type RunPaths } from './links.ts';

describe('paths in output', () => {
  it.each([
    ['Go', 'src/pkg/main.go:12:3: undefined: x', ['src/pkg/main.go 12:3']],
    ['Go, in its package', '    main_test.go:7: got 1', ['main_test.go 7']],
    ['GCC', './lib/a.c:3:10: error: expected', ['./lib/a.c 3:10']],
    ['TypeScript', 'src/index.ts(12,5): error TS2304', ['src/index.ts 12:5']],
    ['Python', '  File "/tmp/build/b1dda4c3/app/x.py", line 30, in f', ['/tmp/build/b1dda4c3/app/x.py 30']],
    ['a shell', '/tmp/build/b1dda4c3/src/ci/unit.sh: line 4: oops', ['/tmp/build/b1dda4c3/src/ci/unit.sh 4']],
    ['names that are not ASCII', 'src/größe/日本.py:3: oops', ['src/größe/日本.py 3']],
    ['a name with blanks', 'File "src/a b/c.py", line 3', ['src/a b/c.py 3', 'src/a', 'b/c.py 3']],
    ['a sentence', 'see docs/readme.md.', ['docs/readme.md']],
    ['several', 'a/b.c:1 and c/d.e:2', ['a/b.c 1', 'c/d.e 2']],
    ['a word', 'all tests passed', []],
    ['a time', '12:30:05 ok', []],
    ['a version', 'v1.2.3 installed', []],
    ['a file without a place', 'main.go', []],
    ['data', `${'x'.repeat(5000)}/a.c:1`, []],
  ])('of %s', (_who, line, expected) => {
    const found = findMentions(line).map((mention) => {
      const { path, line: at, column } = mention;
      const place = [at, column].filter((part) => part !== undefined).join(':');
      return place === '' ? path : `${path} ${place}`;
    });
    expect(found).toEqual(expected);
  });

  it('are found with their place in quotes', () => {
    const line = `File "src/a b/c.py", line 3, in f`;
    const [mention] = findMentions(line);
    expect(line.slice(mention?.start, mention?.end)).toBe('src/a b/c.py", line 3');
  });

  it.each([
    ['/home/me/Application Support/tarmac', '/runs/unit-1/output.log'],
    [String.raw`c:\Users\Jörg Ö\tarmac`, String.raw`\runs\unit-1\output.log`],
  ])('are those of our own logs, below %s', (folder, rest) => {
    const line = `… 1.0 MiB are left out here; the whole output is in ${folder}${rest}.`;
    const found = findLog(line, folder);
    expect(line.slice(found?.start, found?.end)).toBe(`${folder}${rest}`);
    expect(findLog('nothing', folder)).toBeUndefined();
  });

  it.each([
    ['[task:test] src/a.go:7: oops', 'task:test', ['src/a.go 7']],
    ['12:30:05.120 [task:test.2] ./a.go:7:1: oops', 'task:test.2', ['./a.go 7']],
    ['[get:repo] nothing', 'get:repo', []],
    ['src/a.go:7: oops', undefined, ['src/a.go 7']],
    ['[ 12%] Building src/a.c', undefined, ['src/a.c ']],
  ])('of a job have their step before them: %s', (line, step, expected) => {
    expect(stepOfLine(line)).toBe(step);
    expect(findMentions(line).map(({ path, line: at }) => `${path} ${at ?? ''}`)).toEqual(expected);
  });

  it('are found where they stand', () => {
    const line = 'error in src/a.go:7!';
    const [mention] = findMentions(line);
    expect(line.slice(mention?.start, mention?.end)).toBe('src/a.go:7');
  });
});

describe('where they are on this machine', () => {
  const root = '/tmp/build/b1dda4c3';
  const paths: RunPaths = {
    dir: `${root}/src/app`,
    inputs: [
      { container: `${root}/src`, local: '/home/me/repo' },
      { container: `${root}/src/vendor`, local: '/home/me/vendor' },
    ],
  };

  it.each([
    [`${root}/src/a.go`, ['/home/me/repo/a.go']],
    [`${root}/src/vendor/b.go`, ['/home/me/vendor/b.go']],
    [`${root}/elsewhere/c.go`, []],
    ['/usr/include/stdio.h', []],
    ['../a.go', ['/home/me/repo/a.go']],
    ['a.go', ['/home/me/repo/app/a.go', '/home/me/repo/a.go', '/home/me/vendor/a.go']],
    ['../../../../etc/passwd', []],
    [`${root}/src/../../../etc/passwd`, []],
  ])('%s', (path, expected) => {
    expect(localCandidates(path, paths)).toEqual(expected);
  });
});
