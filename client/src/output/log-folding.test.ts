import { describe, expect, test, vi } from 'vitest';
import { logPhases } from './log-folding.ts';
import { stamped } from './timestamps.ts';

vi.mock('vscode', () => import('../../../test/fakes/vscode-results.ts'));

const log = [
  'executing run unit-1 in kind/ci',
  'initializing',
  'uploading source done: 2 files',
  'running sh -c make',
  'running tests',
  'failed',
  'ok',
  'failed (exit code 2)',
  'start pod 2.0s, run 1.0s',
];
/** `first-last`, counted from 0. */
function phases(lines: readonly string[]): string[] {
  return logPhases(lines.length, (line) => lines[line] ?? '').map(({ first, last }) => `${first}-${last}`);
}

describe('the phases of a log', () => {
  test('are what comes before the command, its output, and the end', () => {
    // A command may print any line: the first that looks like an end is taken for it.
    expect(phases(log.toSpliced(5, 1))).toEqual(['0-2', '3-5', '6-7']);
  });

  test('are those of each run', () => {
    const one = ['executing run a-1 in k/n', 'initializing', 'running true', 'x', 'succeeded', 'took 1s'];
    expect(phases([...one, ...one, ''])).toEqual(['0-1', '2-3', '4-5', '6-7', '8-9', '10-11']);
  });

  test('are found behind times', () => {
    const at = new Date(2026, 2, 2, 10, 11, 12, 5);
    const lines = stamped(log.toSpliced(5, 1).join('\n'), false, at).split('\n');
    expect(lines[0]).toBe('10:11:12.005 executing run unit-1 in kind/ci');
    expect(phases(lines)).toEqual(['0-2', '3-5', '6-7']);
  });

  test('are none of another text', () => {
    expect(phases(['hello', 'running late', 'failed'])).toEqual([]);
    expect(phases([''])).toEqual([]);
  });
});

describe('times', () => {
  const at = new Date(2026, 2, 2, 10, 11, 12, 5);

  test.each<[string, boolean, string]>([
    ['a\nb\n', false, '10:11:12.005 a\n10:11:12.005 b\n'],
    ['end\nb', true, 'end\n10:11:12.005 b'],
    ['\n', true, '\n'],
    ['', false, ''],
  ])('before the lines of %j, open: %s', (text, isOpen, expected) => {
    expect(stamped(text, isOpen, at)).toBe(expected);
  });
});
