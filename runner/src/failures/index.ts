/** Typed failures: what went wrong, how we know, what to do now. */
export { claimMissing, failureFromApi } from './api.ts';
export { FETCH_EXIT, outOfMemory } from './containers.ts';
export { failure } from './context.ts';
export type { FailureContext } from './context.ts';
export { describeFailure, describeWaiting } from './describe.ts';
export { failureFromPod, podDeleted } from './pod.ts';
export type { PodTrouble, PodWaiting } from './pod-trouble.ts';
export {
  downloadFailed,
  failureFromStoreText,
  neverStarted,
  saveFailed,
  storeCorrupt,
  supervisorLost,
  uploadFailed,
} from './store.ts';
export { failureKinds, RunFailureError } from '../model/failure.ts';
export type { FailureDetail, FailureKind, RunFailure } from '../model/failure.ts';
