/** What can go wrong between us and an API server, as values that a program can tell apart and a person can act on. */

/** `details` of a Kubernetes `Status` object (apimachinery `metav1.StatusDetails`). */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  readonly retryAfterSeconds?: number;
}

/** What an `ApiError` is made of. */
export interface ApiErrorInit {
  readonly code: number | string;
  readonly message: string;
  readonly verb: string;
  readonly resource: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** A call of the API that failed: the server said no (`code` is a number), or no answer arrived (`code` is a string). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /**
   * The HTTP status (403, 409, ...), or the code of the failed connection as Node names it (`ECONNREFUSED`, `ENOTFOUND`,
   * `ETIMEDOUT`, `CERT_HAS_EXPIRED`, ...), `EPROXY` when a proxy answered instead, `EBADBODY` when the answer is no JSON.
   */
  readonly code: number | string;
  /** The `reason` of the Status object: `Forbidden`, `AlreadyExists`, `Expired`, ... */
  readonly reason?: string;
  readonly details?: StatusDetails;
  /** `get`, `list`, `watch`, `create`, `delete`: the verbs of Kubernetes' authorization. */
  readonly verb: string;
  /** `pods`, or with a subresource `pods/log`. */
  readonly resource: string;
  /** Seconds that the server asks to wait before another try. */
  readonly retryAfter?: number;

  constructor(init: ApiErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.verb = init.verb;
    this.resource = init.resource;
    if (init.reason !== undefined) this.reason = init.reason;
    if (init.details !== undefined) this.details = init.details;
    if (init.retryAfter !== undefined) this.retryAfter = init.retryAfter;
  }
}

/**
 * `NOT_FOUND`: there is no kubeconfig and we are not in a pod. `UNREADABLE`: the file cannot be read. `INVALID`: its
 * content is wrong. `NO_CONTEXT`: none is current and none was named. `UNKNOWN_CONTEXT`: the named one does not exist.
 * `DANGLING`: the context names a cluster or user that does not exist.
 */
export type KubeconfigErrorCode =
  'NOT_FOUND' | 'UNREADABLE' | 'INVALID' | 'NO_CONTEXT' | 'UNKNOWN_CONTEXT' | 'DANGLING';

/** The kubeconfig does not lead to a cluster. The message ends with `nextStep`. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
  readonly code: KubeconfigErrorCode;
  /** The message without `nextStep`. */
  readonly what: string;
  readonly nextStep: string;
  /** The file that is wrong, where it is one file. */
  readonly file?: string;

  constructor(code: KubeconfigErrorCode, what: string, nextStep: string, file?: string, cause?: unknown) {
    super(`${what} ${nextStep}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.what = what;
    this.nextStep = nextStep;
    if (file !== undefined) this.file = file;
  }
}

/**
 * `UNTRUSTED`: the kubeconfig wants to run a program and the workspace is not trusted. `PLUGIN_NOT_FOUND`,
 * `PLUGIN_FAILED` (exit code), `PLUGIN_TIMEOUT`, `PLUGIN_OUTPUT` (what it printed is no credential),
 * `PLUGIN_INTERACTIVE` (it needs a terminal): exec plugins. `UNSUPPORTED`: a way to log in that kubectl has removed.
 * `OIDC`: the identity provider gave no token. `FILE`: a certificate, key or token file cannot be read.
 */
export type CredentialErrorCode =
  | 'UNTRUSTED'
  | 'PLUGIN_NOT_FOUND'
  | 'PLUGIN_FAILED'
  | 'PLUGIN_TIMEOUT'
  | 'PLUGIN_OUTPUT'
  | 'PLUGIN_INTERACTIVE'
  | 'UNSUPPORTED'
  | 'OIDC'
  | 'FILE';

/** The kubeconfig's user cannot be logged in. The message ends with `nextStep`; it never holds a credential. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
  readonly code: CredentialErrorCode;
  /** The message without `nextStep`. */
  readonly what: string;
  readonly nextStep: string;

  constructor(code: CredentialErrorCode, what: string, nextStep: string, cause?: unknown) {
    super(`${what} ${nextStep}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.what = what;
    this.nextStep = nextStep;
  }
}

/** The `code` of a system error (`ENOENT`, `ECONNRESET`, ...), or undefined where a value has none. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
