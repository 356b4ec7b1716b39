import { describe, expect, it } from 'vitest';
import { checkTask } from '#concourse';
import { after, itemsAt, keysAt, labelsAt } from '../testing/completed.ts';
import { marked } from '../testing/marked.ts';

const ROOT = [
  'platform',
  'image_resource',
  'inputs',
  'outputs',
  'caches',
  'params',
  'run',
  'container_limits',
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
    expect(keysAt(text)).toEqual(labels);
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
    const platform = itemsAt('pla<*>').find(({ label }) => label === 'platform');
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

  it('offers them first, then the keys in the order in which people write them', () => {
    const labels = labelsAt('<*>');
    expect(labels.slice(0, 4).every((label) => label.startsWith('task: '))).toBe(true);
    expect(labels.slice(4, 6)).toEqual(['platform', 'image_resource']);
    expect(labels.indexOf('run')).toBeGreaterThan(labels.indexOf('outputs'));
    expect(labels.at(-1)).toBe('rootfs_uri');
  });

  it('offers tasks that are valid, with a tag for their image', () => {
    const offered = itemsAt('<*>', {}, undefined, false).filter((item) => item.label.startsWith('task: '));
    expect(offered).toHaveLength(4);
    for (const { label, textEdit } of offered) {
      const { task } = marked(`${textEdit?.newText ?? ''}<*>`);
      expect(task.problems.map(({ message }) => `${label}: ${message}`)).toEqual([]);
      const advice = checkTask(task, { target: 'current', inputFolders: new Map() });
      // The image that builds images is used without one, as its own documentation says.
      const isTagless = advice.some(({ code }) => code === 'image-tag-missing');
      expect([label, isTagless]).toEqual([label, label === 'task: build an image']);
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
