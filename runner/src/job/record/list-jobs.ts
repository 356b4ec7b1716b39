/** The jobs of this machine, as a list shows them. */
import type { JobState, JobSummary, StepSummary } from '../../model/job.ts';
import type { RunnerContext } from '../../model/run.ts';
import { hasLivingClient } from '../../records/client.ts';
import { treeOf } from './job-tree.ts';
import { readJobRecords, type JobRecord, type StepRecord } from './job-record.ts';

/** All jobs of this machine in the context's namespace, newest first. */
export async function listJobs({ stateDir, cluster }: RunnerContext): Promise<JobSummary[]> {
  const { server, namespace } = cluster.target;
  const records = await readJobRecords(stateDir);
  return records.filter((record) => record.server === server && record.namespace === namespace).map(summaryOf);
}

/** All jobs of this machine, newest first, whatever cluster they are of. Asks no cluster. */
export async function readJobs(stateDir: string): Promise<JobSummary[]> {
  return (await readJobRecords(stateDir)).map(summaryOf);
}

/** Whether somebody on this machine sees to the job. */
export function jobHasLivingClient({ id, client }: JobRecord): boolean {
  return client !== undefined && hasLivingClient({ run: id, client });
}

/** The record as a list shows it. */
export function summaryOf(record: JobRecord): JobSummary {
  const { asked, startedAt, endedAt, status } = record;
  const state: JobState = status ?? (jobHasLivingClient(record) ? 'running' : 'left');
  const { store } = asked.base;
  return {
    id: record.id,
    job: asked.job,
    pipeline: asked.pipeline,
    state,
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt !== undefined && { durationMs: Math.round(endedAt - startedAt) }),
    namespace: record.namespace,
    context: record.context,
    ...(store.kind === 'claim' && { claim: store.claim }),
    heldBack: [...new Set(record.heldBack)],
    steps: record.steps.map(stepOf),
    tree: treeOf(record).lines,
  };
}

function stepOf(step: StepRecord): StepSummary {
  const { id, address, name, kind, hook, attempt, startedAt, endedAt, result, exit, errors, runs, end } = step;
  const artifacts = (end?.artifacts ?? []).map(({ name: artifact, place }) => ({
    name: artifact,
    ...(place.kind === 'output' && { run: place.run, output: place.output }),
  }));
  return {
    id,
    address,
    name,
    kind,
    ...(hook !== undefined && { hook }),
    ...(attempt !== undefined && { attempt }),
    state: result ?? 'running',
    ...(exit !== undefined && { exitCode: exit }),
    ...(errors !== undefined && errors.length > 0 && { error: errors.join('\n') }),
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt !== undefined && { durationMs: Math.round(endedAt - startedAt) }),
    runs: runs.map(({ run }) => run),
    artifacts,
  };
}
