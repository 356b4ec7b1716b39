/** How an exec stream fails, as one error with a code. */
import type { ExecErrorCode } from '../types.ts';

/** What {@link ExecError} knows beside its code and its message. */
export interface ExecErrorDetails {
  /** HTTP status of a refused upgrade, or `code` of the server's Status object. */
  readonly status?: number | undefined;
  /** `reason` of the server's Status object, e.g. `Forbidden`, `InternalError`. */
  readonly kubernetesReason?: string | undefined;
  /** The error below: a socket error, the reason of an abort. */
  readonly cause?: unknown;
}

/**
 * Server texts that say that the command did not start because the way to the container was not there yet. Fresh
 * nodes and restarting kubelets answer so for a while (the list of GitLab Runner and of Concourse's Kubernetes worker).
 */
const NOT_REACHED = [
  'error dialing backend',
  'container not found',
  'unable to upgrade connection',
  'tls handshake timeout',
  'connection refused',
];

/**
 * An exec stream that brought no exit code. A command that ran and failed is no error: it is an `ExecResult` with
 * its code.
 */
export class ExecError extends Error {
  override readonly name = 'ExecError';
  readonly code: ExecErrorCode;
  readonly status?: number;
  readonly kubernetesReason?: string;

  constructor(code: ExecErrorCode, message: string, details: ExecErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.status !== undefined) this.status = details.status;
    if (details.kubernetesReason !== undefined) this.kubernetesReason = details.kubernetesReason;
  }

  /**
   * True when the server said, for a passing reason, that the command was not started: the same request may be sent
   * again. False when the command may have run (`LOST`, `STALLED`), or when asking again brings the same answer.
   */
  get neverStarted(): boolean {
    if (this.code !== 'REFUSED') return false;
    if (this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504) return true;
    const text = this.message.toLowerCase();
    return NOT_REACHED.some((part) => text.includes(part));
  }
}
