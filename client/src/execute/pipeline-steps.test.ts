import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pipelineSteps, stepAt } from './pipeline-steps.ts';

const runner = await import('#runner');

const pipeline = `resources:
- {name: source, type: git, source: {uri: x}}
jobs:
- name: build
  plan:
  - get: source
  - task: unit
    file: source/ci/tasks/unit.yml
  - task: gone
    file: source/ci/tasks/gone.yml
  - in_parallel:
    - task: lint
      config:
        platform: linux
        run: {path: "true"}
    - do:
      - task: lint
        config: {platform: linux, run: {path: ls}}
  on_failure:
    task: unit
    file: source/ci/tasks/unit.yml
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipeline-steps-'));
  await mkdir(join(folder, 'ci/tasks'), { recursive: true });
  await mkdir(join(folder, '.git'));
  await writeFile(join(folder, 'ci/tasks/unit.yml'), 'platform: linux');
});
afterAll(() => rm(folder, { recursive: true }));

test('a pipeline offers the tasks that are in it, by unique names, and the files that are here', () => {
  const path = join(folder, 'ci/pipeline.yml');
  expect(runner.recognize(pipeline)).toBe('pipeline');
  expect(pipelineSteps(pipeline, path, runner).map(({ name, file }) => [name, file])).toEqual([
    ['lint', undefined],
    ['lint-2', undefined],
    ['unit', join(folder, 'ci/tasks/unit.yml')],
  ]);
});

test('a place within a task of the pipeline means that task', () => {
  const steps = pipelineSteps(pipeline, join(folder, 'pipeline.yml'), runner);
  expect(stepAt(steps, pipeline.indexOf('path: ls'))?.name).toBe('lint-2');
  expect(stepAt(steps, pipeline.indexOf('path: "true"'))?.name).toBe('lint');
  expect(stepAt(steps, 0)).toBeUndefined();
});

test('a task of a pipeline is decoded with the values of its variables', () => {
  const text = `jobs: [{name: j, plan: [{task: t, config: {platform: linux, params: {A: ((a))}, run: {path: x}}}]}]`;
  const { vars } = runner.loadVars({ files: [], strings: ['a=1'] });
  const [task] = runner.decodePipeline(text, { vars });
  expect([task?.name, task?.config.params]).toEqual(['t', { A: '1' }]);
});
