import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { inlayHints, type InlayHintOptions } from './inlay-hints.ts';
import { requested, type TestSurroundings } from './testing/marked.ts';

const ALL: InlayHintOptions = { paths: true, images: true, values: true };

/** The text with its hints in it, each between « and ». */
function hinted(
  text: string,
  options = ALL,
  surroundings?: TestSurroundings,
  range = { start: 0, end: text.length },
): string {
  const document = TextDocument.create('file:///t', 'yaml', 1, text);
  const hints = inlayHints(requested(text, surroundings), range, options);
  const edits = hints.map(({ position, label, paddingLeft }) => ({
    range: { start: position, end: position },
    newText: `${paddingLeft ? ' ' : ''}«${typeof label === 'string' ? label : ''}»`,
  }));
  return TextDocument.applyEdits(document, edits);
}

const IMAGE = 'image_resource:\n  type: registry-image\n  source:\n';

describe('shows', () => {
  it.each<[string, string]>([
    ['the default tag', `${IMAGE}    repository: busybox«:latest»\n`],
    ['the default tag behind quotes', `${IMAGE}    repository: "busybox"«:latest»\n`],
    [
      'the default tag in a flow mapping',
      'image_resource: {type: docker-image, source: {repository: busybox«:latest»}}',
    ],
    ['the default tag of rootfs_uri', 'rootfs_uri: docker:///busybox«:latest»\n'],
    ['the default tag of a sidecar', 'sidecars:\n  - name: db\n    image: postgres«:latest»\n'],
    ['a tag that loses a digit', `${IMAGE}    repository: golang\n    tag: 3.10 «→ 3.1»\n`],
    ['a param that is a boolean', 'params:\n  A: yes «→ true»\n  B: "yes"\n  C: true\n'],
    ['a param that is a number', 'params:\n  A: 0777 «→ 511»\n  B: 1_000 «→ 1000»\n  C: 12\n'],
    ['a param that is null', 'params:\n  A: ~ «→ ""»\n  B: null «→ ""»\n  C:\n'],
    ['a param’s name', 'params:\n  N «→ false»: x\n'],
    ['the path without dots', 'inputs:\n  - name: a\n    path: ../a «→ a»\n'],
    ['the path of a name with dots', 'outputs:\n  - name: a..b «→ ab»\n'],
    ['the path of a cache', 'caches:\n  - path: x/../y «→ x/y»\n'],
    ['dir without dots', 'run:\n  dir: ../x «→ x»\n'],
    ['the command below dir', 'run:\n  dir: repo\n  path: ./ci/x.sh «→ repo/ci/x.sh»\n'],
    ['the command above dir', 'run:\n  dir: repo\n  path: ../x.sh «→ x.sh»\n'],
  ])('%s', (_title, text) => {
    expect(hinted(text.replaceAll(/ ?«[^»]*»/g, ''))).toBe(text);
  });
});

describe('shows nothing for', () => {
  it.each<[string, string]>([
    ['a tag', `${IMAGE}    repository: busybox\n    tag: "1"\n`],
    ['a digest', `${IMAGE}    repository: busybox\n  version: {digest: "sha256:${'a'.repeat(64)}"}\n`],
    ['a variant', `${IMAGE}    repository: golang\n    variant: alpine\n`],
    ['a tag that must be looked up', `${IMAGE}    repository: busybox\n    semver_constraint: 1.x\n`],
    ['a variable', `${IMAGE}    repository: ((image))\n`],
    ['another resource type', 'image_resource:\n  type: git\n  source: {repository: x}\n'],
    ['a rootfs_uri that does not count', `rootfs_uri: docker:///busybox\n${IMAGE}    repository: x\n    tag: edge\n`],
    ['a path as it is', 'inputs:\n  - name: a\n    path: ./b\nrun:\n  path: a/x.sh\n'],
    ['an absolute path', 'inputs:\n  - name: a\n    path: /x/../b\n'],
    ['a program of the image', 'run:\n  dir: repo\n  path: sh\n'],
    ['limits', 'container_limits:\n  cpu: 1_000\n'],
    ['an aliased value', `params:\n  A: &a "x"\n  B: *a\n`],
    ['an empty file', ''],
  ])('%s', (_title, text) => {
    expect(hinted(text)).toBe(text);
  });
});

describe('can be', () => {
  const text = `params:\n  A: yes\ncaches:\n  - path: ../x\n${IMAGE}    repository: busybox\n`;
  it.each<[keyof InlayHintOptions, string]>([
    ['paths', '../x «→ x»'],
    ['images', 'busybox«:latest»'],
    ['values', 'yes «→ true»'],
  ])('limited to %s', (kind, part) => {
    const shown = hinted(text, { paths: false, images: false, values: false, [kind]: true });
    expect(shown).toContain(part);
    expect(shown.match(/«/g)).toHaveLength(1);
    expect(hinted(text, { ...ALL, [kind]: false }).match(/«/g)).toHaveLength(2);
  });

  it('limited to the lines that are shown', () => {
    const end = text.indexOf('caches');
    expect(hinted(text, ALL, {}, { start: 0, end }).match(/«/g)).toHaveLength(1);
    expect(hinted(text, ALL, {}, { start: end, end: text.length }).match(/«/g)).toHaveLength(2);
  });
});

it('works inside of a pipeline', () => {
  const text =
    'jobs:\n- name: j\n  plan:\n  - task: t\n    config:\n      platform: linux\n      params: {A: yes «→ true»}\n';
  expect(hinted(text.replace(/ «.*»/, ''), ALL, { pipeline: true })).toBe(text);
});
