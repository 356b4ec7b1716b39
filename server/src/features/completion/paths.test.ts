import { describe, expect, it } from 'vitest';
import { after, labelsAt } from '../testing/completed.ts';
import type { TestSurroundings } from '../testing/marked.ts';

describe('paths', () => {
  const HEAD =
    'inputs:\n  - name: repo\n  - name: tools\n    path: lib/tools\noutputs:\n  - name: dist\ncaches:\n  - path: repo/.cache\n';
  const LOCAL: TestSurroundings = {
    folders: { repo: '/ws' },
    files: {
      '/ws/README.md': '',
      '/ws/.git/config': '',
      '/ws/ci/test.sh': { text: '#!/bin/sh\n', executable: true },
      '/ws/ci/notes.txt': '',
      '/ws/src/a/b.go': '',
    },
  };
  it.each<[string, string, string[]]>([
    ['run.path', 'run:\n  path: <*>', ['sh', 'bash', 'dist', 'lib', 'repo']],
    ['run.path below an input', 'run:\n  path: repo/<*>', ['.cache', 'ci', 'src', 'README.md']],
    ['run.path, executable first', 'run:\n  path: repo/ci/<*>', ['test.sh', 'notes.txt']],
    ['run.path in quotes', 'run:\n  path: "repo/ci/t<*>"', ['test.sh', 'notes.txt']],
    ['run.path from dir', 'run:\n  dir: repo\n  path: ./<*>', ['.cache', 'ci', 'src', 'README.md']],
    ['run.path above dir', 'run:\n  dir: repo/ci\n  path: ../../<*>', ['dist', 'lib', 'repo']],
    ['run.path absolute', 'run:\n  path: /tmp/build/b1dda4c3/repo/ci/<*>', ['test.sh', 'notes.txt']],
    ['dir', 'run:\n  dir: <*>', ['dist', 'lib', 'repo']],
    ['dir: directories only', 'run:\n  dir: repo/<*>', ['.cache', 'ci', 'src']],
    ['dir of a nested path', 'run:\n  dir: lib/<*>', ['tools']],
    ['args', 'run:\n  path: cat\n  args: [repo/ci/<*>]', ['notes.txt', 'test.sh']],
    ['args in a block list', 'run:\n  path: cat\n  args:\n    - repo/<*>', ['.cache', 'ci', 'src', 'README.md']],
    ['an input without local folder', 'run:\n  path: lib/tools/<*>', []],
    ['a path with a variable', 'run:\n  path: ((x))/<*>', []],
    ['a script', 'run:\n  path: sh\n  args:\n    - -c\n    - |\n      cat repo/ci/<*>', ['notes.txt', 'test.sh']],
    ['a script word', 'run:\n  path: sh\n  args:\n    - -c\n    - |\n      cd re<*>', ['dist', 'lib', 'repo']],
    ['a broken file', 'run:\n  path: [}\nfoo: "\n  - x: <*>', []],
  ])('%s', (_title, tail, labels) => {
    expect(labelsAt(`${HEAD}${tail}`, LOCAL)).toEqual(labels);
  });

  it('of caches', () => {
    expect(labelsAt('inputs:\n  - name: repo\ncaches:\n  - path: repo/<*>', LOCAL)).toEqual(['ci', 'src']);
  });

  it('replace the part at the cursor', () => {
    expect(after(`${HEAD}run:\n  path: repo/c<*>x/test.sh`, 'ci', LOCAL)).toBe(`${HEAD}run:\n  path: repo/ci/test.sh`);
    expect(after(`${HEAD}run:\n  path: re<*>`, 'repo', LOCAL)).toBe(`${HEAD}run:\n  path: repo`);
  });

  it('know the inputs of a file that does not parse', () => {
    expect(labelsAt('inputs:\n  - name: repo\nfoo\nrun:\n  path: repo/ci/<*>\n bad: [', LOCAL)).toEqual([
      'test.sh',
      'notes.txt',
    ]);
  });
});
