/**
 * The one rule of what may pass: after which errors the same may be asked again, because a connection, a server or a
 * container is away for the moment, and which are answers.
 */
import { ApiError } from '../cluster/errors.ts';
import { ExecError } from '../cluster/exec/error.ts';
import { StoreError } from '../store/errors.ts';
import { isCertificateTrouble } from './tls.ts';
import { admissionFailure } from './admission.ts';

/**
 * `away`: the connection broke, or the server is busy or restarts: waiting mends it, however long that takes.
 * `absent`: there is no such container yet, or no longer: which of them, the pod's status tells, a second late.
 * `doubtful`: the container has answered with what hardly changes (a program is missing, a script was killed, bytes arrived
 * damaged): asked again a few times, then it is the truth.
 */
export type Passing = 'away' | 'absent' | 'doubtful';

/**
 * The runtime found the container, but not the program: runc (`exec: "x": stat x: no such file or directory`,
 * `executable file not found in $PATH`), crun (``executable file `x` not found``), below containerd's `failed to start exec`,
 * CRI-O's and dockershim's words alike.
 */
const noProgram =
  /no such file or directory|executable file (?:`[^`]*` )?not found|permission denied|exec format error/i;

/**
 * The container, its task or its pod is not there: the kubelet (`container not found ("main")`, `pod does not exist`),
 * containerd 1.6 (`no running task found: task ID not found`), 1.7 and 2.x (`failed to find container`, `container is in
 * CONTAINER_EXITED state`), runc and crun (`cannot exec in a stopped container`, `container does not exist`), CRI-O
 * (`container is not created or running`, `could not find container`), dockershim (`Container ID is not running`), and the
 * API server of a pod without a node (`does not have a host assigned`).
 */
const noContainer =
  /container not found|pods? (?:"[^"]*" |\S+ )?(?:does not exist|not found)|no running task|task \S+ not found|find container|container is in \S+ state|in an? (?:stopped|deleted|created) (?:container|state)|container does not exist|not created or running|is not running|no such container|process (?:already finished|does not exist)|host assigned|waiting to start|ttrpc: closed|sandbox .* not found/i;

/** Codes of `ExecError` that say that the stream ended without an exit code, or never began. */
const lost: ReadonlySet<string> = new Set(['LOST', 'STALLED', 'TIMEOUT', 'CONNECT']);

/** How an error may pass; undefined for an answer that stands. */
export function passingOf(error: unknown): Passing | undefined {
  if (error instanceof ExecError) return ofExec(error);
  if (error instanceof ApiError) return ofApi(error);
  if (error instanceof StoreError) return error.kind === 'DAMAGED' || error.kind === 'KILLED' ? 'doubtful' : undefined;
  return undefined;
}

function ofExec(error: ExecError): Passing | undefined {
  const { code, status, message } = error;
  if (code === 'OTHER_POD') return 'absent';
  if (code === 'ABORTED') return undefined;
  if (lost.has(code)) return isCertificateTrouble(error.cause) ? undefined : 'away';
  // What refuses: a login, a right, an admission plugin; and then the way to the container, or the container itself.
  if (status === 401 || status === 403 || admissionFailure(message, {}) !== undefined) return undefined;
  if (noContainer.test(message)) return 'absent';
  if (noProgram.test(message) && !/dial(?:ing)? /i.test(message)) return 'doubtful';
  if (error.neverStarted) return 'away';
  if (status === 404) return 'absent';
  if (status === undefined || status < 500) return undefined;
  // The kubelet has asked the runtime, and the runtime has spoken: in words that nobody here knows.
  return /error executing command in container|failed to exec in container/i.test(message) ? 'doubtful' : 'away';
}

function ofApi(error: ApiError): Passing | undefined {
  const { code, message } = error;
  if (typeof code === 'string') {
    return isCertificateTrouble(error) || isFinalProxy(error) ? undefined : code === 'EBADBODY' ? 'doubtful' : 'away';
  }
  if (admissionFailure(message, {}) !== undefined) return undefined;
  return code >= 500 || code === 408 || code === 429 ? 'away' : undefined;
}

/** These come before a byte of a request has left: nothing listens there, or the name and the way are wrong. */
const unsent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);

/** No connection came about at all. Before anything was reached that is the wrong address, or a VPN that is down. */
export function isUnreached(error: unknown): boolean {
  return error instanceof ApiError && typeof error.code === 'string' && unsent.has(error.code);
}

/** A proxy that wants a login, or forbids the way, goes on doing so. */
function isFinalProxy({ code, message }: ApiError): boolean {
  return code === 'EPROXY' && /HTTP 4\d\d/.test(message);
}
