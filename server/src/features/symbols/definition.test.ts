import { describe, expect, test } from 'vitest';
import { definition } from './definition.ts';
import { marked, type TestSurroundings } from '../testing/marked.ts';

/** What the link's origin and target cover, e.g. `repo → name: repo`. */
function goTo(text: string, surroundings: TestSurroundings = {}): string[] {
  const request = marked(text, surroundings);
  const slice = (
    source: string,
    range: { start: { line: number; character: number }; end: typeof range.start },
  ): string => {
    const lines = source.split(/\r\n|\n/);
    const first = lines[range.start.line] ?? '';
    if (range.start.line !== range.end.line) return `${first.slice(range.start.character)}…`;
    return first.slice(range.start.character, range.end.character);
  };
  return definition(request).map((link) => {
    const own = link.targetUri === request.uri;
    const origin = link.originSelectionRange ? slice(request.task.text, link.originSelectionRange) : '';
    const path = decodeURIComponent(link.targetUri.replace('file://', ''));
    const target = own ? request.task.text : (request.environment.files?.read(path) ?? '');
    const line = link.targetSelectionRange.start.line + 1;
    return `${origin} → ${own ? '' : `${path} `}${line}: ${slice(target, link.targetSelectionRange)}`;
  });
}

const INPUT = 'platform: linux\ninputs:\n- name: repo\n- name: tools\n  path: bin/tools\noutputs:\n- {name: out}\n';

describe('uses of inputs, outputs and caches', () => {
  const rows: [string, string, string[]][] = [
    ['the first part of run.path', 'run: {path: re<*>po/ci/unit.sh}', ['repo → 3: repo']],
    ['run.path with ./', 'run: {path: ./re<*>po/x.sh}', ['repo → 3: repo']],
    ['run.path in quotes', 'run: {path: "re<*>po/x.sh"}', ['repo → 3: repo']],
    ['a path of its own', 'run: {path: bin/to<*>ols/x.sh}', ['bin/tools → 5: bin/tools']],
    ['run.dir', 'run: {path: ls, dir: ou<*>t/x}', ['out → 7: out']],
    ['relative to run.dir', 'run: {path: ../re<*>po/x.sh, dir: out}', ['repo → 3: repo']],
    ['below run.dir it is another directory', 'run: {path: re<*>po/x.sh, dir: out}', []],
    ['an argument', 'run: {path: ls, args: [re<*>po]}', ['repo → 3: repo']],
    ['behind an option', 'run: {path: ls, args: [--file=re<*>po/x]}', ['repo → 3: repo']],
    ['part of another word', 'run: {path: re<*>po-tools/x.sh}', []],
    ['the end of another path', 'run: {path: x/re<*>po}', []],
    ['a param that is a path', 'params: {FILE: re<*>po/version}', ['repo → 3: repo']],
    ['a nested cache', 'caches: [{path: re<*>po/.cache}]', ['repo → 3: repo']],
    ['inline script', 'run:\n  path: sh\n  args:\n  - -c\n  - |\n    cd re<*>po', ['repo → 3: repo']],
    [
      'inline script after cd',
      'run:\n  path: sh\n  args:\n  - -c\n  - |\n    cd repo\n    cat ../ou<*>t/x',
      ['out → 7: out'],
    ],
    ['text to print', 'run:\n  path: sh\n  args:\n  - -c\n  - echo re<*>po', []],
    ['the declaration itself', 'caches:\n- path: .ca<*>che', ['.cache → 9: .cache']],
    ['nothing', 'run: {path: l<*>s}', []],
  ];
  test.each(rows)('%s', (_name, text, links) => {
    expect(goTo(`${INPUT}${text}`)).toEqual(links);
  });

  test('the whole item is the target, its name is selected', () => {
    const [link] = definition(marked(`${INPUT}run: {path: re<*>po/x.sh}`));
    expect(link?.targetRange).toEqual({ start: { line: 2, character: 2 }, end: { line: 2, character: 12 } });
  });

  test('behind surrogates and CRLF', () => {
    expect(goTo('# 😀\r\ninputs: [{name: "repo"}] # 😀\r\nrun: {user: "😀", path: re<*>po/x}')).toEqual([
      'repo → 2: repo',
    ]);
  });

  test('in a task of a pipeline', () => {
    const text =
      'jobs:\n- plan:\n  - task: a\n    config:\n      inputs: [{name: repo}]\n      run: {path: re<*>po/x}\n  - task: b\n    config: {inputs: [{name: repo}]}\n';
    expect(goTo(text, { pipeline: true })).toEqual(['repo → 5: repo']);
  });

  test('in a file that is broken further down', () => {
    expect(goTo(`${INPUT}run:\n  path: re<*>po/x.sh\n  args: [`)).toEqual(['repo → 3: repo']);
  });
});

