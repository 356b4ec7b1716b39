/** The lines of a job in the terminal: each with the step that it is about. */
import {
  jobEndText,
  jobEventLines,
  printable,
  StepOutput,
  stepRunLines,
  stepSummaryLines,
  type JobEvent,
  type JobRunResult,
  type LeafRun,
  type RunEvent,
  type StepLine,
  type StepSummary,
} from '#runner/model';
import { paintOf, type ClusterFlags } from '../context.ts';
import type { Io } from '../io.ts';

/** Prints a job: the output of its tasks to standard output, all else to standard error. */
export class JobLines {
  readonly #io: Io;
  readonly #paint: ReturnType<typeof paintOf>;
  readonly #output = new StepOutput(printable);

  constructor(io: Io, flags: ClusterFlags) {
    this.#io = io;
    this.#paint = paintOf(io, flags);
  }

  event(event: JobEvent): void {
    if (event.type === 'step-ended') this.#print(this.#output.end(event.step.id));
    this.#say(jobEventLines(event));
  }

  runEvent(step: LeafRun, event: RunEvent): void {
    this.#say(stepRunLines(step.id, event));
    if (event.type === 'output') this.#print(this.#output.add(step.id, event.data));
  }

  /** Tells by which name the job can be taken up again. */
  begin(id: string): void {
    void this.#io.stderr.write(`job ${id}\n`);
  }

  /** A step of a job that another process sees to. */
  step(step: StepSummary): void {
    this.#say(stepSummaryLines(step));
  }

  /** Prints what a job ends with. */
  async end(result: Pick<JobRunResult, 'id' | 'status' | 'heldBack'>): Promise<void> {
    const { id, status } = result;
    await this.#io.stderr.write(
      status === 'left'
        ? `job ${id} left: running steps continue, the steps after them wait; continue with: tarmac attach ${id}\n`
        : `${jobEndText(result)}\n`,
    );
  }

  #print(lines: Uint8Array): void {
    if (lines.length > 0) void this.#io.stdout.write(lines);
  }

  #say(lines: readonly StepLine[]): void {
    for (const { step, text, style } of lines) {
      const shown = printable(text);
      void this.#io.stderr.write(`[${printable(step)}] ${style === undefined ? shown : this.#paint(style, shown)}\n`);
    }
  }
}
