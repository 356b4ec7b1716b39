/** What can go wrong around a task, as values that a person can act on. */

/**
 * One word per kind of trouble; stable, so that settings, tests and views can rely on it. A command that ends with
 * another exit code than 0 is a result and no failure.
 */
export const failureKinds = [
  'unreachable',
  'tls',
  'auth-plugin',
  'unauthorized',
  'forbidden',
  'quota',
  'limit-range',
  'pod-security',
  'admission-denied',
  'namespace-missing',
  'namespace-terminating',
  'unschedulable',
  'image-not-found',
  'image-denied',
  'image-unreachable',
  'image-rate-limited',
  'image-invalid-name',
  'image-wrong-architecture',
  'config-error',
  'container-start-error',
  'crash-loop',
  'claim-missing',
  'claim-pending',
  'multi-attach',
  'mount-failed',
  'init-failed',
  'out-of-memory',
  'evicted',
  'preempted',
  'node-lost',
  'pod-deleted',
  'deadline-exceeded',
  'startup-timeout',
  'not-started',
  'supervisor-lost',
  'stream-lost',
  'store-full',
  'store-readonly',
  'store-corrupt',
  'upload-failed',
  'download-failed',
  'internal',
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** Raw facts for the details of a view: plain JSON, never a secret. */
export type FailureDetail = Readonly<Record<string, unknown>>;

export interface RunFailure {
  readonly kind: FailureKind;
  /** What happened, where: one sentence without a full stop, e.g. `Image golang:1.99 does not exist`. */
  readonly title: string;
  /** The cluster's own words, and what else proves the title; at most a few lines each. */
  readonly evidence: readonly string[];
  /** What to do now: one or two sentences, with the exact command where there is one. */
  readonly nextStep: string;
  readonly detail?: FailureDetail;
  /** True when the same run, unchanged, may succeed later. */
  readonly retryable: boolean;
}

/** A {@link RunFailure} on its way up. Its message is the title; `describeFailure` tells the rest. */
export class RunFailureError extends Error {
  override readonly name = 'RunFailureError';
  readonly failure: RunFailure;

  constructor(failure: RunFailure, options?: ErrorOptions) {
    super(failure.title, options);
    this.failure = failure;
  }
}
