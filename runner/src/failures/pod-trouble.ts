/** What may be wrong with a pod. */
import type { RunFailure } from '../model/failure.ts';

/** A pod that waits for something that may come yet. */
export interface PodWaiting {
  /** Kubernetes' word: `Unschedulable`, `ImagePullBackOff`, `WaitForFirstConsumer`, ... */
  readonly reason: string;
  readonly message: string;
  /** Which of the caller's limits this waiting counts against. */
  readonly patience: 'scheduling' | 'pull' | 'startup';
  /** What to report when that patience ends; the startup timeout where it is missing. */
  readonly becomes?: RunFailure;
}

export type PodTrouble = { readonly failure: RunFailure } | { readonly waiting: PodWaiting };
