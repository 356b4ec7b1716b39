/** The lines of a job in the terminal: each with the step that it is about. */
import {
  printable,
  type JobEvent,
  type JobRunResult,
  type LeafRun,
  type RunEvent,
  type StepSummary,
} from '#runner/model';
import { paintOf, type ClusterFlags } from '../context.ts';
import type { Io } from '../io.ts';

/** The lines of a job: each with the step that it is about. */
export class JobLines {
  readonly #io: Io;
  readonly #paint: ReturnType<typeof paintOf>;
  readonly #rest = new Map<string, Buffer>();

  constructor(io: Io, flags: ClusterFlags) {
    this.#io = io;
    this.#paint = paintOf(io, flags);
  }

  event(event: JobEvent): void {
    if (event.past) {
      if (event.type === 'step-ended') this.#say(event.step.id, `${event.result} before`);
      return;
    }
    switch (event.type) {
      case 'step-started':
        this.#say(event.step.id, 'started');
        break;
      case 'held-back':
        this.#say(
          event.step.id,
          `held back; it would put ${JSON.stringify(event.params)} of ${event.inputs.join(', ') || 'no artifact'}`,
        );
        break;
      case 'log':
        if ('id' in event.step) this.#say(event.step.id, event.text.trimEnd());
        break;
      case 'error':
        this.#say('id' in event.step ? event.step.id : 'across', event.message, 'red');
        break;
      case 'step-ended': {
        this.#flush(event.step.id);
        const exit = event.exit === undefined || event.exit === 0 ? '' : ` (exit code ${event.exit})`;
        if (event.result !== 'held back') {
          this.#say(event.step.id, `${event.result}${exit}`, event.result === 'succeeded' ? 'green' : 'red');
        }
        break;
      }
      default:
    }
  }

  runEvent(step: LeafRun, event: RunEvent): void {
    if (event.type === 'warning') this.#say(step.id, `warning: ${event.message}`, 'yellow');
    if (event.type === 'failure') this.#say(step.id, `${event.failure.title}\n${event.failure.nextStep}`, 'red');
    if (event.type !== 'output') return;
    const data = Buffer.concat([this.#rest.get(step.id) ?? Buffer.alloc(0), event.data]);
    const end = data.lastIndexOf(0x0a) + 1;
    this.#rest.set(step.id, data.subarray(end));
    if (end > 0) this.#output(step.id, data.subarray(0, end));
  }

  /** Tells by which name the job can be taken up again. */
  begin(id: string): void {
    void this.#io.stderr.write(`job ${id}\n`);
  }

  /** A step of a job that another process sees to. */
  step({ id, state, exitCode, error }: StepSummary): void {
    const exit = exitCode === undefined || exitCode === 0 ? '' : ` (exit code ${exitCode})`;
    if (state === 'running') {
      this.#say(id, 'started');
    } else {
      this.#say(
        id,
        `${state}${exit}${error === undefined ? '' : `: ${error}`}`,
        state === 'failed' ? 'red' : undefined,
      );
    }
  }

  /** Prints what a job ends with. */
  async end({ id, status, heldBack }: Pick<JobRunResult, 'id' | 'status' | 'heldBack'>): Promise<void> {
    const held = heldBack.length === 0 ? '' : `; held back: ${[...new Set(heldBack)].join(', ')}`;
    await this.#io.stderr.write(
      status === 'left'
        ? `job ${id} left: running steps continue, the steps after them wait; continue with: tarmac attach ${id}\n`
        : `job ${id} ${status}${held}\n`,
    );
  }

  #flush(id: string): void {
    const rest = this.#rest.get(id);
    this.#rest.delete(id);
    if (rest !== undefined && rest.length > 0) this.#output(id, Buffer.concat([rest, Buffer.from('\n')]));
  }

  /** The output of a task, byte for byte, each line with its step before it. */
  #output(id: string, data: Buffer): void {
    const lines = data.toString().replace(/\n$/, '').split('\n');
    void this.#io.stdout.write(lines.map((line) => `[${printable(id)}] ${line}\n`).join(''));
  }

  #say(id: string, text: string, color?: 'red' | 'green' | 'yellow'): void {
    for (const line of text.split('\n')) {
      const shown = printable(line);
      void this.#io.stderr.write(`[${printable(id)}] ${color === undefined ? shown : this.#paint(color, shown)}\n`);
    }
  }
}
