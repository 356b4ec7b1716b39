/** What to try when a pod did not get to where its command starts: how the next attempt differs. */
import { errorText } from '../../model/format.ts';
import { FETCH_EXIT } from '../../failures/index.ts';
import { RunFailureError, type RunFailure } from '../../model/failure.ts';
import type { InputSource } from '../../model/plan.ts';
import { SnapshotError } from '../../snapshot/errors.ts';
import { passingOf } from '../../failures/passing.ts';
import type { RunEmitter } from '../emitter.ts';
import type { ResolvedInput } from './inputs.ts';
import { otherImage } from './other-image.ts';
import type { StartAttempt } from './attempt.ts';

/** How the next attempt to start differs. */
export interface NextAttempt {
  readonly attempt: StartAttempt;
  /** Nothing differs: the same is begun anew, because the connection or a container was lost. */
  readonly isLoss: boolean;
}

/** Exit codes of a container that was killed, whose end nobody saw, or that waited for us in vain. */
const killedCodes: ReadonlySet<number> = new Set([52, 129, 130, 137, 143, 255]);

/**
 * How to try again after this error, if that can help: a tree that has gone from the store is sent, a mirror or registry
 * that does not answer is passed over, a start that lost its connection or its init container begins anew, files that were
 * written to while they were sent are read again. Undefined when there is no other way.
 *
 * @param reread reads the local files as they are now
 * @throws RunFailureError where more can be said than the error does
 */
export async function nextAttempt(
  error: unknown,
  attempt: StartAttempt,
  emitter: RunEmitter,
  reread: () => Promise<Pick<StartAttempt, 'inputs' | 'delivery'>>,
): Promise<NextAttempt | undefined> {
  if (error instanceof SnapshotError && error.code === 'CHANGED') {
    emitter.note(`${error.path} was written to while the inputs were sent: they are read again`);
    return inOtherWay({ ...attempt, ...(await reread()) });
  }
  if (passingOf(error) !== undefined) {
    // What a broken stream has left in the pod's volumes, and may still be doing there, a new pod does not have.
    if (passingOf(error) === 'away') reconnecting(emitter, error);
    return { attempt, isLoss: true };
  }
  if (!(error instanceof RunFailureError)) return undefined;
  const { kind, title, detail } = error.failure;
  const exitCode = detail?.['exitCode'];
  if (kind === 'init-failed' && typeof exitCode === 'number' && killedCodes.has(exitCode)) {
    // With its node's runtime, by somebody, or because it heard nothing of us for too long: what it did is begun anew.
    reconnecting(emitter, error);
    return { attempt, isLoss: true };
  }
  if (kind === 'init-failed' && (exitCode === FETCH_EXIT.missing || exitCode === FETCH_EXIT.corrupt)) {
    const gone = earlierOutput(detail?.['container'], attempt);
    if (gone) throw new RunFailureError(outputGone(gone, error.failure), { cause: error });
    emitter.note(`${title}: it is sent again`);
    // Unpacked by the helper, it may be any of them; they are few and small.
    const damaged = inputOf(detail?.['container'], attempt);
    return inOtherWay({
      ...attempt,
      delivery: await attempt.delivery.withoutMemory(attempt.inputs, damaged ? [damaged] : attempt.inputs),
    });
  }
  const next = otherImage(error.failure, attempt, emitter);
  return next && inOtherWay(next);
}

function inOtherWay(attempt: StartAttempt): NextAttempt {
  return { attempt, isLoss: false };
}

function reconnecting(emitter: RunEmitter, error: unknown): void {
  void emitter.emit({ type: 'reconnecting', attempt: 1, reason: `${errorText(error)}; the start begins again` });
}

/** The input of this init container. */
function inputOf(container: unknown, { inputs }: StartAttempt): ResolvedInput | undefined {
  const index = typeof container === 'string' ? /^fetch-input-(\d+)$/.exec(container)?.[1] : undefined;
  return index === undefined ? undefined : inputs[Number(index)];
}

/** The input of this init container, if it is an output of an earlier run: nobody here could send it again. */
function earlierOutput(
  container: unknown,
  attempt: StartAttempt,
): Extract<InputSource, { kind: 'output' }> | undefined {
  const source = inputOf(container, attempt)?.input.source;
  return source?.kind === 'output' ? source : undefined;
}

function outputGone({ run, output }: { readonly run: string; readonly output: string }, found: RunFailure): RunFailure {
  return {
    ...found,
    title: `Output ${output} of run ${run} is not in the store, or is damaged there`,
    nextStep: `Run that task again and take the output of its new run; \`tarmac artifacts\` lists what the store has.`,
    retryable: false,
  };
}
