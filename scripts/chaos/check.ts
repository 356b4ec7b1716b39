/**
 * The checker: what was seen of a run, beside what must be. It knows the workload and the fault, and nothing of the runner's
 * code. Pure; each sentence that it gives is something wrong.
 */

import type { ChaosPlan } from './plan.ts';
import type { Expected } from './setup.ts';
import { stepStream, stepNames, streamOf } from './workload.ts';

/** What is written down of a run, on the user's machine. */
export interface SeenRun {
  readonly run: string;
  /** Of a job: its step. */
  readonly task: string;
  readonly status?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly failure?: string | undefined;
  /** The command's output as it was written to the disk. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What was seen when all commands had ended. */
export interface Seen {
  /** Exit code of the command that tells how it ended, and what it printed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The runs that were checked; of a job those of its steps, the last of each. */
  readonly runs: readonly SeenRun[];
  /** The input that was sent, and the output that arrived; absent where none was asked for. */
  readonly sent: readonly string[];
  readonly received: readonly string[] | undefined;
  /** The artifact of a job as it was downloaded, and what it must be. */
  readonly artifact?: { readonly wanted: string; readonly found: string | undefined } | undefined;
  /** State of the job as `tarmac runs` lists it. */
  readonly job?: string | undefined;
  /** What is left: pods, Secrets, files, processes; what is wrong in the store. */
  readonly left: readonly string[];
  /** The user killed the client before it had told of any run. */
  readonly isUnknown?: boolean;
  /** The last command was `tarmac abort`, or a client that was told to leave at once. */
  readonly abortCode?: number | undefined;
}

/** Everything that is wrong; nothing when all is right. */
export function faultsOf(plan: ChaosPlan, expected: Expected, seen: Seen): string[] {
  const found = [...seen.left];
  if (seen.isUnknown) return found;
  found.push(...(plan.what === 'task' ? taskFaults(plan, expected, seen) : jobFaults(plan, expected, seen)));
  return found;
}

function taskFaults(plan: ChaosPlan, expected: Expected, seen: Seen): string[] {
  const [run] = seen.runs;
  if (!run) return ['nothing is known of the run'];
  const found: string[] = [];
  const isComplete = run.status === 'succeeded' || run.status === 'failed';
  const end = settle(expected, run);
  const wanted = streamOf('out', plan);
  const wantedErr = streamOf('err', plan);
  // What the client says may come within a line of the task, on a line of its own. The log has the stream alone.
  const errors = seen.stderr
    .replaceAll(/^connection lost .*\n/gm, '')
    .split(/(?<=\n)/)
    .filter((line) => /^(?:e|er|err|err .*|[\d ]+)\n?$/.test(line))
    .join('')
    .replaceAll('\n', '');
  const printed = wantedErr.replaceAll('\n', '');
  if (end === 'same' || end === 'failed' || end === 'ended') {
    if (seen.stdout !== wanted) found.push(`stdout: ${difference(seen.stdout, wanted)}`);
    if (errors !== printed) found.push(`stderr: ${difference(errors, printed)}`);
    if (run.stderr !== wantedErr) found.push(`stderr.log: ${difference(run.stderr, wantedErr)}`);
    if (run.stdout !== wanted) found.push(`stdout.log: ${difference(run.stdout, wanted)}`);
  } else {
    if (!wanted.startsWith(seen.stdout)) found.push(`stdout: ${difference(seen.stdout, wanted)}`);
    if (!printed.startsWith(errors)) found.push(`stderr: ${difference(errors, printed)}`);
    if (!wantedErr.startsWith(run.stderr)) found.push(`stderr.log: ${difference(run.stderr, wantedErr)}`);
    if (!wanted.startsWith(run.stdout)) found.push(`stdout.log: ${difference(run.stdout, wanted)}`);
  }
  if (end === 'same') {
    const status = plan.exitCode === 0 ? 'succeeded' : 'failed';
    expectEqual(found, 'status', run.status, status);
    expectEqual(found, 'exit code in the record', run.exitCode, plan.exitCode);
    expectEqual(found, 'failure', run.failure, undefined);
    expectEqual(found, 'exit code', seen.code, plan.exitCode);
    const wrong = seen.sent.filter((line) => !seen.received?.includes(line));
    if (!seen.received) {
      found.push('the output did not arrive');
    } else if (wrong.length > 0 || seen.received.length !== seen.sent.length) {
      found.push(
        `the output differs from the input: ${wrong.slice(0, 3).join('; ')} (${seen.received.length} of ${seen.sent.length} entries)`,
      );
    }
  }
  if (end === 'ended') {
    expectEqual(found, 'exit code in the record', run.exitCode, plan.exitCode);
    expectEqual(found, 'exit code', seen.code, plan.exitCode);
    expectKind(found, run.failure, expected);
  }
  if (end === 'lost') {
    expectEqual(found, 'status', run.status, 'errored');
    if (seen.code === 0) found.push('exit code 0 of a run that was lost');
    expectKind(found, run.failure, expected);
  }
  if (end === 'failed') {
    expectEqual(found, 'status', run.status, 'failed');
    expectKind(found, run.failure, expected);
    const code = expected.end === 'failed' ? expected.exitCode : undefined;
    expectEqual(found, 'exit code', seen.code, code ?? 1);
  }
  if (end === 'aborted') {
    expectEqual(found, 'exit code', seen.code, seen.abortCode ?? 3);
    if (seen.abortCode === undefined || seen.abortCode === 0) expectEqual(found, 'status', run.status, 'aborted');
    else if (isComplete) found.push(`status ${run.status} of a run that was aborted`);
  }
  return found;
}

/**
 * Which of several ends it is: by what is written down, which then has to be right throughout. `ended`: the command had failed by
 * itself, and then what it had made was lost.
 */
function settle(expected: Expected, { status, failure }: SeenRun): 'same' | 'lost' | 'ended' | 'failed' | 'aborted' {
  if (expected.end === 'same or lost') {
    if (status === 'errored') return 'lost';
    return status === 'failed' && failure !== undefined ? 'ended' : 'same';
  }
  if (expected.end === 'same or aborted') return status === 'aborted' ? 'aborted' : 'same';
  return expected.end;
}

function jobFaults(plan: ChaosPlan, expected: Expected, seen: Seen): string[] {
  const found: string[] = [];
  const last = seen.job ?? 'unknown';
  const end =
    expected.end === 'same or lost'
      ? last === 'succeeded'
        ? 'same'
        : 'lost'
      : expected.end === 'failed'
        ? 'lost'
        : expected.end;
  for (const run of seen.runs) {
    const wanted = stepStream(run.task, plan);
    const isWhole = end === 'same';
    if (isWhole ? run.stdout !== wanted : !wanted.startsWith(run.stdout)) {
      found.push(`stdout.log of ${run.task}: ${difference(run.stdout, wanted)}`);
    }
  }
  for (const step of stepNames) {
    // What an earlier client has printed need not be printed again; nothing may come twice.
    for (const [word, wanted] of [
      ['out', stepStream(step, plan)],
      ['err', streamOf('err', plan)],
    ] as const) {
      const lines = [...seen.stdout.matchAll(new RegExp(`^\\[task:${step}\\] (.*\n)`, 'gm'))].map(
        ([, line]) => line ?? '',
      );
      const printed = lines.filter((line) => line.startsWith('err ') === (word === 'err')).join('');
      if (!wanted.includes(printed)) found.push(`${word} of ${step}: ${difference(printed, wanted)}`);
    }
  }
  if (end === 'same') {
    expectEqual(found, 'job', last, 'succeeded');
    expectEqual(found, 'exit code', seen.code, 0);
    for (const step of stepNames) {
      if (!seen.runs.some(({ task }) => task === step)) found.push(`step ${step} has no run`);
    }
    for (const run of seen.runs) expectEqual(found, `status of ${run.task}`, run.status, 'succeeded');
    if (seen.artifact && seen.artifact.found !== seen.artifact.wanted) {
      found.push('the artifact of the job is another one');
    }
  }
  if (end === 'lost') {
    if (last === 'succeeded' || seen.code === 0) {
      found.push(`job ${last}, exit code ${seen.code}, although a step was lost`);
    }
    const kinds = seen.runs.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
    if (kinds.length === 0) found.push('no step says why the job was lost');
    for (const kind of kinds) expectKind(found, kind, expected);
  }
  if (end === 'aborted') {
    expectEqual(found, 'job', last, 'aborted');
    expectEqual(found, 'exit code', seen.code, seen.abortCode ?? 3);
  }
  return found;
}

function expectEqual(found: string[], what: string, is: unknown, wanted: unknown): void {
  if (is !== wanted) found.push(`${what}: ${String(is)} instead of ${String(wanted)}`);
}

function expectKind(found: string[], kind: string | undefined, expected: Expected): void {
  const kinds: readonly string[] = 'kinds' in expected ? expected.kinds : [];
  if (kind === undefined || !kinds.includes(kind)) {
    found.push(`the failure is told as ${kind}, and was ${kinds.join(' or ')}`);
  }
}

/** Where two texts part, in a few words. */
export function difference(is: string, wanted: string): string {
  let at = 0;
  while (at < Math.min(is.length, wanted.length) && is[at] === wanted[at]) at++;
  const near = (text: string): string => JSON.stringify(text.slice(at, at + 30));
  return `${is.length} of ${wanted.length} characters, from ${at} on ${near(is)} instead of ${near(wanted)}`;
}
