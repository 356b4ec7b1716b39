import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '#internal/test/fakes/clock.ts';
import { JobClock } from './job-clock.ts';
import { JobJournal } from './job-journal.ts';
import { newRecord, readJobRecord } from './job-record.ts';

const step = { id: 'task:a', leaf: 'task:a', kind: 'task', name: 'a', address: 'unit/task:a', across: [] } as const;

let stateDir = '';
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'tarmac-journal-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

function journalOf(secrets: readonly string[] = []) {
  const troubles: unknown[] = [];
  const base = { cwd: '/', store: { kind: 'direct' } } as const;
  const vars = { names: ['token'], files: [] };
  const asked = { pipeline: '/ci.yml', job: 'unit', cwd: '/', choices: {}, resourceTypes: {}, given: [], vars, base };
  const where = { outline: { kind: 'do', steps: [] } as const, context: '', server: '', namespace: '', startedAt: 0 };
  const record = newRecord({ id: 'unit-1', asked, plan: 'digest', ...where });
  const clock = new JobClock(new ManualClock(1000), 0);
  const onTrouble = (error: unknown): void => void troubles.push(error);
  return { journal: new JobJournal({ stateDir, record, clock, secrets, onTrouble }), troubles };
}

const nothing = { artifacts: new Map(), vars: new Map(), hidden: [] };

test('a run is on the disk before it begins; who comes later finds it once', async () => {
  const { journal } = journalOf();
  journal.started('unit/task:a', step);
  await journal.run(step, { run: 'a-1', task: 'a', outputs: [] });
  const left = await readJobRecord(stateDir, 'unit-1');
  expect(left?.steps).toMatchObject([{ key: 'unit/task:a', id: 'task:a', runs: [{ run: 'a-1', task: 'a' }] }]);
  expect((await stat(join(stateDir, 'jobs', 'unit-1', 'record.json'))).mode & 0o777).toBe(0o600);
  if (left === undefined) throw new Error('no record');
  const clock = new JobClock(new ManualClock(1000), 0);
  const next = new JobJournal({ stateDir, record: left, clock, secrets: [], onTrouble: () => undefined });
  expect(next.past('unit/task:a')).toEqual({ id: 'task:a' });
  expect([next.pastRun(step, 'a')?.run, next.pastRun(step, 'a')]).toEqual(['a-1', undefined]);
});

test('an end has its artifacts and its error, and no secret', async () => {
  const { journal } = journalOf(['hunter2-secret']);
  journal.started('k', step);
  journal.ended(step, { outcome: { ok: false, error: { kind: 'error', message: 'no hunter2-secret' } }, ...nothing });
  await journal.close('errored');
  const text = await readFile(join(stateDir, 'jobs', 'unit-1', 'record.json'), 'utf8');
  expect(text).not.toContain('hunter2');
  expect(text).toContain('no ((redacted))');
  expect(await readJobRecord(stateDir, 'unit-1')).toMatchObject({ status: 'errored', steps: [{ end: { ok: false } }] });
});

test('the values of an across are on the disk once they are known, and that it ended with an error', async () => {
  const { journal } = journalOf();
  const across = { address: 'unit/do[0]/across', across: [{ var: 'os', value: 'linux' }] };
  journal.take({ time: 0, type: 'initialize', step: across });
  journal.take({ time: 0, type: 'across-substeps', step: across, values: [['a'], [1]] });
  journal.take({ time: 0, type: 'error', step: across, message: 'no' });
  await journal.leave();
  const left = await readJobRecord(stateDir, 'unit-1');
  expect(left?.across).toEqual([{ key: 'unit/do[0]/across{os=linux}', values: [['"a"'], ['1']], isErrored: true }]);
});

test('a disk that fails is told of once, and ends nothing', async () => {
  await writeFile(join(stateDir, 'jobs'), 'a file in place of the folder');
  const { journal, troubles } = journalOf();
  journal.started('k', step);
  await journal.close('succeeded');
  expect(troubles).toHaveLength(1);
});
