import { describe, expect, test } from 'vitest';
import { checkPipeline } from '#concourse';
import { applyEdits } from '../fixes/edits.ts';
import { CHECKOUT, pipelineOf } from '../pipeline/testing.ts';
import { pipelineActions, type PipelineActionQuery } from './actions.ts';
import { PipelineEditor } from './editor.ts';
import { pipelineFixesOf, type PipelineCheck } from './trial.ts';

const check: PipelineCheck = ({ source, world }) =>
  checkPipeline(source, world, { severities: { 'unused-get': 'hint' } });

const RESOURCES = `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
`;
const jobs = (steps: string): string => `${RESOURCES}jobs:\n- name: unit\n  plan:\n${steps}`;
const TASK = 'platform: linux\ninputs:\n- name: code\nparams:\n  LEVEL: all\nrun: {path: ls}\n';
const FILES = { ...CHECKOUT, '/ws/ci/task.yml': TASK, '/ws/VERSION': '1' };
const INLINE = '    config:\n      platform: linux\n      run: {path: ls}\n';

/** One fix: the code of the problem, the title, the pipeline before and after; other files after it by path. */
type Row = readonly [
  code: string,
  title: string,
  before: string,
  after: string,
  others?: Readonly<Record<string, string>>,
];

const ROWS: readonly Row[] = [
  [
    'artifact-missing',
    "Add 'get: app' before this step",
    jobs('  - do:\n    - load_var: v\n      file: app/VERSION\n'),
    jobs('  - get: app\n  - do:\n    - load_var: v\n      file: app/VERSION\n'),
  ],
  [
    'artifact-missing',
    'Replace ap/VERSION by app/VERSION',
    jobs('  - get: app\n  - load_var: v\n    file: ap/VERSION # here\n'),
    jobs('  - get: app\n  - load_var: v\n    file: app/VERSION # here\n'),
  ],
  [
    'artifact-missing',
    "Give 'app' for the input 'code' (input_mapping)",
    jobs('  - get: app\n  - task: t\n    file: app/ci/task.yml\n'),
    jobs('  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping:\n      code: app\n'),
  ],
  [
    'artifact-missing',
    "Remove 'no_get' of the put 'app'",
    jobs(
      '  - put: app\n    no_get: true\n    inputs: []\n    params: {tag: x}\n  - load_var: v\n    file: app/VERSION\n',
    ),
    jobs('  - put: app\n    inputs: []\n    params: {tag: x}\n  - load_var: v\n    file: app/VERSION\n'),
  ],
  [
    'artifact-path',
    'Write app/VERSION',
    jobs('  - get: app\n  - load_var: v\n    file: VERSION\n'),
    jobs('  - get: app\n  - load_var: v\n    file: app/VERSION\n'),
  ],
  [
    'artifact-file-missing',
    "Create the task file 'ci/new.yml'",
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/new.yml\n    params: {LEVEL: all}\n    output_mapping: {out: bin}\n',
    ),
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/new.yml\n    params: {LEVEL: all}\n    output_mapping: {out: bin}\n',
    ),
    {
      '/ws/ci/new.yml': `platform: linux
image_resource:
  type: registry-image
  source:
    repository: busybox
inputs:
  - name: app
outputs:
  - name: out
params:
  LEVEL:
run:
  path: sh
  args:
    - -ec
    - |
      echo "Write the commands of the task here."
`,
    },
  ],
  [
    'unknown-mapping',
    'Rename cod to code',
    jobs('  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {cod: app}\n'),
    jobs('  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n'),
  ],
  [
    'unknown-mapping',
    "Add the output 'bin' to task.yml",
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n    output_mapping: {bin: b}\n',
    ),
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n    output_mapping: {bin: b}\n',
    ),
    { '/ws/ci/task.yml': `${TASK}outputs:\n  - name: bin\n` },
  ],
  [
    'unknown-mapping',
    "Remove the mapping of 'bin'",
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n    output_mapping: {bin: b}\n',
    ),
    jobs('  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n'),
  ],
  [
    'undeclared-param',
    'Declare 2 params in task.yml',
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n    params: {ONE: 1, TWO: 2}\n',
    ),
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n    params: {ONE: 1, TWO: 2}\n',
    ),
    { '/ws/ci/task.yml': TASK.replace('  LEVEL: all\n', '  LEVEL: all\n  ONE:\n  TWO:\n') },
  ],
  [
    'undeclared-param',
    'Rename LEVLE to LEVEL',
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n    params: {LEVLE: 1}\n',
    ),
    jobs(
      '  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n    params: {LEVEL: 1}\n',
    ),
  ],
  [
    'put-input-unlisted',
    "Add 'built' to the inputs of the put",
    jobs(
      `  - task: t\n${INLINE}      outputs: [{name: built}]\n  - put: app\n    inputs: []\n    params: {repository: built}\n`,
    ),
    jobs(
      `  - task: t\n${INLINE}      outputs: [{name: built}]\n  - put: app\n    inputs: [built]\n    params: {repository: built}\n`,
    ),
  ],
  [
    'local-var-missing',
    'Replace ((.:tga)) by ((.:tag))',
    jobs(
      '  - get: app\n  - load_var: tag\n    file: app/VERSION\n  - put: app\n    params: {repository: app, tag_prefix: "v((.:tga))"}\n',
    ),
    jobs(
      '  - get: app\n  - load_var: tag\n    file: app/VERSION\n  - put: app\n    params: {repository: app, tag_prefix: "v((.:tag))"}\n',
    ),
  ],
  [
    'unused-get',
    "Remove the get 'old'",
    jobs('  - get: app\n  - get: old\n    resource: app\n  - load_var: v\n    file: app/VERSION\n'),
    jobs('  - get: app\n  - load_var: v\n    file: app/VERSION\n'),
  ],
  [
    'unused-resource',
    "Remove the resource 'old'",
    `groups:\n- name: all\n  jobs: [unit]\n  resources: [app, old]\n${jobs('  - get: app\n    trigger: true\n').replace('jobs:\n- ', '- name: old\n  type: git\njobs:\n- ')}`,
    `groups:\n- name: all\n  jobs: [unit]\n  resources: [app]\n${jobs('  - get: app\n    trigger: true\n')}`,
  ],
  [
    'unknown-resource',
    "Define the resource 'chart'",
    jobs('  - get: app\n    trigger: true\n  - get: chart\n    trigger: true\n'),
    jobs('  - get: app\n    trigger: true\n  - get: chart\n    trigger: true\n').replace(
      'jobs:\n- ',
      '- name: chart\n  type: git\n  source:\n    uri: ""\njobs:\n- ',
    ),
  ],
  [
    'unknown-job',
    'Replace biuld by build',
    jobs('  - get: app\n    passed: [biuld]\n- name: build\n  plan:\n  - get: app\n    trigger: true\n'),
    jobs('  - get: app\n    passed: [build]\n- name: build\n  plan:\n  - get: app\n    trigger: true\n'),
  ],
  [
    'passed-without-resource',
    "Remove 'build' from passed",
    jobs('  - get: app\n    trigger: true\n    passed: [build]\n- name: build\n  plan: []\n'),
    jobs('  - get: app\n    trigger: true\n- name: build\n  plan: []\n'),
  ],
  [
    'passed-without-resource',
    "Add 'get: app' to the job 'build'",
    jobs('  - get: app\n    trigger: true\n    passed: [build]\n- name: build\n  plan: []\n'),
    jobs('  - get: app\n    trigger: true\n    passed: [build]\n- name: build\n  plan:\n    - get: app\n'),
  ],
  [
    'ungrouped-job',
    "Add 'unit' to the group 'all'",
    `groups:\n- name: all\n  jobs: []\n${jobs('  - get: app\n    trigger: true\n')}`,
    `groups:\n- name: all\n  jobs: [unit]\n${jobs('  - get: app\n    trigger: true\n')}`,
  ],
  [
    'invalid-identifier',
    "Rename 'Unit Tests' to 'unit-tests'",
    `groups:\n- name: all\n  jobs: [Unit Tests]\n${jobs('  - get: app\n    trigger: true\n').replace('name: unit', 'name: Unit Tests')}`,
    `groups:\n- name: all\n  jobs: [unit-tests]\n${jobs('  - get: app\n    trigger: true\n').replace('name: unit', 'name: unit-tests')}`,
  ],
  [
    'no-step',
    "Rename 'aggregate' to 'in_parallel'",
    jobs('  - aggregate:\n    - get: app\n      trigger: true\n'),
    jobs('  - in_parallel:\n    - get: app\n      trigger: true\n'),
  ],
  [
    'unknown-step-key',
    "Move 'inputs' under 'config'",
    jobs(`  - get: app\n  - task: t\n    inputs:\n    - name: app\n${INLINE}`),
    jobs(`  - get: app\n  - task: t\n${INLINE}      inputs:\n      - name: app\n`),
  ],
  [
    'deprecated-log-retention',
    "Write 'build_log_retention: {builds: 5}'",
    jobs('  - get: app\n    trigger: true\n  build_logs_to_retain: 5\n'),
    jobs('  - get: app\n    trigger: true\n  build_log_retention: {builds: 5}\n'),
  ],
  [
    'invalid-duration',
    'Write 48h',
    jobs('  - do: [{get: app, trigger: true}]\n    timeout: 2d\n'),
    jobs('  - do: [{get: app, trigger: true}]\n    timeout: 48h\n'),
  ],
  [
    'repeated-get',
    "Call it 'app-2'",
    jobs('  - get: app\n    trigger: true\n  - get: app\n    trigger: true\n'),
    jobs('  - get: app\n    trigger: true\n  - get: app-2\n    resource: app\n    trigger: true\n'),
  ],
];

