import { describe, expect, it } from 'vitest';
import { newRun, type RunModel } from './run-model.ts';
import { doing, ending, percent } from './run-words.ts';

const base = newRun({ run: 'unit-1', task: 'unit', taskFile: '', context: 'kind', namespace: 'ci' });
const run = (facts: Partial<RunModel>): RunModel => ({ ...base, ...facts });
const MiB = 1024 * 1024;
const upload = { kind: 'upload', name: 'src', bytes: 12 * MiB, total: 48 * MiB, since: 0, rate: 8 * MiB } as const;

describe('a run in a few words', () => {
  it.each([
    ['starting', {}],
    ['uploading src 12.0 MiB of 48.0 MiB, 8.0 MiB/s', { activity: upload }],
    ['scanning src 1.0 KiB', { activity: { kind: 'scan', name: 'src', bytes: 1024, since: 0, rate: 9 } }],
    ['pull images', { spans: [{ id: 1, label: 'pull images', startedAt: 0 }] }],
    ['waiting: 0/3 nodes are available', { waiting: '0/3 nodes are available' }],
    [
      'running for 12.0s',
      { state: 'running', startedAt: new Date(7500).toISOString(), spans: [{ id: 1, label: 'run', startedAt: 9000 }] },
    ],
    [
      'running',
      {
        state: 'running',
        startedAt: new Date(19_950).toISOString(),
        spans: [{ id: 1, label: 'run', startedAt: 19_950 }],
      },
    ],
    [
      'unpack inputs',
      {
        spans: [
          { id: 1, label: 'start pod', startedAt: 0 },
          { id: 2, parent: 1, label: 'unpack inputs', startedAt: 1, durationMs: 5 },
        ],
      },
    ],
    [
      'save outputs',
      {
        state: 'running',
        exitCode: 0,
        startedAt: new Date(1000).toISOString(),
        spans: [
          { id: 1, label: 'run', startedAt: 0, durationMs: 9 },
          { id: 2, label: 'save outputs', startedAt: 1, durationMs: 5 },
        ],
      },
    ],
    ['save outputs', { state: 'running', spans: [{ id: 2, label: 'save outputs', startedAt: 8000 }] }],
    ['connection lost, reconnecting', { state: 'running', reconnecting: 'ECONNRESET' }],
    ['aborting: asked the command to end', { state: 'running', aborting: 'terminate' }],
  ] as const)('%s', (expected, facts) => {
    expect(doing(run(facts), 20_000)).toBe(expected);
  });

  it.each([
    ['Task unit succeeded in 5.2s.', { state: 'succeeded', exitCode: 0, durationMs: 5200 }],
    ['Task unit failed with exit status 2 after 12.0s.', { state: 'failed', exitCode: 2, durationMs: 12_000 }],
    ['Task unit failed after 1.0s.', { state: 'failed', durationMs: 1000 }],
    ['Task unit errored after 1.0s.', { state: 'errored', durationMs: 1000 }],
    ['Task unit was aborted after 1.0s.', { state: 'aborted', durationMs: 1000 }],
  ] as const)('%s', (expected, facts) => {
    expect(ending(run(facts))).toBe(expected);
  });

  it('tells percent only of what has a size', () => {
    expect(percent(run({ activity: upload }))).toBe(25);
    expect(percent(run({ activity: { kind: 'download', name: 'bin', bytes: 1, since: 0 } }))).toBeUndefined();
  });
});
