import { describe, expect, test } from 'vitest';
import { readPipeline } from '#concourse';
import { applyEdits } from '../fixes/edits.ts';
import { CHECKOUT, pipelineOf } from '../pipeline/testing.ts';
import { PipelineEditor } from './editor.ts';
import type { PipelineRefactoring } from './fix.ts';
import { pipelineRefactorings } from './refactorings.ts';
import { changed } from './trial.ts';

const RESOURCES = `resources:
- name: app
  type: git
  source: {uri: https://git.example.com/acme/app.git, branch: main}
`;
const jobs = (steps: string): string => `${RESOURCES}jobs:\n- name: unit\n  plan:\n  - get: app\n${steps}`;
const TASK = `# What the unit tests need.
platform: linux
inputs:
- name: app
run:
  path: sh
  args:
  - -ec
  - |
    cd app

    make test
`;
const FILES = { ...CHECKOUT, '/ws/ci/tasks/unit.yml': TASK };

const INLINE = `  - task: test
    config:
      platform: linux
      inputs:
      - name: app
      # The tests.
      run:
        path: sh
        args:
        - -ec
        - |
          cd app

          make test
    params: {LEVEL: all}
`;

function refactoring(text: string, at: string, title: RegExp): PipelineRefactoring | undefined {
  const start = text.indexOf(at);
  const editor = new PipelineEditor(pipelineOf(text, FILES));
  return pipelineRefactorings(editor, { start, end: start }, true).find((each) => title.test(each.title));
}

describe('extracting a task', () => {
  test('writes it beside the pipeline, as it stands', () => {
    const text = jobs(INLINE);
    const found = refactoring(text, 'config', /^Extract/u);
    expect(found).toMatchObject({ title: "Extract the task to 'ci/tasks/test.yml'", kind: 'refactor.extract' });
    expect(applyEdits(text, found?.edits ?? [])).toBe(
      jobs('  - task: test\n    file: app/ci/tasks/test.yml\n    params: {LEVEL: all}\n'),
    );
    expect(found?.others).toEqual([
      {
        path: '/ws/ci/tasks/test.yml',
        before: undefined,
        after:
          'platform: linux\ninputs:\n- name: app\n# The tests.\nrun:\n  path: sh\n  args:\n  - -ec\n  - |\n    cd app\n\n    make test\n',
      },
    ]);
  });

  test('writes a task in braces over several lines, and goes where other task files are', () => {
    const text = jobs(
      '  - task: other\n    file: app/ci/tasks/unit.yml\n  - task: unit\n    config: {platform: linux, run: {path: ls}}\n',
    );
    const found = refactoring(text, 'config', /^Extract/u);
    expect(found?.others?.[0]).toEqual({
      path: '/ws/ci/tasks/unit-2.yml',
      before: undefined,
      after: 'platform: linux\nrun:\n  path: ls\n',
    });
  });

  test('gives the variables of the pipeline to the file', () => {
    const text = jobs(
      '  - task: t\n    config:\n      platform: linux\n      params: {A: ((one)), B: ((.:app.x))}\n      run: {path: ls}\n',
    );
    const found = refactoring(text, 'config', /^Extract/u);
    expect(applyEdits(text, found?.edits ?? [])).toBe(
      jobs('  - task: t\n    file: app/ci/tasks/t.yml\n    vars:\n      one: ((one))\n'),
    );
  });

  test.each([
    ['no get of this repository', jobs(INLINE).replace('  - get: app\n', ''), /No get of this repository/u],
    [
      'an alias inside',
      jobs(INLINE.replace('platform: linux', 'platform: *os')).replace('resources:', 'os: &os linux\nresources:'),
      /anchors/u,
    ],
  ])('is refused: %s', (_name, text, reason) => {
    expect(refactoring(text, 'config', /^Extract/u)?.refused).toMatch(reason);
  });
});

describe('writing a task into the pipeline', () => {
  const text = jobs('  - task: test\n    file: app/ci/tasks/unit.yml\n    params: {LEVEL: all}\n');

  test('takes the file as it stands', () => {
    const found = refactoring(text, 'file: app', /^Write the task/u);
    expect(found).toMatchObject({ kind: 'refactor.inline', title: 'Write the task of unit.yml into the pipeline' });
    expect(applyEdits(text, found?.edits ?? [])).toBe(
      jobs(`  - task: test
    config:
      platform: linux
      inputs:
      - name: app
      run:
        path: sh
        args:
        - -ec
        - |
          cd app

          make test
    params: {LEVEL: all}
`),
    );
  });

  test('and extracting it again gives the same pipeline', () => {
    const found = refactoring(text, 'file: app', /^Write the task/u);
    const { source } = changed(pipelineOf(text, FILES), { edits: found?.edits ?? [] });
    const back = refactoring(source.text, 'config', /^Extract/u);
    const again = applyEdits(source.text, back?.edits ?? []);
    expect(again).toBe(text.replace('tasks/unit.yml', 'tasks/test.yml'));
    expect(readPipeline(again).valid).toBe(true);
  });

  test('is refused where the step gives vars', () => {
    const withVars = `${text}    vars: {a: b}\n`;
    expect(refactoring(withVars, 'file: app', /^Write the task/u)?.refused).toMatch(/vars/u);
  });
});

describe('other refactorings', () => {
  test('of a large pipeline are looked for when somebody asks', () => {
    const text = jobs(INLINE) + `# ${'x'.repeat(98)}\n`.repeat(1_000);
    const start = text.indexOf('config');
    const titles = (asked: boolean): string[] =>
      pipelineRefactorings(new PipelineEditor(pipelineOf(text, FILES)), { start, end: start }, asked).map(
        ({ title }) => title,
      );
    expect(titles(false)).toEqual([]);
    expect(titles(true)).toEqual(["Extract the task to 'ci/tasks/test.yml'"]);
  });

  test('aggregate becomes in_parallel', () => {
    const text = jobs('  - aggregate:\n    - get: app\n');
    const found = refactoring(text, 'aggregate', /in_parallel/u);
    expect(applyEdits(text, found?.edits ?? [])).toContain('  - in_parallel:\n    - get: app\n');
  });

  test('all resources that nobody uses go', () => {
    const text = jobs('').replace('jobs:\n', '- name: old\n  type: git\n- name: older\n  type: git\njobs:\n');
    const found =
      refactoring(text, 'resources', /^Remove all 2/u) ?? refactoring(text, '- name: old', /^Remove all 2/u);
    expect(applyEdits(text, found?.edits ?? [])).toBe(jobs(''));
  });
});
