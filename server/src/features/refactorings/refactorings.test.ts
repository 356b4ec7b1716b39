/** Refactorings: a task, where the cursor is, and the task behind it. */
import { describe, expect, test } from 'vitest';
import { decodeTask, taskConfigJson } from '#concourse';
import { applyEdits } from '../fixes/edits.ts';
import { marked, requested, type TestSurroundings } from '../testing/marked.ts';
import { blockStyle } from './block-style.ts';
import { extractScript, inlineScript } from './inline-script.ts';
import { inlineWords, readOptions, setCommand } from './shell-options.ts';

const HOME: TestSurroundings = { folders: { repo: '/ws' }, files: { '/ws/ci/task.yml': '' } };

/** A task whose input is the repository that it lies in. */
function task(run: string): string {
  return `platform: linux\ninputs:\n  - name: repo\nrun:\n${run}`;
}

const EXTRACTIONS: readonly {
  readonly what: string;
  readonly run: string;
  readonly result: string;
  readonly file: string;
  readonly around?: TestSurroundings;
}[] = [
  {
    what: 'a block, with its options as set',
    run: '  path: bash\n  args:\n    - -exc\n    - |\n      cd repo\n\n        make "$A"\nparams: {A: 1}\n',
    result: '  path: bash\n  args:\n    - repo/ci/task.sh\nparams: {A: 1}\n',
    file: '#!/usr/bin/env bash\nset -ex\n\ncd repo\n\n  make "$A"\n',
  },
  {
    what: 'a script without options',
    run: '  path: sh\n  args: [-c, "make all"]\n',
    result: '  path: sh\n  args:\n    - repo/ci/task.sh\n',
    file: '#!/bin/sh\n\nmake all\n',
  },
  {
    what: 'options with names',
    run: '  path: /bin/bash\n  args:\n  - -euo\n  - pipefail\n  - -lc\n  - |\n    make\n',
    result: '  path: /bin/bash\n  args:\n    - -l\n    - repo/ci/task.sh\n',
    file: '#!/usr/bin/env bash\nset -euo pipefail\n\nmake\n',
  },
  {
    what: 'a shell that is started by another program',
    run: '  path: /usr/bin/env\n  args: [sh, -ec, make]\n',
    result: '  path: /usr/bin/env\n  args:\n    - sh\n    - repo/ci/task.sh\n',
    file: '#!/bin/sh\nset -e\n\nmake\n',
  },
  {
    what: 'a script that starts in another directory',
    run: '  path: sh\n  dir: repo/src\n  args: [-c, make]\n',
    result: '  path: sh\n  dir: repo/src\n  args:\n    - ../ci/task.sh\n',
    file: '#!/bin/sh\n\nmake\n',
  },
  {
    what: 'a file whose name is taken',
    run: '  path: sh\n  args: [-c, make]\n',
    result: '  path: sh\n  args:\n    - repo/ci/task-2.sh\n',
    file: '#!/bin/sh\n\nmake\n',
    around: { folders: { repo: '/ws' }, files: { '/ws/ci/task.sh': 'x' } },
  },
];

describe('extracting the inline script', () => {
  test.each(EXTRACTIONS)('takes $what', ({ run, result, file, around = HOME }) => {
    const text = task(run);
    const found = extractScript(requested(text, around));
    expect(found?.refused).toBeUndefined();
    expect(applyEdits(text, found?.edits ?? [])).toBe(task(result));
    expect(found?.create?.text).toBe(file);
  });

  test.each([
    ['a variable', '  path: sh\n  args: [-c, "echo ((a))"]\n', HOME, /variable/],
    ['arguments', '  path: sh\n  args: [-c, "echo $1", a, b]\n', HOME, /arguments/],
    ['no input that holds the task file', '  path: sh\n  args: [-c, make]\n', {}, /No input/],
  ] as const)('says why not: %s', (_what, run, around, reason) => {
    expect(extractScript(requested(task(run), around))?.refused).toMatch(reason);
  });

  test.each([
    ['a program', '  path: make\n  args: [all]\n'],
    ['a file', '  path: sh\n  args: [repo/ci/test.sh]\n'],
  ])('is not offered for %s', (_what, run) => {
    expect(extractScript(requested(task(run), HOME))).toBeUndefined();
  });
});

