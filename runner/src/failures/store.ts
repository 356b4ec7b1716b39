/** Failures of the artifact store, of transfers and of a task that is gone, for the parts that meet them. */
import { describeClaim, describePod, failure, logTail, type FailureContext } from './context.ts';
import type { RunFailure } from '../model/failure.ts';

/**
 * The failure of a command in the store's container, told by what it wrote to standard error; undefined when the text
 * is none of the store's known troubles.
 */
export function failureFromStoreText(stderr: string, context: FailureContext): RunFailure | undefined {
  const store = context.claim === undefined ? 'The store' : `Store ${context.claim}`;
  const evidence = [logTail(stderr, 5)];
  if (/no space left on device|disk quota exceeded|ENOSPC|EDQUOT/i.test(stderr)) {
    return failure('store-full', `${store} is full`, {
      evidence,
      nextStep: 'Make room with `tarmac store prune`, or enlarge the claim.',
      retryable: true,
    });
  }
  if (/read-only file ?system|EROFS|permission denied|EACCES/i.test(stderr)) {
    return failure('store-readonly', `${store} cannot be written`, {
      evidence,
      nextStep: `Check the volume's access mode and owner (${describeClaim(context)}); a volume that was remounted read-only needs its operator.`,
    });
  }
  if (
    /digest mismatch|checksum|invalid tar|corrupt|unexpected end of file|short read|input\/output error/i.test(stderr)
  ) {
    return storeCorrupt(stderr, context);
  }
  return undefined;
}

/** What the store holds is not what was put in. */
export function storeCorrupt(text: string, context: FailureContext): RunFailure {
  return failure(
    'store-corrupt',
    `${context.claim === undefined ? 'The store' : `Store ${context.claim}`} holds damaged data`,
    {
      evidence: [logTail(text, 5)],
      nextStep: 'Run it again: damaged trees are sent again. If it happens twice, check the volume.',
      retryable: true,
    },
  );
}

/** An input did not arrive. `input` is its name in the task file. */
export function uploadFailed(input: string, text: string, context: FailureContext): RunFailure {
  return (
    failureFromStoreText(text, context) ??
    failure('upload-failed', `Input ${input} could not be sent`, {
      evidence: [logTail(text, 5)],
      nextStep: 'Run it again; what has arrived is not sent twice.',
      retryable: true,
    })
  );
}

/** What the command left could not be kept. `what` names it: an output, a cache, the log. */
export function saveFailed(what: string, text: string): RunFailure {
  return failure('upload-failed', `${what} could not be saved`, {
    evidence: [logTail(text, 5)],
    nextStep: 'Run it again; with --keep 30m the pod stays, and what it holds can be looked at with `tarmac shell`.',
    retryable: true,
  });
}

/** An output did not arrive. `output` is its name in the task file. */
export function downloadFailed(output: string, text: string, context: FailureContext): RunFailure {
  return (
    failureFromStoreText(text, context) ??
    failure('download-failed', `Output ${output} could not be fetched`, {
      evidence: [logTail(text, 5)],
      nextStep: 'Fetch it again with `tarmac download`; the run itself has ended.',
      retryable: true,
    })
  );
}

/** The process that watches over the command vanished without leaving an exit code. */
export function supervisorLost(text: string, context: FailureContext): RunFailure {
  return failure('supervisor-lost', 'The task’s process vanished without an exit code', {
    evidence: [logTail(text, 5)],
    nextStep: `Out of memory, or killed from outside? See ${describePod(context)}; raise \`container_limits.memory\` if it was memory.`,
    retryable: true,
  });
}

/** Whoever was to start the command has ended before that: nobody else can, for what it was to be is known there only. */
export function neverStarted(): RunFailure {
  return failure('not-started', 'The task never started: the window or terminal that ran it was closed first', {
    nextStep: 'Run it again.',
    retryable: true,
  });
}
