/** Runs a prepared job on a cluster, keeps its record, and goes on with one whose client has ended. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ArtifactReader } from '../artifacts/artifact-reader.ts';
import { systemClock } from '../cluster/clock.ts';
import { RunFailureError } from '../model/failure.ts';
import type { RunEvent } from '../model/events.ts';
import type { JobSummary } from '../model/job.ts';
import type { PlanResult, RunRequest } from '../model/plan.ts';
import type { RunnerContext } from '../model/run.ts';
import { errorText } from '../model/format.ts';
import { newRunId } from '../pod/names.ts';
import { claimRun, thisClient } from '../records/client.ts';
import { findRunPod } from '../records/list.ts';
import { readRecord } from '../records/record.ts';
import { attachRun } from '../run/attach.ts';
import { startRun } from '../run/execute.ts';
import { neverStarted } from '../failures/index.ts';
import { ClusterLeaves, type ClusterServices } from './cluster/cluster-leaves.ts';
import type { PreparedJob } from './plan/prepare-job.ts';
import { JobClock } from './record/job-clock.ts';
import { summaryOf } from './record/list-jobs.ts';
import { outlineOf } from './record/job-outline.ts';
import { JobJournal, lastTime } from './record/job-journal.ts';
import { jobDir, newRecord, pruneJobs, wasJobAborted, type JobAsked, type JobRecord } from './record/job-record.ts';
import type { JobEvent } from './steps/job-events.ts';
import { JobRun } from './steps/job-run.ts';
import type { LeafRun } from './steps/leaves.ts';
import type { JobStatus } from './steps/outcome.ts';
import { jsonText, type Value } from './values/values.ts';

/** What a job runs with. */
export interface RunJobOptions {
  readonly context: RunnerContext;
  readonly plan: (request: RunRequest) => PlanResult;
  readonly base: Omit<RunRequest, 'document' | 'taskFile'>;
  readonly pipelineFile: string;
  readonly podLimit?: number | undefined;
  /** Aborts the job: its hooks run. */
  readonly signal?: AbortSignal | undefined;
  /** Lets go of the job: what runs goes on by itself, and the job can be taken up again. */
  readonly leave?: AbortSignal | undefined;
  /** Told before anything else: the id by which the job can be taken up. */
  readonly onId?: ((id: string) => void) | undefined;
  readonly onEvent: (event: JobEvent) => void;
  /** The job as a list shows it, after each change. */
  readonly onSummary?: ((job: JobSummary) => void) | undefined;
  /** What belongs to no step: that the job's record is incomplete. */
  readonly onWarning: (message: string) => void;
  /** What the run of a task step tells. */
  readonly onRunEvent: (step: LeafRun, event: RunEvent) => void;
  /** In place of those of the cluster, for tests. */
  readonly services?: Omit<ClusterServices, 'plan'> | undefined;
}

/** How a job ended. `left`: it was let go of. */
export interface JobRunResult {
  readonly id: string;
  readonly status: JobStatus | 'left';
  readonly heldBack: readonly string[];
  /** The exit code of the step that failed last. */
  readonly exit?: number | undefined;
}

/** How often it is looked whether another process asked for the abort. */
const lookEveryMs = 500;

/** Runs the job to its end. */
export function runJob(job: PreparedJob, options: RunJobOptions): Promise<JobRunResult> {
  const { context, base, pipelineFile, podLimit } = options;
  const kept: JobAsked['base'] = withoutSecrets(base);
  const { server, namespace, context: name } = context.cluster.target;
  const id = newRunId(job.plan.job);
  const asked: JobAsked = {
    ...job.asked,
    pipeline: pipelineFile,
    given: [...job.given],
    base: kept,
    ...(podLimit !== undefined && { podLimit }),
  };
  const startedAt = systemClock.now();
  const record = newRecord({
    ...{ id, asked, plan: planDigest(job, id), outline: outlineOf(job.plan.root) },
    ...{ context: name, server, namespace, startedAt },
  });
  return goOn(job, record, options);
}

/** Goes on with a job from its record: what ran is not run again, what runs is followed, and then comes the rest. */
export async function goOn(job: PreparedJob, record: JobRecord, options: RunJobOptions): Promise<JobRunResult> {
  const claim = claimRun(record.id);
  try {
    return await seeTo(job, record, options);
  } finally {
    claim[Symbol.dispose]();
  }
}

