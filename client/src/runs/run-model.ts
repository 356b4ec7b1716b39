/**
 * What the views know of one run: plain, immutable data that is made from events and from lists. No editor, no cluster
 * and no clock of its own, so that a tree, a progress bar and a test read the same thing.
 */
import type { EventAttributes, RunFacts, RunFailure, RunRecord, RunState, RunSummary, SpanOutcome } from '#runner';
import { omit } from '../ui/omit.ts';

/** One phase of a run. */
export interface RunSpan {
  readonly id: number;
  readonly parent?: number;
  /** What a person reads: `start pod`, `upload inputs` … */
  readonly label: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Milliseconds; absent while the phase goes on. */
  readonly durationMs?: number;
  readonly outcome?: SpanOutcome;
  readonly attributes?: EventAttributes;
}

export interface RunInput {
  readonly name: string;
  /** A local folder, or `run:RUN/OUTPUT`; absent for a run of another machine. */
  readonly from?: string;
  /** Known once the input is ready. */
  readonly digest?: string;
  readonly files?: number;
  /** Size of the tree in bytes. */
  readonly bytes?: number;
  /** Bytes that crossed the wire. */
  readonly sent?: number;
}

export interface RunOutput {
  readonly name: string;
  /** Local folder that receives it. */
  readonly target?: string;
  /** Known once the output was saved. */
  readonly files?: number;
  readonly bytes?: number;
  /** True when the store has it, so that it outlives the pod. */
  readonly kept?: boolean;
  /** True once it lies in `target`. */
  readonly downloaded?: boolean;
}

/** What moves at the moment. */
export interface RunActivity {
  readonly kind: 'scan' | 'upload' | 'download';
  /** Name of the input or output. */
  readonly name: string;
  readonly bytes: number;
  readonly total?: number;
  readonly files?: number;
  /** When this transfer was first heard of, milliseconds since the epoch. */
  readonly since: number;
  /** Bytes a second since then; absent until it is known. */
  readonly rate?: number;
}

/** One run as the views see it. */
export interface RunModel extends RunFacts {
  readonly state: RunState;
  /** Milliseconds, once the run has ended. */
  readonly durationMs?: number;
  /** What an exit code or the end of the memory means. */
  readonly hint?: string;
  readonly failure?: RunFailure;
  /** Name of the pod, while it is there. */
  readonly pod?: string;
  /** UID of the pod, for its events, which outlive it for a while. */
  readonly podUid?: string;
  /** Until when the pod is kept for looking into it, milliseconds since the epoch. */
  readonly podKeptUntil?: number;
  /** Started from another machine, or by another user: only its pod is known here. */
  readonly elsewhere: boolean;
  /** Who started it elsewhere, where that is known: `user@machine`. */
  readonly owner?: string;
  /** This window gets its events. */
  readonly following: boolean;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly spans: readonly RunSpan[];
  readonly inputs: readonly RunInput[];
  readonly outputs: readonly RunOutput[];
  /** Bytes of the command's output so far. */
  readonly outputBytes: { readonly stdout: number; readonly stderr: number };
  readonly activity?: RunActivity;
  /** What the run waits for and does not control. */
  readonly waiting?: string;
  /** The connection is lost and is being made anew. */
  readonly reconnecting?: string;
  readonly aborting?: 'terminate' | 'kill' | 'delete';
  /** The job that it is a run of a step of, where this window has followed that. */
  readonly job?: string;
  /** Absolute path of the file with everything the panel shows, and what it had to leave out. */
  readonly logFile?: string;
}

/** When the run began, in milliseconds since the epoch; undefined when it is not known. */
export function startMs({ startedAt }: Pick<RunFacts, 'startedAt'>): number | undefined {
  const ms = Date.parse(startedAt);
  return Number.isNaN(ms) ? undefined : ms;
}

/** A state in which nothing more happens. */
export function isOver(state: RunState): boolean {
  return !['starting', 'running', 'ended'].includes(state);
}

