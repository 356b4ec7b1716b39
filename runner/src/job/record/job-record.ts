/**
 * What a job leaves on the user's disk, so that another process can go on with it.
 *
 * ```
 * <stateDir>/jobs/<job>/record.json   written by temporary file and rename
 *                       aborted       somebody asked for its abort
 *                       artifacts/    without a claim: the outputs of its steps
 * ```
 *
 * No source of a resource and no value of a var is in it: the pipeline is read again, and vars are given again.
 */
import { access, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HookName } from '#concourse';
import { makeDirectory } from '../../make-directory.ts';
import type { JobStatus } from '../../model/job.ts';
import type { RunRequest } from '../../model/plan.ts';
import type { Client } from '../../records/client.ts';
import type { JobArtifact } from '../cluster/artifact.ts';
import type { JobChoices } from '../plan/plan-job.ts';
import type { LeafKind } from '../plan/plan.ts';
import type { PastError } from '../steps/journal.ts';
import type { StepResult } from '../steps/job-events.ts';
import type { Outline } from './job-outline.ts';

/** Version of the record's shape; another version is not read. */
const recordFormat = 3;

/** A run of a step: a task's, or that of a script of a resource type. */
export interface StepRun {
  readonly run: string;
  /** `unit`, `check-repo`. */
  readonly task: string;
  readonly outputs: readonly { readonly name: string; readonly target?: string }[];
}

/** A start of a leaf. */
export interface StepRecord {
  /** Address, attempt and values of `across`. */
  readonly key: string;
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly kind: LeafKind;
  readonly attempt?: string;
  readonly hook?: HookName;
  /** Milliseconds since the epoch; each time in a record is later than the one before it. */
  readonly startedAt: number;
  /** When its process began. */
  began?: number;
  endedAt?: number;
  result?: StepResult;
  exit?: number;
  errors?: readonly string[];
  runs: readonly StepRun[];
  end?: {
    readonly ok: boolean;
    readonly heldBack?: true;
    readonly exit?: number;
    /** JSON texts: a number keeps its digits. */
    readonly version?: string;
    readonly error?: PastError;
    readonly artifacts: readonly { readonly name: string; readonly maker: string; readonly place: JobArtifact }[];
    readonly vars: Readonly<Record<string, string>>;
    readonly hidden: readonly string[];
  };
}

/** A start of an `across`. */
export interface AcrossRecord {
  /** Address and values of the `across` around it. */
  readonly key: string;
  /** JSON texts of its combinations of values, once they are known. */
  values?: readonly (readonly string[])[];
  /** It ended with an error. */
  isErrored?: true;
}

/** What a job was asked for, without what is secret. */
export interface JobAsked {
  /** The pipeline's file, absolute; `-` for standard input. */
  readonly pipeline: string;
  readonly job: string;
  readonly cwd: string;
  readonly choices: JobChoices;
  readonly resourceTypes: Readonly<Record<string, string>>;
  /** What stands for gets, and what else was there at the beginning. */
  readonly given: readonly (readonly [string, JobArtifact])[];
  /** Vars by name, and the files that vars were read from. */
  readonly vars: { readonly names: readonly string[]; readonly files: readonly string[] };
  /** The run of the job whose artifacts it began with. */
  readonly of?: string | undefined;
  readonly podLimit?: number | undefined;
  readonly base: Omit<RunRequest, 'document' | 'taskFile' | 'secretValues'>;
}

/** A job as remembered. */
export interface JobRecord {
  readonly format: typeof recordFormat;
  readonly id: string;
  readonly asked: JobAsked;
  /** Digest of the plan, with the sources in it: a job goes on only with the pipeline that it began with. */
  readonly plan: string;
  /** The steps of the plan. */
  readonly outline: Outline;
  readonly context: string;
  readonly server: string;
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The process that sees to the job. */
  client?: Client;
  abortedAt?: number;
  endedAt?: number;
  status?: JobStatus;
  heldBack: readonly string[];
  steps: StepRecord[];
  across: AcrossRecord[];
}

/** A record of this shape that is about to begin. */
export function newRecord(fields: Omit<JobRecord, 'format' | 'heldBack' | 'steps' | 'across'>): JobRecord {
  return { format: recordFormat, ...fields, heldBack: [], steps: [], across: [] };
}

/** Folder of one job. The id was made by us or is checked here: it never leaves `jobs/`. */
export function jobDir(stateDir: string, id: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) throw new Error(`'${id}' is not the id of a job`);
  return join(stateDir, 'jobs', id);
}

/** Writes the record by a rename. */
export async function writeJobRecord(stateDir: string, record: JobRecord): Promise<void> {
  const dir = jobDir(stateDir, record.id);
  await makeDirectory(dir, 0o700);
  const temporary = join(dir, `record.json.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(record, undefined, 1)}\n`, { mode: 0o600 });
  await rename(temporary, join(dir, 'record.json'));
}

/** Undefined when there is no such job, or its record is of another version. */
export async function readJobRecord(stateDir: string, id: string): Promise<JobRecord | undefined> {
  let text: string;
  try {
    text = await readFile(join(jobDir(stateDir, id), 'record.json'), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  try {
    const record = JSON.parse(text) as JobRecord | null;
    const whole = record?.format === recordFormat && typeof record.id === 'string' && Array.isArray(record.steps);
    return whole ? record : undefined;
  } catch {
    // Cut by a full disk: nothing can be known from it.
    return undefined;
  }
}

/** Forgets a job, and what it left on this machine. */
export async function removeJobRecord(stateDir: string, id: string): Promise<void> {
  await rm(jobDir(stateDir, id), { recursive: true, force: true });
}

/** All jobs of this machine, newest first. */
export async function readJobRecords(stateDir: string): Promise<JobRecord[]> {
  let names: string[];
  try {
    names = await readdir(join(stateDir, 'jobs'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const ids = names.filter((name) => /^[a-z0-9][a-z0-9-]*$/.test(name));
  const records = await Promise.all(ids.map((id) => readJobRecord(stateDir, id)));
  return records.filter((record) => record !== undefined).sort((a, b) => b.startedAt - a.startedAt);
}

/** The file that says that a job is to be aborted. */
function markOf(stateDir: string, id: string): string {
  return join(jobDir(stateDir, id), 'aborted');
}

/** Tells whoever sees to the job that it is to be aborted. */
export async function markJobAborted(stateDir: string, id: string): Promise<void> {
  await writeFile(markOf(stateDir, id), '');
}

/** Whether somebody asked for the abort of the job. */
export async function wasJobAborted(stateDir: string, id: string): Promise<boolean> {
  try {
    await access(markOf(stateDir, id));
    return true;
  } catch {
    // No mark, or a disk that cannot be read: nobody is known to have asked.
    return false;
  }
}

/** Jobs beyond so many, or older than this, are forgotten. */
const mostJobs = 50;
const oldestMs = 30 * 24 * 60 * 60 * 1000;
/** Of so many jobs what they left on this machine stays, for who goes on from one of their steps. */
const mostArtifacts = 5;

/** Forgets the oldest jobs that have ended, and removes what older ones left on this machine. */
export async function pruneJobs(stateDir: string, now = Date.now()): Promise<void> {
  const records = await readJobRecords(stateDir);
  for (const [index, { id, startedAt, status }] of records.entries()) {
    if (status === undefined) continue;
    const dir = jobDir(stateDir, id);
    const isOld = index >= mostJobs || now - startedAt >= oldestMs;
    if (isOld) await rm(dir, { recursive: true, force: true });
    else if (index >= mostArtifacts) await rm(join(dir, 'artifacts'), { recursive: true, force: true });
  }
}
