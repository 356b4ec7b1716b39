/** Writes a job's record as it goes on, and tells what is in it when the job is taken up again. */
import { needlesOf, redactText } from '../../redact/redact.ts';
import type { JobArtifact } from '../cluster/artifact.ts';
import type { AcrossRun, JobEvent } from '../steps/job-events.ts';
import { keyOf } from '../steps/start-key.ts';
import type { Journal, LeafEnd, PastLeaf } from '../steps/journal.ts';
import type { LeafRun } from '../steps/leaves.ts';
import type { JobStatus } from '../steps/outcome.ts';
import { jsonText, parseJson, textsIn } from '../values/values.ts';
import type { JobClock } from './job-clock.ts';
import { writeJobRecord, type JobRecord, type StepRecord, type StepRun } from './job-record.ts';

/** What a journal works with. */
export interface JobJournalOptions {
  readonly stateDir: string;
  readonly record: JobRecord;
  readonly clock: JobClock;
  /** Texts that must not get to the disk. */
  readonly secrets: readonly string[];
  /** Called after each change of the record. */
  readonly onChange?: (() => void) | undefined;
  /** Told once when the record cannot be written. */
  readonly onTrouble: (error: unknown) => void;
}

/** The record of one job, kept by the process that sees to it. */
export class JobJournal implements Journal {
  readonly #options: JobJournalOptions;
  readonly #past: ReadonlyMap<string, StepRecord>;
  /** By the id of the start. */
  readonly #steps = new Map<string, StepRecord>();
  /** Runs of a former client that were taken up, or cannot be: each serves once. */
  readonly #used = new Set<string>();
  #needles: readonly string[];
  #last: number;
  #written: Promise<void> = Promise.resolve();
  #isLeft = false;
  #wasTold = false;

  constructor(options: JobJournalOptions) {
    this.#options = options;
    const { record, secrets } = options;
    this.#past = new Map(record.steps.map((step) => [step.key, step]));
    for (const step of record.steps) this.#steps.set(step.id, step);
    this.#needles = needlesOf(secrets);
    this.#last = lastTime(record);
  }

  /** Writes down that this process sees to the job, before it does anything. */
  begin(): Promise<void> {
    return this.#save();
  }

  past(key: string): PastLeaf | undefined {
    const step = this.#past.get(key);
    if (step === undefined) return undefined;
    const { id, began, end, endedAt, errors = [] } = step;
    return {
      id,
      ...(began !== undefined && { began }),
      ...(end !== undefined && endedAt !== undefined && { end: { at: endedAt, errors, ...endOf(end) } }),
    };
  }

