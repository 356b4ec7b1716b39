/** What can go wrong with a store, as values. */

/**
 * `MISSING`: the store does not have it. `DAMAGED`: bytes were cut or changed on their way or at rest. `NO_SPACE`,
 * `QUOTA`, `READ_ONLY`, `STALE`: what the volume says. `IO`: something else that a tool in the pod said.
 * `KILLED`: the script was killed before it could say anything. `NEWER`: a newer version of Tarmac has written it.
 * `CLIENT_GONE`: a receiving init container waited in vain. `PROTOCOL`: the pod answered something unexpected.
 */
export type StoreErrorKind =
  | 'MISSING'
  | 'DAMAGED'
  | 'NEWER'
  | 'NO_SPACE'
  | 'QUOTA'
  | 'READ_ONLY'
  | 'STALE'
  | 'IO'
  | 'KILLED'
  | 'CLIENT_GONE'
  | 'PROTOCOL';

/** Exit codes of the store's scripts, also of the init containers `fetch-input-N`. */
export const storeExitCodes: Readonly<Record<number, StoreErrorKind>> = {
  44: 'MISSING',
  45: 'DAMAGED',
  46: 'NO_SPACE',
  48: 'READ_ONLY',
  49: 'STALE',
  50: 'IO',
  51: 'QUOTA',
  52: 'CLIENT_GONE',
  53: 'NEWER',
};

const nextSteps: Readonly<Record<StoreErrorKind, string>> = {
  MISSING: 'Run the task again: it is then sent once more.',
  DAMAGED: 'Try again; if it happens again, delete the artifact.',
  NEWER: 'Update Tarmac.',
  NO_SPACE: 'Free space with "tarmac store prune", or enlarge the claim.',
  QUOTA: 'Free space with "tarmac store prune", or have the quota raised.',
  READ_ONLY: 'Use a claim that pods may write to.',
  STALE: 'Delete the pod and run the task again.',
  IO: 'See the message of the pod above.',
  KILLED: 'Run the task again; a helper that needs more memory than it may have is killed, too.',
  CLIENT_GONE: 'Run the task again.',
  PROTOCOL: 'Check that the helper image is a BusyBox.',
};

/** A store operation that failed. The message ends with what to do next. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;
  /** The message without what to do next. */
  readonly what: string;

  constructor(kind: StoreErrorKind, what: string, cause?: unknown) {
    const sentence = what.replace(/[.\s]*$/, '');
    super(`${sentence}. ${nextSteps[kind]}`, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.what = sentence;
  }
}

/** Exit codes of a process that SIGHUP, SIGINT, SIGKILL, SIGPIPE or SIGTERM has ended. */
const killedCodes: ReadonlySet<number> = new Set([129, 130, 137, 141, 143]);

/** The error for an exit code and the stderr of one of the store's scripts. */
export function storeErrorFrom(exitCode: number, stderr: string): StoreError {
  const lines = stderr.split('\n').filter((line) => line.startsWith('tarmac-store: '));
  const text = lines.at(-1)?.slice('tarmac-store: '.length) ?? (stderr.trim() || 'no message');
  // Ended by a signal: with its container, or for its memory. What was asked for may or may not have been done.
  if (lines.length === 0 && killedCodes.has(exitCode)) {
    return new StoreError('KILLED', `A script in the pod was killed (exit code ${exitCode})`);
  }
  const kind = storeExitCodes[exitCode];
  return kind
    ? new StoreError(kind, text)
    : new StoreError('PROTOCOL', `The pod answered with exit code ${exitCode}: ${text}`);
}
