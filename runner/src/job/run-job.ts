/** Runs a prepared job on a cluster, and keeps its record. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
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
import type { JobEvent, StepResult } from './steps/job-events.ts';
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
  readonly podLimit?: number;
  /** Aborts the job: its hooks run. */
  readonly signal?: AbortSignal;
  readonly onEvent: (event: JobEvent) => void;
  /** What the run of a task step tells. */
  readonly onRunEvent: (step: LeafRun, event: RunEvent) => void;
  /** In place of those of the cluster, for tests. */
  readonly services?: Omit<ClusterServices, 'plan'>;
}

/** How a job ended. */
export interface JobRunResult {
  readonly id: string;
  readonly status: JobStatus;
  readonly heldBack: readonly string[];
  /** The exit code of the step that failed last. */
  readonly exit?: number;
}

/** What is kept of each step. */
interface StepRecord {
  readonly id: string;
  readonly address: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly result?: StepResult;
  readonly exit?: number;
  readonly error?: string;
  /** The run of a task step: `tarmac runs`, `artifacts` and `download` know it. */
  readonly run?: string;
}

/** Runs the job to its end. */
export async function runJob(job: PreparedJob, options: RunJobOptions): Promise<JobRunResult> {
  const { context, base } = options;
  const id = newRunId(job.plan.job);
  const record = new JobRecord(context.stateDir, id, job.plan.job, options.pipelineFile);
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
    ...(options.podLimit !== undefined && { podLimit: options.podLimit }),
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
    ...(options.signal !== undefined && { signal: options.signal }),
  });
  const { status } = await run.run();
  await record.close(status);
  return { id, status, heldBack, ...(exit !== undefined && { exit }) };
}

async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tarmac-job-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The record of a job, written anew after each step: what ran, how it ended, in which run. No value of a var is in it. */
class JobRecord {
  readonly #folder: string;
  readonly #file: string;
  readonly #head: object;
  readonly #steps = new Map<string, StepRecord>();
  #status: JobStatus | 'running' = 'running';
  #written: Promise<void> = Promise.resolve();

  constructor(stateDir: string, id: string, job: string, pipeline: string) {
    this.#folder = join(stateDir, 'jobs');
    this.#file = join(this.#folder, `${id}.json`);
    this.#head = { format: 1, id, job, pipeline, startedAt: new Date().toISOString() };
  }

  runOf(step: LeafRun, run: string): void {
    const known = this.#steps.get(step.id);
    if (known !== undefined && known.run !== run) this.#steps.set(step.id, { ...known, run });
  }

  take(event: JobEvent): void {
    const at = new Date(event.time).toISOString();
    if (event.type === 'step-started') {
      const { id, address } = event.step;
      this.#steps.set(id, { id, address, startedAt: at });
    } else if (event.type === 'step-ended') {
      const known = this.#steps.get(event.step.id);
      if (known === undefined) return;
      const { result, exit } = event;
      const error = event.error === undefined ? {} : { error: event.error };
      this.#steps.set(known.id, { ...known, endedAt: at, result, ...(exit !== undefined && { exit }), ...error });
    } else {
      return;
    }
    this.#write();
  }

  async close(status: JobStatus): Promise<void> {
    this.#status = status;
    this.#write();
    await this.#written;
  }

  #write(): void {
    const text = `${JSON.stringify({ ...this.#head, status: this.#status, steps: [...this.#steps.values()] }, undefined, 2)}\n`;
    this.#written = this.#written.then(async () => {
      try {
        await mkdir(this.#folder, { recursive: true, mode: 0o700 });
        await writeFile(`${this.#file}.new`, text, { mode: 0o600 });
        await rename(`${this.#file}.new`, this.#file);
      } catch {
        // A disk that is full must not end a job that runs.
      }
    });
  }
}
