/** The runner's public face: what `cli/` and `client/` use. */
export * from './model/events.ts';
export * from './failures/index.ts';
export type * from './cluster/types.ts';
export type * from './model/plan.ts';
export type * from './model/run.ts';
export type * from './model/run-facts.ts';
export { openCluster } from './cluster/cluster.ts';
export { localFiles } from './plan/local-files.ts';
export { defaultHelperImage, defaultTimeoutMs, plan, taskName, withStore } from './plan/plan.ts';
export { runPodsSelector } from './pod/names.ts';
export { podPreview } from './pod/preview.ts';
export { podShape } from './pod/shape.ts';
export type { PodSettings, PodShape } from './pod/shape.ts';
export { abortRun, attachRun } from './run/attach.ts';
export { ArtifactReader } from './artifacts/artifact-reader.ts';
export type { ArtifactReaderOptions, ArtifactRef } from './artifacts/artifact-reader.ts';
export { isGitName } from './archive/risky-names.ts';
export type { ArtifactMember } from './store/members.ts';
export { testsOfRun } from './artifacts/run-tests.ts';
export { findReports, findResults } from './results/of-run.ts';
export type { FoundCoverage, FoundReport, FoundResults, ReportSink, ReportSource } from './results/of-run.ts';
export { ToolErrorReader } from './results/tool-errors.ts';
export { coverageFormatOf, coverageReader } from './results/coverage.ts';
export type { CoverageFormat, CoverageReader, CoveredFunction, FileCoverage } from './results/coverage.ts';
export { readTests, testFormatOf } from './results/read.ts';
export type {
  SourcePlace,
  TestCounts,
  TestFormat,
  TestOutcome,
  TestReport,
  TestResult,
  ToolError,
  ToolSeverity,
} from './results/model.ts';
export { asFailure } from './run/as-failure.ts';
export { doctor, neededAccess } from './run/doctor.ts';
export { startRun } from './run/execute.ts';
export { leaveSpare, removeSpareOf, withSpare } from './spare/index.ts';
export { removeSpares } from './spare/memory.ts';
export { listRuns, sweepPods } from './records/list.ts';
export { chooseStore, defaultClaim } from './artifacts/open-store.ts';
export { managedSelector } from './pod/names.ts';
export { keepPod } from './pod/keep-pod.ts';
export { openShell } from './run/shell.ts';
export { downloadArtifact, listArtifacts, storeInit, storePrune, storeStatus } from './artifacts/store-admin.ts';
export { matchInputFolders } from '#concourse';
export type { InputFolder, InputFolderReason, InputFolderSources } from '#concourse';
export { loadKubeconfig } from './cluster/auth/kubeconfig.ts';
export type { LoginNotice } from './cluster/login-output.ts';
export { formatBytes, formatDuration, formatTable, count, painter, printable } from './model/format.ts';
export type { Paint, Style } from './model/format.ts';
export { jobEndText, jobEventLines, StepOutput, stepRunLines } from './report/job-lines.ts';
export { Report } from './report/report.ts';
export type { ReportOptions, ReportScreen } from './report/report.ts';
export { formatTransfer, TransferRate } from './report/transfer-rate.ts';
export { readRecord, readRecords, removeRecord, replayLogs } from './records/record.ts';
export type { RunRecord } from './records/record.ts';
export { givenDifferences } from './records/given.ts';
export type { GivenDifference } from './records/given.ts';
export { needlesOf, redactText } from './redact/redact.ts';
export { secretVars } from './redact/secret-vars.ts';
export { textsIn } from './job/values/values.ts';
export { problemText } from './model/problem-text.ts';
export { spareLimits } from './model/spare-limits.ts';
export { stateDir } from './model/state-dir.ts';
/** The client reads tasks through the runner's bundle: its own stays small, and the task model is in there anyway. */
export {
  decodePipeline,
  decodeTask,
  loadVars,
  mergeParams,
  nodeAt,
  parseDuration,
  pipelineFileTasks,
  placedErrors,
  recognize,
  resolveImage,
} from '#concourse';
export { prepareJob } from './job/plan/prepare-job.ts';
export type { JobRequest, PreparedJob, PreparedJobResult } from './job/plan/prepare-job.ts';
export { runJob } from './job/run-job.ts';
export type { JobRunResult, RunJobOptions } from './job/run-job.ts';
export { jobAsked, requestJobAbort, takeUpJob, watchJob } from './job/take-up-job.ts';
export { listJobs, readJobs } from './job/record/list-jobs.ts';
export { removeJobRecord } from './job/record/job-record.ts';
export { jobNames } from './job/plan/read-pipeline.ts';
export { jobSteps } from './job/plan/job-steps.ts';
export type { AskedGet, AskedPut, JobQuestions, JobStep } from './job/plan/questions.ts';
export type { JobArtifact } from './job/cluster/artifact.ts';
export type { JobEvent } from './job/steps/job-events.ts';
export type { LeafRun } from './job/steps/leaves.ts';
export type * from './model/job.ts';
export { changeText, watchTask } from './watch/index.ts';
export type {
  ChangeListener,
  ChangeSource,
  Look,
  WatchChange,
  WatchNotice,
  WatchOptions,
  WatchSubject,
  WhileRunning,
} from './watch/index.ts';
