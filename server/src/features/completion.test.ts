import { describe, expect, it } from 'vitest';
import type { CompletionItem } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { complete } from './completion.ts';
import { marked } from './testing/marked.ts';
import type { TestSurroundings } from './testing/marked.ts';

function itemsAt(
  text: string,
  surroundings: TestSurroundings = {},
  trigger?: string,
  snippets = true,
): CompletionItem[] {
  const list = complete(marked(text, surroundings), { snippets, trigger });
  expect(list.isIncomplete).toBe(false);
  return list.items.sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
}

function labelsAt(text: string, surroundings?: TestSurroundings, trigger?: string): string[] {
  return itemsAt(text, surroundings, trigger).map(({ label }) => label);
}

/** The text after an item was taken; snippets stand as they are. */
function after(text: string, label: string, surroundings: TestSurroundings = {}, snippets = true): string {
  const item = itemsAt(text, surroundings, undefined, snippets).find((each) => each.label === label);
  if (!item?.textEdit || !('range' in item.textEdit)) return `no ${label}`;
  const document = TextDocument.create('file:///t', 'yaml', 1, marked(text, surroundings).task.text);
  const offset = text.indexOf('<*>');
  const { start, end } = item.textEdit.range;
  // What LSP asks of an edit: one line, around the cursor.
  expect(start.line).toBe(end.line);
  expect(document.offsetAt(start)).toBeLessThanOrEqual(offset);
  expect(document.offsetAt(end)).toBeGreaterThanOrEqual(offset);
  return TextDocument.applyEdits(document, [item.textEdit]);
}

const ROOT = [
  'platform',
  'image_resource',
  'container_limits',
  'params',
  'run',
  'inputs',
  'outputs',
  'caches',
  'sidecars',
  'rootfs_uri',
];
const without = (...keys: string[]): string[] => ROOT.filter((key) => !keys.includes(key));

