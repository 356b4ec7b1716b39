/** What steps are put together with: upstream's combinators, rule for rule (atc/exec). */
import { type HookName, parseDuration } from '#concourse';
import type { Clock } from '../../cluster/clock.ts';
import { Cancelled, StepContext } from './context.ts';
import { ErrorList, FAILED, SUCCEEDED, isCancel, isDeadline, type StepOutcome } from './outcome.ts';

/** Runs a step in a context. */
export type RunIn = (context: StepContext) => Promise<StepOutcome>;

/** Runs steps in order, up to the first that does not succeed; its result is the result. */
export async function runDo(steps: readonly RunIn[], context: StepContext): Promise<StepOutcome> {
  for (const step of steps) {
    const outcome = await step(context);
    if (outcome.error !== undefined || !outcome.ok) return outcome;
  }
  return SUCCEEDED;
}

/** Everything but an abort counts as a success. */
export async function runTry(step: RunIn, context: StepContext): Promise<StepOutcome> {
  const outcome = await step(context);
  return isCancel(outcome.error) ? outcome : SUCCEEDED;
}

/** Runs attempts until one succeeds. A context that has ended meanwhile decides, else the last attempt. */
export async function runAttempts(attempts: readonly RunIn[], context: StepContext): Promise<StepOutcome> {
  let outcome = SUCCEEDED;
  for (const attempt of attempts) {
    outcome = await attempt(context);
    if (context.error !== undefined) return { ok: false, error: context.error };
    if (outcome.error === undefined && outcome.ok) break;
  }
  return outcome;
}

/** A duration of a step in milliseconds. @throws Error with upstream's text */
export function timeoutMs(duration: string): number {
  const parsed = parseDuration(duration);
  if (!parsed.ok) throw new Error(`parse timeout: ${parsed.message}`);
  return Number(parsed.nanoseconds) / 1e6;
}

/** Runs a step for so long at most. What was ended by that has failed; a real error before it stays one. */
export async function runTimeout(
  step: RunIn,
  duration: string,
  context: StepContext,
  clock: Clock,
): Promise<StepOutcome> {
  let limit: number;
  try {
    limit = timeoutMs(duration);
  } catch (error) {
    return { ok: false, error: error as Error };
  }
  using inner = context.child();
  const over = new AbortController();
  void inner.endAfter(limit, clock, over.signal);
  const outcome = await step(inner);
  over.abort();
  return isDeadline(outcome.error) ? FAILED : outcome;
}

/** How branches run side by side. */
export interface ParallelOptions {
  readonly count: number;
  /** Less than 1 is no limit. */
  readonly limit: number;
  readonly failFast: boolean;
}

/**
 * Runs branches in their order, so many at a time, each with its hooks to its end. The context around decides, then
 * errors, then failures; cancels of its own `fail_fast` are dropped.
 */
export async function runParallel(
  { count, limit, failFast }: ParallelOptions,
  branch: (index: number, context: StepContext) => Promise<StepOutcome>,
  context: StepContext,
): Promise<StepOutcome> {
  using inner = context.child();
  const running = new Set<Promise<void>>();
  const errors: Error[] = [];
  let allOk = true;
  const follow = async (index: number): Promise<void> => {
    const { ok, error } = await branch(index, inner);
    if (!ok || error !== undefined) {
      allOk = false;
      if (failFast) inner.end(new Cancelled());
    }
    if (error !== undefined && !isCancel(error)) errors.push(error);
  };
  for (let index = 0; index < count; index++) {
    while (limit >= 1 && running.size >= limit) await Promise.race(running);
    if (inner.error !== undefined) break;
    const one: Promise<void> = follow(index).finally(() => running.delete(one));
    running.add(one);
  }
  while (running.size > 0) await Promise.race(running);
  if (context.error !== undefined) return { ok: false, error: context.error };
  return errors.length > 0 ? { ok: false, error: new ErrorList(errors) } : { ok: allOk };
}

/** Runs a step and, when it is its turn, a hook. */
export async function runHook(kind: HookName, step: RunIn, hook: RunIn, context: StepContext): Promise<StepOutcome> {
  const outcome = await step(context);
  const { ok, error } = outcome;
  switch (kind) {
    case 'on_success':
      return error === undefined && ok ? hook(context) : outcome;
    case 'on_failure': {
      if (error !== undefined || ok) return outcome;
      const after = await hook(context);
      return after.error === undefined ? FAILED : { ok: false, error: after.error };
    }
    case 'on_abort': {
      if (!isCancel(error)) return outcome;
      using detached = new StepContext();
      await hook(detached);
      return outcome;
    }
    case 'on_error': {
      if (error === undefined || isCancel(error)) return outcome;
      using detached = new StepContext();
      const after = await hook(detached);
      return { ok, error: new ErrorList(after.error === undefined ? [error] : [error, after.error]) };
    }
    case 'ensure': {
      using detached = new StepContext();
      const after = await hook(context.error === undefined ? context : detached);
      if (context.error !== undefined) return { ok: false, error: context.error };
      const errors = [error, after.error].filter((each) => each !== undefined);
      return errors.length > 0 ? { ok: false, error: new ErrorList(errors) } : { ok: ok && after.ok };
    }
  }
}
