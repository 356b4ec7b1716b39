/** Completion in pipelines: what is offered where. */
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CompletionItem } from 'vscode-languageserver';
import { CHECKOUT, pipelineAt } from '../testing.ts';
import { completeInPipeline, inputArtifacts } from './complete.ts';

const TASK = `platform: linux
image_resource: {type: registry-image, source: {repository: busybox}}
inputs:
- name: thing
- name: tools
  optional: true
outputs:
- name: binary
- name: log
params: {LEVEL: info, TOKEN: }
run: {path: ((shell))}
`;
const FILES = { ...CHECKOUT, '/ws/ci/build.yml': TASK, '/ws/ci/notes.txt': '', '/ws/src/main.go': '' };

function itemsAt(text: string, files: Parameters<typeof pipelineAt>[1] = FILES, trigger?: string): CompletionItem[] {
  const { items } = completeInPipeline(pipelineAt(text, files), { snippets: true, trigger });
  return items.sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
}

function labelsAt(text: string, files = FILES, trigger?: string): string[] {
  return itemsAt(text, files, trigger).map(({ label }) => label);
}

/** Without snippets: their labels have a blank or are of that kind. */
function keysAt(text: string): string[] {
  return itemsAt(text)
    .filter(({ kind }) => kind === 10)
    .map(({ label }) => label);
}

function after(text: string, label: string): string {
  const item = itemsAt(text).find((each) => each.label === label);
  if (!item?.textEdit || !('range' in item.textEdit)) return `no ${label}`;
  const document = TextDocument.create('file:///t', 'yaml', 1, text.replace('<*>', ''));
  return TextDocument.applyEdits(document, [item.textEdit]);
}

const RESOURCES = `resources:
- {name: app, type: git, source: {uri: https://git.example.com/acme/app.git, branch: main}}
- {name: chart, type: git, source: {uri: https://git.example.com/acme/chart.git}}
- {name: image, type: registry-image, source: {repository: r}}
- {name: version, type: semver, source: {driver: git}}
`;
/** A job with the steps behind the cursor's. */
const plan = (steps: string): string => `${RESOURCES}jobs:\n- name: unit\n  plan:\n${steps}`;

describe('keys', () => {
  it.each<[string, string, string[]]>([
    ['at the top', 'resources: []\n<*>', ['resource_types', 'jobs', 'groups', 'var_sources', 'display']],
    ['of a job', 'jobs:\n- name: a\n  <*>', ['plan', 'serial', 'serial_groups', 'public', 'on_failure']],
    ['of a resource', 'resources:\n- name: a\n  type: git\n  <*>', ['icon', 'source', 'check_every']],
    ['of a group', 'groups:\n- <*>', ['name', 'jobs', 'resources']],
    ['of a display', 'display:\n  <*>', ['background_image', 'background_filter']],
    ['of a step that is none yet', plan('  - <*>'), ['get', 'task', 'put', 'in_parallel', 'do', 'try']],
    ['of a get', plan('  - get: app\n    <*>'), ['resource', 'trigger', 'passed', 'params', 'version']],
    ['of a get, half typed', plan('  - get: app\n    tri<*>\n  - get: chart'), ['resource', 'trigger', 'passed']],
    ['of a get in flow', plan('  - {get: app, <*>}'), ['resource', 'trigger', 'passed']],
    ['of a get in an open flow', plan('  - {get: app, <*>\n'), ['resource', 'trigger', 'passed']],
    ['of a task', plan('  - task: a\n    <*>'), ['file', 'image', 'input_mapping', 'output_mapping', 'params']],
    [
      'of a hook',
      plan('  - get: app\n    on_failure:\n      put: app\n      <*>'),
      ['resource', 'params', 'get_params'],
    ],
    ['of a step in parallel', plan('  - in_parallel:\n    - get: app\n      <*>'), ['resource', 'trigger', 'passed']],
    ['of in_parallel itself', plan('  - in_parallel:\n      <*>'), ['steps', 'limit', 'fail_fast']],
    ['of across', plan('  - across:\n    - <*>\n    task: a'), ['var', 'values', 'max_in_flight']],
    [
      'of the source of git',
      'resources:\n- name: a\n  type: git\n  source:\n    <*>',
      ['uri', 'branch', 'private_key'],
    ],
    ['of the source of time', 'resources:\n- {name: a, type: time, source: {<*>}}', ['interval', 'start', 'stop']],
    ['of params of a get', plan('  - get: app\n    params: {<*>}'), ['depth', 'fetch', 'fetch_tags']],
    ['of params of a put', plan('  - put: image\n    params:\n      <*>'), ['image', 'version', 'bump_aliases']],
    ['of get_params', plan('  - put: image\n    get_params: {<*>}'), ['format', 'platform', 'skip_download']],
    ['of a pinned version', plan('  - get: app\n    version: {<*>}'), ['ref']],
    ['of a merged step', `x: &g {get: app}\n${plan('  - <<: *g\n    <*>')}`, ['resource', 'trigger', 'passed']],
    ['of a var source', 'var_sources:\n- name: v\n  type: vault\n  config:\n    <*>', ['url', 'path_prefix']],
  ])('%s', (_title, text, first) => {
    expect(keysAt(text).slice(0, first.length)).toEqual(first);
  });

  it('nothing is known of a type that the pipeline defines itself', () => {
    const text =
      'resource_types:\n- {name: git, type: registry-image}\nresources:\n- {name: a, type: git, source: {<*>}}';
    expect(labelsAt(text)).toEqual([]);
  });

  it('what is out of use comes last and is struck out', () => {
    const items = itemsAt('jobs:\n- name: a\n  <*>').filter(({ kind }) => kind === 10);
    expect(items.at(-1)).toMatchObject({ label: 'build_logs_to_retain', tags: [1] });
    expect(labelsAt('jobs:\n- name: a\n  <*>')).not.toContain('tags');
  });

  it.each<[string, string, string, string]>([
    ['a list of steps', 'jobs:\n- name: a\n  pl<*>', 'plan', 'jobs:\n- name: a\n  plan:\n  - ${1}'],
    ['a hook', 'jobs:\n  - name: a\n    on_f<*>', 'on_failure', 'jobs:\n  - name: a\n    on_failure:\n      '],
    ['in flow', plan('  - {task: a, ens<*>}'), 'ensure', plan('  - {task: a, ensure: {$1}}')],
    ['a switch', plan('  - get: app\n    tri<*>'), 'trigger', plan('  - get: app\n    trigger: ${1|true,false|}')],
  ])('insert %s', (_title, text, label, expected) => {
    expect(after(text, label)).toBe(expected);
  });
});

