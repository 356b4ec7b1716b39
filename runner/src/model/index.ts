/**
 * The runner's light face: types and formats that everybody may import, without the code that talks to a cluster. What
 * does the work comes by `#runner`, lazily where the size of a bundle or the time of a start counts.
 */
export * from './earlier-output.ts';
export * from './events.ts';
export * from './failure.ts';
export * from './format.ts';
export type * from './plan.ts';
export { problemText } from './problem-text.ts';
export type * from './run.ts';
export type * from './run-facts.ts';
export { spareLimits } from './spare-limits.ts';
export { stateDir } from './state-dir.ts';
export type { Cluster, ClusterTarget } from '../cluster/types.ts';
export type { FailureContext } from '../failures/context.ts';
export { parseQuantity } from '../pod/quantity.ts';
export { podShape } from '../pod/shape.ts';
export type { PodSettings, PodShape, ShapeProblem } from '../pod/shape.ts';
export { secretVars } from '../redact/secret-vars.ts';
export type { FoundReport } from '../results/of-run.ts';
export type { TestResult } from '../results/model.ts';
export { jobEndText, jobEventLines, StepOutput, stepRunLines, stepSummaryLines } from '../report/job-lines.ts';
export type { StepLine } from '../report/job-lines.ts';
export { Report } from '../report/report.ts';
export type { ReportOptions, ReportScreen } from '../report/report.ts';
export type { JobEvent } from '../job/steps/job-events.ts';
export type * from './job.ts';
export type { JobAsked } from '../job/record/job-record.ts';
export type { TakeUp, TakeUpOptions, TakeUpRequest } from '../job/take-up-job.ts';
export type { LeafRun } from '../job/steps/leaves.ts';
export type { JobRequest, PreparedJob, PreparedJobResult } from '../job/plan/prepare-job.ts';
export type { JobRunResult, RunJobOptions } from '../job/run-job.ts';
export { changeText } from '../watch/change.ts';
export type { WatchChange } from '../watch/change.ts';
export type { WatchSubject } from '../watch/look.ts';
export type { WhileRunning } from '../watch/rules.ts';
export type { WatchNotice, WatchOptions } from '../watch/watch.ts';
