import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobRecord } from './job-record.ts';

const job = { id: 'unit-1', job: 'unit', pipeline: '/ci.yml' };
const step = { id: 'task:a', leaf: 'task:a', kind: 'task', name: 'a', address: 'unit/task:a', across: [] } as const;

let stateDir = '';
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'tarmac-job-record-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

test('the record tells each step, its run and its end', async () => {
  const warnings: string[] = [];
  const record = new JobRecord(stateDir, job, (message) => void warnings.push(message));
  record.take({ type: 'step-started', time: 0, step, artifacts: new Map(), vars: new Map() });
  record.runOf(step, 'a-1');
  record.take({ type: 'step-ended', time: 1500, step, result: 'failed', exit: 3 });
  await record.close('failed');
  const file = join(stateDir, 'jobs', 'unit-1.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    format: 1,
    ...job,
    startedAt: expect.any(String) as string,
    status: 'failed',
    steps: [
      {
        id: 'task:a',
        address: 'unit/task:a',
        run: 'a-1',
        startedAt: '1970-01-01T00:00:00.000Z',
        endedAt: '1970-01-01T00:00:01.500Z',
        result: 'failed',
        exit: 3,
      },
    ],
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(warnings).toEqual([]);
});

test('a disk that fails is told of once, and ends nothing', async () => {
  await writeFile(join(stateDir, 'jobs'), 'a file in place of the folder');
  const warnings: string[] = [];
  const record = new JobRecord(stateDir, job, (message) => void warnings.push(message));
  record.take({ type: 'step-started', time: 0, step, artifacts: new Map(), vars: new Map() });
  await record.close('succeeded');
  expect(warnings).toEqual([expect.stringMatching(/^the job's record on this machine is incomplete: .*ENOTDIR/)]);
});
