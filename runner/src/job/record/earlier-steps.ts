/** What the steps of an earlier run of a job left, for one that begins in the middle of it. */
import { existsSync } from 'node:fs';
import { formatDuration } from '../../model/format.ts';
import type { JobArtifact } from '../cluster/artifact.ts';
import { parseJson, type Value } from '../values/values.ts';
import { readJobRecord, readJobRecords, type JobRecord } from './job-record.ts';

/** What an earlier run left. */
export interface EarlierSteps {
  /** Its id. */
  readonly id: string;
  readonly artifacts: ReadonlyMap<string, JobArtifact>;
  readonly vars: ReadonlyMap<string, Value>;
  /** Addresses of `load_var` steps whose values are not written down: they are read again. */
  readonly read: ReadonlySet<string>;
  /** `unit-1f6d20aa, 12 minutes ago`. */
  readonly about: string;
}

/** Which run of which job. */
export interface EarlierRequest {
  readonly stateDir: string;
  /** The pipeline's file, absolute. */
  readonly pipeline: string;
  readonly job: string;
  /** The run, or the beginning of its id; the newest when absent. */
  readonly of: string | undefined;
  /** Addresses of the steps that do not run now. */
  readonly isLeftOut: (address: string) => boolean;
}

/**
 * What the steps that do not run now left in an earlier run; undefined when there is none.
 *
 * @throws Error when the run that is named is not there, or is of another job
 */
export async function earlierSteps(request: EarlierRequest, now = Date.now()): Promise<EarlierSteps | undefined> {
  const record = await recordOf(request);
  if (record === undefined) return undefined;
  const artifacts = new Map<string, JobArtifact>(record.asked.given);
  const vars = new Map<string, Value>();
  const read = new Set<string>();
  for (const { address, key, end } of record.steps) {
    // What is made inside of an across is there inside of it only.
    if (end === undefined || key.includes('{') || !request.isLeftOut(address)) continue;
    for (const { name, place } of end.artifacts) artifacts.set(name, place);
    for (const [name, json] of Object.entries(end.vars)) vars.set(name, parseJson(json));
    if (end.hidden.length > 0) read.add(address);
  }
  for (const [name, place] of artifacts) {
    if (place.kind === 'directory' && !existsSync(place.directory)) artifacts.delete(name);
  }
  const about = `${record.id}, ${formatDuration(Math.max(0, now - record.startedAt))} ago`;
  return { id: record.id, artifacts, vars, read, about };
}

async function recordOf({ stateDir, pipeline, job, of }: EarlierRequest): Promise<JobRecord | undefined> {
  const records = await readJobRecords(stateDir);
  const same = ({ asked }: JobRecord): boolean => asked.job === job && asked.pipeline === pipeline;
  if (of === undefined) {
    return records.find((record) => same(record) && record.steps.some(({ end }) => end !== undefined));
  }
  const exact = /^[a-z0-9][a-z0-9-]*$/.test(of) ? await readJobRecord(stateDir, of) : undefined;
  const found = exact ?? records.find(({ id }) => id.startsWith(of));
  if (found === undefined) {
    throw new Error(`There is no run ${of} of a job on this machine. \`tarmac runs\` lists them.`);
  }
  if (found.asked.job !== job) throw new Error(`${found.id} is a run of the job ${found.asked.job}, not of ${job}.`);
  return found;
}