describe('a fix', () => {
  const rows = ROWS.map(([code, title, before, after, others = {}]) => ({ code, title, before, after, others }));

  test.each(rows)('of $code: $title', ({ code, title, before, after, others }) => {
    const request = pipelineOf(before, FILES);
    const problem = check(request).find((each) => each.code === code);
    expect(
      problem,
      check(request)
        .map((each) => `${each.code} ${each.message}`)
        .join('\n'),
    ).toBeDefined();
    if (!problem) return;
    const fixes = pipelineFixesOf(problem, new PipelineEditor(request), check);
    const fix = fixes.find((each) => each.title === title);
    expect(fix?.title, fixes.map((each) => each.title).join('\n')).toBe(title);
    expect(applyEdits(before, fix?.edits ?? [])).toBe(after);
    expect(Object.fromEntries((fix?.others ?? []).map((other) => [other.path, other.after]))).toEqual(others);
  });

  test('is not offered for a step behind an alias, which others share', () => {
    const text = jobs(
      '  - &step\n    load_var: v\n    file: other/VERSION\n- name: two\n  plan:\n  - get: app\n  - *step\n',
    );
    const request = pipelineOf(text, FILES);
    const behind = check(request).filter(({ code, data }) => code === 'artifact-missing' && data?.related);
    expect(behind).toHaveLength(1);
    const [problem] = behind;
    expect(problem && pipelineFixesOf(problem, new PipelineEditor(request), check)).toEqual([]);
  });
});

