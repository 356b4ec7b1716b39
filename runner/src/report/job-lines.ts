/**
 * What the command line and the editor's output panel show of a job: each line with the step that it is about. English, as
 * the output of every run is.
 */
import type { JobEvent } from '../job/steps/job-events.ts';
import type { JobRunResult } from '../job/run-job.ts';
import type { RunEvent } from '../model/events.ts';
import type { Style } from '../model/format.ts';
import type { StepSummary } from '../model/job.ts';

/** One line about a step. */
export interface StepLine {
  /** The id of the step: `task:test`. */
  readonly step: string;
  readonly text: string;
  /** Where there are colors. */
  readonly style?: Style | undefined;
}

/** A text as lines about a step. */
function linesOf(step: string, text: string, style?: Style): StepLine[] {
  return text.split('\n').map((line) => ({ step, text: line, style }));
}

/** What an event of a job says, line by line; nothing for one that only views need. */
export function jobEventLines(event: JobEvent): StepLine[] {
  if (event.past) return event.type === 'step-ended' ? linesOf(event.step.id, `${event.result} before`) : [];
  switch (event.type) {
    case 'step-started':
      return linesOf(event.step.id, 'started');
    case 'held-back': {
      const inputs = event.inputs.join(', ') || 'no artifact';
      return linesOf(event.step.id, `held back; it would put ${JSON.stringify(event.params)} of ${inputs}`);
    }
    case 'log':
      return 'id' in event.step ? linesOf(event.step.id, event.text.trimEnd()) : [];
    case 'error':
      return linesOf('id' in event.step ? event.step.id : 'across', event.message, 'red');
    case 'step-ended': {
      if (event.result === 'held back') return [];
      return linesOf(event.step.id, resultText(event), event.result === 'succeeded' ? 'green' : 'red');
    }
    default:
      return [];
  }
}

/** What a run of a step says beside its output. */
export function stepRunLines(step: string, event: RunEvent): StepLine[] {
  if (event.type === 'warning') return linesOf(step, `warning: ${event.message}`, 'yellow');
  if (event.type !== 'failure') return [];
  return linesOf(step, `${event.failure.title}\n${event.failure.nextStep}`, 'red');
}

/** A step of a job that another process sees to: only its state is known here. */
export function stepSummaryLines({ id, state, exitCode, error }: StepSummary): StepLine[] {
  if (state === 'running') return linesOf(id, 'started');
  const why = error === undefined ? '' : `: ${error}`;
  return linesOf(id, `${resultText({ result: state, exit: exitCode })}${why}`, state === 'failed' ? 'red' : undefined);
}

function resultText({ result, exit }: { readonly result: string; readonly exit?: number | undefined }): string {
  return exit === undefined || exit === 0 ? result : `${result} (exit code ${exit})`;
}

/** How a job ended, with the puts that were held back. */
export function jobEndText({ id, status, heldBack }: Pick<JobRunResult, 'id' | 'status' | 'heldBack'>): string {
  const held = heldBack.length === 0 ? '' : `; held back: ${[...new Set(heldBack)].join(', ')}`;
  return `job ${id} ${status}${held}`;
}

/** The output of the tasks of a job, byte for byte: whole lines with the step before each; what has no end yet waits. */
export class StepOutput {
  readonly #rest = new Map<string, Buffer>();
  readonly #shown: (step: string) => string;

  /** @param shown how the id of a step reads */
  constructor(shown: (step: string) => string = (step) => step) {
    this.#shown = shown;
  }

  /** The lines that are complete now; empty when there are none. */
  add(step: string, data: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.#rest.get(step) ?? Buffer.alloc(0), data]);
    const end = all.lastIndexOf(0x0a) + 1;
    this.#rest.set(step, Buffer.from(all.subarray(end)));
    return this.#prefixed(step, all.subarray(0, end));
  }

  /** What has no end, as a line: its step has ended. */
  end(step: string): Uint8Array {
    const rest = this.#rest.get(step) ?? Buffer.alloc(0);
    this.#rest.delete(step);
    return rest.length === 0 ? rest : this.#prefixed(step, Buffer.concat([rest, Buffer.from('\n')]));
  }

  #prefixed(step: string, lines: Buffer): Uint8Array {
    const head = Buffer.from(`[${this.#shown(step)}] `);
    const pieces: Buffer[] = [];
    for (let start = 0; start < lines.length;) {
      const end = lines.indexOf(0x0a, start) + 1;
      pieces.push(head, lines.subarray(start, end));
      start = end;
    }
    return Buffer.concat(pieces);
  }
}
