import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TaskFileCache } from '#concourse';
import { NodeFiles } from './node-files.ts';
import { PipelineIndex } from './pipeline-index.ts';

const RESOURCES = `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
`;
const TASK = 'platform: linux\ninputs:\n- name: code\nrun: {path: ls}\n';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tarmac-index-'));
  write('.git/HEAD', 'ref: refs/heads/main\n');
  write('.git/config', '[remote "origin"]\n\turl = https://git.example.com/acme/app.git\n');
  write('ci/unit.yml', TASK);
  write('ci/ship.yml', TASK);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): string {
  const absolute = join(root, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, text);
  return absolute;
}

function step(name: string, file: string, rest = ''): string {
  return `- name: ${name}\n  plan:\n  - get: app\n  - task: do-${name}\n    file: app/${file}\n${rest}`;
}

describe('the index of pipelines', () => {
  test('says which steps use a task file, and what they give it', () => {
    const index = new PipelineIndex({ files: new NodeFiles() });
    const text = `${RESOURCES}jobs:\n${step('unit', 'ci/unit.yml', '    image: app\n    params: {LEVEL: all}\n    vars: {tag: x}\n    input_mapping: {code: app}\n')}`;
    const pipeline = write('ci/pipeline.yml', text);
    expect(index.read(pipeline, text)).toBe(true);
    expect(index.usesOf(join(root, 'ci/unit.yml'))).toMatchObject([
      {
        pipeline,
        job: 'unit',
        step: 'do-unit',
        line: 9,
        params: ['LEVEL'],
        vars: ['tag'],
        image: true,
        checkouts: ['code'],
      },
    ]);
    expect(index.usesOf(join(root, 'ci/ship.yml'))).toEqual([]);
  });

  test('finds each file that an across names, and a step behind an alias once', () => {
    const index = new PipelineIndex({ files: new NodeFiles() });
    const across =
      '  - across: [{var: kind, values: [unit, ship]}]\n    task: do\n    image: app\n    file: app/ci/((.:kind)).yml\n';
    const text = `${RESOURCES}jobs:\n- name: each\n  plan:\n  - get: app\n${across}  - &more {task: more, file: app/ci/unit.yml}\n  - *more\n`;
    const pipeline = write('ci/pipeline.yml', text);
    index.read(pipeline, text);
    const uses = (file: string): unknown[] =>
      index.usesOf(join(root, file)).map(({ step, image }) => ({ step, image }));
    expect(uses('ci/ship.yml')).toEqual([{ step: 'do', image: true }]);
    expect(uses('ci/unit.yml')).toEqual([
      { step: 'do', image: true },
      { step: 'more', image: false },
    ]);
  });

  test('says whether something has changed, and follows it', () => {
    const index = new PipelineIndex({ files: new NodeFiles() });
    const pipeline = write('ci/pipeline.yml', '');
    const unit = `${RESOURCES}jobs:\n${step('unit', 'ci/unit.yml')}`;
    expect(index.read(pipeline, unit)).toBe(true);
    expect(index.read(pipeline, `${unit}# more\n`)).toBe(false);
    expect(index.read(pipeline, `${RESOURCES}jobs:\n${step('ship', 'ci/ship.yml')}`)).toBe(true);
    expect(index.pipelinesUsing(join(root, 'ci/unit.yml'))).toEqual([]);
    expect(index.pipelinesUsing(join(root, 'ci/ship.yml'))).toEqual([pipeline]);
    expect(index.forget(pipeline)).toBe(true);
    expect(index.pipelinesUsing(join(root, 'ci/ship.yml'))).toEqual([]);
  });

  test('keeps what it knew of a text that cannot be read for now', () => {
    const index = new PipelineIndex({ files: new NodeFiles() });
    const pipeline = write('ci/pipeline.yml', '');
    index.read(pipeline, `${RESOURCES}jobs:\n${step('unit', 'ci/unit.yml')}`);
    expect(index.read(pipeline, `${RESOURCES}jobs: [{\n`)).toBe(false);
    expect(index.pipelinesUsing(join(root, 'ci/unit.yml'))).toEqual([pipeline]);
  });

  test('knows nothing of files of other repositories', () => {
    const index = new PipelineIndex({ files: new NodeFiles() });
    const text = `${RESOURCES.replace('acme', 'other')}jobs:\n${step('unit', 'ci/unit.yml')}`;
    expect(index.read(write('ci/pipeline.yml', text), text)).toBe(false);
    expect(index.usesOf(join(root, 'ci/unit.yml'))).toEqual([]);
  });

  test('takes a variable for params and vars of any name', () => {
    const index = new PipelineIndex({ files: new NodeFiles() });
    const text = `${RESOURCES}jobs:\n${step('unit', 'ci/unit.yml', '    params: ((all))\n')}`;
    index.read(write('ci/pipeline.yml', text), text);
    expect(index.usesOf(join(root, 'ci/unit.yml'))).toMatchObject([{ params: undefined, vars: [] }]);
  });

  test('holds 300 task files and 30 pipelines, with names and places only', () => {
    const index = new PipelineIndex({ files: new NodeFiles(), taskFiles: new TaskFileCache() });
    const texts = Array.from({ length: 30 }, (_, at) => {
      const steps = Array.from({ length: 10 }, (_each, step) => {
        const file = `ci/tasks/task-${at * 10 + step}.yml`;
        write(file, TASK);
        return `  - task: step-${step}\n    file: app/${file}\n    params: {LEVEL: all}\n`;
      });
      return `${RESOURCES}jobs:\n- name: all\n  plan:\n  - get: app\n${steps.join('')}`;
    });
    texts.forEach((text, at) => index.read(write(`ci/pipeline-${at}.yml`, text), text));
    expect(index.pipelines).toHaveLength(30);
    const all = Array.from({ length: 300 }, (_, at) => index.usesOf(join(root, `ci/tasks/task-${at}.yml`)));
    expect(all.map((uses) => uses.length)).toEqual(all.map(() => 1));
    expect(JSON.stringify(all).length).toBeLessThan(300 * 400);
  });
});
