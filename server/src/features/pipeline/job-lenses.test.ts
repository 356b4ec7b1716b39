import { expect, test } from 'vitest';
import { jobSteps } from '#internal/runner/src/job/plan/job-steps.ts';
import { jobLenses, type StepPlace } from './job-lenses.ts';
import { pipelineOf } from './testing.ts';

const PIPELINE = `resources: [{name: repo, type: git, source: {uri: x}}]
jobs:
- name: unit
  plan:
  - get: repo
  - in_parallel:
    - task: test
      file: repo/ci/test.yml
      ensure: {task: report, file: repo/ci/report.yml}
    - task: test
      config: {platform: linux, run: {path: x}}
  - try:
      task: lint
      file: repo/ci/lint.yml
  on_failure: {task: report, file: repo/ci/report.yml}
`;

/** `line title` of each lens. */
function shown(text: string): string[] {
  return jobLenses(pipelineOf(text)).map(({ range, command }) => `${range.start.line} ${command?.title}`);
}

test('a job and each of its tasks can be run; from a hook on nothing can', () => {
  expect(shown(PIPELINE)).toEqual([
    '2 $(play) Execute Job',
    '2 Execute Job With…',
    '6 $(play) Execute Step',
    '6 From Here',
    '8 $(play) Execute Step',
    '9 $(play) Execute Step',
    '9 From Here',
    '12 $(play) Execute Step',
    '12 From Here',
    '14 $(play) Execute Step',
  ]);
});

test('the commands get the file, the job, and which of its steps', () => {
  const [job, , step] = jobLenses(pipelineOf(PIPELINE)).map(({ command }) => command);
  expect(job?.arguments).toEqual(['file:///ws/ci/pipeline.yml', 'unit']);
  expect(step?.arguments).toEqual(['file:///ws/ci/pipeline.yml', 'unit', { leaf: 'task:test', index: 0 }]);
});

test('a place means the step of the plan that is written there', () => {
  const steps = jobSteps(PIPELINE, 'unit');
  const places = jobLenses(pipelineOf(PIPELINE)).flatMap(({ range, command }) =>
    command?.command === 'tarmac.executeStep'
      ? [{ line: range.start.line, ...(command.arguments?.[2] as StepPlace) }]
      : [],
  );
  const addresses = places.map(
    ({ line, leaf, index }) => `${line} ${steps.filter((each) => each.leaf === leaf)[index]?.address}`,
  );
  expect(addresses).toEqual([
    '6 unit/do[1]/in_parallel[0]/task:test',
    '8 unit/do[1]/in_parallel[0]/task:test/ensure/task:report',
    '9 unit/do[1]/in_parallel[1]/task:test',
    '12 unit/do[2]/try/task:lint',
    '14 unit/on_failure/task:report',
  ]);
});

test.each([
  ['no jobs', 'resources: []\n'],
  ['a job without a name', 'jobs:\n- plan: [{get: x}]\n'],
  ['a template', 'jobs:\n#@ for x in y:\n- name: unit\n  plan: []\n#@ end\n'],
])('%s: none', (_name, text) => {
  expect(shown(text)).toEqual([]);
});

test('switched off, or without a file: none', () => {
  const request = pipelineOf(PIPELINE);
  expect(jobLenses(request, { enabled: false })).toEqual([]);
  expect(jobLenses({ ...request, uri: 'untitled:Untitled-1' })).toEqual([]);
});