describe('keys', () => {
  it.each<[string, string, string[]]>([
    ['half typed at the end', 'platform: linux\nim<*>', without('platform')],
    ['half typed between keys', 'platform: linux\nim<*>\nrun:\n  path: sh\n', without('platform', 'run')],
    ['half typed at the top', 'im<*>\nplatform: linux\n', without('platform')],
    ['on a blank line', 'platform: linux\n<*>\nrun:\n  path: sh\n', without('platform', 'run')],
    ['at the end of the file', 'platform: linux\n<*>', without('platform')],
    ['with CRLF', 'platform: linux\r\n<*>\r\nrun:\r\n  path: sh\r\n', without('platform', 'run')],
    ['behind a byte order mark', '\ufeffplatform: linux\n<*>', without('platform')],
    ['on an indented blank line', 'run:\n  <*>', ['path', 'args', 'dir', 'user']],
    ['below a sibling', 'run:\n  path: sh\n  <*>\n', ['args', 'dir', 'user']],
    ['above a sibling', 'run:\n  <*>\n  path: sh\n', ['args', 'dir', 'user']],
    ['half typed below a sibling', 'run:\n  path: sh\n  di<*>\noutputs:\n', ['args', 'dir', 'user']],
    ['half typed above a sibling', 'run:\n  ar<*>\n  path: sh\n', ['args', 'dir', 'user']],
    ['of an item', 'inputs:\n  - name: a\n    <*>\n', ['path', 'optional']],
    ['of an item without indentation', 'inputs:\n- name: a\n  <*>\n', ['path', 'optional']],
    ['of the second item', 'inputs:\n  - name: a\n    path: b\n  - name: b\n    <*>', ['path', 'optional']],
    ['in a flow mapping', 'run: {<*>}', ['path', 'args', 'dir', 'user']],
    ['in a flow mapping behind a comma', 'run: {path: sh, <*>}', ['args', 'dir', 'user']],
    ['half typed in a flow mapping', 'inputs: [{name: a, opt<*>}]', ['path', 'optional']],
    ['in an open flow mapping', 'run: {path: sh, <*>\noutputs:\n  - name: a\n', ['args', 'dir', 'user']],
    ['on a later line of a flow mapping', 'run: {\n  path: sh,\n  <*>\n}', ['args', 'dir', 'user']],
    ['below a block scalar', 'run:\n  args:\n    - |\n      echo\n  <*>', ['path', 'dir', 'user']],
    ['directly below a block scalar', 'run:\n  args:\n    - |\n      echo\n<*>platform: linux\n', without('run')],
    ['below a broken line', 'platform: "linux\nrun:\n  path: [a\n  <*>', ['args', 'dir', 'user']],
    ['below a text with a #', 'params:\n  A: "x # y: z"\n  B: x#y\nrun:\n  <*>', ['path', 'args', 'dir', 'user']],
    ['below an aliased value', 'x: &a {b: c}\nrun:\n  <<: *a\n  <*>', ['path', 'args', 'dir', 'user']],
    ['with tabs', 'run:\n\t<*>', ['path', 'args', 'dir', 'user']],
    ['of the image', 'image_resource:\n  <*>', ['type', 'source', 'params', 'version', 'name', 'tags']],
    [
      'of the image’s mirror',
      'image_resource:\n  type: registry-image\n  source:\n    registry_mirror:\n      <*>',
      ['host', 'username', 'password'],
    ],
    ['of a pinned version', 'image_resource:\n  type: registry-image\n  version: {<*>}', ['digest', 'tag']],
    ['of the limits', 'container_limits:\n  cpu: 1\n  <*>', ['memory']],
    ['nested in a sidecar', 'sidecars:\n  - name: a\n    resources:\n      limits:\n        <*>', ['cpu', 'memory']],
    ['whatever case they are written in', 'run:\n  Path: sh\n  <*>', ['args', 'dir', 'user']],
  ])('%s', (_title, text, labels) => {
    expect(labelsAt(text).filter((label) => !/^(?:task: |- |<<)/.test(label))).toEqual(labels);
  });

  it.each<[string, string, string[]]>([
    ['a comment', 'platform: linux # <*>', []],
    ['a comment on its own line', '# pla<*>\n', []],
    ['a finished value', 'platform: linux <*>', []],
    ['a line deeper than a finished value', 'platform: linux\n    <*>', []],
    ['the text of a block scalar', 'params:\n  A: |\n    pla<*>\n', []],
    ['a blank line of a block scalar', 'params:\n  A: |\n    one\n    <*>\n    two\n', []],
    ['a later document', 'platform: linux\n---\npla<*>', []],
    ['names of params', 'params:\n  A<*>', []],
    ['an unknown mapping', 'foo:\n  <*>', []],
  ])('nothing in %s', (_title, text, labels) => {
    expect(labelsAt(text)).toEqual(labels);
  });

  it.each<[string, string, string, string]>([
    ['a value with choices', 'pla<*>', 'platform', 'platform: ${1|linux,darwin,windows|}'],
    ['a text', 'run:\n  pa<*>', 'path', 'run:\n  path: ${1:sh}'],
    ['a mapping', 'ru<*>', 'run', 'run:\n  path: ${1:sh}\n  args:\n    - ${2:-c}'],
    [
      'a list, as the file indents lists',
      'outputs:\n- name: a\ninp<*>',
      'inputs',
      'outputs:\n- name: a\ninputs:\n- name: ${1:repo}',
    ],
    [
      'a mapping, as the file indents',
      'run:\n    path: sh\ncont<*>',
      'container_limits',
      'run:\n    path: sh\ncontainer_limits:\n    cpu: ${1:1000}\n    memory: ${2:1GB}',
    ],
    [
      'with the line ends of the file',
      'platform: linux\r\ncach<*>',
      'caches',
      'platform: linux\r\ncaches:\r\n  - path: ${1:.cache}',
    ],
    [
      'nested ones deeper',
      'image_resource:\n  sour<*>',
      'source',
      'image_resource:\n  source:\n    repository: ${1:busybox}',
    ],
    ['the name only before a colon', 'pla<*>tfrm: linux', 'platform', 'platform: linux'],
    ['inside quotes', '"pla<*>": linux', 'platform', '"platform": linux'],
    ['behind a dash', 'inputs:\n  - na<*>', 'name', 'inputs:\n  - name: ${1:repo}'],
    ['right behind a dash', 'inputs:\n  -<*>', 'name', 'inputs:\n  - name: ${1:repo}'],
    ['in a flow mapping', 'inputs: [{na<*>}]', 'name', 'inputs: [{name: ${1:repo}}]'],
    ['a list in a flow mapping', 'run: {ar<*>}', 'args', 'run: {args: [$1]}'],
  ])('insert %s', (_title, text, label, expected) => {
    expect(after(text, label)).toBe(expected);
  });

  it.each<[string, string, string, string]>([
    ['a text', 'run:\n  pa<*>', 'path', 'run:\n  path: '],
    ['a mapping', 'ru<*>', 'run', 'run:\n  '],
    ['a list', 'inp<*>', 'inputs', 'inputs:\n  - '],
    ['an item', 'inputs:\n  <*>', '- name, optional', 'inputs:\n  - name: repo\n    optional: true'],
  ])('insert %s for a client without snippets', (_title, text, label, expected) => {
    expect(after(text, label, {}, false)).toBe(expected);
  });

  it('say what they are', () => {
    const [platform] = itemsAt('pla<*>');
    expect(platform).toMatchObject({ detail: 'text, required', labelDetails: { description: 'required' } });
    expect(JSON.stringify(platform?.documentation)).toContain('Only `linux` can run on Kubernetes');
    const items = itemsAt('<*>');
    expect(items.find(({ label }) => label === 'rootfs_uri')?.tags).toEqual([1]);
    expect(items.find(({ label }) => label === 'sidecars')?.labelDetails?.description).toBe('Tarmac');
    const ttl = itemsAt('caches:\n  - <*>').find(({ label }) => label === 'ttl');
    expect(JSON.stringify(ttl?.documentation)).toContain('Since Concourse 8.2.');
  });

  it('come from the type of the image', () => {
    const keys = (type: string): string[] => labelsAt(`image_resource:\n  type: ${type}\n  source:\n    <*>`);
    expect(keys('registry-image').slice(0, 2)).toEqual(['repository', 'tag']);
    expect(keys('docker-image')).toContain('max_concurrent_uploads');
    expect(keys('mock')).toContain('mirror_self');
    expect(keys('git')).toEqual([]);
    expect(labelsAt('image_resource:\n  source:\n    <*>').slice(0, 1)).toEqual(['repository']);
  });

  it('take over anchored mappings', () => {
    const text = 'inputs:\n  - &a\n    name: a\n    path: b\n  - <*>';
    expect(after(text, '<<: *a')).toBe('inputs:\n  - &a\n    name: a\n    path: b\n  - <<: *a');
    expect(labelsAt('inputs:\n  - &a\n    name: a\n    <*>')).not.toContain('<<: *a');
  });
});