async function seeTo(job: PreparedJob, record: JobRecord, options: RunJobOptions): Promise<JobRunResult> {
  const { context, base } = options;
  const { id } = record;
  const { stateDir } = context;
  record.client = thisClient();
  const isAgain = record.steps.length > 0;
  const clock = new JobClock(systemClock, record.startedAt);
  const journal = new JobJournal({
    stateDir,
    record,
    clock,
    secrets: [...(base.secretValues ?? []), ...(context.secrets ?? [])],
    onChange: () => options.onSummary?.(summaryOf(record)),
    onTrouble: (error) =>
      options.onWarning(
        `the job's record on this machine is incomplete, so it cannot be taken up again: ${errorText(error)}`,
      ),
  });
  options.onId?.(id);
  await journal.begin();
  if (!isAgain) await pruneJobs(stateDir).catch(() => undefined);
  const claim = base.store.kind === 'claim' ? { claim: base.store.claim } : {};
  await using reader = new ArtifactReader(context, claim);
  const leaves = new ClusterLeaves({
    services: { ...servicesOf(options, reader), plan: options.plan },
    base,
    pipelineFile: options.pipelineFile,
    job: job.plan.job,
    given: job.given,
    types: job.types,
    pipelineText: job.text,
    notes: journal,
    onRunEvent: ({ run }, event) => options.onRunEvent(run, event),
    ...(base.store.kind === 'direct' && { scratch: join(jobDir(stateDir, id), 'artifacts') }),
    ...(options.podLimit !== undefined && { podLimit: options.podLimit }),
  });
  let exit: number | undefined;
  const aborting = new AbortController();
  const abort = (): void => {
    if (aborting.signal.aborted) return;
    journal.aborted();
    aborting.abort();
  };
  const run = new JobRun(job.plan, {
    leaves,
    clock,
    vars: job.findVar,
    localVars: job.localVars,
    artifacts: new Map([...job.given].map(([name, handle]) => [name, { maker: `given:${name}`, handle }])),
    journal,
    onEvent: (event) => {
      if (event.type === 'step-ended' && event.result === 'failed') exit = event.exit;
      journal.take(event);
      options.onEvent(event);
    },
    signal: aborting.signal,
  });
  if (record.abortedAt !== undefined) void clock.sleep(record.abortedAt - clock.now()).then(() => aborting.abort());
  const ended = run.run();
  await clock.runTo(isAgain ? lastTime(record) : record.startedAt);
  const watching = watchForAbort(stateDir, id, options.signal, abort);
  const status = await Promise.race([ended.then((end) => end.status), leaving(options.leave)]);
  watching[Symbol.dispose]();
  const heldBack = [...record.heldBack];
  if (status === 'left') {
    await leaves.leave();
    await journal.leave();
    return { id, status, heldBack };
  }
  await journal.close(status);
  return { id, status, heldBack, ...(exit !== undefined && { exit }) };
}

/** What a record keeps of what is the same for every run. */
function withoutSecrets(base: RunJobOptions['base']): JobAsked['base'] {
  const kept = { ...base };
  delete kept.secretValues;
  return kept;
}

/** Digest of what a job runs, with its sources, which are not in its record. */
export function planDigest({ plan }: PreparedJob, id: string): string {
  return createHash('sha256')
    .update(`${id}\n${jsonText(plan as unknown as Value)}`)
    .digest('hex');
}

function servicesOf({ context, services, base }: RunJobOptions, reader: ArtifactReader): Omit<ClusterServices, 'plan'> {
  const { stateDir } = context;
  const secrets = [...(context.secrets ?? []), ...(base.secretValues ?? [])];
  return {
    startRun: (plan, onEvent) => startRun(plan, { ...context, onEvent }),
    attachRun: async (run, onEvent) => {
      const record = await readRecord(stateDir, run);
      // The client ended before it had made a pod, so nothing of the run has begun.
      const isUnborn = record?.status === undefined && record?.commandStartedAt === undefined;
      if (isUnborn && !(await findRunPod(run, context))) throw new RunFailureError(neverStarted());
      return attachRun(run, { ...context, onEvent, secrets });
    },
    readArtifact: (artifact, path, sink, signal) => reader.readFile(artifact, path, sink, { signal }),
    ...services,
  };
}

/** Aborts the job when the caller's signal says so, or another process of this machine. */
function watchForAbort(stateDir: string, id: string, signal: AbortSignal | undefined, abort: () => void): Disposable {
  const look = (): void => void wasJobAborted(stateDir, id).then((asked) => asked && abort());
  const timer = setInterval(look, lookEveryMs);
  look();
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

function leaving(signal: AbortSignal | undefined): Promise<'left'> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve('left');
    else signal?.addEventListener('abort', () => resolve('left'), { once: true });
  });
}
