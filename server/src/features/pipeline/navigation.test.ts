import { describe, expect, test } from 'vitest';
import { pipelineDefinition, pipelineHighlights, pipelineLinks, pipelineReferences } from './navigation.ts';
import { CHECKOUT, pipelineAt, pipelineOf } from './testing.ts';

const PIPELINE = `groups:
- name: all
  jobs: [unit, ship]
  resources: [app]
resource_types:
- name: chat
  type: registry-image
resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
- name: room
  type: chat
- name: other
  type: git
  source: {uri: https://git.example.com/acme/other.git, branch: main}
jobs:
- name: unit
  plan:
  - get: src
    resource: app
    trigger: true
  - get: other
  - load_var: tag
    file: src/tag
  - task: build
    file: src/ci/build.yml
    input_mapping: {code: src}
    output_mapping: {built: binary}
    params: {LEVEL: ((.:tag))}
  - task: test
    image: other
    config:
      platform: linux
      inputs:
      - name: binary
      outputs:
      - name: report
      run: {path: ls}
  - put: room
    inputs: [report]
- name: ship
  plan:
  - get: app
    passed: [unit]
  - task: there
    file: app/ci/missing.yml
`;
const BUILD = `platform: linux
inputs:
- name: code
outputs:
- name: built
params:
  LEVEL:
run: {path: ls}
`;
const FILES = { ...CHECKOUT, '/ws/ci/build.yml': BUILD };

/** The pipeline with the cursor inside of a text, behind its first `offset` characters. */
function at(text: string, offset = 1, nth = 0): string {
  let from = -1;
  for (let count = 0; count <= nth; count++) from = PIPELINE.indexOf(text, from + 1);
  if (from < 0) throw new Error(`no ${text}`);
  return `${PIPELINE.slice(0, from + offset)}<*>${PIPELINE.slice(from + offset)}`;
}

/** Where a definition leads: file and line, with the text that is selected there. */
function targets(marked: string): string[] {
  return pipelineDefinition(pipelineAt(marked, FILES)).map(({ targetUri, targetSelectionRange: { start, end } }) => {
    const file = targetUri.replace('file:///ws/', '');
    const text = file === 'ci/pipeline.yml' ? PIPELINE : FILES[`/ws/${file}` as keyof typeof FILES];
    const line = text.split('\n')[start.line] ?? '';
    return `${file}:${start.line + 1} ${line.slice(start.character, end.character)}`.trim();
  });
}

describe('definition in a pipeline', () => {
  test.each([
    ['a get with a resource: its name', at('get: other', 6), ['ci/pipeline.yml:14 other']],
    ['the resource of a get', at('resource: app', 12), ['ci/pipeline.yml:9 app']],
    ['a put', at('put: room', 6), ['ci/pipeline.yml:12 room']],
    ['passed', at('passed: [unit]', 10), ['ci/pipeline.yml:18 unit']],
    ['a job of a group', at('jobs: [unit, ship]', 14), ['ci/pipeline.yml:42 ship']],
    ['a resource of a group', at('resources: [app]', 13), ['ci/pipeline.yml:9 app']],
    ['a type of its own', at('type: chat', 7), ['ci/pipeline.yml:6 chat']],
    ['a core type', at('type: git', 7), []],
    ['the path of a task file', at('src/ci/build.yml', 8), ['ci/build.yml:1']],
    ['the artifact of a path: file and maker', at('src/ci/build.yml', 1), ['ci/build.yml:1', 'ci/pipeline.yml:20 src']],
    ['a file that is not there: its artifact', at('app/ci/missing.yml', 8), ['ci/pipeline.yml:44 app']],
    ['an artifact in a mapping', at('{code: src}', 8), ['ci/pipeline.yml:20 src']],
    ['an input of the task file', at('{code: src}', 2), ['ci/build.yml:3 code']],
    ['an output of the task file', at('{built: binary}', 2), ['ci/build.yml:5 built']],
    ['a param of the task file', at('{LEVEL:', 2), ['ci/build.yml:7 LEVEL']],
    ['a local variable', at('((.:tag))', 5), ['ci/pipeline.yml:24 tag']],
    ['an image', at('image: other', 8), ['ci/pipeline.yml:23 other']],
    ['an input of an inline task: the mapping that names it', at('- name: binary', 9), ['ci/pipeline.yml:29 binary']],
    ['an input of a put: the output of the task', at('[report]', 2), ['ci/pipeline.yml:38 report']],
    ['nothing', at('trigger: true', 2), []],
  ])('%s', (_name, text, expected) => {
    expect(targets(text)).toEqual(expected);
  });

  test('links lead to the files that are there', () => {
    const links = pipelineLinks(pipelineOf(PIPELINE, { ...FILES, '/ws/tag': '1' }));
    expect(links.map(({ target }) => target)).toEqual(['file:///ws/tag', 'file:///ws/ci/build.yml']);
  });
});

describe('references in a pipeline', () => {
  const lines = (marked: string, includeDeclaration = true): number[] =>
    pipelineReferences(pipelineAt(marked, FILES), { includeDeclaration }).map(({ range }) => range.start.line + 1);

  test('a resource', () => {
    expect(lines(at('- name: app', 9))).toEqual([4, 9, 21, 44]);
    expect(lines(at('resource: app', 12), false)).toEqual([4, 21, 44]);
  });

  test('a job', () => {
    expect(lines(at('[unit]', 2))).toEqual([3, 18, 45]);
  });

  test('highlights, the declaration as a write', () => {
    expect(pipelineHighlights(pipelineAt(at('[unit]', 2))).map(({ kind }) => kind)).toEqual([2, 3, 2]);
  });

  test('patterns name no job', () => {
    const text = 'jobs:\n- name: a<*>\n  plan: [{get: x, passed: [a*]}]\n';
    expect(pipelineReferences(pipelineAt(text))).toHaveLength(1);
  });
});