describe('whole tasks and items', () => {
  it('offers tasks in an empty file', () => {
    expect(labelsAt('<*>').filter((label) => label.startsWith('task: '))).toHaveLength(4);
    expect(labelsAt('# a comment\n<*>\n').some((label) => label.startsWith('task: '))).toBe(true);
    expect(labelsAt('tas<*>').some((label) => label.startsWith('task: '))).toBe(true);
    expect(labelsAt('platform: linux\n<*>').some((label) => label.startsWith('task: '))).toBe(false);
  });

  it('offers tasks that are valid', () => {
    for (const { label, textEdit } of itemsAt('<*>', {}, undefined, false).filter((item) =>
      item.label.startsWith('task: '),
    )) {
      const { task } = marked(`${textEdit?.newText ?? ''}<*>`);
      expect(task.problems.map(({ message }) => `${label}: ${message}`)).toEqual([]);
    }
  });

  it.each<[string, string, string, string]>([
    ['below the key', 'inputs:\n  <*>', '- name', 'inputs:\n  - name: ${1:repo}'],
    ['below the key without indentation', 'inputs:\n<*>', '- name', 'inputs:\n- name: ${1:repo}'],
    [
      'below another',
      'inputs:\n  - name: a\n  <*>',
      '- name, path',
      'inputs:\n  - name: a\n  - name: ${1:repo}\n    path: ${2:src}',
    ],
    ['of caches', 'caches:\n  <*>\nrun:\n', '- path, ttl', 'caches:\n  - path: ${1:.cache}\n    ttl: ${2:24h}\nrun:\n'],
    [
      'of sidecars',
      'sidecars:\n  <*>',
      '- name, image, env',
      'sidecars:\n  - name: ${1:db}\n    image: ${2:postgres:17}\n    env:\n      - name: ${3:POSTGRES_PASSWORD}\n        value: ${4:test}',
    ],
    [
      'of args',
      'run:\n  path: sh\n  args:\n    <*>',
      '- | (script)',
      'run:\n  path: sh\n  args:\n    - |\n      ${0:echo hello}',
    ],
    ['in brackets', 'inputs: [<*>]', '{name}', 'inputs: [{name: ${1:repo}}]'],
  ])('offers items %s', (_title, text, label, expected) => {
    expect(after(text, label)).toBe(expected);
  });
});