/** How a run ended is known, and stays so. */
function isDecided(state: RunState): boolean {
  return ['succeeded', 'failed', 'errored', 'aborted'].includes(state);
}

/** The phase that began last and goes on. */
export function currentSpan(run: RunModel): RunSpan | undefined {
  return run.spans.findLast((span) => span.durationMs === undefined && span.label !== 'total');
}

/** A run that is about to begin, or that was found. */
export function newRun(
  known: Pick<RunModel, 'run' | 'task' | 'taskFile' | 'context' | 'namespace'> & Partial<RunModel>,
): RunModel {
  return {
    state: 'starting',
    startedAt: '',
    elsewhere: false,
    following: false,
    spans: [],
    inputs: [],
    outputs: [],
    outputBytes: { stdout: 0, stderr: 0 },
    ...known,
  };
}

/** What a list of runs adds to what is known: a run that is followed knows better itself. The same object when that is nothing. */
export function withSummary(run: RunModel, summary: RunSummary): RunModel {
  if (run.following) return run;
  const { exitCode, durationMs, pod, claim, failure } = summary;
  const next: RunModel = {
    ...omit(run, 'pod'),
    // A list may have been asked for before the end was written down.
    state: isDecided(run.state) && !isDecided(summary.state) ? run.state : summary.state,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(pod === undefined ? {} : { pod }),
    ...(claim === undefined ? {} : { claim }),
    // A list tells in short why; what the run itself has told is more.
    ...(failure && !run.failure ? { failure: { ...failure, evidence: [], retryable: false } } : {}),
  };
  // The same object for the same facts: a list names all runs whenever one of them has changed.
  const facts = ['state', 'exitCode', 'durationMs', 'pod', 'claim', 'failure'] as const;
  return facts.every((key) => next[key] === run[key]) ? run : next;
}

/** A run known only from a list. */
export function runOfSummary(summary: RunSummary): RunModel {
  const { run, task, taskFile, context, namespace, startedAt, elsewhere = false, owner } = summary;
  const known = { run, task, taskFile, context, namespace, startedAt, elsewhere };
  return withSummary(newRun(owner === undefined ? known : { ...known, owner }), summary);
}

/**
 * A run with what only its record knows: a list has no inputs and no outputs. The same object where the record says nothing
 * new, or where the run's own events say more.
 */
export function withRecord(run: RunModel, record: RunRecord): RunModel {
  if (run.following) return run;
  const known = runOfRecord(record);
  const isLess = <T>(mine: readonly T[], its: readonly T[]): boolean => JSON.stringify(mine) !== JSON.stringify(its);
  if (!isLess(run.inputs, known.inputs) && !isLess(run.outputs, known.outputs)) return run;
  const { inputs, outputs, image, command, taskFile } = known;
  return {
    ...run,
    ...{ inputs, outputs, taskFile },
    spans: run.spans.length > 0 ? run.spans : known.spans,
    ...(image === undefined ? {} : { image }),
    ...(command === undefined ? {} : { command }),
  };
}

/** A run as its record on this machine remembers it. Whether its pod is still there is for a list to say. */
export function runOfRecord(record: RunRecord): RunModel {
  const { run, task, taskFile, context, namespace, pod, claim, image, command, exitCode, startedAt, endedAt } = record;
  const saved = new Map((record.saved ?? []).map((output) => [output.name, output]));
  return newRun({
    run,
    task,
    taskFile,
    context,
    namespace,
    image,
    command,
    inputs: record.inputs,
    outputs: record.outputs.map(({ name, target }) => ({
      ...(saved.get(name) ?? { name }),
      ...(target === undefined ? {} : { target }),
    })),
    state: record.status ?? 'running',
    startedAt,
    spans: (record.phases ?? []).map(({ label, durationMs }, id) => ({ id, label, durationMs, startedAt: 0 })),
    ...(record.status === undefined ? { pod } : {}),
    ...(claim === undefined ? {} : { claim }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(endedAt === undefined ? {} : { durationMs: Date.parse(endedAt) - Date.parse(startedAt) }),
  });
}
