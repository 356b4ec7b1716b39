import { describe, expect, test } from 'vitest';
import { TestEditor } from './connection.ts';

/** A mistake that any task shows. */
const TASK = 'platform: linux\nouputs: []\nrun:\n  path: make\n';
const PLAYBOOK = '- name: Install\n  apt: {name: git}\n  platform: x\n';
const TEKTON = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\n';

describe('which documents are ours', () => {
  test.each([
    ['the language of tasks', 'file:///x/a.yml', 'concourse-task-yaml', TASK, true],
    ['an untitled text in it', 'untitled:Untitled-1', 'concourse-task-yaml', TASK, true],
    ['a text of a virtual file system', 'vscode-vfs://github/o/r/a.yml', 'concourse-task-yaml', TASK, true],
    ['plain YAML with the name of a task', 'file:///x/ci/unit-task.yml', 'yaml', 'ouputs: []\n', true],
    ['plain YAML in a folder of tasks', 'file:///x/ci/linux/tasks/unit.yaml', 'yaml', 'ouputs: []\n', true],
    ['plain YAML with the content of a task', 'file:///x/any.yml', 'yaml', TASK, true],
    ['plain YAML with other content', 'file:///x/any.yml', 'yaml', 'ouputs: []\n', false],
    ["Ansible's tasks", 'file:///x/roles/web/tasks/main.yml', 'yaml', PLAYBOOK, false],
    [
      "Ansible's tasks below a folder ci",
      'file:///x/ci/roles/web/tasks/main.yml',
      'concourse-task-yaml',
      PLAYBOOK,
      false,
    ],
    ["Tekton's tasks below a folder ci", 'file:///x/ci/tasks/build.yaml', 'concourse-task-yaml', TEKTON, false],
    [
      "GitHub's workflow",
      'file:///x/.github/workflows/ci.yml',
      'yaml',
      'on: push\njobs:\n  a:\n    steps: []\n',
      false,
    ],
    ['another language', 'file:///x/ci/unit-task.yml', 'json', TASK, false],
  ])('%s', async (_name, uri, languageId, text, ours) => {
    await using editor = await TestEditor.start();
    await editor.open(uri, text, languageId);
    const codes = await editor.codes(uri);
    if (ours) expect(codes).toContain('unknown-key');
    else expect(codes).toEqual([]);
  });

  test("the user's globs add names", async () => {
    await using editor = await TestEditor.start({ settings: { '': { tasks: { include: ['jobs/*.yml'] } } } });
    await editor.open('file:///x/jobs/a.yml', 'ouputs: []\n', 'yaml');
    await editor.open('file:///x/other/a.yml', 'ouputs: []\n', 'yaml');
    expect(await editor.codes('file:///x/jobs/a.yml')).toContain('unknown-key');
    expect(await editor.codes('file:///x/other/a.yml')).toEqual([]);
  });

  test('a document that becomes a task is checked, one that ceases to be is not', async () => {
    await using editor = await TestEditor.start();
    const uri = 'file:///x/any.yml';
    await editor.open(uri, 'ouputs: []\n', 'yaml');
    expect(await editor.codes(uri)).toEqual([]);
    await editor.replace(uri, TASK);
    expect(await editor.codes(uri)).toContain('unknown-key');
    await editor.replace(uri, `${TASK}apiVersion: v1\nkind: Pod\n`);
    expect(await editor.codes(uri)).toEqual([]);
  });

  test.each([
    ['task', 'a task', ['missing-platform', 'unknown-key']],
    ['pipeline', 'a pipeline', ['no-jobs']],
    ['none', 'neither', []],
  ])('what the user says counts before name and content: %s', async (kind, _what, codes) => {
    const settings = { '': { fileKinds: { '*.yml': 'none', 'unit-task.yml': kind } } };
    await using editor = await TestEditor.start({ settings, initializationOptions: { status: true } });
    const seen: unknown[] = [];
    editor.connection.onNotification('tarmac/status', (status) => void seen.push(status));
    const uri = 'file:///x/ci/unit-task.yml';
    await editor.open(uri, 'ouputs: []\nrun:\n  path: make\n', 'yaml');
    expect(await editor.codes(uri)).toEqual(expect.arrayContaining(codes));
    if (kind === 'none') expect(await editor.codes(uri)).toEqual([]);
    expect(seen).toEqual([expect.objectContaining({ chosen: kind, kind: kind === 'none' ? 'other' : kind })]);
    // Nothing is said any more: the name says what it is.
    await editor.configure({});
    expect(await editor.codes(uri)).toContain('unknown-key');
    expect(seen.at(-1)).not.toHaveProperty('chosen');
  });

  test('the client that shows it is told how a document is taken, once', async () => {
    await using editor = await TestEditor.start({ initializationOptions: { status: true } });
    const seen: unknown[] = [];
    editor.connection.onNotification('tarmac/status', (status) => void seen.push(status));
    const uri = 'file:///x/any.yml';
    await editor.open(uri, TASK, 'yaml');
    await editor.diagnostics(uri);
    await editor.diagnostics(uri);
    await editor.replace(
      uri,
      'jobs:\n- plan:\n  - task: a\n    config: {platform: linux}\n  - task: b\n    config: {}\n',
    );
    await editor.diagnostics(uri);
    expect(seen).toEqual([
      { uri, kind: 'task', tasks: 1, target: 'current', checked: true },
      { uri, kind: 'pipeline', tasks: 2, target: 'current', checked: true },
    ]);
    await editor.replace(uri, 'a: 1\n');
    await editor.diagnostics(uri);
    expect(seen.at(-1)).toEqual({ uri, kind: 'other', tasks: 0, target: 'current', checked: true });
  });
});

