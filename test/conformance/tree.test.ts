/**
 * The tree of a job in the recorded cases, looked at after each event: a step that is shown as skipped never starts, what is
 * around steps ends once, the whole ends as the job did, and each start has one line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { JobTreeNode } from '#internal/runner/src/model/job.ts';
import { treeOf } from '#internal/runner/src/job/record/job-tree.ts';
import { parseJson } from '#internal/runner/src/job/values/values.ts';
import type { ExecCase } from './exec-run.ts';
import { emptyRecord, runFrom } from './survive-run.ts';

const folder = join(import.meta.dirname, 'exec');
const names = readdirSync(folder).flatMap((name) => /^(.*)\.yml$/.exec(name)?.[1] ?? []);

const allOf = (lines: readonly JobTreeNode[]): JobTreeNode[] =>
  lines.flatMap((line) => [line, ...allOf(line.children)]);
const isDone = (state: JobTreeNode['state']): boolean => state !== 'pending' && state !== 'running';

test.each(names)('%s', async (name) => {
  const text = readFileSync(join(folder, `${name}.yml`), 'utf8');
  const given = parseJson(JSON.stringify(parse(text))) as unknown as ExecCase;
  const record = emptyRecord(given);
  let before = new Map<string, JobTreeNode>();
  const wrong: string[] = [];
  const look = (): void => {
    const all = allOf(treeOf(record).lines);
    for (const line of all) {
      const last = before.get(line.id);
      if (last && isDone(last.state) && last.state !== line.state) {
        wrong.push(`${line.id} ${line.label}: ${last.state}, then ${line.state}`);
      }
    }
    before = new Map(all.map((line) => [line.id, line]));
    expect(before.size, 'ids of lines').toBe(all.length);
  };
  look();
  const { status } = await runFrom(given, record, look);
  expect(wrong).toEqual([]);
  if (status !== 'started') record.status = status as NonNullable<typeof record.status>;
  const { lines, outcome } = treeOf(record);
  const all = allOf(lines);
  const ofSteps = all.flatMap(({ step }) => (step === undefined ? [] : [step]));
  expect(ofSteps.sort()).toEqual(record.steps.map(({ id }) => id).sort());
  expect(all.filter(({ id, state }) => id.startsWith('0') && !isDone(state))).toEqual([]);
  // A job that is left to be run again has errored for now.
  expect(outcome === 'timed out' ? 'errored' : outcome).toBe(status === 'started' ? 'errored' : status);
});