describe('names', () => {
  const two = plan('  - get: app\n  - get: <*>');
  it.each<[string, string, string[]]>([
    ['resources in get, first those that the job has not', two, ['chart', 'image', 'version', 'app']],
    ['resources in put', plan('  - put: <*>'), ['app', 'chart', 'image', 'version']],
    ['resources in resource', plan('  - {get: a, resource: <*>}'), ['app', 'chart', 'image', 'version']],
    [
      'jobs in passed, first those that have the resource',
      `${plan('  - put: app\n')}- name: other\n  plan: []\n- name: ship\n  plan:\n  - get: app\n    passed: [<*>]`,
      ['unit', 'other'],
    ],
    [
      'jobs in passed, as a list',
      `${plan('  - get: app\n')}- name: ship\n  plan:\n  - get: app\n    passed: <*>`,
      ['unit'],
    ],
    [
      'jobs in passed, as items',
      `${plan('  - get: app\n')}- name: ship\n  plan:\n  - get: app\n    passed:\n    - <*>`,
      ['unit'],
    ],
    ['jobs in a group', `${plan('  - get: app\n')}groups:\n- name: g\n  jobs: [<*>]`, ['unit']],
    [
      'own types first',
      'resource_types:\n- {name: mine, type: git}\nresources:\n- {name: a, type: <*>}',
      ['mine', 'git'],
    ],
    [
      'groups of other jobs',
      'jobs:\n- {name: a, serial_groups: [deploy], plan: []}\n- {name: b, serial_groups: [<*>]}',
      ['deploy'],
    ],
    ['words of a version', plan('  - get: app\n    version: <*>'), ['latest', 'every']],
    ['inputs of a put', plan('  - get: app\n  - put: image\n    inputs: <*>'), ['detect', 'all', 'app']],
    [
      'drivers of semver',
      'resources:\n- {name: a, type: semver, source: {driver: <*>}}',
      ['git', 's3', 'gcs', 'swift'],
    ],
    ['days of time', 'resources:\n- {name: a, type: time, source: {days: [<*>]}}', ['Monday', 'Tuesday']],
  ])('%s', (_title, text, first) => {
    expect(labelsAt(text).slice(0, first.length)).toEqual(first);
  });

  it('passed without a list becomes one', () => {
    const text = `${plan('  - get: app\n')}- name: ship\n  plan:\n  - get: app\n    passed: <*>`;
    expect(after(text, 'unit')).toBe(text.replace('<*>', '[unit]'));
  });
});

