/**
 * The output of one job: a log of all its steps with the step before each line, and a log of each run of a step, which its
 * own line of the Runs view shows. What comes is handled in its order, one after the other.
 */
import type { JobEvent, LeafRun, RunEvent, RunnerContext } from '#runner';
import type { Runner } from '../cluster/runner-host.ts';
import { editorReport } from '../output/editor-report.ts';
import type { OutputPanel, RunOutput, RunOutputView } from '../output/output-panel.ts';
import { RunLog, type LogPiece } from '../output/run-log.ts';
import { newRun, withRecord } from '../runs/run-model.ts';
import type { RunStore } from '../runs/run-store.ts';

/** What the output of a job is made of. */
export interface JobOutputParts {
  readonly runner: Runner;
  readonly store: Pick<RunStore, 'get' | 'put' | 'update' | 'apply'>;
  readonly panel: Pick<OutputPanel, 'open' | 'replay' | 'show'>;
  readonly context: RunnerContext;
  /** Absolute path of the log of a run, or of a job. */
  readonly logFile: (id: string) => string;
  /** What nothing may show. */
  readonly secrets: readonly string[];
  readonly onTrouble: (error: unknown) => void;
  /** Gets each piece of the job's log, too. */
  readonly onPiece?: ((piece: LogPiece) => void) | undefined;
}

interface StepLog {
  readonly step: LeafRun;
  readonly log: RunLog;
  readonly report: ReturnType<typeof editorReport>;
  /** Its place in the panel, once somebody looks at it. */
  view?: RunOutputView;
}

/** Whoever opens it closes it. */
export class JobOutput implements AsyncDisposable {
  readonly #parts: JobOutputParts;
  readonly #job: RunOutput;
  readonly #pipeline: string;
  readonly #log: RunLog;
  readonly #view: RunOutputView;
  readonly #lines: InstanceType<Runner['StepOutput']>;
  readonly #steps = new Map<string, StepLog>();
  #needles: readonly string[];
  #queue: Promise<void> = Promise.resolve();

  private constructor(parts: JobOutputParts, job: RunOutput, pipeline: string, log: RunLog, view: RunOutputView) {
    this.#parts = parts;
    this.#job = job;
    this.#pipeline = pipeline;
    this.#log = log;
    this.#view = view;
    this.#lines = new parts.runner.StepOutput();
    this.#needles = parts.runner.needlesOf(parts.secrets);
  }

  /** Opens the log of the job, or goes on with the one that is there. */
  static async open(parts: JobOutputParts, job: Omit<RunOutput, 'logFile'>, pipeline: string): Promise<JobOutput> {
    let view: RunOutputView | undefined;
    const log = await RunLog.open(parts.logFile(job.run), (piece) => {
      view?.add(piece);
      parts.onPiece?.(piece);
    });
    const output: RunOutput = { ...job, logFile: log.file };
    try {
      if (log.resumed) await parts.panel.replay(output);
      view = parts.panel.open(output);
      return new JobOutput(parts, output, pipeline, log, view);
    } catch (error) {
      await log[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A line about the job itself. */
  say(text: string): void {
    this.#then(() => this.#line(text));
  }

  /** What the job tells. */
  event(event: JobEvent): void {
    const { runner, secrets } = this.#parts;
    this.#then(async () => {
      if (event.type === 'step-started') {
        // Values of local vars may be secret, too: none is shown in a line of ours.
        this.#needles = runner.needlesOf([...secrets, ...runner.textsIn([...event.vars.values()])]);
      }
      if (event.type === 'step-ended') await this.#bytes(this.#lines.end(event.step.id));
      await this.#say(runner.jobEventLines(event));
    });
  }

  /** What the run of a step tells. */
  runEvent(step: LeafRun, event: RunEvent): void {
    this.#then(() => this.#runEvent(step, event));
  }

  /** Brings the output of a step's run to the front; false when it is none of this job, or has ended. */
  async showStep(run: string): Promise<boolean> {
    const { panel } = this.#parts;
    const step = this.#steps.get(run);
    if (!step) return false;
    await new Promise<void>((resolve) => {
      this.#then(async () => {
        const output: RunOutput = { run, task: step.step.name, logFile: step.log.file, startedAt: 0 };
        try {
          if (!step.view && this.#steps.has(run)) {
            await step.log.flushed();
            await panel.replay(output);
            step.view = panel.open(output);
          }
          panel.show(run);
        } finally {
          resolve();
        }
      });
    });
    return true;
  }

  /** Settles when everything is written down. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#then(async () => {
      for (const run of [...this.#steps.keys()]) await this.#close(run);
    });
    await this.#queue;
    await this.#log[Symbol.asyncDispose]();
    this.#view.dispose();
  }

  #then(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch((error: unknown) => this.#parts.onTrouble(error));
  }

  async #line(text: string): Promise<void> {
    await this.#log.line('stderr', this.#parts.runner.redactText(text, this.#needles));
  }

  async #say(lines: ReturnType<Runner['jobEventLines']>): Promise<void> {
    for (const { step, text } of lines) await this.#line(`[${step}] ${text}`);
  }

  async #bytes(data: Uint8Array): Promise<void> {
    if (data.length > 0) await this.#log.bytes('stdout', data);
  }

  async #runEvent(step: LeafRun, event: RunEvent): Promise<void> {
    const { store, runner } = this.#parts;
    const known = this.#steps.get(event.run) ?? (await this.#open(step, event));
    const fresh = known.log.fresh(event);
    // The bytes that are in the log already were counted.
    if (fresh) store.apply(fresh);
    if (fresh) await known.report.handle(fresh);
    if (fresh) await this.#say(runner.stepRunLines(step.id, fresh));
    if (fresh?.type === 'output') await this.#bytes(this.#lines.add(step.id, fresh.data));
    if (event.type === 'finished') await this.#close(event.run);
  }

  async #open(step: LeafRun, event: RunEvent): Promise<StepLog> {
    const { runner, store, context, logFile } = this.#parts;
    const { run, time } = event;
    const log = await RunLog.open(logFile(run), (piece) => this.#steps.get(run)?.view?.add(piece));
    const report = editorReport(runner, { screen: log, paint: (_style, text) => text });
    const own: StepLog = { step, log, report };
    this.#steps.set(run, own);
    const { context: name, namespace } = context.cluster.target;
    const more = { following: true, job: this.#job.run, logFile: log.file };
    const model =
      store.get(run) ?? newRun({ run, task: step.name, taskFile: this.#pipeline, context: name, namespace });
    const startedAt = model.startedAt === '' ? time : model.startedAt;
    store.put({ ...model, ...more, startedAt, ...(log.resumed && { outputBytes: log.counts }) });
    return own;
  }

  /** The run has ended, or was let go of: what only its record knows is read. */
  async #close(run: string): Promise<void> {
    const { runner, store, context } = this.#parts;
    const own = this.#steps.get(run);
    if (!own) return;
    this.#steps.delete(run);
    await own.log[Symbol.asyncDispose]();
    own.view?.dispose();
    store.update(run, { following: false });
    const record = await runner.readRecord(context.stateDir, run);
    const model = store.get(run);
    if (record && model) store.put(withRecord(model, record));
  }
}
