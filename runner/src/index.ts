/** The runner's public face: what `cli/` and `client/` use. */
export * from './events.ts';
export * from './failures/index.ts';
export type * from './cluster/types.ts';
export type * from './plan/types.ts';
export type * from './run/types.ts';
export { openCluster } from './cluster/cluster.ts';
export { localFiles } from './plan/local-files.ts';
export { defaultHelperImage, defaultTimeoutMs, plan, taskName } from './plan/plan.ts';
export { podPreview } from './pod/preview.ts';
export { abortRun, attachRun } from './run/attach.ts';
export { asFailure } from './run/as-failure.ts';
export { doctor, neededAccess } from './run/doctor.ts';
export { startRun } from './run/execute.ts';
export { listRuns, sweepPods } from './run/list.ts';
export { chooseStore, defaultClaim } from './run/open-run-store.ts';
export { openShell } from './run/shell.ts';
export { downloadArtifact, listArtifacts, storeInit, storePrune, storeStatus } from './run/store-admin.ts';
