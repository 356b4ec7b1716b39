/** Following one run in the terminal: its events to the report, signals to the run, its result to an exit code. */
import { eventToJson, Report, type Run, type RunEventSink } from '#runner/model';
import { paintOf } from '../context.ts';
import { runExitCode } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { Screen } from '../screen.ts';
import type { RunnerServices } from '../services.ts';
import type { RunStop } from '../stop.ts';

export interface FollowFlags {
  /** RunEvents as JSON lines on stdout, and nothing else there. */
  readonly events?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
}

/** The consumer of a run's events that the flags ask for. */
export function eventSink(io: Io, flags: FollowFlags, runner: Pick<RunnerServices, 'describeFailure'>): RunEventSink {
  if (flags.events) return (event) => io.stdout.write(`${eventToJson(event)}\n`);
  const report = new Report({
    screen: new Screen(io.stdout, io.stderr, io.now),
    paint: paintOf(io, flags),
    now: io.now,
    quiet: flags.quiet ?? false,
    verbose: flags.verbose ?? false,
    describe: (failure) => runner.describeFailure(failure),
    shellHint: (run) => `tarmac shell ${run}`,
  });
  return (event) => report.handle(event);
}

/** Waits for the run's end. */
export async function followRun(run: Run, stop: RunStop): Promise<number> {
  stop.follow(run);
  return runExitCode(await run.done);
}
