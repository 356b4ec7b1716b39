/** `tarmac runs`, `attach` and `abort`. */
import { formatDuration, formatTable, printable, type Run, type RunSummary } from '#runner/model';
import {
  interruptible,
  paintOf,
  printJson,
  printLines,
  withRunner,
  type ClusterFlags,
  type CommandContext,
  type PodFlags,
} from '../context.ts';
import { runExitCode } from '../exit-code.ts';
import { signalExitCode, type Io } from '../io.ts';
import { resolveRun } from '../run-name.ts';
import { eventSink, type FollowFlags } from './follow.ts';

/** Lists the runs, newest first: a table, or with `--json` an array of `RunSummary`. */
export async function runs(
  flags: ClusterFlags & { readonly json?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    const list = await withRunner(context, flags, (runner, runnerContext) => runner.listRuns(runnerContext), {
      signal,
    });
    if (flags.json) await printJson(io, list);
    else if (list.length === 0) await printLines(io, ['no runs']);
    else await printLines(io, runTable(list));
    return 0;
  });
}

function runTable(list: readonly RunSummary[]): string[] {
  const isExplained = list.some(({ failure }) => failure);
  const rows = list.map((run) => [
    run.run,
    run.exitCode === undefined || run.exitCode === 0 ? run.state : `${run.state} (${run.exitCode})`,
    localTime(run.startedAt),
    run.durationMs === undefined ? '' : formatDuration(run.durationMs),
    run.taskFile,
    ...(isExplained ? [run.failure?.title ?? ''] : []),
  ]);
  const head = ['run', 'state', 'started', 'took', 'task', ...(isExplained ? ['why'] : [])];
  return formatTable([head, ...rows.map((row) => row.map(printable))], { right: [3] });
}

/** `2026-11-23 16:45:52` in the user's time zone; an unknown time stays empty. */
export function localTime(iso: string | undefined): string {
  const date = new Date(iso ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19).replace('T', ' ');
}

/**
 * Follows a run that another process started, from its first line of output; its exit code is ours. As with `fly watch`,
 * Ctrl-C only ends the watching.
 */
export async function attach(
  name: string,
  flags: ClusterFlags & FollowFlags & PodFlags & { readonly includeGit?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    const onEvent = eventSink(io, flags, await context.services.runner());
    return withRunner(
      context,
      flags,
      async (runner, runnerContext) => {
        const id = await resolveRun(name, runner, runnerContext);
        await using run = await runner.attachRun(id, runnerContext);
        return await watchRun(run, io);
      },
      { signal, onEvent, includeGit: flags.includeGit ?? false },
    );
  });
}

/** Waits for the run's end, or for a stop signal, which leaves the run as it is. */
async function watchRun(run: Run, io: Io): Promise<number> {
  let handler: Disposable | undefined;
  let stopped = false;
  const left = new Promise<number>((resolve, reject) => {
    handler = io.onStop((signal) => {
      if (stopped) {
        io.exit(signalExitCode(signal));
        return;
      }
      stopped = true;
      if (signal !== 'SIGPIPE') {
        void io.stderr.write(`\ndetached: the run goes on; end it with: tarmac abort ${run.id}\n`);
      }
      run.detach().then(() => resolve(signalExitCode(signal)), reject);
    });
  });
  try {
    return await Promise.race([run.done.then((result) => (stopped ? left : runExitCode(result))), left]);
  } finally {
    handler?.[Symbol.dispose]();
  }
}

/** Aborts a run from outside and waits for its end. Exit code 0 when it has ended. */
export async function abort(name: string, flags: ClusterFlags & FollowFlags, context: CommandContext): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    const onEvent = eventSink(io, flags, await context.services.runner());
    const result = await withRunner(
      context,
      flags,
      async (runner, runnerContext) => runner.abortRun(await resolveRun(name, runner, runnerContext), runnerContext),
      { signal, onEvent },
    );
    if (!flags.events) await printLines(io, [`${result.run} ${paintOf(io, flags)('bold', result.status)}`]);
    return 0;
  });
}
