/** `tarmac execute`: what `fly execute` does, on a Kubernetes cluster and without a Concourse. */
import type { PlanDraft, PlannedStore, RunEventSink } from '#runner/model';
import { claimOf, withRunner, type CommandContext } from '../context.ts';
import { RunStop } from '../stop.ts';
import { UsageError } from '../usage.ts';
import { eventSink, followRun } from './follow.ts';
import {
  checked,
  directStore,
  draftOf,
  printNotices,
  printWarnings,
  readRequest,
  resolveInputRuns,
  type ExecuteFlags,
} from './task-request.ts';

/**
 * Runs a task.
 * @param args the task's further arguments
 * @param problems what is wrong with the flags' values
 * @returns the exit code, as `fly execute` has it
 */
export async function execute(
  flags: ExecuteFlags,
  args: readonly string[],
  problems: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  using stop = new RunStop(io);
  try {
    printNotices(flags, context);
    const found = [...problems];
    const read = await readRequest(flags, args, found, context);
    if (!read) throw new UsageError(...found);
    const runner = await context.services.runner();
    const claim = claimOf(io, flags);
    const { taskFile } = read;
    const { plan: draft, warnings } = checked(draftOf(read, runner, context, flags), taskFile, found);
    printWarnings(warnings, flags, context);
    if (flags.dryRun) {
      const store: PlannedStore = claim ? { kind: 'claim', claim } : directStore;
      await io.stdout.write(runner.podPreview(checked(runner.withStore(draft, store), taskFile).plan));
      return 0;
    }
    return await start(draft, taskFile, flags, context, stop);
  } catch (error) {
    const cancelled = stop.cancelledExitCode;
    if (cancelled === undefined) throw error;
    return cancelled;
  }
}

async function start(
  draft: PlanDraft,
  taskFile: string,
  flags: ExecuteFlags,
  context: CommandContext,
  stop: RunStop,
): Promise<number> {
  const { io } = context;
  const sink = eventSink(io, flags, await context.services.runner());
  // As with fly, what a background task prints before we leave is for whoever attaches to it.
  const hidden = flags.background && !flags.events;
  const onEvent: RunEventSink = (event) => (hidden && event.type === 'output' ? undefined : sink(event));
  const work: Parameters<typeof withRunner<number>>[2] = async (runner, runnerContext, cluster) => {
    const store = await runner.chooseStore(cluster, claimOf(io, flags));
    const inputs = await resolveInputRuns(draft.inputs, runner, runnerContext);
    const { plan } = checked(runner.withStore({ ...draft, inputs }, store), taskFile);
    stop.signal.throwIfAborted();
    await using run = runner.startRun(await runner.withSpare(plan, runnerContext, flags.spare), runnerContext);
    if (!flags.background) return await followRun(run, stop);
    stop.follow(run);
    const started = await Promise.race([run.started.then(() => true), run.done.then(() => false)]);
    if (!started) return await followRun(run, stop);
    await run.detach();
    if (!flags.events) await io.stdout.write(flags.quiet ? `${run.id}\n` : `follow it with: tarmac attach ${run.id}\n`);
    return 0;
  };
  return await withRunner(context, flags, work, {
    signal: stop.signal,
    onEvent,
    includeGit: flags.includeGitOutputs ?? false,
  });
}