describe('values', () => {
  it.each<[string, string, string[]]>([
    ['platform', 'platform: <*>', ['linux', 'darwin', 'windows']],
    ['platform, half typed', 'platform: li<*>\nrun:\n', ['linux', 'darwin', 'windows']],
    ['platform, right behind the colon', 'platform:<*>', ['linux', 'darwin', 'windows']],
    ['platform in the next line', 'platform:\n  <*>', ['linux', 'darwin', 'windows']],
    ['platform in quotes', 'platform: "li<*>"', ['linux', 'darwin', 'windows']],
    ['platform in a flow mapping', '{platform: <*>}', ['linux', 'darwin', 'windows']],
    ['type', 'image_resource: {type: <*>', ['registry-image', 'docker-image', 'mock']],
    ['optional', 'inputs:\n  - name: a\n    optional: <*>', ['true', 'false']],
    ['memory', 'container_limits:\n  memory: <*>', ['512MB', '1GB', '2GB', '4GB']],
    ['ttl', 'caches:\n  - path: a\n    ttl: <*>', ['1h', '24h', '168h', '720h']],
    ['a boolean of the source', 'image_resource:\n  type: mock\n  source:\n    mirror_self: <*>', ['true', 'false']],
    ['a protocol', 'sidecars: [{ports: [{protocol: <*>}]}]', ['TCP', 'UDP', 'SCTP']],
    ['a finished value', 'platform: linux <*>', []],
    ['a param', 'params:\n  A: <*>', []],
  ])('%s', (_title, text, labels) => {
    expect(labelsAt(text)).toEqual(labels);
  });

  it.each<[string, string, string, string]>([
    ['in place of the word', 'platform: lin<*>ox', 'linux', 'platform: linux'],
    ['with a blank behind the colon', 'platform:<*>', 'linux', 'platform: linux'],
    ['in quotes', "platform: 'l<*>'", 'linux', "platform: 'linux'"],
    ['in open quotes', 'platform: "l<*>\nrun:\n  path: "a"', 'linux', 'platform: "linux\nrun:\n  path: "a"'],
  ])('insert %s', (_title, text, label, expected) => {
    expect(after(text, label)).toBe(expected);
  });

  it('offers aliases', () => {
    expect(after('params:\n  A: &a x\n  B: *<*>', '*a')).toBe('params:\n  A: &a x\n  B: *a');
    expect(labelsAt('params:\n  A: *<*>\n  B: &b x')).toEqual([]);
  });

  it('offers names that the command uses', () => {
    expect(labelsAt('inputs:\n  - name: <*>\nrun:\n  path: repo/ci/test.sh\n  dir: tools/x\n')).toEqual([
      'repo',
      'tools',
    ]);
    expect(labelsAt('inputs:\n  - name: repo\n  - name: <*>\nrun:\n  path: repo/ci/test.sh\n')).toEqual([]);
  });

  it('offers the path of an input for an output', () => {
    expect(labelsAt('inputs:\n  - name: a\n  - name: b\n    path: c\noutputs:\n  - name: x\n    path: <*>')).toEqual([
      'a',
      'c',
    ]);
  });
});

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

