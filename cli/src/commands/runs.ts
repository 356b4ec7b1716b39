/** `tarmac runs`, `attach` and `abort`. */
import { formatDuration, formatTable, printable, type JobSummary, type Run, type RunSummary } from '#runner/model';
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
import { resolveJobOrRun } from '../run-name.ts';
import { eventSink, type FollowFlags } from './follow.ts';
import type { TakeUpFlags } from './job-attach.ts';

/** Lists runs and jobs, newest first: a table, or with `--json` an array of `RunSummary`, and `JobSummary` with `kind: job`. */
export async function runs(
  flags: ClusterFlags & { readonly json?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    const { list, jobs } = await withRunner(
      context,
      flags,
      async (runner, runnerContext) => ({
        list: await runner.listRuns(runnerContext),
        jobs: await runner.listJobs(runnerContext),
      }),
      { signal },
    );
    const all = [...list, ...jobs.map((job) => ({ kind: 'job', ...job }))];
    if (flags.json) await printJson(io, jobs.length === 0 ? list : all.sort(newestFirst));
    else if (list.length + jobs.length === 0) await printLines(io, ['no runs']);
    else await printLines(io, runTable(list, jobs));
    return 0;
  });
}

function newestFirst(a: { readonly startedAt: string }, b: { readonly startedAt: string }): number {
  return b.startedAt.localeCompare(a.startedAt);
}

/** A job has its steps below it; the runs of these are not listed a second time. */
function runTable(list: readonly RunSummary[], jobs: readonly JobSummary[]): string[] {
  const isExplained = list.some(({ failure }) => failure) || jobs.some(({ steps }) => steps.some(({ error }) => error));
  const ofSteps = new Set(jobs.flatMap(({ steps }) => steps.flatMap(({ runs: own }) => own)));
  const state = (text: string, exitCode: number | undefined): string =>
    exitCode === undefined || exitCode === 0 ? text : `${text} (${exitCode})`;
  const took = (ms: number | undefined): string => (ms === undefined ? '' : formatDuration(ms));
  const why = (text: string | undefined): string[] => (isExplained ? [text?.split('\n', 1)[0] ?? ''] : []);
  const entries = [
    ...list
      .filter(({ run }) => !ofSteps.has(run))
      .map((run) => ({
        startedAt: run.startedAt,
        rows: [
          [
            run.run,
            state(run.state, run.exitCode),
            localTime(run.startedAt),
            took(run.durationMs),
            run.taskFile,
            ...why(run.failure?.title),
          ],
        ],
      })),
    ...jobs.map((job) => ({
      startedAt: job.startedAt,
      rows: [
        [
          job.id,
          job.state,
          localTime(job.startedAt),
          took(job.durationMs),
          `job ${job.job} of ${job.pipeline}`,
          ...why(undefined),
        ],
        ...job.steps.map((step) => [
          `  ${step.id}`,
          state(step.state, step.exitCode),
          localTime(step.startedAt),
          took(step.durationMs),
          step.runs.at(-1) ?? '',
          ...why(step.error),
        ]),
      ],
    })),
  ];
  // Runs keep the order of the list: it knows when clients' clocks are wrong.
  const rows = (jobs.length === 0 ? entries : entries.toSorted(newestFirst)).flatMap((entry) => entry.rows);
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
  flags: TakeUpFlags & FollowFlags & PodFlags & { readonly includeGit?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    const onEvent = eventSink(io, flags, await context.services.runner());
    return withRunner(
      context,
      flags,
      async (runner, runnerContext) => {
        const found = await resolveJobOrRun(name, runner, runnerContext);
        if ('job' in found) {
          const { attachJob } = await import('./job-attach.ts');
          return attachJob(found.job, flags, context, runner, runnerContext);
        }
        await using run = await runner.attachRun(found.run, runnerContext);
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
        void io.stderr.write(`\ndetached: the run keeps running; end it with: tarmac abort ${run.id}\n`);
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

/** Aborts a run or a job from outside and waits for its end. Exit code 0 when it has ended. */
export async function abort(name: string, flags: TakeUpFlags & FollowFlags, context: CommandContext): Promise<number> {
  const { io } = context;
  return interruptible(io, async (signal) => {
    const onEvent = eventSink(io, flags, await context.services.runner());
    return await withRunner(
      context,
      flags,
      async (runner, runnerContext) => {
        const found = await resolveJobOrRun(name, runner, runnerContext);
        if ('job' in found) {
          const { abortJob } = await import('./job-attach.ts');
          return abortJob(found.job, flags, context, runner, runnerContext);
        }
        const result = await runner.abortRun(found.run, runnerContext);
        if (!flags.events) await printLines(io, [`${result.run} ${paintOf(io, flags)('bold', result.status)}`]);
        return 0;
      },
      { signal, onEvent },
    );
  });
}
