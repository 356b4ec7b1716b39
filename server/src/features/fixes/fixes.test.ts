/** Each quick fix: a task with one problem, the title, and the text behind it. */
import { describe, expect, test } from 'vitest';
import { requested, type TestSurroundings } from '../testing/marked.ts';
import { applyEdits } from './edits.ts';
import { fixAll, fixesOf } from './all.ts';

interface Row {
  readonly what: string;
  readonly code: string;
  readonly text: string;
  /** The title of the fix; the first one when it is left out. */
  readonly title?: RegExp;
  readonly fixed: string;
  readonly around?: TestSurroundings;
}

const ROWS: readonly Row[] = [
  {
    what: 'renames a key to the one that is meant',
    code: 'unknown-key',
    text: 'platfrom: linux\nrun:\n  path: ls\n',
    fixed: 'platform: linux\nrun:\n  path: ls\n',
  },
  {
    what: 'removes a key with all it holds',
    code: 'unknown-key',
    text: 'platform: linux\nzzzz:\n  - a\n  - b # c\n# d\nrun:\n  path: ls\n',
    title: /^Remove/,
    fixed: 'platform: linux\n# d\nrun:\n  path: ls\n',
  },
  {
    what: 'removes the last key of a file without a line end',
    code: 'unknown-key',
    text: 'platform: linux\nzzzz: |\n  a',
    title: /^Remove/,
    fixed: 'platform: linux\n',
  },
  {
    what: 'removes a key in braces',
    code: 'unknown-key',
    text: '{platform: linux, zzzz: [1, 2], run: {path: ls}}\n',
    title: /^Remove/,
    fixed: '{platform: linux, run: {path: ls}}\n',
  },
  {
    what: 'removes the last key in braces',
    code: 'unknown-key',
    text: '{platform: linux, run: {path: ls}, zzzz: 1}\n',
    title: /^Remove/,
    fixed: '{platform: linux, run: {path: ls}}\n',
  },
  {
    what: 'removes the first key of a list item',
    code: 'unknown-key',
    text: 'platform: linux\ninputs:\n  - zzzz: 1\n    name: a\n',
    title: /^Remove/,
    fixed: 'platform: linux\ninputs:\n  - name: a\n',
  },
  {
    what: 'leaves braces where the only key of a mapping goes',
    code: 'unknown-key',
    text: 'platform: linux\ncontainer_limits:\n  zzzz: 1\nrun: {path: ls}\n',
    title: /^Remove/,
    fixed: 'platform: linux\ncontainer_limits: {}\nrun: {path: ls}\n',
  },
  {
    what: 'moves a key of the image under a new source',
    code: 'unknown-key',
    text: 'platform: linux\nimage_resource:\n  type: registry-image\n  repository: busybox # small\n',
    fixed: 'platform: linux\nimage_resource:\n  type: registry-image\n  source:\n    repository: busybox # small\n',
  },
  {
    what: 'moves a key of the image into the source that is there',
    code: 'unknown-key',
    text: 'platform: linux\nimage_resource:\n  type: registry-image\n  tag: "1"\n  source:\n    repository: busybox\nrun: {path: ls}\n',
    fixed:
      'platform: linux\nimage_resource:\n  type: registry-image\n  source:\n    repository: busybox\n    tag: "1"\nrun: {path: ls}\n',
  },
  {
    what: 'moves a key into a source in braces',
    code: 'unknown-key',
    text: 'platform: linux\nimage_resource: {type: registry-image, tag: "1", source: {repository: busybox}}\n',
    fixed: 'platform: linux\nimage_resource: {type: registry-image, source: {repository: busybox, tag: "1"}}\n',
  },
  {
    what: 'tells where a key of the step belongs',
    code: 'step-key',
    text: 'platform: linux\nprivileged: true\nrun: {path: ls}\n',
    title: /task step/,
    fixed: 'platform: linux\nrun: {path: ls}\n',
  },
  {
    what: 'writes an anchored helper where it is used',
    code: 'helper-key',
    text: 'x: &env\n  A: one, two\n  B: [1]\nplatform: linux\nparams: *env\n',
    fixed: 'platform: linux\nparams: {A: "one, two", B: [1]}\n',
  },
  {
    what: 'writes a text that an anchor names where it is used',
    code: 'helper-key',
    text: 'x-path: &p "a b"\nplatform: linux\nrun: {path: *p, dir: *p}\n',
    fixed: 'platform: linux\nrun: {path: "a b", dir: "a b"}\n',
  },
  {
    what: 'writes an image of old Concourse as image_resource',
    code: 'legacy-image',
    text: 'platform: linux\nimage: docker:///library/busybox#1.36\nrun:\n  path: ls\n',
    fixed:
      'platform: linux\nimage_resource:\n  type: registry-image\n  source:\n    repository: library/busybox\n    tag: "1.36"\nrun:\n  path: ls\n',
  },
  {
    what: 'writes a key in lower case',
    code: 'wrong-case-key',
    text: 'Platform: linux\n',
    fixed: 'platform: linux\n',
  },
  {
    what: 'removes the first of two equal keys, which has no effect',
    code: 'duplicate-key',
    text: 'platform: linux\nparams: {A: 1}\nparams:\n  B: 2\n',
    fixed: 'platform: linux\nparams:\n  B: 2\n',
  },
  {
    what: 'keeps the first of two equal keys on request',
    code: 'duplicate-key',
    text: 'platform: linux\nparams: {A: 1}\nparams:\n  B: 2\n',
    title: /keep the first/,
    fixed: 'platform: linux\nparams: {A: 1}\n',
  },
  {
    what: 'moves a merge above the key that it overrides',
    code: 'merge-overrides-key',
    text: 'platform: linux\nparams: &a\n  A: 1\nimage_resource:\n  type: mock\n  source: {}\n  params:\n    A: 2\n    <<: *a\n',
    fixed:
      'platform: linux\nparams: &a\n  A: 1\nimage_resource:\n  type: mock\n  source: {}\n  params:\n    <<: *a\n    A: 2\n',
  },
  {
    what: 'adds the platform before the first key',
    code: 'missing-platform',
    text: '# a task\nrun:\n  path: ls\n',
    fixed: '# a task\nplatform: linux\nrun:\n  path: ls\n',
  },
  {
    what: 'fills in an empty platform',
    code: 'missing-platform',
    text: 'platform:\nrun: {path: ls}\n',
    fixed: 'platform: linux\nrun: {path: ls}\n',
  },
  { what: 'adds the platform to an empty file', code: 'missing-platform', text: '', fixed: 'platform: linux\n' },
  {
    what: 'adds the platform below comments',
    code: 'missing-platform',
    text: '# todo',
    fixed: '# todo\nplatform: linux\n',
  },
  {
    what: 'adds the platform in braces',
    code: 'missing-platform',
    text: '{run: {path: ls}}',
    fixed: '{platform: linux, run: {path: ls}}',
  },
  {
    what: 'keeps CRLF',
    code: 'missing-platform',
    text: 'run:\r\n  path: ls\r\n',
    fixed: 'platform: linux\r\nrun:\r\n  path: ls\r\n',
  },
  {
    what: 'names an input after its path',
    code: 'missing-name',
    text: 'platform: linux\ninputs:\n  - path: src/repo\n',
    fixed: 'platform: linux\ninputs:\n  - name: repo\n    path: src/repo\n',
  },
  {
    what: 'fills in an empty name',
    code: 'missing-name',
    text: 'platform: linux\noutputs:\n- name: ""\n  path: a\n',
    fixed: 'platform: linux\noutputs:\n- name: a\n  path: a\n',
  },
  {
    what: 'names an input that is only a dash',
    code: 'missing-name',
    text: 'platform: linux\ninputs:\n  - # nothing\n',
    fixed: 'platform: linux\ninputs:\n  - name: input-1 # nothing\n',
  },
  {
    what: 'adds a command for old Concourse',
    code: 'missing-run-path',
    text: 'platform: linux\n',
    fixed: 'platform: linux\nrun:\n  path: sh\n',
    around: { target: '5.5' },
  },
  {
    what: 'quotes a number where text is meant',
    code: 'wrong-type',
    text: 'platform: linux\nrun: {path: ls, args: [1.10]}\n',
    fixed: 'platform: linux\nrun: {path: ls, args: ["1.10"]}\n',
  },
  {
    what: 'makes a list of one input',
    code: 'wrong-type',
    text: 'platform: linux\ninputs:\n  name: a\n  path: b\n',
    fixed: 'platform: linux\ninputs:\n  - name: a\n    path: b\n',
  },
  {
    what: 'makes a mapping of listed params',
    code: 'wrong-type',
    text: 'platform: linux\nparams:\n- A=1\n- B: 2\n',
    fixed: 'platform: linux\nparams:\n  A: "1"\n  B: 2\n',
  },
  {
    what: 'gives a lifetime its unit',
    code: 'wrong-type',
    text: 'platform: linux\ncaches:\n  - path: a\n    ttl: 24\n',
    title: /hours/,
    fixed: 'platform: linux\ncaches:\n  - path: a\n    ttl: 24h\n',
  },
  {
    what: 'makes a command of a text',
    code: 'wrong-type',
    text: 'platform: linux\nrun: make\n',
    fixed: 'platform: linux\nrun: {path: "make"}\n',
  },
  {
    what: 'quotes what older Concourse takes as text',
    code: 'coerced-scalar',
    text: 'platform: linux\nrun: {path: ls, user: 0}\n',
    fixed: 'platform: linux\nrun: {path: ls, user: "0"}\n',
    around: { target: '8.0' },
  },
  {
    what: 'quotes a param that YAML changes',
    code: 'yaml-value-changes',
    text: 'platform: linux\nparams:\n  MODE: 0777\n',
    fixed: 'platform: linux\nparams:\n  MODE: "0777"\n',
  },
  {
    what: 'writes what YAML makes of a param',
    code: 'yaml-value-changes',
    text: 'platform: linux\nparams:\n  A: yes\n',
    title: /becomes/,
    fixed: 'platform: linux\nparams:\n  A: "true"\n',
  },
  {
    what: 'quotes a param name that YAML changes',
    code: 'yaml-key-changes',
    text: 'platform: linux\nparams:\n  N: a\n',
    fixed: 'platform: linux\nparams:\n  "N": a\n',
  },
  {
    what: 'turns days into hours',
    code: 'invalid-cache-ttl',
    text: 'platform: linux\ncaches:\n  - path: a\n    ttl: 1d 12h\n',
    fixed: 'platform: linux\ncaches:\n  - path: a\n    ttl: 36h\n',
  },
  {
    what: 'raises a lifetime to the shortest',
    code: 'invalid-cache-ttl',
    text: 'platform: linux\ncaches:\n  - path: a\n    ttl: 500ms\n',
    fixed: 'platform: linux\ncaches:\n  - path: a\n    ttl: 1s\n',
  },
  {
    what: 'writes decimals of a size in the next smaller unit',
    code: 'invalid-memory-limit',
    text: 'platform: linux\ncontainer_limits:\n  memory: 1.5GB\n',
    fixed: 'platform: linux\ncontainer_limits:\n  memory: 1536MB\n',
  },
  {
    what: 'writes terabytes in gigabytes',
    code: 'invalid-memory-limit',
    text: 'platform: linux\ncontainer_limits: {memory: 1 T}\n',
    fixed: 'platform: linux\ncontainer_limits: {memory: 1024GB}\n',
  },
  {
    what: 'takes the quotes off a number of shares',
    code: 'invalid-cpu-limit',
    text: 'platform: linux\ncontainer_limits: {cpu: "512"}\n',
    fixed: 'platform: linux\ncontainer_limits: {cpu: 512}\n',
  },
  {
    what: 'cuts decimals off as Concourse does',
    code: 'limit-truncated',
    text: 'platform: linux\ncontainer_limits: {cpu: 100.9}\n',
    fixed: 'platform: linux\ncontainer_limits: {cpu: 100}\n',
  },
  {
    what: 'writes unlimited as 0',
    code: 'limit-wraps',
    text: 'platform: linux\ncontainer_limits: {cpu: -1}\n',
    fixed: 'platform: linux\ncontainer_limits: {cpu: 0}\n',
  },
  {
    what: 'indents with blanks',
    code: 'yaml-syntax',
    text: 'platform: linux\nrun:\n\tpath: ls\n',
    fixed: 'platform: linux\nrun:\n  path: ls\n',
  },
  {
    what: 'removes a directive',
    code: 'yaml-version',
    text: '%YAML 1.2\n---\nplatform: linux\n',
    fixed: '---\nplatform: linux\n',
  },
  {
    what: 'writes old placeholders as variables',
    code: 'yaml-map-key',
    text: 'platform: linux\nparams:\n  A: {{a-b}}\n',
    fixed: 'platform: linux\nparams:\n  A: ((a-b))\n',
  },
  {
    what: 'corrects the name of an alias',
    code: 'yaml-unknown-anchor',
    text: 'platform: linux\nparams: {A: &first 1, B: *frist}\n',
    fixed: 'platform: linux\nparams: {A: &first 1, B: *first}\n',
  },
  {
    what: 'quotes a text that begins with a star',
    code: 'yaml-unknown-anchor',
    text: 'platform: linux\nparams:\n  GLOB: *.txt # all\n',
    title: /Quote/,
    fixed: 'platform: linux\nparams:\n  GLOB: "*.txt" # all\n',
  },
  {
    what: 'removes a second document',
    code: 'extra-document',
    text: 'platform: linux\n---\nplatform: darwin\n',
    fixed: 'platform: linux\n',
  },
];