describe('params in scripts', () => {
  const script = (line: string): string =>
    `params:\n  NAME: x\n  TOKEN:\n  not-a-name: y\nrun:\n  path: sh\n  args:\n    - -c\n    - |\n      ${line}\n`;
  it.each<[string, string, string, string]>([
    ['plain', 'echo $<*>', 'NAME', 'echo $NAME'],
    ['half typed', 'echo $NA<*>', 'NAME', 'echo $NAME'],
    ['in braces', 'echo ${NA<*>', 'NAME', 'echo ${NAME}'],
    ['in closed braces', 'echo ${<*>}', 'NAME', 'echo ${NAME}'],
    ['in quotes', 'echo "a $<*> b"', 'TOKEN', 'echo "a $TOKEN b"'],
  ])('%s', (_title, line, label, expected) => {
    expect(after(script(line), label)).toBe(script(expected));
  });

  it('offers those that are names in a shell', () => {
    expect(labelsAt(script('echo $<*>'))).toEqual(['NAME', 'TOKEN']);
  });

  it('works in an argument behind -c and while the file does not parse', () => {
    expect(labelsAt('params: {A: 1}\nrun:\n  path: sh\n  args: [-c, "echo $<*>"]')).toEqual(['A']);
    expect(
      labelsAt('params:\n  A: 1\nfoo\nrun:\n  path: sh\n  args:\n    - -c\n    - |\n      echo $<*>\n bad: ['),
    ).toEqual(['A']);
    expect(labelsAt('params: {A: 1}\nrun:\n  path: echo\n  args: ["$<*>"]')).toEqual([]);
  });
});

describe('names of params', () => {
  const RUN = 'run:\n  path: sh\n  args:\n    - -c\n    - |\n      A=1\n      echo $A $USER_NAME ${TOKEN} $HOME $?\n';
  it.each<[string, string, string[]]>([
    ['those that the script reads', `params:\n  <*>\n${RUN}`, ['TOKEN', 'USER_NAME']],
    ['without those that are there', `params:\n  TOKEN:\n  <*>\n${RUN}`, ['USER_NAME']],
    ['half typed', `params:\n  TO<*>\n${RUN}`, ['TOKEN', 'USER_NAME']],
    ['no values', `params:\n  A: <*>\n${RUN}`, []],
  ])('%s', (_title, text, labels) => {
    expect(labelsAt(text)).toEqual(labels);
  });

  it('are read from the script file too', () => {
    const surroundings: TestSurroundings = {
      folders: { repo: '/ws' },
      files: { '/ws/x.sh': '#!/bin/sh\necho $NAME\n' },
    };
    const text = 'inputs: [{name: repo}]\nrun: {path: repo/x.sh}\nparams:\n  <*>';
    expect(after(text, 'NAME', surroundings)).toBe(text.replace('<*>', 'NAME:'));
  });
});

