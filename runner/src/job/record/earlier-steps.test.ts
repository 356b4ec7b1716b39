import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { earlierSteps } from './earlier-steps.ts';
import { newRecord, writeJobRecord, type JobRecord, type StepRecord } from './job-record.ts';

let stateDir = '';
beforeAll(() => void (stateDir = mkdtempSync(join(tmpdir(), 'tarmac-earlier-'))));
afterAll(() => rmSync(stateDir, { recursive: true }));

const minute = 60_000;

function step(address: string, left: Partial<NonNullable<StepRecord['end']>>, key = address): StepRecord {
  const end = { ok: true, artifacts: [], vars: {}, hidden: [], ...left };
  return { key, id: address, address, name: address, kind: 'task', startedAt: 0, endedAt: 1, runs: [], end };
}

const output = (name: string, run: string) => ({
  name,
  maker: `${run}/${name}`,
  place: { kind: 'output', run, output: name } as const,
});

async function write(id: string, startedAt: number, steps: readonly StepRecord[], job = 'unit'): Promise<void> {
  const vars = { names: [], files: [] };
  const base = { cwd: '/', store: { kind: 'direct' } } as const;
  const asked = { pipeline: '/ci.yml', job, cwd: '/', choices: {}, resourceTypes: {}, given: [], vars, base };
  const where = { outline: { kind: 'do', steps: [] } as const, context: '', server: '', namespace: '' };
  const record: JobRecord = { ...newRecord({ id, asked, plan: '', ...where, startedAt }), steps: [...steps] };
  await writeJobRecord(stateDir, record);
}

beforeAll(async () => {
  await write('unit-1', 0, [step('unit/a', { artifacts: [output('bin', 'a-1')] })]);
  await write('unit-2', 5 * minute, [
    step('unit/a', { artifacts: [output('bin', 'a-2')], vars: { repo: '{"commit":"abc"}' } }),
    step('unit/lv', { hidden: ['version'] }),
    step('unit/x', { artifacts: [output('inner', 'x-2')] }, 'unit/x{os=a}'),
    step('unit/b', { artifacts: [output('later', 'b-2')] }),
  ]);
  await write('other-1', 6 * minute, [step('other/a', {})], 'other');
});

const ask = (of?: string) =>
  earlierSteps(
    { stateDir, pipeline: '/ci.yml', job: 'unit', of, isLeftOut: (address) => address !== 'unit/b' },
    10 * minute,
  );

test('the newest run of the job: artifacts and vars of the steps that do not run now', async () => {
  const earlier = await ask();
  expect(earlier?.id).toBe('unit-2');
  expect(earlier?.about).toMatch(/^unit-2, 5.*ago$/);
  expect([...(earlier?.artifacts ?? [])]).toEqual([['bin', { kind: 'output', run: 'a-2', output: 'bin' }]]);
  expect([...(earlier?.vars ?? [])]).toEqual([['repo', { commit: 'abc' }]]);
  // Its value nobody wrote down: it is read again.
  expect([...(earlier?.read ?? [])]).toEqual(['unit/lv']);
});

test('the run that is named', async () => {
  expect((await ask('unit-1'))?.artifacts.get('bin')).toEqual({ kind: 'output', run: 'a-1', output: 'bin' });
  await expect(ask('unit-9')).rejects.toThrow('There is no run unit-9 of a job on this machine.');
  await expect(ask('other-1')).rejects.toThrow('other-1 is a run of the job other, not of unit.');
});