describe('tasks inside a pipeline', () => {
  const uri = 'file:///x/pipeline.yml';
  const PIPELINE = `resources: []
unknown_key_of_a_pipeline: 1
jobs:
- name: unit
  plan:
  - in_parallel:
      steps:
      - get: repo
      - task: first
        config:
          platform: linux
          run: {path: make, agrs: []}
  - try:
      do:
      - task: second
        config:
          run: {path: ((script))}
  on_failure:
    task: third
    file: repo/ci/third.yml
  ensure:
    task: fourth
    config:
      platform: linux
      ouputs: []
`;

  test('each is checked at its place, as the pipeline around it is', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, PIPELINE, 'yaml');
    const found = await editor.diagnostics(uri);
    expect(found.filter(({ severity }) => (severity ?? 4) <= 2).map(({ code, range }) => [code, range.start])).toEqual([
      ['unknown-resource', { line: 7, character: 13 }],
      ['unknown-key', { line: 11, character: 28 }],
      ['missing-platform', { line: 16, character: 10 }],
      ['unknown-key', { line: 24, character: 6 }],
    ]);
  });

  test('a task behind an anchor is checked once, where it is written', async () => {
    await using editor = await TestEditor.start();
    const text = `x: &config
  platform: linux
  ouputs: []
jobs:
- plan:
  - {task: a, config: *config}
  - {task: b, config: *config}
  - task: c
    config:
      <<: *config
`;
    await editor.open(uri, text, 'yaml');
    const errors = (await editor.diagnostics(uri)).filter(({ severity }) => severity === 1);
    expect(errors.map(({ code, range }) => [code, range.start])).toEqual([
      ['unknown-key', { line: 2, character: 2 }],
      ['missing-name', { line: 4, character: 2 }],
    ]);
  });

  test('broken YAML is told wherever it stands', async () => {
    await using editor = await TestEditor.start();
    await editor.open(uri, `${PIPELINE}resource_types: {a: [\n`, 'yaml');
    expect(await editor.codes(uri)).toContain('yaml-syntax');
  });
});
