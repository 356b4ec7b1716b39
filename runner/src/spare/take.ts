/** Making a spare pod the pod of one run. Its helper decides: nobody needs the right to change pods. */
import { randomBytes } from 'node:crypto';
import { passingOf } from '../failures/passing.ts';
import { takeCommand, type HelperFetch } from '../store/programs.ts';
import type { StoreShell } from '../store/types.ts';
import { POD_LAYOUT, type PodLayout } from '../supervisor/layout.ts';

/** Exit code of the script `take`: another run has the pod. */
const takenExitCode = 76;

/** Another run was first. */
export class SpareTakenError extends Error {
  override readonly name = 'SpareTakenError';
}

/** A word that nobody else says to a spare. */
export function newToken(): string {
  return randomBytes(12).toString('hex');
}

/** The helper of a spare, asked at once, and asked when it can be reached. */
export interface SpareShells {
  readonly first: StoreShell;
  readonly patient: StoreShell;
}

/**
 * Takes the spare, and has its helper unpack the inputs. Taking it twice with the same word is no error.
 *
 * @param fetches what to unpack; undefined: only takes it
 * @throws SpareTakenError when another run was first
 */
export async function takeSpare(
  shells: SpareShells,
  token: string,
  fetches: readonly HelperFetch[] | undefined,
  signal: AbortSignal,
  layout: PodLayout = POD_LAYOUT,
): Promise<void> {
  let words = '';
  const request = {
    command: takeCommand(token, fetches, layout),
    stderr: (chunk: Uint8Array): void => {
      if (words.length < 1000) words += Buffer.from(chunk).toString();
    },
    signal,
  };
  const { exitCode } = await shells.first.exec(request).catch((error: unknown) => {
    // It may be starting still.
    if (signal.aborted || passingOf(error) === undefined) throw error;
    return shells.patient.exec(request);
  });
  if (exitCode === takenExitCode) throw new SpareTakenError('another run has taken it');
  if (exitCode !== 0) throw new Error(`its helper answered with exit code ${exitCode} ${words.trim()}`.trimEnd());
}