describe('actions', () => {
  const query = (text: string, at: string, more: Partial<PipelineActionQuery> = {}): PipelineActionQuery => {
    const start = text.indexOf(at);
    const range = { start, end: start };
    return { range, problems: check(pipelineOf(text, FILES)), check, ...more };
  };

  test('of several files name the version of each', () => {
    const text = jobs(
      '  - get: app\n  - task: t\n    file: app/ci/task.yml\n    input_mapping: {code: app}\n    params: {ONE: 1}\n',
    );
    const actions = pipelineActions(
      pipelineOf(text, FILES),
      query(text, 'ONE', { versionOf: (uri) => (uri.endsWith('task.yml') ? 7 : null) }),
    );
    expect(actions.find(({ title }) => title === "Declare 'ONE' in task.yml")).toMatchObject({
      isPreferred: true,
      edit: {
        documentChanges: [
          {
            textDocument: { uri: 'file:///ws/ci/task.yml', version: 7 },
            edits: [
              { range: { start: { line: 5, character: 0 }, end: { line: 5, character: 0 } }, newText: '  ONE:\n' },
            ],
          },
        ],
      },
    });
  });

  test('create a file only for a client that can', () => {
    const text = jobs('  - get: app\n  - task: t\n    file: app/ci/new.yml\n');
    const titles = (more: Partial<PipelineActionQuery>): string[] =>
      pipelineActions(pipelineOf(text, FILES), query(text, 'app/ci/new', more)).map(({ title }) => title);
    expect(titles({ createsFiles: true, versionOf: () => null })).toContain("Create the task file 'ci/new.yml'");
    expect(titles({ versionOf: () => null })).not.toContain("Create the task file 'ci/new.yml'");
    expect(titles({ createsFiles: true })).not.toContain("Create the task file 'ci/new.yml'");
  });

  test('silence what goes wrong when a job runs, and not what Concourse refuses', () => {
    const text = jobs('  - get: app\n  - load_var: v\n    file: nothing/VERSION\n  - get: chart\n');
    const titles = (at: string): string[] =>
      pipelineActions(pipelineOf(text, FILES), query(text, at)).map(({ title }) => title);
    expect(titles('nothing')).toContain("Disable 'artifact-missing' for this line");
    expect(titles('chart').filter((title) => title.startsWith('Disable'))).toEqual([]);
  });

  test('mend all problems of a rule', () => {
    const text = jobs('  - get: app\n  - load_var: v\n    file: ap/VERSION\n  - load_var: w\n    file: apq/VERSION\n');
    const action = pipelineActions(pipelineOf(text, FILES), query(text, 'ap/VERSION')).find(({ title }) =>
      title.startsWith('Fix all'),
    );
    expect(action?.title).toBe("Fix all 2 problems of 'artifact-missing'");
    expect(Object.values(action?.edit?.changes ?? {}).flat()).toHaveLength(2);
  });

  test('apply all safe fixes', () => {
    const text = jobs('  - aggregate:\n    - get: app\n      triger: true\n  build_logs_to_retain: 5\n');
    const [action] = pipelineActions(
      pipelineOf(text, FILES),
      query(text, 'resources', { only: ['source.fixAll.tarmac'] }),
    );
    expect(action?.title).toBe('Apply all safe fixes of Tarmac');
    const edits = Object.values(action?.edit?.changes ?? {}).flat();
    const texts = edits.map(({ newText }) => newText).join('\n');
    expect(texts).toContain('in_parallel');
    expect(texts).toContain('trigger');
    expect(texts).toContain('build_log_retention: {builds: 5}');
  });
});
