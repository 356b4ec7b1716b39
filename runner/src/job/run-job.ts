/** Runs a prepared job on a cluster, and keeps its record. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactReader } from '../artifacts/artifact-reader.ts';
import { systemClock } from '../cluster/clock.ts';
import type { RunEvent } from '../model/events.ts';
import type { PlanResult, RunRequest } from '../model/plan.ts';
import type { RunnerContext } from '../model/run.ts';
import { newRunId } from '../pod/names.ts';
import { startRun } from '../run/execute.ts';
import { ClusterLeaves, type ClusterServices } from './cluster/cluster-leaves.ts';
import { JobRecord } from './job-record.ts';
import type { JobEvent } from './steps/job-events.ts';
import { JobRun } from './steps/job-run.ts';
import type { LeafRun } from './steps/leaves.ts';
import type { JobStatus } from './steps/outcome.ts';
import type { PreparedJob } from './plan/prepare-job.ts';

/** What a job runs with. */
export interface RunJobOptions {
  readonly context: RunnerContext;
  readonly plan: (request: RunRequest) => PlanResult;
  readonly base: Omit<RunRequest, 'document' | 'taskFile'>;
  readonly pipelineFile: string;
  readonly podLimit?: number | undefined;
  /** Aborts the job: its hooks run. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: JobEvent) => void;
  /** What belongs to no step: that the job's record is incomplete. */
  readonly onWarning: (message: string) => void;
  /** What the run of a task step tells. */
  readonly onRunEvent: (step: LeafRun, event: RunEvent) => void;
  /** In place of those of the cluster, for tests. */
  readonly services?: Omit<ClusterServices, 'plan'> | undefined;
}

/** How a job ended. */
export interface JobRunResult {
  readonly id: string;
  readonly status: JobStatus;
  readonly heldBack: readonly string[];
  /** The exit code of the step that failed last. */
  readonly exit?: number | undefined;
}

/** Runs the job to its end. */
export async function runJob(job: PreparedJob, options: RunJobOptions): Promise<JobRunResult> {
  const { context, base } = options;
  const id = newRunId(job.plan.job);
  const record = new JobRecord(
    context.stateDir,
    { id, job: job.plan.job, pipeline: options.pipelineFile },
    options.onWarning,
  );
  await using scratch = base.store.kind === 'direct' ? await scratchFolder() : undefined;
  const claim = base.store.kind === 'claim' ? { claim: base.store.claim } : {};
  await using reader = new ArtifactReader(context, claim);
  const services: ClusterServices = {
    plan: options.plan,
    startRun: (plan, onEvent) => startRun(plan, { ...context, onEvent }),
    readArtifact: (artifact, path, sink, signal) => reader.readFile(artifact, path, sink, { signal }),
    ...options.services,
  };
  const leaves = new ClusterLeaves({
    services,
    base,
    pipelineFile: options.pipelineFile,
    job: job.plan.job,
    given: job.given,
    types: job.types,
    onRunEvent: ({ run }, event) => {
      record.runOf(run, event.run);
      options.onRunEvent(run, event);
    },
    ...(scratch !== undefined && { scratch: scratch.path }),
    podLimit: options.podLimit,
  });
  const heldBack: string[] = [];
  let exit: number | undefined;
  const run = new JobRun(job.plan, {
    leaves,
    clock: systemClock,
    vars: job.findVar,
    artifacts: new Map([...job.given].map(([name, handle]) => [name, { maker: `given:${name}`, handle }])),
    onEvent: (event) => {
      if (event.type === 'held-back') heldBack.push(event.step.name);
      if (event.type === 'step-ended' && event.result === 'failed') exit = event.exit;
      record.take(event);
      options.onEvent(event);
    },
    signal: options.signal,
  });
  const { status } = await run.run();
  await record.close(status);
  return { id, status, heldBack, exit };
}

async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tarmac-job-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
