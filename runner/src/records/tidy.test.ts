import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aPlan } from '../../../test/fakes/plans.ts';
import { claimRun } from './client.ts';
import { recordOf, writeRecord } from './record.ts';
import { pruneRecords } from './tidy.ts';

const day = 24 * 60 * 60 * 1000;
const where = { context: 'c', server: 's', namespace: 'n', pod: 'p' };

/** Records of these ages in days; returns the ages of those that are left after pruning. */
async function pruned(ages: readonly number[], followed?: string): Promise<number[]> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tarmac-tidy-'));
  try {
    const now = Date.now();
    for (const [index, age] of ages.entries()) {
      const run = `r-${index}`;
      const record = recordOf(aPlan({ run }), where);
      if (run === followed) await writeRecord(stateDir, record);
      else await mkdir(join(stateDir, 'runs', run), { recursive: true });
      const time = new Date(now - age * day);
      await utimes(join(stateDir, 'runs', run), time, time);
    }
    await pruneRecords(stateDir, now);
    const left = await readdir(join(stateDir, 'runs'));
    return left.map((run) => ages[Number(run.slice(2))] ?? -1).sort((a, b) => a - b);
  } finally {
    await rm(stateDir, { recursive: true });
  }
}

test('records of the last thirty days are kept', async () => {
  expect(await pruned([0, 1, 29, 31, 400])).toEqual([0, 1, 29]);
});

test('of many records the 200 newest are kept, and all of the last day', async () => {
  const many = Array.from({ length: 230 }, (_, index) => 2 + index / 100);
  expect(await pruned(many)).toEqual(many.slice(0, 200));
  const today = Array.from({ length: 210 }, () => 0.5);
  expect(await pruned(today)).toHaveLength(210);
});

test('a run that is followed is kept, however old', async () => {
  using claim = claimRun('r-0');
  expect(await pruned([90, 90], 'r-0')).toEqual([90]);
  claim[Symbol.dispose]();
  expect(await pruned([90, 90], 'r-0')).toEqual([]);
});
