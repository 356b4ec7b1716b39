import { describe, expect, test } from 'vitest';
import { preparePipelineRename, renameInPipeline } from './rename.ts';
import { applyLspEdits, CHECKOUT, pipelineAt } from './testing.ts';

/** The text after a rename, or why there is none. */
function renamed(marked: string, newName: string, files: Readonly<Record<string, string>> = {}): string | undefined {
  const request = pipelineAt(marked, { ...CHECKOUT, ...files });
  const edit = renameInPipeline(request, newName);
  return !edit || 'refused' in edit ? edit?.refused : applyLspEdits(request.source.text, edit);
}

const RESOURCES = `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
- name: out
  type: mock
`;

const FILES = {
  '/ws/ci/unit.yml': 'platform: linux\ninputs: [{name: app}]\nrun: {path: app/ci/unit.sh}\n',
  '/ws/ci/lint.yml': 'platform: linux\ninputs: [{name: source}]\nrun: {path: ls}\n',
};

describe('rename of what a step makes', () => {
  test('stays in its job; tasks that take it by its name get a mapping, and bare words of params stay', () => {
    const text = `${RESOURCES}groups:
- name: all
  resources: [app]
jobs:
- name: unit
  plan:
  - get: a<*>pp
    trigger: true
  - load_var: version
    file: app/VERSION
  - task: unit
    file: app/ci/unit.yml
    params: {COMMIT: ((.:app.commit)), TEXT: "app is not app/"}
  - task: lint
    file: app/ci/lint.yml
    input_mapping: {source: app}
  - put: out
    inputs: [app]
    params: {file: app/VERSION, version: app}
    on_failure: {put: out, params: {file: ./app/VERSION}}
- name: deploy
  plan:
  - {get: app, passed: [unit]}
  - task: unit
    file: app/ci/unit.yml
`;
    expect(renamed(text, 'code', FILES)).toBe(`${RESOURCES}groups:
- name: all
  resources: [app]
jobs:
- name: unit
  plan:
  - get: code
    resource: app
    trigger: true
  - load_var: version
    file: code/VERSION
  - task: unit
    file: code/ci/unit.yml
    params: {COMMIT: ((.:code.commit)), TEXT: "app is not app/"}
    input_mapping:
      app: code
  - task: lint
    file: code/ci/lint.yml
    input_mapping: {source: code}
  - put: out
    inputs: [code]
    params: {file: code/VERSION, version: app}
    on_failure: {put: out, params: {file: ./code/VERSION}}
- name: deploy
  plan:
  - {get: app, passed: [unit]}
  - task: unit
    file: app/ci/unit.yml
`);
  });

  test('JSON stays JSON', () => {
    const text =
      '{"resources": [{"name": "app", "type": "git"}], "jobs": [{"name": "a", "plan": [{"get": "a<*>pp"}]}]}';
    expect(renamed(text, 'code')).toBe(text.replace('"a<*>pp"', '"code", "resource": "app"'));
  });

  test('a step that names its resource keeps it; an inline config keeps its input', () => {
    const text = `${RESOURCES}jobs:
- name: unit
  plan:
  - {get: s<*>rc, resource: app}
  - task: t
    image: src
    config:
      platform: linux
      inputs: [{name: src}]
      run: {path: src/run}
`;
    expect(renamed(text, 'code')).toBe(
      text
        .replace('s<*>rc', 'code')
        .replace('image: src', 'image: code')
        .replace('      run: {path: src/run}\n', '      run: {path: src/run}\n    input_mapping:\n      src: code\n'),
    );
  });

  test('a folder that a put pushes is a path; a local var of the same name is another thing', () => {
    const text = `${RESOURCES}jobs:
- name: push
  plan:
  - get: repo<*>
    resource: app
  - load_var: repo
    file: repo/name
  - put: app
    params: {repository: repo, rebase: ((.:repo))}
`;
    expect(renamed(text, 'code')).toBe(
      text
        .replace('get: repo<*>', 'get: code')
        .replace('file: repo/name', 'file: code/name')
        .replace('repository: repo', 'repository: code'),
    );
  });

  test('a task whose file is not here may take it by its name', () => {
    const text = `${RESOURCES}- name: ci\n  type: git\n  source: {uri: https://elsewhere.example.com/ci.git}\njobs:
- name: unit
  plan:
  - get: a<*>pp
  - get: ci
  - {task: t, file: ci/t.yml}
`;
    expect(renamed(text, 'code')).toBe(
      text
        .replace('- get: a<*>pp', '- get: code\n    resource: app')
        .replace('ci/t.yml}', 'ci/t.yml, input_mapping: {app: code}}'),
    );
  });

  test.each([
    ['a name that the job has', '- get: a<*>pp\n  - get: out\n', 'out', "makes the artifact 'out' already"],
    [
      'a name that a task gives to its output',
      '- get: a<*>pp\n  - {task: t, file: x/t.yml, output_mapping: {o: app}}\n',
      'code',
      'The task in line',
    ],
    ['no identifier', '- get: a<*>pp\n', 'A b', "'A b' cannot be the name of a step"],
  ])('%s is refused', (_name, steps, newName, expected) => {
    expect(renamed(`${RESOURCES}jobs:\n- name: unit\n  plan:\n  ${steps}`, newName)).toContain(expected);
  });

  test('a step behind an alias of two jobs is refused', () => {
    const text = `${RESOURCES}jobs:\n- name: a\n  plan:\n  - &get\n    get: app\n- name: b\n  plan:\n  - *get\n  - {task: t, file: a<*>pp/ci/unit.yml}\n`;
    expect(preparePipelineRename(pipelineAt(text, { ...CHECKOUT, ...FILES }))).toBeUndefined();
    const atAnchor = text.replace('a<*>pp', 'app').replace('get: app', 'get: a<*>pp');
    expect(renamed(atAnchor, 'code', FILES)).toContain('is in another job, too');
  });
});
