/**
 * What a job leaves on the user's disk: what ran, how it ended, in which run. No value of a var is in it.
 *
 * ```
 * <stateDir>/jobs/<job>.json   written by temporary file and rename
 * ```
 */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../make-directory.ts';
import { errorText } from '../model/format.ts';
import type { JobEvent, StepResult } from './steps/job-events.ts';
import type { LeafRun } from './steps/leaves.ts';
import type { JobStatus } from './steps/outcome.ts';

/** What is kept of each step. */
interface StepRecord {
  readonly id: string;
  readonly address: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly result?: StepResult;
  readonly exit?: number | undefined;
  readonly error?: string | undefined;
  /** The run of a task step: `tarmac runs`, `artifacts` and `download` know it. */
  readonly run?: string;
}

/** Which job a record is about. */
export interface RecordedJob {
  readonly id: string;
  readonly job: string;
  readonly pipeline: string;
}

/** The record of a job, written anew after each step. A disk that fails is told of once; it never ends a job. */
export class JobRecord {
  readonly #folder: string;
  readonly #file: string;
  readonly #head: object;
  readonly #warn: (message: string) => void;
  readonly #steps = new Map<string, StepRecord>();
  #status: JobStatus | 'running' = 'running';
  #written: Promise<void> = Promise.resolve();
  #warned = false;

  constructor(stateDir: string, job: RecordedJob, warn: (message: string) => void) {
    this.#folder = join(stateDir, 'jobs');
    this.#file = join(this.#folder, `${job.id}.json`);
    this.#head = { format: 1, ...job, startedAt: new Date().toISOString() };
    this.#warn = warn;
  }

  /** The run of a task step. */
  runOf(step: LeafRun, run: string): void {
    const known = this.#steps.get(step.id);
    if (known !== undefined && known.run !== run) this.#steps.set(step.id, { ...known, run });
  }

  /** Takes the start and the end of a step. */
  take(event: JobEvent): void {
    const at = new Date(event.time).toISOString();
    if (event.type === 'step-started') {
      const { id, address } = event.step;
      this.#steps.set(id, { id, address, startedAt: at });
    } else if (event.type === 'step-ended') {
      const known = this.#steps.get(event.step.id);
      if (known === undefined) return;
      const { result, exit, error } = event;
      this.#steps.set(known.id, { ...known, endedAt: at, result, exit, error });
    } else {
      return;
    }
    this.#save();
  }

  /** Writes how the job ended. Resolves when everything is on disk, or cannot be. */
  async close(status: JobStatus): Promise<void> {
    this.#status = status;
    this.#save();
    await this.#written;
  }

  #save(): void {
    const record = { ...this.#head, status: this.#status, steps: [...this.#steps.values()] };
    const text = `${JSON.stringify(record, undefined, 2)}\n`;
    this.#written = this.#written.then(() => this.#write(text)).catch((error: unknown) => this.#failed(error));
  }

  async #write(text: string): Promise<void> {
    await makeDirectory(this.#folder, 0o700);
    const temporary = `${this.#file}.${process.pid}`;
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, this.#file);
  }

  #failed(error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#warn(`the job's record on this machine is incomplete: ${errorText(error)}`);
  }
}
