import { describe, expect, test } from 'vitest';
import { DefinitionError, executeOptions, readDefinition } from './definition.ts';

const file = 'ci/tasks/build.yml';
const uri = 'file:///w/ci/tasks/build.yml';

describe('a definition that is none says what is wrong', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no file', {}, /no "file"/],
    ['an empty file', { file: '' }, /"file".*path of a task file/],
    ['a number as a param', { file, params: { N: 1 } }, /"params".*in quotes/],
    ['a list of inputs', { file, inputs: ['source'] }, /"inputs".*by name/],
    ['a word as a list', { file, args: '-v' }, /"args".*list/],
    ['a duration without a unit', { file, keep: '30' }, /"keep".*30m/],
    ['another way to ask', { file, ask: 'all' }, /"ask"/],
  ])('%s', (_name, definition, message) => {
    expect(() => readDefinition(definition)).toThrow(DefinitionError);
    expect(() => readDefinition(definition)).toThrow(message);
  });
});

describe('what a definition says about the run', () => {
  test('nothing but the file: as "Execute" would, with what is remembered for it', () => {
    expect(executeOptions(readDefinition({ type: 'concourse', file }), '/w', uri)).toEqual({ ask: 'missing' });
  });

  test('paths start at the workspace folder; outputs of earlier runs and left-out inputs stay what they are', () => {
    const task = readDefinition({
      file,
      inputs: { source: '.', settings: '/etc/settings', earlier: 'run:build-1/built', extra: null },
      outputs: { built: 'out' },
    });
    expect(executeOptions(task, '/w', uri).choices).toEqual({
      inputs: { source: '/w', settings: '/etc/settings', earlier: 'run:build-1/built', extra: null },
      outputs: { built: '/w/out' },
    });
  });

  test('each set of choices has a memory of its own; what is no choice has none', () => {
    const as = (more: Record<string, unknown>): string | undefined =>
      executeOptions(readDefinition({ file, ...more }), '/w', uri).rememberAs;
    expect(as({ params: { MODE: 'fast' } })).toMatch(/^file:\/\/\/w\/ci\/tasks\/build\.yml#[0-9a-f]{16}$/);
    expect(as({ params: { MODE: 'fast' } })).toBe(as({ params: { MODE: 'fast' }, keep: '5m' }));
    expect(as({ params: { MODE: 'fast' } })).not.toBe(as({ params: { MODE: 'slow' } }));
    expect(as({ context: 'elsewhere' })).toBeUndefined();
  });

  test('where it runs, how long its pod stays, and that nobody is asked', () => {
    const task = readDefinition({ file, context: 'c', namespace: 'n', keep: '1h30m', ask: 'never' });
    expect(executeOptions(task, '/w', uri)).toEqual({
      ask: 'never',
      cluster: { context: 'c', namespace: 'n' },
      keep: '1h30m',
    });
  });
});
