import { expect, test } from 'vitest';
import { recognize } from './recognize.ts';

const TASK = 'platform: linux\nrun:\n  path: make\n';

test.each([
  ['a task', TASK, 'task'],
  ['behind a comment, a marker and a byte order mark', `\ufeff# unit tests\n---\n${TASK}`, 'task'],
  ['with quoted keys and CRLF', '"platform": linux\r\n"run": {path: make}\r\n', 'task'],
  ['with an unfinished line', `${TASK}inputs:\n- na`, 'task'],
  ['with broken YAML', `${TASK}params: {A: [\n`, 'task'],
  ['run with an anchor', 'platform: linux\nrun: &run\n  path: make\n', 'task'],
  ['run with a comment', 'platform: linux\nrun: # the script\n  path: make\n', 'task'],
  ['a run that is a command', 'platform: linux\nrun: npm test\n', 'unknown'],
  ['no platform', 'run:\n  path: make\n', 'unknown'],
  ['keys in a nested mapping', 'task:\n  platform: linux\n  run:\n    path: make\n', 'unknown'],
  ['keys in a second document', 'a: 1\n---\nplatform: linux\nrun:\n  path: make\n', 'foreign'],
  ['a pipeline', 'jobs:\n- name: unit\n  plan:\n  - get: repo\n', 'pipeline'],
  ['a pipeline with resources first', 'resources: []\njobs:\n- plan: []\n', 'pipeline'],
  ['a pipeline whose jobs are an anchor', 'jobs: &jobs\n- name: unit\n  plan:\n  - get: repo\n', 'pipeline'],
  ['a pipeline with its jobs in braces', "'jobs': [{name: unit, plan: [{get: repo}]}]\n", 'pipeline'],
  ['a pipeline that is indented as a whole', '  jobs:\n  - name: unit\n    plan:\n    - get: repo\n', 'pipeline'],
  ['a pipeline in JSON', '{\n "resources": [],\n "jobs": [{"name": "a", "plan": [{"get": "repo"}]}]\n}', 'pipeline'],
  ['a task in JSON', '{"platform": "linux", "run": {"path": "make"}}', 'task'],
  [
    'a pipeline in JSON on one line',
    '{"jobs":[{"name":"a","plan":[{"get":"r"}]}],"resources":[{"name":"r"}]}',
    'pipeline',
  ],
  ['a pipeline with its jobs in an anchored list', 'jobs: &jobs [{name: unit, plan: []}]\n', 'pipeline'],
  ['a pipeline with its jobs in brackets below', 'jobs:\n  [{name: unit, plan: []}]\n', 'pipeline'],
  ['a pipeline with wide dashes', 'jobs:\n-   name: unit\n    plan:\n    -   get: repo\n', 'pipeline'],
  ['a pipeline without a plan yet', 'resources:\n- name: a\n  type: git\njobs:\n- name: unit\n', 'pipeline'],
  ['a pipeline in braces, indented', '  {\n  jobs: [{name: a, plan: [{get: r}]}]\n  }\n', 'pipeline'],
  ['a pipeline with an error before its jobs', 'resources:\n- name: a\n\ttype: git\njobs:\n- plan: []\n', 'pipeline'],
  ["GitHub's job that is called plan", 'on: push\njobs:\n  plan:\n    runs-on: ubuntu\n    steps: []\n', 'foreign'],
  [
    "GitHub's jobs alone",
    'jobs:\n  plan:\n    uses: ./a.yml\n  apply:\n    needs: plan\n    uses: ./b.yml\n',
    'foreign',
  ],
  ["Azure's jobs with a plan", 'jobs:\n- job: tf\n  steps:\n  - script: x\n    env:\n      plan: a\n', 'foreign'],
  ["Azure's resources", 'resources:\n  repositories: []\njobs:\n- job: a\n  steps: []\n', 'foreign'],
  ['vars of a pipeline', 'plan: small\njobs_limit: 3\n', 'foreign'],
  ['marked by its author', '# concourse-task\nregistry: a\n', 'task'],
  ['marked by its author with CRLF', '# task\r\n- a: b\r\n', 'task'],
  ['half a pipeline', 'resources: []\nplatform: linux\nrun: {}\n', 'unknown'],
  ["GitHub's workflow", 'on: push\njobs:\n  build:\n    runs-on: ubuntu\n    steps: []\n', 'foreign'],
  ['a Kubernetes object', 'apiVersion: v1\nkind: Pod\n', 'foreign'],
  ["Tekton's task", 'apiVersion: tekton.dev/v1\nkind: Task\nspec: {}\n', 'foreign'],
  ["Ansible's tasks", '---\n- name: Install\n  apt: {name: git}\n', 'foreign'],
  ["Ansible's tasks behind a comment", '# roles\n\n- include_tasks: a.yml\n', 'foreign'],
  ["Ansible's module with its full name", '- ansible.builtin.copy:\n    src: a\n', 'foreign'],
  ['a compose file', 'services:\n  db: {image: postgres}\n', 'foreign'],
  ['one strange key in a task', `${TASK}kind: x\n`, 'unknown'],
  ['a list', '- a\n- b\n', 'unknown'],
  ['nothing', '', 'unknown'],
  ['conflict markers', '<<<<<<< HEAD\n=======\n>>>>>>> main\n', 'unknown'],
])('%s is %s → %s', (_name, text, kind) => {
  expect(recognize(text)).toBe(kind);
});

test('time grows with the text', () => {
  // A regular expression that backtracks would not come back from these.
  for (const text of [
    '#\n'.repeat(200_000),
    '\n'.repeat(200_000),
    `a${' '.repeat(400_000)}`,
    '- '.repeat(200_000),
    '---\n'.repeat(50_000),
  ]) {
    expect(recognize(text)).toBe('unknown');
  }
});
