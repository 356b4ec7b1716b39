import { describe, expect, test } from 'vitest';
import { newRun, type RunModel } from '../runs/run-model.ts';
import {
  inputDescription,
  outputDescription,
  runAccessibility,
  runDescription,
  runLook,
  runTooltip,
  shortPath,
} from './run-lines.ts';

const now = 1_000_000_000;
const run = (facts: Partial<RunModel>): RunModel => ({
  ...newRun({ run: 'unit-1f', task: 'unit', taskFile: 'ci/unit.yml', context: 'kind', namespace: 'ci' }),
  startedAt: new Date(now - 90_000).toISOString(),
  ...facts,
});
const span = { id: 1, label: 'start pod', startedAt: now };

describe('a run in the tree', () => {
  test.each<[Partial<RunModel>, string]>([
    [{ state: 'starting', startedAt: '' }, 'starting'],
    [{ state: 'starting', spans: [span] }, 'starting · start pod · 1m30s'],
    [{ state: 'starting', spans: [span], waiting: 'no node' }, 'starting · waiting · 1m30s'],
    [{ state: 'running' }, 'running · 1m30s'],
    [{ state: 'running', reconnecting: 'lost' }, 'running · reconnecting · 1m30s'],
    [{ state: 'running', aborting: 'terminate', reconnecting: 'lost' }, 'running · aborting · 1m30s'],
    [{ state: 'succeeded', exitCode: 0, durationMs: 4100 }, 'succeeded · 4.1s · 1m'],
    [{ state: 'failed', exitCode: 3, durationMs: 4100 }, 'failed (3) · 4.1s · 1m'],
    [{ state: 'succeeded', exitCode: 0, durationMs: 80_000 }, 'succeeded · 1m20s · now'],
    [{ state: 'running', elsewhere: true }, 'by someone else · running · 1m30s'],
    [{ state: 'running', elsewhere: true, owner: 'ci-bot@build-7' }, 'by ci-bot · running · 1m30s'],
    [{ state: 'lost' }, 'lost · 1m'],
  ])('%j', (facts, text) => {
    expect(runDescription(run(facts), now)).toBe(text);
  });

  test('says in words what its icon shows', () => {
    expect(runAccessibility(run({ state: 'failed', exitCode: 3 }), now)).toBe('Task unit, failed (3), 1 minute ago');
  });

  test('tells who started it, and on which machine', () => {
    const text = runTooltip(run({ state: 'running', elsewhere: true, owner: 'ci-bot@build-7' }));
    expect(text).toContain('started by ci\\-bot@build\\-7');
  });

  test('tells phases and the failure, and nothing of it is taken for Markdown', () => {
    const text = runTooltip(
      run({
        spans: [{ ...span, durationMs: 1200 }],
        failure: { kind: 'oom', title: 'The *task*', evidence: [], nextStep: 'Raise it.', retryable: false } as never,
      }),
    );
    expect(text).toContain('**The \\*task\\***');
    expect(text).toContain('| start pod | 1.2s |');
  });

  test('looks the same while it only prints and transfers', () => {
    const before = run({ state: 'running', outputBytes: { stdout: 1, stderr: 0 } });
    expect(runLook({ ...before, outputBytes: { stdout: 9, stderr: 9 } })).toBe(runLook(before));
    const activity = { kind: 'download', name: 'out', bytes: 9, since: 0 } as const;
    expect(runLook({ ...before, activity })).toBe(runLook(before));
    for (const change of [
      { reconnecting: 'lost' },
      { pod: 'task-unit-1f' },
      { outputs: [{ name: 'out', files: 2 }] },
      { spans: [span] },
      { state: 'failed' },
    ] as const) {
      expect(runLook({ ...before, ...change })).not.toBe(runLook(before));
    }
  });

  test.each([
    [0, false],
    [99, false],
    [100, true],
  ])('a phase of %i ms is told: %s', (durationMs, told) => {
    expect(runTooltip(run({ spans: [{ ...span, durationMs }] })).includes('start pod')).toBe(told);
  });

  test('tells a phase within another below it, and the total last', () => {
    const over = { startedAt: now, durationMs: 1000 };
    const text = runTooltip(
      run({
        spans: [
          { id: 1, label: 'total', ...over, durationMs: 9000 },
          { id: 2, parent: 1, label: 'start pod', ...over, durationMs: 5000 },
          { id: 3, parent: 2, label: 'pull images', ...over },
          { id: 4, parent: 1, label: 'run', ...over },
          { id: 5, parent: 1, label: 'schedule', startedAt: now, durationMs: 40 },
        ],
      }),
    );
    const rows = [...text.matchAll(/^\| (.*) \| (.*)s \|$/gmu)].map(
      ([, label, seconds]) => `${label ?? ''} ${seconds ?? ''}`,
    );
    expect(rows).toEqual(['start pod 5.0', '&nbsp;&nbsp;pull images 1.0', 'run 1.0', 'total 9.0']);
  });
});

test.each([
  [{ name: 'src', from: '/home/me/src' }, '/home/me/src'],
  [{ name: 'src', files: 12, bytes: 2048, sent: 0 }, '12 files, 2.0 KiB · unchanged'],
  [{ name: 'src', files: 1, bytes: 2048, sent: 100 }, '1 file, 2.0 KiB · 100 B sent'],
  [{ name: 'src', files: 1, bytes: 5, sent: 2048 }, '1 file, 5 B · sent'],
])('input %j', (input, text) => {
  expect(inputDescription(input)).toBe(text);
});

test.each([
  ['/home/me/projects/app', '…/projects/app'],
  ['/srv/app', '/srv/app'],
  ['a/b/c/d', 'a/b/c/d'],
])('the path %s in a line', (path, short) => {
  expect(inputDescription({ name: 'src', from: path }, shortPath)).toBe(short);
});

test.each([
  [{ name: 'out' }, ''],
  [{ name: 'out', files: 0, bytes: 0, kept: true }, '0 files, 0 B'],
  [{ name: 'out', files: 2, bytes: 59, kept: false }, '2 files, 59 B · not kept (pod deleted)'],
  [{ name: 'out', files: 2, bytes: 59, target: '/x', downloaded: true }, '2 files, 59 B · in /x'],
])('output %j', (output, text) => {
  expect(outputDescription(output, run({ state: 'succeeded' }))).toBe(text);
});
