import { describe, expect, test } from 'vitest';
import { preparePipelineRename, renameInPipeline } from './rename.ts';
import { applyLspEdits, CHECKOUT, pipelineAt } from './testing.ts';

/** The text after a rename, or why there is none. */
function renamed(marked: string, newName: string, files: Readonly<Record<string, string>> = {}): string | undefined {
  const request = pipelineAt(marked, { ...CHECKOUT, ...files });
  const edit = renameInPipeline(request, newName);
  return !edit || 'refused' in edit ? edit?.refused : applyLspEdits(request.source.text, edit);
}

const RESOURCE = `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
`;

describe('rename in a pipeline', () => {
  test('a job: passed and groups', () => {
    const text = `groups: [{name: g, jobs: [unit, "unit"]}]\n${RESOURCE}jobs:\n- name: unit\n  plan: [{get: app}]\n- name: ship\n  plan: [{get: app, passed: [u<*>nit]}]\n`;
    expect(renamed(text, 'test')).toBe(text.replace('<*>', '').replaceAll('unit', 'test'));
  });

  test('a resource with everything that names its artifact', () => {
    const text = `${RESOURCE}jobs:
- name: unit
  plan:
  - get: app
    trigger: true
  - load_var: x
    file: app/x
  - task: t
    file: app/t.yml
    input_mapping: {code: app}
  - put: app
    inputs: [app]
`;
    const files = { '/ws/t.yml': 'platform: linux\ninputs: [{name: code}]\nrun: {path: ls}\n' };
    const expected = text.replaceAll(/\bapp\b(?!\.git)/g, 'repo').replace('acme/repo', 'acme/app');
    expect(renamed(text.replace('name: app', 'name: a<*>pp'), 'repo', files)).toBe(expected);
  });

  test('a get keeps the name of its artifact where a task takes it by that name', () => {
    const text = `${RESOURCE}jobs:
- name: unit
  plan:
  - get: app # the code
  - task: t
    file: app/t.yml
- name: flow
  plan: [{get: app}, {task: u, file: app/t.yml}]
- name: seen
  plan:
  - get: app
`;
    const files = { '/ws/t.yml': 'platform: linux\ninputs: [{name: app}]\nrun: {path: ls}\n' };
    expect(renamed(text.replace('name: app', 'name: a<*>pp'), 'repo', files)).toBe(
      text
        .replace('name: app', 'name: repo')
        .replace('- get: app #', '- get: app\n    resource: repo #')
        .replace('{get: app}', '{get: app, resource: repo}')
        .replace('- get: app\n- name', '- get: repo\n- name')
        .replace(/- get: app\n$/, '- get: repo\n'),
    );
  });

  test('the resource of a get that has another name', () => {
    const text = `${RESOURCE}jobs:\n- name: unit\n  plan:\n  - get: src\n    resource: app\n  - task: t\n    file: src/t.yml\n`;
    expect(renamed(text.replace('name: app', 'name: a<*>pp'), 'repo')).toBe(
      text.replace('name: app', 'name: repo').replace('resource: app', 'resource: repo'),
    );
  });

  test('JSON', () => {
    const text =
      '{"resources": [{"name": "a<*>pp", "type": "git"}], "jobs": [{"name": "a", "plan": [{"get": "app"}, {"task": "t", "file": "x/y"}]}]}';
    expect(renamed(text, 'repo')).toBe(
      text
        .replace('<*>', '')
        .replace('"name": "app"', '"name": "repo"')
        .replace('"get": "app"', '"get": "app", "resource": "repo"'),
    );
  });

  test.each([
    ['a name that is taken', 'ship', "There is a job 'ship' already. Choose another name."],
    ['no identifier', 'A b', "'A b' cannot be the name of a job"],
    ['a number', '12', "YAML does not read '12' as a text"],
  ])('%s is refused', (_name, name, expected) => {
    const text = 'jobs:\n- name: u<*>nit\n  plan: []\n- name: ship\n  plan: []\n';
    expect(renamed(text, name)).toContain(expected);
  });

  test('what can be renamed', () => {
    const at = (text: string): unknown => preparePipelineRename(pipelineAt(text))?.placeholder;
    expect(at(`${RESOURCE}jobs: [{name: un<*>it, plan: []}]\n`)).toBe('unit');
    expect(at('jobs: [{name: unit, plan: [{get: a, tri<*>gger: true}]}]\n')).toBeUndefined();
  });
});