describe('a quick fix', () => {
  test.each(ROWS)('$what', ({ code, text, title, fixed, around }) => {
    const { task, environment } = requested(text, around);
    const problem = task.problems.find((each) => each.code === code);
    expect(problem, JSON.stringify(task.problems)).toBeDefined();
    if (!problem) return;
    const fixes = fixesOf(problem, task, environment);
    const fix = title ? fixes.find((each) => title.test(each.title)) : fixes[0];
    expect(fix && applyEdits(text, fix.edits), fixes.map((each) => each.title).join('\n')).toBe(fixed);
    // The problem is gone, and nothing new came.
    const after = requested(fixed, around).task.problems;
    expect(after.filter((each) => each.code === code)).toEqual([]);
    const before = new Set(task.problems.map((each) => each.code));
    expect(after.filter((each) => !before.has(each.code))).toEqual([]);
  });

  test('that is preferred stands first and alone', () => {
    for (const { text, around } of ROWS) {
      const { task, environment } = requested(text, around);
      for (const problem of task.problems) {
        const preferred = fixesOf(problem, task, environment).map((fix) => fix.preferred ?? false);
        expect(preferred.slice(1)).not.toContain(true);
      }
    }
  });
});

describe('all safe fixes at once', () => {
  const fixed = (text: string): string => {
    const { task, environment } = requested(text);
    return applyEdits(
      text,
      fixAll(task, environment, (each) => each.problems),
    );
  };

  test('mend everything that can only be meant in one way', () => {
    const text =
      'Platform: linux\nrun: make\nparams:\n  - A=1\ncaches:\n  - path: a\n    ttl: 1d\ncontainer_limits: {memory: 1 GB, cpu: "5"}\n';
    expect(fixed(text)).toBe(
      'platform: linux\nrun: {path: "make"}\nparams:\n  A: "1"\ncaches:\n  - path: a\n    ttl: 24h\ncontainer_limits: {memory: 1GB, cpu: 5}\n',
    );
  });

  test('are not done where the task would change: a tag that was another one all the time', () => {
    const text =
      'platform: linux\nparams: {A: yes}\nimage_resource: {type: registry-image, source: {repository: a, tag: 3.10}}\n';
    expect(fixed(text)).toBe(text);
  });

  test('change nothing when done again', () => {
    for (const { text } of ROWS) {
      const once = fixed(text);
      expect(fixed(once)).toBe(once);
    }
  });
});
