/**
 * The recorded cases, each with its client killed at seeded moments: from what is written down by then another client
 * goes on, with the status, the artifacts, the vars and the results of steps that the case has without a kill. No step
 * that had ended is run again.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseJson } from '#internal/runner/src/job/values/values.ts';
import type { JobRecord } from '#internal/runner/src/job/record/job-record.ts';
import { Random } from '../fuzz/random.ts';
import type { ExecCase } from './exec-run.ts';
import { emptyRecord, runFrom } from './survive-run.ts';

const folder = join(import.meta.dirname, 'exec');
const names = readdirSync(folder).flatMap((name) => /^(.*)\.yml$/.exec(name)?.[1] ?? []);
const moments = 4;

test.each(names)('%s goes on after a kill as if there had been none', async (name) => {
  const text = readFileSync(join(folder, `${name}.yml`), 'utf8');
  const given = parseJson(JSON.stringify(parse(text))) as unknown as ExecCase;
  const random = new Random(text.length);
  const snapshots: string[] = [];
  const record = emptyRecord(given);
  const whole = await runFrom(given, record, () => snapshots.push(JSON.stringify(record)));
  for (let moment = 0; moment < moments; moment += 1) {
    const at = random.integer(snapshots.length);
    const left = JSON.parse(snapshots[at] ?? '') as JobRecord;
    const before = left.steps.filter(({ end }) => end !== undefined).map(({ id }) => id);
    const { ran, ...rest } = await runFrom(given, left, () => undefined);
    const about = `killed at event ${at}, when ${before.join(', ')} had ended`;
    expect({ ...rest, ran: whole.ran }, about).toEqual(whole);
    expect(
      ran.filter((id) => before.includes(id)),
      about,
    ).toEqual([]);
  }
});
