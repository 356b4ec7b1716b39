/** From whatever was thrown to the failure that a person is told. */
import { errorText } from '../model/format.ts';
import { ArchiveError } from '../archive/errors.ts';
import {
  failure as makeFailure,
  failureFromApi,
  failureFromStoreText,
  storeCorrupt,
  type RunFailure,
} from '../failures/index.ts';
import type { FailureContext } from '../failures/context.ts';
import { RunFailureError } from '../model/failure.ts';
import { SnapshotError, type SnapshotErrorCode } from '../snapshot/errors.ts';
import { StoreError } from '../store/errors.ts';

/** What mends each reason why a directory could not be sent. */
const snapshotSteps: Readonly<Record<SnapshotErrorCode, string>> = {
  NOT_A_DIRECTORY: 'Give the input another folder with -i NAME=PATH.',
  UNREADABLE: 'Make the file readable, or leave it out with .tarmacignore.',
  CHANGED: 'Run the task again when nothing writes to the file, or leave it out with .tarmacignore.',
};

/**
 * The failure behind whatever ended a run or a part of it.
 *
 * @param wrap makes the failure of an error that is nobody's in particular; by default the API's
 * @param context what texts about the API may name
 */
export function asFailure(
  error: unknown,
  wrap?: (text: string) => RunFailure,
  context: FailureContext = {},
): RunFailure {
  if (error instanceof RunFailureError) return error.failure;
  if (error instanceof SnapshotError) {
    return makeFailure('upload-failed', error.message, {
      nextStep: snapshotSteps[error.code],
      retryable: error.code === 'CHANGED',
    });
  }
  if (error instanceof StoreError) return ofStore(error, wrap);
  // What this machine's disk says is about the target of a download, not about the store.
  if (error instanceof ArchiveError) {
    return makeFailure('download-failed', error.message, {
      nextStep:
        error.code === 'TARGET'
          ? 'Make room there, or choose another folder, and fetch it again with `tarmac download`.'
          : 'Fetch it again with `tarmac download`.',
      retryable: true,
    });
  }
  const found = failureFromApi(error, context);
  if (found.kind !== 'internal' || !wrap) return found;
  return wrap(errorText(error));
}

function ofStore(error: StoreError, wrap?: (text: string) => RunFailure): RunFailure {
  const { kind, what: message } = error;
  if (kind === 'NO_SPACE' || kind === 'QUOTA') {
    return makeFailure('store-full', 'The artifact store is full', {
      evidence: [message],
      nextStep: 'Make room with `tarmac store prune`, or enlarge the claim.',
      retryable: true,
    });
  }
  if (kind === 'READ_ONLY') {
    return makeFailure('store-readonly', 'The artifact store cannot be written', {
      evidence: [message],
      nextStep: "Check the volume's access mode and owner; a volume that was remounted read-only needs its operator.",
    });
  }
  if (kind === 'DAMAGED') return storeCorrupt(message, {});
  return (
    failureFromStoreText(message, {}) ??
    wrap?.(message) ??
    makeFailure('upload-failed', 'The artifact store failed', {
      evidence: [message],
      nextStep: 'Run the task again.',
      retryable: true,
    })
  );
}
