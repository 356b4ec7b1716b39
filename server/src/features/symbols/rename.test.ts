import { describe, expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { prepareRename, rename, type RenameOptions } from './rename.ts';
import { marked, type TestSurroundings } from '../testing/marked.ts';

/** The files after a rename, or why it was refused; words that must be confirmed stand in «». */
function renamed(
  text: string,
  newName: string,
  surroundings: TestSurroundings = {},
  options: RenameOptions = {},
): unknown {
  const request = marked(text, surroundings);
  const edit = rename(request, newName, options);
  if ('refused' in edit) return edit.refused;
  const files = (edit.documentChanges ?? []).map((change) => {
    if (!('edits' in change)) throw new Error('only text changes');
    const { uri } = change.textDocument;
    const path = uri.replace('file://', '');
    const before = uri === request.uri ? request.task.text : (request.environment.files?.read(path) ?? '');
    const edits = change.edits.map((one) => {
      if (!('newText' in one)) throw new Error('only plain text');
      return 'annotationId' in one ? { ...one, newText: `«${one.newText}»` } : one;
    });
    return [path, TextDocument.applyEdits(TextDocument.create(uri, '', 0, before), edits)];
  });
  const [own] = files;
  return files.length === 1 && own?.[0] === '/ws/ci/task.yml' ? own[1] : Object.fromEntries(files);
}

describe('inputs, outputs and caches', () => {
  const rows: [string, string, string, string][] = [
    [
      'everywhere it stands',
      'inputs: [{name: re<*>po}, {name: repo-tools}]\nrun: {path: repo/x.sh, dir: ./repo, args: [repo-tools/y, --in=repo/a, x/repo]}',
      'src',
      'inputs: [{name: src}, {name: repo-tools}]\nrun: {path: repo/x.sh, dir: ./src, args: [repo-tools/y, --in=repo/a, x/repo]}',
    ],
    [
      'from one of its uses',
      'inputs: [{name: repo}]\nrun: {path: ./re<*>po/x.sh, args: ["repo/y"]}',
      'src',
      'inputs: [{name: src}]\nrun: {path: ./src/x.sh, args: ["src/y"]}',
    ],
    [
      'together with the output at the same place',
      'inputs:\n- name: repo\noutputs:\n- name: re<*>po\n- {name: other, path: repo/x}',
      'src',
      'inputs:\n- name: src\noutputs:\n- name: src\n- {name: other, path: src/x}',
    ],
    [
      'the name alone, where the path is another',
      'inputs: [{name: re<*>po, path: src}]\nrun: {path: src/x.sh, args: [repo/x]}',
      'code',
      'inputs: [{name: code, path: src}]\nrun: {path: src/x.sh, args: [repo/x]}',
    ],
    [
      'the path alone',
      'inputs: [{name: repo, path: s<*>rc}]\nrun: {path: src/x.sh, args: [repo/x]}',
      'a/b',
      'inputs: [{name: repo, path: a/b}]\nrun: {path: a/b/x.sh, args: [repo/x]}',
    ],
    [
      'in an inline script, text that is printed left alone',
      'inputs: [{name: re<*>po}]\noutputs: [{name: out}]\nrun:\n  path: sh\n  args:\n  - -c\n  - |\n    # repo\n    cp -r repo/. "$PWD/repo" out\n    echo repo repo/x\n    cd out && ls ../repo repo\n',
      'src',
      'inputs: [{name: src}]\noutputs: [{name: out}]\nrun:\n  path: sh\n  args:\n  - -c\n  - |\n    # repo\n    cp -r src/. "$PWD/src" out\n    echo repo repo/x\n    cd out && ls ../src repo\n',
    ],
    [
      'behind a variable that holds the directory',
      'inputs: [{name: re<*>po}]\nrun:\n  path: sh\n  args:\n  - -c\n  - |\n    root=$(pwd)\n    cd /tmp\n    ls repo "${root}/repo/x" $root/repo $other/repo\n    (cd $root; ls repo)\n    ls repo\n    cd - && ls repo\n',
      'src',
      'inputs: [{name: src}]\nrun:\n  path: sh\n  args:\n  - -c\n  - |\n    root=$(pwd)\n    cd /tmp\n    ls repo "${root}/src/x" $root/src $other/repo\n    (cd $root; ls src)\n    ls repo\n    cd - && ls src\n',
    ],
    [
      'where an alias is used, its anchor',
      'params: {A: &r repo}\ninputs: [{name: *r}]\nrun: {path: re<*>po/x}',
      'src',
      'params: {A: &r src}\ninputs: [{name: *r}]\nrun: {path: src/x}',
    ],
    [
      'CRLF and surrogates',
      '# 😀\r\ninputs: [{name: re<*>po}] # 😀\r\nrun: {path: "repo/😀"}',
      'src',
      '# 😀\r\ninputs: [{name: src}] # 😀\r\nrun: {path: "src/😀"}',
    ],
  ];
  test.each(rows)('%s', (_name, text, newName, after) => {
    expect(renamed(text, newName)).toBe(after);
  });

  test('words that may mean something else are asked about', () => {
    const text = 'outputs: [{name: bu<*>ild}]\nparams: {DIR: build/x}\nrun: {path: npm, args: [run, build, build/y]}';
    expect(renamed(text, 'dist', {}, { confirms: true })).toBe(
      'outputs: [{name: dist}]\nparams: {DIR: «dist»/x}\nrun: {path: npm, args: [run, «dist», dist/y]}',
    );
    expect(renamed(text, 'dist')).toBe(
      'outputs: [{name: dist}]\nparams: {DIR: build/x}\nrun: {path: npm, args: [run, build, dist/y]}',
    );
  });

  const refusals: [string, string, string, string][] = [
    [
      'a clash',
      'inputs: [{name: a<*>}, {name: b}]',
      'b',
      "The input 'b' has this directory already. Choose another name.",
    ],
    [
      'a clash of names with paths',
      'inputs: [{name: a<*>, path: x}, {name: b, path: y}]',
      'b',
      "There is an input 'b' already. Choose another name.",
    ],
    [
      'no identifier',
      'inputs: [{name: a<*>}]',
      'a b',
      "'a b' cannot be the name of an input: Concourse wants a lowercase letter or digit first, then lowercase letters, digits, -, _ and dots.",
    ],
    ['digits', 'outputs: [{name: a<*>}]', '12', "'12' cannot be the name of an output: it is just a number."],
    [
      'no text in YAML',
      'inputs: [{name: a<*>}]',
      'yes',
      "YAML does not read 'yes' as a text but as a number, a truth value or null. Choose another name.",
    ],
    [
      'a path that leads out',
      'caches: [{path: a<*>}]',
      '../b',
      "'../b' cannot be the path of the cache: write names with / between them, without blanks, quotes or '..'.",
    ],
    ['nothing', 'inputs: [{name: a<*>}]', '', "Type a new name for the input 'a'."],
    [
      'no name',
      'platform: lin<*>ux',
      'x',
      'There is nothing here that can be renamed: place the cursor on an input, output, cache, param or anchor.',
    ],
    [
      'a variable',
      'platform: ((a<*>))',
      'x',
      'A ((var)) is defined outside of this file, so it cannot be renamed from here.',
    ],
  ];
  test.each(refusals)('refused: %s', (_name, text, newName, message) => {
    expect(renamed(text, newName)).toBe(message);
  });
});

describe('params', () => {
  const script = 'run:\n  path: sh\n  args:\n  - -c\n  - |\n    export A=${A:-1} AB=$AB\n    echo "$A" \'$A\' A\n';
  test('declaration, uses and settings', () => {
    expect(renamed(`params: {A<*>: 1}\n${script}`, 'B')).toBe(
      'params: {B: 1}\nrun:\n  path: sh\n  args:\n  - -c\n  - |\n    export B=${B:-1} AB=$AB\n    echo "$B" \'$A\' A\n',
    );
  });
  test.each([
    [
      'no variable name',
      'a-b',
      "'a-b' cannot be used as $A: a shell variable has letters, digits and _ only, and no digit first.",
    ],
    ['another param', 'C', "There is a param 'C' already. Choose another name."],
    [
      'a variable of the script',
      'AB',
      "The script uses a variable 'AB' already, which would become the param. Choose another name.",
    ],
    [
      'no text in YAML',
      'y',
      "YAML does not read 'y' as a text but as a number, a truth value or null. Choose another name.",
    ],
  ])('refused: %s', (_name, newName, message) => {
    expect(renamed(`params: {A<*>: 1, C: 2}\n${script}`, newName)).toBe(message);
  });
});

test('the script file is changed too', () => {
  const files = { '/ws/repo/ci/unit.sh': '#!/bin/sh\nset -e\ncd repo\necho "$VERSION" > ../out/version\n' };
  const surroundings = { files, folders: { repo: '/ws/repo' } };
  const task = 'inputs: [{name: repo}]\noutputs: [{name: out}]\nparams: {VERSION: 1}\nrun: {path: repo/ci/unit.sh}\n';
  expect(renamed(task.replace('name: out', 'name: o<*>ut'), 'result', surroundings)).toEqual({
    '/ws/ci/task.yml': task.replace('name: out', 'name: result'),
    '/ws/repo/ci/unit.sh': '#!/bin/sh\nset -e\ncd repo\necho "$VERSION" > ../result/version\n',
  });
  expect(renamed(task.replace('VERSION', 'VER<*>SION'), 'TAG', surroundings)).toEqual({
    '/ws/ci/task.yml': task.replace('VERSION', 'TAG'),
    '/ws/repo/ci/unit.sh': '#!/bin/sh\nset -e\ncd repo\necho "$TAG" > ../out/version\n',
  });
});

describe('anchors', () => {
  test('with their aliases', () => {
    expect(renamed('a: &x<*> 1\nb: [*x, *xy]\nc: "*x"\n# *x', 'y')).toBe('a: &y 1\nb: [*y, *xy]\nc: "*x"\n# *x');
  });
  test.each([
    ['a clash', 'z', "There is an anchor '&z' already: an alias would mean the wrong one."],
    [
      'characters',
      'a b',
      "'a b' cannot be the name of an anchor: Concourse's YAML reader takes letters, digits, - and _ only.",
    ],
  ])('refused: %s', (_name, newName, message) => {
    expect(renamed('a: &x<*> 1\nb: &z 2', newName)).toBe(message);
  });
});

describe('before renaming', () => {
  test('the word and its place', () => {
    expect(prepareRename(marked('inputs: [{name: repo}]\nrun: {path: "re<*>po/x"}'))).toEqual({
      range: { start: { line: 1, character: 13 }, end: { line: 1, character: 17 } },
      placeholder: 'repo',
    });
  });
  test('no name', () => expect(prepareRename(marked('platform: lin<*>ux'))).toBeUndefined());
  test('a variable', () => {
    expect(prepareRename(marked('platform: ((a<*>))'))).toEqual({
      refused: 'A ((var)) is defined outside of this file, so it cannot be renamed from here.',
    });
  });
});
