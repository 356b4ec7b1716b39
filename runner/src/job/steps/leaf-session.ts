/** One start of a leaf: what the code of each kind of leaf works with. */
import type { Clock } from '../../cluster/clock.ts';
import { timeoutMs } from './combinators.ts';
import { DeadlineExceeded, type ContextEnd, type StepContext } from './context.ts';
import type { FindVar } from '../values/interpolate.ts';
import type { JobNews } from './job-events.ts';
import type { LeafHandle, LeafRun, Leaves } from './leaves.ts';
import { FAILED, asError, isCancel, isDeadline, type StepOutcome } from './outcome.ts';
import type { Scope } from './scope.ts';
import type { Value } from '../values/values.ts';

/** How a leaf ended by itself. */
export interface LeafOutcome extends StepOutcome {
  readonly exit?: number;
  readonly version?: Value;
  /** A put that nobody named. */
  readonly heldBack?: true;
}

/** What a leaf needs to run. */
export interface LeafSession {
  readonly run: LeafRun;
  readonly context: StepContext;
  readonly scope: Scope;
  readonly leaves: Leaves;
  readonly clock: Clock;
  readonly find: FindVar;
  readonly emit: (news: JobNews) => void;
  /** When its process began under a former client; its timeout counts from there. */
  readonly began?: number;
}

/** An artifact and a path in it, from `ARTIFACT/path`; undefined when there is no path. */
export function splitPath(file: string): { readonly name: string; readonly path: string } | undefined {
  const slash = file.indexOf('/');
  return slash < 0 ? undefined : { name: file.slice(0, slash), path: file.slice(slash + 1) };
}

/** A handle for a leaf without a process, such as a file that is read. */
export function handleOf(session: LeafSession, context: StepContext = session.context): LeafHandle {
  return {
    run: session.run,
    signal: context.signal,
    started: () => undefined,
    log: (text) => session.emit({ type: 'log', step: session.run, text }),
  };
}

/**
 * Runs the process of a get, put or task: with the step's own timeout, which begins when the process does.
 *
 * @returns what the leaf returned
 * @throws the context's end when the step was stopped, whatever the leaf made of it; else the leaf's error
 */
export async function runProcess<T>(
  session: LeafSession,
  timeout: string | undefined,
  run: (handle: LeafHandle) => Promise<T>,
): Promise<T> {
  const limit = timeout === undefined ? undefined : timeoutMs(timeout);
  using inner = session.context.child();
  const over = new AbortController();
  let begun = false;
  const handle: LeafHandle = {
    ...handleOf(session, inner),
    started: () => {
      if (begun) return;
      begun = true;
      session.emit({ type: 'start', step: session.run });
      const gone = session.began === undefined ? 0 : session.clock.now() - session.began;
      if (limit !== undefined) void inner.endAfter(limit - gone, session.clock, over.signal);
    },
  };
  try {
    return await run(handle);
  } catch (error) {
    throw endOf(inner) ?? error;
  } finally {
    over.abort();
  }
}

function endOf(context: StepContext): ContextEnd | undefined {
  return context.error;
}

/** The outcome of a get, put or task that threw: a timeout is a failure, told by an error event. */
export function afterProcess(session: LeafSession, thrown: unknown): LeafOutcome {
  const error = asError(thrown);
  if (isDeadline(error) && !isCancel(error)) {
    session.emit({ type: 'error', step: session.run, message: new DeadlineExceeded().message });
    return FAILED;
  }
  return { ok: false, error };
}
