import { describe, expect, test } from 'vitest';
import { codeLenses } from './code-lenses.ts';
import { requested, type TestSurroundings } from './testing/marked.ts';

/** Titles of the lenses. */
function titles(text: string, surroundings: TestSurroundings = {}): string[] {
  return codeLenses(requested(text, surroundings)).map(({ command }) => command?.title ?? '');
}

const BOTH = ['$(play) Execute', 'Execute With…', 'Execute on Save'];

describe('what is offered', () => {
  test('the commands get the file', () => {
    const [first] = codeLenses(requested('# task\nplatform: linux'));
    expect(first).toEqual({
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 0 } },
      command: {
        title: '$(play) Execute',
        tooltip: 'Run this task on Kubernetes',
        command: 'tarmac.execute',
        arguments: ['file:///ws/ci/task.yml'],
      },
    });
  });

  const surroundings: TestSurroundings = {
    files: { '/ws/repo/x.sh': '' },
    folders: { repo: ['/ws/repo', 'repository-root'], tools: ['/ws/tools', 'setting'] },
  };
  const rows: [string, string, string[]][] = [
    ['a task with mistakes', 'plattform: x', BOTH],
    ['nothing', '', ['$(add) Insert a Task…']],
    ['nothing but comments', '# concourse-task\n\n  # soon', ['$(add) Insert a Task…']],
    ['no mapping', '- a', []],
    [
      'inputs and the script',
      'inputs: [{name: repo}]\nrun: {path: repo/x.sh}',
      [...BOTH, '$(go-to-file) x.sh', 'inputs: repo'],
    ],
    [
      'inputs without a folder',
      'inputs: [{name: a}, {name: b, optional: true}, {name: tools}]',
      [...BOTH, 'inputs: a ← ?, b ← nothing (optional), tools'],
    ],
    [
      'many inputs',
      'inputs: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}]',
      [...BOTH, 'inputs: a ← ?, b ← ?, c ← ?, d ← ?, 1 more'],
    ],
  ];
  test.each(rows)('%s', (_name, text, expected) => {
    expect(titles(text, surroundings)).toEqual(expected);
  });

  test('the line of the inputs chooses them, and runs nothing', () => {
    const lenses = codeLenses(requested('inputs: [{name: a}]\nrun: {path: x}', surroundings));
    const inputs = lenses.at(-1)?.command;
    expect([inputs?.command, inputs?.tooltip]).toEqual([
      'tarmac.chooseInputs',
      'a ← not known yet\nChoose where they come from; nothing runs',
    ]);
  });

  test('switched off', () => {
    expect(codeLenses(requested('platform: linux'), { enabled: false })).toEqual([]);
  });

  test('a text without a file', () => {
    expect(codeLenses({ ...requested('platform: linux'), uri: 'untitled:Untitled-1' })).toEqual([]);
  });

  test('a task in a pipeline is executed by its name, which the URI carries', () => {
    const text = 'jobs: [{plan: [{task: a b, config: {platform: linux}}]}]';
    expect(titles(text, { pipeline: true })).toEqual(['$(play) Execute a b', 'Execute With…', 'Execute on Save']);
    const [first] = codeLenses(requested(text, { pipeline: true }));
    expect(first?.command?.arguments).toEqual(['file:///ws/ci/task.yml#a%20b']);
  });
});
