import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '#runner/model';
import { reduce } from './reduce.ts';
import { newRun, type RunModel } from './run-model.ts';

const { spanNames } = await import('#runner');

const start = newRun({ run: 'unit-1', task: 'unit', taskFile: '/ci/unit.yml', context: 'kind', namespace: 'ci' });

/** The run after these events, a second apart. */
function after(...bodies: readonly RunEventBody[]): RunModel {
  return bodies.reduce<RunModel>((run, body, index) => {
    const event: RunEvent = { ...body, run: 'unit-1', time: new Date(index * 1000).toISOString() };
    return reduce(run, event);
  }, start);
}

const created = {
  type: 'run-created',
  task: 'unit',
  taskFile: '/ci/unit.yml',
  namespace: 'ci',
  context: 'kind',
} as const;
const pod = { type: 'pod-created', pod: 'task-unit-1', namespace: 'ci', uid: 'u1' } as const;
const running = { type: 'command-started', command: ['sh'] } as const;
const finished = { type: 'finished', status: 'succeeded', exitCode: 0, durationMs: 5000 } as const;
const upload = (bytes: number) => ({ type: 'upload-progress', input: 'src', bytes, total: 4000 }) as const;

describe('a run as the views see it', () => {
  it('that is over keeps its phases when its output is read again, and one that goes on is told anew', () => {
    const spans = [{ id: 1, label: 'run', startedAt: 0, durationMs: 5 }];
    const read = (state: RunModel['state']) =>
      reduce({ ...start, state, spans, reconnecting: 'lost' }, { ...created, run: 'unit-1', time: '' });
    expect(read('succeeded').spans).toEqual(spans);
    expect(read('running').spans).toEqual([]);
    expect(read('running').reconnecting).toBeUndefined();
  });

  it('starts, runs, ends', () => {
    expect(after(created)).toMatchObject({ state: 'starting', following: true });
    expect(after(created, pod)).toMatchObject({ pod: 'task-unit-1', podUid: 'u1' });
    expect(after(created, pod, running)).toMatchObject({ state: 'running', command: ['sh'] });
    expect(after(created, pod, running, finished)).toMatchObject({
      state: 'succeeded',
      following: false,
      exitCode: 0,
      durationMs: 5000,
    });
  });

  it('has its pod no more after its end, unless it is kept', () => {
    const kept = { type: 'pod-kept', pod: 'task-unit-1', until: '2026-01-01T00:30:00.000Z' } as const;
    expect(after(created, pod, running, finished).pod).toBeUndefined();
    expect(after(created, pod, running, kept, finished)).toMatchObject({
      pod: 'task-unit-1',
      podKeptUntil: Date.parse('2026-01-01T00:30:00.000Z'),
    });
  });

  it('tells what moves, and how fast', () => {
    const { activity } = after(created, upload(0), upload(1000), upload(2000));
    expect(activity).toMatchObject({ kind: 'upload', name: 'src', bytes: 2000, total: 4000, rate: 1000 });
    const ready = {
      type: 'input-ready',
      input: 'src',
      digest: 'd',
      files: 3,
      bytes: 4000,
      sent: 4000,
      unchanged: false,
    } as const;
    expect(after(created, upload(2000), ready)).toMatchObject({ inputs: [{ name: 'src', files: 3, sent: 4000 }] });
    expect(after(created, upload(2000), ready).activity).toBeUndefined();
  });

  it('knows its phases', () => {
    const begin = { type: 'span-started', span: 1, name: spanNames.create, label: 'create pod' } as const;
    const end = { ...begin, type: 'span-ended', durationMs: 300, outcome: 'ok', attributes: {} } as const;
    expect(after(created, begin).spans).toEqual([{ id: 1, label: 'create pod', startedAt: 1000 }]);
    expect(after(created, begin, end).spans).toMatchObject([{ label: 'create pod', durationMs: 300, outcome: 'ok' }]);
    expect(after(created, begin, end, created).spans).toEqual([]);
  });

  it('adds to what is known of an output', () => {
    const planned = { ...start, outputs: [{ name: 'bin', target: '/out/bin' }] };
    const saved: RunEvent = {
      type: 'output-saved',
      output: 'bin',
      bytes: 10,
      files: 1,
      kept: true,
      run: 'unit-1',
      time: '',
    };
    expect(reduce(planned, saved).outputs).toEqual([
      { name: 'bin', target: '/out/bin', bytes: 10, files: 1, kept: true },
    ]);
  });

  it('counts output by its offsets, so that a stream that is told again counts once', () => {
    const piece = { type: 'output', stream: 'stdout', offset: 0, data: new Uint8Array(10) } as const;
    expect(after(created, piece, piece).outputBytes).toEqual({ stdout: 10, stderr: 0 });
  });

  it('waits once for the same reason, and no more when the command runs', () => {
    const waiting = { type: 'waiting', reason: 'Unschedulable', message: '0/3 nodes are available' } as const;
    const run = after(created, waiting);
    expect(run.waiting).toBe('0/3 nodes are available');
    expect(reduce(run, { ...waiting, run: 'unit-1', time: '' })).toBe(run);
    expect(after(created, waiting, running).waiting).toBeUndefined();
  });
});
