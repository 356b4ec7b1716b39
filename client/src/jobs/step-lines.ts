/** The lines of a job in its output: each with the step that it is about. English, as the output of every run is. */
import type { JobEvent, RunEvent, StepSummary } from '#runner';

/** Whole lines of a step's output with the step before each; what has no end yet waits. */
export class StepLines {
  readonly #rest = new Map<string, Buffer>();

  /** The lines that are complete now; empty when there are none. */
  add(step: string, data: Uint8Array): Uint8Array {
    const all = Buffer.concat([this.#rest.get(step) ?? Buffer.alloc(0), data]);
    const end = all.lastIndexOf(0x0a) + 1;
    this.#rest.set(step, Buffer.from(all.subarray(end)));
    return prefixed(step, all.subarray(0, end));
  }

  /** What has no end, as a line: its step has ended. */
  end(step: string): Uint8Array {
    const rest = this.#rest.get(step) ?? Buffer.alloc(0);
    this.#rest.delete(step);
    return rest.length === 0 ? rest : prefixed(step, Buffer.concat([rest, Buffer.from('\n')]));
  }
}

function prefixed(step: string, lines: Buffer): Uint8Array {
  const head = Buffer.from(`[${step}] `);
  const pieces: Buffer[] = [];
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(0x0a, start) + 1;
    pieces.push(head, lines.subarray(start, end));
    start = end;
  }
  return Buffer.concat(pieces);
}

/** What an event of a job says, line by line; nothing for one that only views need. */
export function eventLines(event: JobEvent): string[] {
  const of = (step: string, text: string): string[] => text.split('\n').map((line) => `[${step}] ${line}`);
  if (event.past) return event.type === 'step-ended' ? of(event.step.id, `${event.result} before`) : [];
  switch (event.type) {
    case 'step-started':
      return of(event.step.id, 'started');
    case 'held-back': {
      const inputs = event.inputs.join(', ') || 'no artifact';
      return of(event.step.id, `held back; it would put ${JSON.stringify(event.params)} of ${inputs}`);
    }
    case 'log':
      return 'id' in event.step ? of(event.step.id, event.text.trimEnd()) : [];
    case 'error':
      return of('id' in event.step ? event.step.id : 'across', event.message);
    case 'step-ended':
      return event.result === 'held back' ? [] : of(event.step.id, resultText(event.result, event.exit));
    default:
      return [];
  }
}

/** What a run of a step says beside its output. */
export function runLines(step: string, event: RunEvent): string[] {
  if (event.type === 'warning') return [`[${step}] warning: ${event.message}`];
  if (event.type !== 'failure') return [];
  return [event.failure.title, event.failure.nextStep].flatMap((text) =>
    text.split('\n').map((line) => `[${step}] ${line}`),
  );
}

/** A step of a job that another process sees to: only its state is known here. */
export function summaryLine({ id, state, exitCode, error }: StepSummary): string {
  if (state === 'running') return `[${id}] started`;
  return `[${id}] ${resultText(state, exitCode)}${error === undefined ? '' : `: ${error}`}`;
}

function resultText(result: string, exit: number | undefined): string {
  return exit === undefined || exit === 0 ? result : `${result} (exit code ${exit})`;
}