describe('between the files', () => {
  const head = '  - {get: code, resource: app}\n';
  it.each<[string, string, string[]]>([
    [
      'inputs of the task file',
      `${head}  - task: t\n    file: code/ci/build.yml\n    input_mapping:\n      <*>`,
      ['thing', 'tools'],
    ],
    ['inputs, in flow', `${head}  - {task: t, file: code/ci/build.yml, input_mapping: {<*>}}`, ['thing', 'tools']],
    [
      'outputs of the task file',
      `${head}  - {task: t, file: code/ci/build.yml, output_mapping: {<*>}}`,
      ['binary', 'log'],
    ],
    ['params of the task file', `${head}  - {task: t, file: code/ci/build.yml, params: {<*>}}`, ['TOKEN', 'LEVEL']],
    ['vars of the task file', `${head}  - {task: t, file: code/ci/build.yml, vars: {<*>}}`, ['shell']],
    [
      'params while the text is broken',
      `${head}  - task: t\n    file: code/ci/build.yml\n    params:\n      <*>\n  - [`,
      ['TOKEN', 'LEVEL'],
    ],
    [
      'artifacts of an image, those that are one first',
      `${head}  - get: image\n  - task: t\n    image: <*>`,
      ['image', 'code'],
    ],
    [
      'task files of the checkout',
      `${head}  - task: t\n    file: <*>`,
      ['code/ci/build.yml', 'code/ci/pipeline.yml', 'code/'],
    ],
    ['files of a folder', `${head}  - task: t\n    file: code/ci/<*>`, ['build.yml', 'pipeline.yml', 'notes.txt']],
    ['what a resource leaves', `${head}  - get: version\n  - load_var: v\n    file: version/<*>`, ['version']],
    ['folders for a put', `${head}  - put: app\n    params: {repository: <*>}`, ['code']],
    [
      'files for a put',
      `${head}  - get: version\n  - put: version\n    params: {file: <*>}`,
      ['code/', 'version/', 'version/version'],
    ],
  ])('%s', (_title, steps, first) => {
    expect(labelsAt(plan(steps)).slice(0, first.length)).toEqual(first);
  });

  it('artifacts are those that are there: not of siblings, of later steps, of an across, of a put that leaves nothing', () => {
    const steps = `  - in_parallel:
    - {get: code, resource: app}
    - get: chart
  - task: build
    file: code/ci/build.yml
    output_mapping: {binary: app-binary}
  - across:
    - {var: os, values: [linux]}
    task: inner
    file: code/ci/build.yml
    output_mapping: {binary: inner-binary}
  - put: version
    no_get: true
  - put: image
    params: {image: app-binary/image.tar}
  - task: here
    file: code/ci/here.yml
    input_mapping: {thing: <*>}
  - {get: later, resource: version}
`;
    expect(labelsAt(plan(steps)).toSorted()).toEqual(['app-binary', 'chart', 'code', 'image', 'log']);
  });

  it('inputs of a task that is written here', () => {
    const names = (inputs: string): string[] => {
      const text = plan(`  - {get: code, resource: app}\n  - get: chart\n  - task: t\n    config:\n${inputs}`);
      return inputArtifacts(pipelineAt(text, FILES), { snippets: true }).map(({ label }) => label);
    };
    expect(names('      platform: linux\n      inputs:\n      - name: <*>\n')).toEqual(['code', 'chart']);
    expect(names('      platform: linux\n      inputs: [{name: <*>}]\n')).toEqual(['code', 'chart']);
    expect(names('      platform: linux\n      outputs: [{name: <*>}]\n')).toEqual([]);
  });

  it('a sibling in in_parallel is not offered', () => {
    expect(labelsAt(plan('  - in_parallel:\n    - get: app\n    - {task: t, image: <*>}'))).toEqual([]);
  });
});

describe('vars', () => {
  const text = `var_sources:
- {name: vault, type: vault, config: {}}
- {name: local, type: dummy, config: {vars: {host: h}}}
${plan('  - get: app\n  - {load_var: tag, file: app/tag}\n  - across: [{var: os, values: [a]}]\n    task: t\n    file: app/((<*>\n    params: {A: ((other))}\n')}`;
  it('local ones, those of sources and those that are used', () => {
    const labels = labelsAt(text, FILES, '(');
    expect(labels.slice(0, 3).toSorted()).toEqual(['.:app', '.:os', '.:tag']);
    expect(labels.slice(3).toSorted()).toEqual(['local:host', 'other', 'vault:name']);
  });
});

describe('snippets', () => {
  it('come first in an empty file', () => {
    expect(labelsAt('<*>').slice(0, 3)).toEqual([
      'pipeline: test a repository',
      'pipeline: build and push an image',
      'resource_types',
    ]);
  });

  it.each<[string, string, string]>([
    ['in an empty list of resources', 'resources:\n<*>', '- git'],
    ['in an empty plan', 'jobs:\n- name: a\n  plan:\n  <*>', '- get, trigger'],
    ['behind the dash of a step', 'jobs:\n- name: a\n  plan:\n  - <*>', 'get, trigger'],
    ['in an empty list of jobs', 'jobs:\n  <*>', '- name, plan'],
  ])('%s', (_title, text, first) => {
    expect(labelsAt(text)[0]).toBe(first);
  });

  it('follow the layout of the file', () => {
    const text =
      'resources:\n    - name: a\n      type: mock\njobs:\n    - name: b\n      plan:\n          - get: a\n          <*>';
    expect(after(text, '- task, file')).toBe(
      text.replace('<*>', '- task: ${1:unit}\n            file: ${2:repo}/${3:ci/unit.yml}'),
    );
  });
});

describe('nothing', () => {
  it.each<[string, string]>([
    ['in a comment', '# <*>'],
    ['behind a finished value', plan('  - get: app <*>')],
    ['in a block scalar', 'resources:\n- name: a\n  type: git\n  source:\n    private_key: |\n      <*>'],
    ['below user_data', 'user_data:\n  <*>'],
  ])('%s', (_title, text) => {
    expect(labelsAt(text)).toEqual([]);
  });
});