describe('params', () => {
  const PARAMS = 'params:\n  NAME: x\nrun:\n  path: sh\n  args:\n  - -c\n  - |\n    ';
  const rows: [string, string, string[]][] = [
    ['$NAME', 'echo "$NA<*>ME"', ['NAME → 2: NAME']],
    ['${NAME}', 'echo ${NA<*>ME:-x}', ['NAME → 2: NAME']],
    ['in single quotes it is text', "echo '$NA<*>ME'", []],
    ['another variable', 'echo $NAME<*>S', []],
  ];
  test.each(rows)('%s', (_name, script, links) => {
    expect(goTo(`${PARAMS}${script}\n`)).toEqual(links);
  });
});

describe('anchors and variables', () => {
  test.each([
    ['alias', 'a: &x 1\nb: *<*>x', ['x → 1: x']],
    ['on the sign', 'a: &x 1\nb: <*>*x', ['x → 1: x']],
    ['merge', 'a: &x {b: 1}\nc:\n  <<: *x<*>', ['x → 1: x']],
    ['the last anchor before it', 'a: &x 1\nb: &x 2\nc: *x<*>\nd: &x 3', ['x → 2: x']],
    ['no anchor', 'c: *x<*>', []],
    ['a sign in a text', 'a: &x 1\nb: "*x<*>"', []],
    ['a sign in a comment', 'a: &x 1\n# *x<*>', []],
  ])('%s', (_name, text, links) => {
    expect(goTo(text)).toEqual(links);
  });

  const vars = { '/ws/a.yml': 'tag: 1\ndb:\n  user: x\n', '/ws/b.yml': 'other: 1\ntag: 2\n' };
  test.each([
    [
      'the file that counts first, then the others',
      'a: ((ta<*>g))',
      ['((tag)) → /ws/b.yml 2: tag', '((tag)) → /ws/a.yml 1: tag'],
    ],
    ['a field', 'a: x((db.us<*>er))', ['((db.user)) → /ws/a.yml 3: user']],
    ['a field that is missing: its parent', 'a: ((db.pass<*>))', ['((db.pass)) → /ws/a.yml 2: db']],
    ['of a source on the server', 'a: ((vault:ta<*>g))', []],
    ['unknown', 'a: ((no<*>))', []],
  ])('variable: %s', (_name, text, links) => {
    expect(goTo(text, { files: {}, vars })).toEqual(links);
  });
});

describe('local files', () => {
  const surroundings: TestSurroundings = {
    files: { '/ws/repo/ci/unit.sh': '#!/bin/sh\n', '/ws/repo/a b#.txt': '', '/ws/repo/unit.sh': 'ls\n' },
    folders: { repo: '/ws/repo' },
  };
  const rows: [string, string, string[]][] = [
    ['run.path', 'run: {path: repo/ci/un<*>it.sh}', ['repo/ci/unit.sh → /ws/repo/ci/unit.sh 1: ']],
    ['with run.dir', 'run: {path: ci/un<*>it.sh, dir: repo}', ['ci/unit.sh → /ws/repo/ci/unit.sh 1: ']],
    ['an argument', 'run: {path: sh, args: [repo/ci/un<*>it.sh]}', ['repo/ci/unit.sh → /ws/repo/ci/unit.sh 1: ']],
    [
      'an argument without a slash',
      'run: {path: sh, dir: repo, args: [un<*>it.sh]}',
      ['unit.sh → /ws/repo/unit.sh 1: '],
    ],
    ['a name that a URI must escape', 'run: {path: cat, args: ["repo/a b<*>#.txt"]}', []],
    [
      'in a script',
      'run: {path: sh, args: [-c, ". repo/ci/un<*>it.sh"]}',
      ['repo/ci/unit.sh → /ws/repo/ci/unit.sh 1: '],
    ],
    ['a file that is not there', 'run: {path: repo/ci/no<*>ne.sh}', []],
    ['a directory', 'run: {path: ls, dir: repo/c<*>i}', []],
    ['the part that is the input', 'run: {path: rep<*>o/ci/unit.sh}', ['repo → 2: repo']],
  ];
  test.each(rows)('%s', (_name, text, links) => {
    expect(goTo(`inputs:\n- name: repo\n${text}`, surroundings)).toEqual(links);
  });

  test('an input without a folder', () => {
    expect(goTo('inputs: [{name: repo}]\nrun: {path: repo/u<*>nit.sh}', { files: surroundings.files ?? {} })).toEqual(
      [],
    );
  });
});