describe('putting the script file into the task', () => {
  const around = (path: string, text: string): TestSurroundings => ({
    folders: { repo: '/ws' },
    files: { [path]: text },
  });

  test.each([
    {
      what: 'a file that is started by itself, its shell from the first line',
      file: '#!/bin/bash -eu\nset -x\nmake\n',
      run: '  path: repo/ci/a.sh\n',
      result: '  path: bash\n  args:\n    - -euc\n    - |\n      set -x\n      make\n',
    },
    {
      what: 'a file with arguments, which follow the name of the script',
      file: '#!/bin/sh\necho "$1"\n',
      run: '  path: repo/ci/a.sh\n  args: [x]\n',
      result: '  path: sh\n  args:\n    - -c\n    - |\n      echo "$1"\n    - repo/ci/a.sh\n    - x\n',
    },
    {
      what: 'a file that is given to a shell with options',
      file: 'make\n\n  make install\n',
      run: '  path: bash\n  args: [-x, repo/ci/a.sh]\n',
      result: '  path: bash\n  args:\n    - -xc\n    - |\n      make\n\n        make install\n',
    },
  ])('takes $what', ({ file, run, result }) => {
    const text = task(run);
    const found = inlineScript(requested(text, around('/ws/ci/a.sh', file)));
    expect(found?.refused).toBeUndefined();
    expect(applyEdits(text, found?.edits ?? [])).toBe(task(result));
  });

  test.each([
    ['what Concourse takes for a variable', '#!/bin/sh\necho $((1+2)) ((x))\n', /variable/],
    ['its own path', '#!/bin/sh\ncd "$(dirname "$0")"\n', /own path/],
  ])('says why not: %s', (_what, file, reason) => {
    const found = inlineScript(requested(task('  path: repo/ci/a.sh\n'), around('/ws/ci/a.sh', file)));
    expect(found?.refused).toMatch(reason);
  });

  test('is not offered for other languages', () => {
    const request = requested(
      task('  path: repo/ci/a.py\n'),
      around('/ws/ci/a.py', '#!/usr/bin/env python3\nprint()\n'),
    );
    expect(inlineScript(request)).toBeUndefined();
  });
});

describe('extracting and putting back', () => {
  const SCRIPTS = [
    'make\n',
    'set -e\n\nmake\n',
    '#!/bin/bash\nmake\n',
    '\n\nmake\n\n\n',
    '  indented first\nthen not\n',
    'tab\there\n\ttab first\n',
    'cat <<EOF\n  a: b # c\nEOF\n',
    'echo "ü ✓ \'quoted\'" \\\n  continued\n',
    'trailing   \n blanks  \n',
  ];
  test.each(
    SCRIPTS.flatMap((script) =>
      ['-c', '-ec', '-eux'].map((option) => [option === '-eux' ? '-euxc' : option, script] as const),
    ),
  )('gives the same task: %s %j', (option, script) => {
    const text = task(`  path: bash\n  args: [${option}, ${JSON.stringify(script)}]\n`);
    const request = requested(text, HOME);
    const out = extractScript(request);
    const without = applyEdits(text, out?.edits ?? []);
    const file = out?.create?.text ?? '';
    const back = inlineScript(requested(without, { folders: { repo: '/ws' }, files: { '/ws/ci/task.sh': file } }));
    expect(back?.refused).toBeUndefined();
    const again = applyEdits(without, back?.edits ?? []);
    expect(taskConfigJson(decodeTask(again).config)).toBe(taskConfigJson(request.task.config));
  });
});

describe('options of a shell', () => {
  test.each([
    [['-c'], '', ['-c']],
    [['-ec'], 'set -e', ['-ec']],
    [['-e', '-x', '-c'], 'set -ex', ['-exc']],
    [['-euo', 'pipefail', '-c'], 'set -euo pipefail', ['-euo', 'pipefail', '-c']],
    [['-lc'], '', ['-l', '-c']],
    [['--norc', '-o', 'errexit', '-c'], 'set -o errexit', ['--norc', '-o', 'errexit', '-c']],
  ])('%j are "%s" in a script', (words, set, inline) => {
    expect(setCommand(readOptions(words))).toBe(set);
    expect(inlineWords(readOptions(words))).toEqual(inline);
  });
});

describe('writing braces line by line', () => {
  test.each([
    ['a mapping', 'params: {A: 1, <*>B: "x, y"}\n', 'params:\n  A: 1\n  B: "x, y"\n'],
    ['a list', 'inputs: [<*>{name: a, path: b}, {name: c}]\n', 'inputs:\n  - name: a\n    path: b\n  - name: c\n'],
    [
      'what is nested',
      'run: {path: sh, <*>args: [-c, x], dir: ""}\n',
      'run:\n  path: sh\n  args:\n    - -c\n    - x\n  dir: ""\n',
    ],
    [
      'what is empty inside',
      'image_resource: {<*>type: a, source: {}}\n',
      'image_resource:\n  type: a\n  source: {}\n',
    ],
  ])('takes %s', (_what, text, result) => {
    const { task: document, offset, uri, environment } = marked(text);
    const found = blockStyle({ task: document, uri, environment }, { start: offset, end: offset });
    expect(applyEdits(document.text, found?.edits ?? [])).toBe(result);
    expect(taskConfigJson(decodeTask(result).config)).toBe(taskConfigJson(document.config));
  });

  test.each([
    'params: {<*>}\n',
    'params:\n  A: <*>1\n',
    'params: {<*>A: &a 1}\n',
    'params: {<*>A: 1, # why\n  B: 2}\n',
  ])('is not offered for %j', (text) => {
    const { task: document, offset, uri, environment } = marked(text);
    expect(blockStyle({ task: document, uri, environment }, { start: offset, end: offset })).toBeUndefined();
  });
});
