/** One `tarmac execute --events` and what its events say. */
import { time, type Bench, type Timed } from './setup.ts';

interface AnyEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface TarmacRun extends Timed {
  readonly events: readonly AnyEvent[];
  /** Seconds from the start of the process to the first `output` event. */
  readonly firstOutput: number | undefined;
  /** Seconds from the start of the process until all inputs were where the command finds them or will be unpacked from. */
  readonly inputsReady: number | undefined;
  /** Payload bytes of all inputs. */
  readonly sent: number;
}

/** Seconds of a span, by its name. */
export function spanSeconds(run: TarmacRun, name: string): number {
  const ended = run.events.find((event) => event.type === 'span-ended' && event.name === name);
  if (!ended) throw new Error(`the run has no span ${name}`);
  return Number(ended.durationMs) / 1000;
}

export async function execute(bench: Bench, task: string, args: readonly string[]): Promise<TarmacRun> {
  const events: AnyEvent[] = [];
  let rest = '';
  let firstOutput: number | undefined;
  let inputsReady: number | undefined;
  const timed = await time(process.execPath, [bench.cli, 'execute', '--events', '-c', task, ...args], {
    env: bench.env,
    cwd: bench.scratch,
    onOutput(chunk, seconds) {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as AnyEvent;
        if (event.type === 'output') firstOutput ??= seconds;
        else events.push(event);
        if (event.type === 'input-ready') inputsReady = seconds;
      }
    },
  });
  const sent = events
    .filter((event) => event.type === 'input-ready')
    .reduce((sum, event) => sum + Number(event.sent), 0);
  return { ...timed, events, firstOutput, inputsReady, sent };
}