  started(key: string, run: LeafRun): void {
    if (this.#steps.has(run.id)) return;
    const { id, address, name, kind, attempt, hook } = run;
    const step: StepRecord = {
      key,
      id,
      address,
      name,
      kind,
      startedAt: this.#time(),
      runs: [],
      ...(attempt !== undefined && { attempt }),
      ...(hook !== undefined && { hook }),
    };
    this.#steps.set(id, step);
    this.#options.record.steps.push(step);
    void this.#save();
  }

  ended(run: LeafRun, { outcome, artifacts, vars, hidden }: LeafEnd): void {
    const step = this.#steps.get(run.id);
    if (step === undefined || step.end !== undefined) return;
    const { error, version, ...rest } = outcome;
    step.endedAt = this.#time();
    step.end = {
      ...rest,
      ...(version !== undefined && { version: jsonText(version) }),
      ...(error !== undefined && { error: { ...error, message: this.#clean(error.message) } }),
      artifacts: [...artifacts].map(([name, { maker, handle }]) => ({ name, maker, place: handle as JobArtifact })),
      vars: Object.fromEntries([...vars].map(([name, value]) => [name, jsonText(value)])),
      hidden,
    };
    void this.#save();
  }

  hold(): Disposable {
    return this.#options.clock.hold();
  }

  /** Takes what the events know and the ends of leaves do not. */
  take(event: JobEvent): void {
    if (event.past) return;
    const { record } = this.#options;
    if (event.type === 'held-back') record.heldBack = [...record.heldBack, event.step.name];
    if ('step' in event && !('id' in event.step)) this.#takeAcross(event, event.step);
    const step = 'step' in event && 'id' in event.step ? this.#steps.get(event.step.id) : undefined;
    if (step === undefined) return;
    if (event.type === 'start') step.began ??= this.#time();
    if (event.type === 'error') step.errors = [...(step.errors ?? []), this.#clean(event.message)];
    if (event.type === 'step-started') {
      this.#needles = needlesOf([...this.#options.secrets, ...textsIn([...event.vars.values()])]);
    }
    if (event.type === 'step-ended') {
      step.result = event.result;
      if (event.exit !== undefined) step.exit = event.exit;
    }
    void this.#save();
  }

  #takeAcross(event: JobEvent, across: AcrossRun): void {
    const { record } = this.#options;
    const key = keyOf(across.address, { attempt: [], across: across.across });
    let known = record.across.find((each) => each.key === key);
    if (known === undefined) record.across.push((known = { key }));
    if (event.type === 'across-substeps') known.values = event.values.map((each) => each.map(jsonText));
    if (event.type === 'error') known.isErrored = true;
    if (event.type === 'across-substeps' || event.type === 'error') void this.#save();
  }

  /** Writes down which run a step is about to start; it is on the disk when this resolves. */
  async run(step: LeafRun, run: StepRun): Promise<void> {
    const known = this.#steps.get(step.id);
    if (known !== undefined) known.runs = [...known.runs, run];
    this.#used.add(run.run);
    await this.#save();
  }

  /** The run of this task that a former client started for a step; each is told once. */
  pastRun(step: LeafRun, task: string): StepRun | undefined {
    const found = this.#steps.get(step.id)?.runs.findLast((run) => run.task === task && !this.#used.has(run.run));
    if (found !== undefined) this.#used.add(found.run);
    return found;
  }

  /** Somebody asked for the abort. */
  aborted(): void {
    this.#options.record.abortedAt ??= this.#time();
    void this.#save();
  }

  /** Writes down how the job ended. */
  async close(status: JobStatus): Promise<void> {
    const { record } = this.#options;
    record.status = status;
    record.endedAt = this.#time();
    delete record.client;
    await this.#save();
  }

  /** Writes down that nobody sees to the job any more; what comes after is not written. */
  async leave(): Promise<void> {
    delete this.#options.record.client;
    const written = this.#save();
    this.#isLeft = true;
    await written;
  }

  /** A time that is later than all that are written down. */
  #time(): number {
    this.#last = Math.max(this.#options.clock.now(), this.#last + 0.001);
    return this.#last;
  }

  #clean(text: string): string {
    return redactText(text, this.#needles);
  }

  #save(): Promise<void> {
    if (this.#isLeft) return this.#written;
    this.#options.onChange?.();
    this.#written = this.#written.then(async () => {
      try {
        await writeJobRecord(this.#options.stateDir, this.#options.record);
      } catch (error) {
        // A disk that is full must not end a job that runs.
        if (!this.#wasTold) this.#options.onTrouble(error);
        this.#wasTold = true;
      }
    });
    return this.#written;
  }
}

/** The latest time in a record. */
export function lastTime({ startedAt, abortedAt, steps }: JobRecord): number {
  const times = steps.flatMap((step) => [step.startedAt, step.began ?? 0, step.endedAt ?? 0]);
  return Math.max(startedAt, abortedAt ?? 0, ...times);
}

function endOf({ artifacts, vars, hidden, version, ...outcome }: NonNullable<StepRecord['end']>): LeafEnd {
  return {
    outcome: { ...outcome, ...(version !== undefined && { version: parseJson(version) }) },
    artifacts: new Map(artifacts.map(({ name, maker, place }) => [name, { maker, handle: place }])),
    vars: new Map(Object.entries(vars).map(([name, json]) => [name, parseJson(json)])),
    hidden,
  };
}