describe('every key of a task', () => {
  const TASK = `---
platform: linux
image_resource:
  type: registry-image
  source: {repository: golang, tag: "1.25"} # a comment: here
  version: { digest: x }
container_limits: {cpu: 1000, memory: 1GB}
params:
  A: "# no: comment"
  B: &b |
    text: here
      deeper: there

  C: *b
inputs:
- name: repo
  path: src
- {name: tools, optional: true}
outputs:
  - name: dist
caches:
    - path: .cache
      ttl: 24h
run:
  path: sh
  args:
    - -ec
    - |
      echo "platform: linux" # not a key
  dir: src
  user: root
`;
  const keysOf = (text: string): { index: number; key: string }[] =>
    [...text.matchAll(/(?<=^[\s-]*|[{,]\s*)([a-z_]+)(?=:\s)/gm)]
      .map(({ index, 1: key = '' }) => ({ index, key }))
      .filter(({ key }) => !['text', 'deeper'].includes(key));

  it.each([
    ['LF', TASK],
    ['CRLF', TASK.replaceAll('\n', '\r\n')],
  ])('is offered when the text ends in it, with %s', (_title, text) => {
    expect(keysOf(text)).toHaveLength(27);
    for (const { index, key } of keysOf(text)) {
      for (const typed of [0, 2]) {
        expect(labelsAt(`${text.slice(0, index + typed)}<*>`), `${key} at ${index}`).toContain(key);
      }
    }
  });

  it('is offered when it is half typed in its place', () => {
    for (const { index, key } of keysOf(TASK)) {
      const text = `${TASK.slice(0, index + 2)}<*>${TASK.slice(index + key.length)}`;
      expect(labelsAt(text), `${key} at ${index}`).toContain(key);
    }
  });

  it('survives every place of every beginning', () => {
    for (let end = 0; end <= TASK.length; end++) {
      const request = marked(`${TASK.slice(0, end)}<*>`);
      const cursor = request.task.positionAt(end);
      const misplaced = complete(request, { snippets: true }).items.filter(({ textEdit }) => {
        const range = textEdit && 'range' in textEdit ? textEdit.range : undefined;
        return range?.start.line !== cursor.line || range.end.character !== cursor.character;
      });
      expect(misplaced).toEqual([]);
    }
  });
});

describe('variables', () => {
  const VARS: TestSurroundings = { vars: { '/ws/vars.yml': 'image: busybox\ndb:\n  user: me\n  password: hunter2\n' } };
  it.each<[string, string, string, string]>([
    ['closed by the editor', 'params:\n  A: ((<*>))', 'image', 'params:\n  A: ((image))'],
    ['open', 'params:\n  A: ((im<*>', 'image', 'params:\n  A: ((image))'],
    ['half closed', 'params:\n  A: ((im<*>)', 'image', 'params:\n  A: ((image))'],
    ['a field', 'params:\n  A: ((db.<*>))', 'db.user', 'params:\n  A: ((db.user))'],
    ['inside of a text', 'params:\n  A: "x-((<*>))-y"', 'image', 'params:\n  A: "x-((image))-y"'],
    [
      'in a script',
      'run:\n  path: sh\n  args:\n    - |\n      echo ((<*>))',
      'image',
      'run:\n  path: sh\n  args:\n    - |\n      echo ((image))',
    ],
    ['as a whole value', 'params:\n  A: <*>', '((image))', 'params:\n  A: ((image))'],
    ['in a key', '((im<*>)): x', 'image', '((image)): x'],
  ])('%s', (_title, text, label, expected) => {
    expect(after(text, label, VARS)).toBe(expected);
  });

  it('never shows a secret', () => {
    const items = itemsAt('params:\n  A: ((<*>', VARS);
    expect(items.map(({ label }) => label)).toEqual(['db', 'db.password', 'db.user', 'image']);
    expect(JSON.stringify(items)).toContain('busybox');
    expect(JSON.stringify(items)).not.toContain('hunter2');
  });

  it('offers those in use without a vars file', () => {
    expect(labelsAt('params:\n  A: ((one))\n  B: ((<*>')).toEqual(['one']);
  });
});

describe('what opens the list', () => {
  it.each<[string, string, string, number]>([
    ['a blank behind a colon', 'platform: <*>', ' ', 3],
    ['a blank in a comment', '# a <*>', ' ', 0],
    ['a blank in a script', 'run:\n  path: sh\n  args:\n    - |\n      echo <*>', ' ', 0],
    ['a blank behind a value', 'platform: linux <*>', ' ', 0],
    ['indentation', 'platform: linux\n <*>', ' ', 0],
    ['a parenthesis in a script', 'run:\n  path: sh\n  args:\n    - |\n      a=(<*>', '(', 0],
    ['a dollar in a param', 'params:\n  A: $<*>', '$', 0],
  ])('%s', (_title, text, trigger, count) => {
    expect(labelsAt(text, {}, trigger)).toHaveLength(count);
  });
});

describe('in a pipeline', () => {
  const pipeline = (config: string): string =>
    `jobs:\n- name: j\n  plan:\n  - task: t\n    config:\n${config}\n    attempts: 2\n`;
  it.each<[string, string, string[]]>([
    ['keys of the task', '      platform: linux\n      <*>', without('platform', 'sidecars')],
    ['keys of run', '      platform: linux\n      run:\n        <*>', ['path', 'args', 'dir', 'user']],
    ['values', '      platform: <*>', ['linux', 'darwin', 'windows']],
    ['the first key', '      <*>', without('sidecars')],
    ['nothing of the step', '      platform: linux\n    <*>', []],
  ])('%s', (_title, config, labels) => {
    const found = labelsAt(pipeline(config), { pipeline: true });
    expect(found.filter((label) => !label.startsWith('task: '))).toEqual(labels);
  });
});

describe('size', () => {
  it('answers in a large file', () => {
    const params = Array.from({ length: 10_000 }, (_, index) => `  NAME_${index}: "value # ${index}"\n`).join('');
    expect(labelsAt(`params:\n${params}run:\n  <*>`)).toEqual(['path', 'args', 'dir', 'user']);
  });
});
