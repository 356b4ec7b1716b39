/**
 * What the commands need of `concourse/` and `runner/`, as two small interfaces: tests put doubles in their place, and the real
 * ones load only when a command asks for them, so that `--help` and `validate` never load Kubernetes code.
 */
import type {
  ArtifactSummary,
  Cluster,
  DoctorCheck,
  DownloadResult,
  DraftRequest,
  FailureContext,
  FoundReport,
  JobAsked,
  JobRequest,
  JobRunResult,
  JobSummary,
  Plan,
  PlanDraft,
  PlannedStore,
  PlanResult,
  PodSettings,
  PodShape,
  PreparedJob,
  PreparedJobResult,
  PruneResult,
  Run,
  RunFailure,
  RunJobOptions,
  RunnerContext,
  RunRequest,
  RunResult,
  RunSummary,
  ShapeProblem,
  ShellRequest,
  StepSummary,
  StoreStatus,
  TakeUp,
  TaskDocument,
  WatchOptions,
} from '#runner/model';
import type { ValidateIo, ValidateOptions } from './validate/validate.ts';

/** Where variables come from, as given on the command line. */
export interface VarSources {
  /** `-v NAME=STRING`, unsplit. */
  readonly strings: readonly string[];
  /** `-y NAME=YAML`, unsplit. */
  readonly yaml: readonly string[];
  /** `-l FILE`. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** The task model. */
export interface TaskServices {
  /** Decodes with variables and Tarmac's extensions; or says why the variables cannot be used. */
  decode(
    text: string,
    vars: VarSources,
  ): { readonly document: TaskDocument } | { readonly problems: readonly string[] };
  validate(paths: readonly string[], options: ValidateOptions, io: ValidateIo): Promise<number>;
}

/** How a person names a cluster. */
export interface ClusterOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Told what a login program says to a person, line by line as it comes. */
  readonly onLogin?: ((notice: { readonly line: string }) => void) | undefined;
}

export interface DoctorOptions extends ClusterOptions {
  /** False: no claim is wanted; undefined: the default one, if it exists. */
  readonly claim?: string | false | undefined;
  readonly helperImage?: string | undefined;
  readonly pod?: PodShape | undefined;
}

export interface StoreInitOptions {
  /** A Kubernetes quantity, e.g. `20Gi`. */
  readonly size?: string | undefined;
  readonly storageClass?: string | undefined;
  readonly accessMode?: string | undefined;
}

/** The runner. */
export interface RunnerServices {
  /** The claim that is used, if it exists, when none is named. */
  readonly defaultClaim: string;
  /** A draft; `withStore` makes it a plan. */
  plan(request: DraftRequest | RunRequest): PlanResult<PlanDraft>;
  withStore(draft: PlanDraft, store: PlannedStore): PlanResult;
  /** Checks what was said about pods. */
  podShape(settings: PodSettings): { readonly shape: PodShape; readonly problems: readonly ShapeProblem[] };
  /** The pod of a plan as YAML, without secrets. */
  podPreview(plan: Plan): string;
  openCluster(options: ClusterOptions): Promise<Cluster>;
  chooseStore(cluster: Cluster, claim: string | false | undefined): Promise<PlannedStore>;
  startRun(plan: Plan, context: RunnerContext): Run;
  /** The plan with the pod that waits for it, and for how long one is to wait for the run after it. */
  withSpare(plan: Plan, context: RunnerContext, spareMs: number | undefined): Promise<Plan>;
  /** Removes the pod that waits for the next run of this task. */
  removeSpareOf(plan: Plan, context: RunnerContext): Promise<void>;
  /** Runs again whenever files change, until the signal aborts. */
  watchTask(options: WatchOptions): Promise<void>;
  /** Plans a job of a pipeline; asks no cluster. */
  prepareJob(request: Omit<JobRequest, 'vars'>, vars: VarSources): Promise<PreparedJobResult>;
  runJob(job: PreparedJob, options: Omit<RunJobOptions, 'plan'>): Promise<JobRunResult>;
  /** The jobs of this machine, newest first. */
  listJobs(context: RunnerContext): Promise<JobSummary[]>;
  /** What a job was asked for, as far as it is written down. */
  jobAsked(stateDir: string, id: string): Promise<JobAsked | undefined>;
  /** Plans a job again whose client has ended. */
  takeUpJob(
    id: string,
    request: { readonly text: string; readonly file: string },
    vars: VarSources,
    stateDir: string,
  ): Promise<TakenUp>;
  /** Waits until a job has ended or nobody sees to it any more. */
  watchJob(
    id: string,
    context: RunnerContext,
    onStep: (step: StepSummary) => void,
    signal: AbortSignal,
  ): Promise<JobSummary | undefined>;
  requestJobAbort(id: string, stateDir: string): Promise<void>;
  attachRun(run: string, context: RunnerContext): Promise<Run>;
  listRuns(context: RunnerContext): Promise<RunSummary[]>;
  abortRun(run: string, context: RunnerContext): Promise<RunResult>;
  openShell(run: string, request: ShellRequest, context: RunnerContext): Promise<number>;
  /** `claim`: whose artifacts to list when no run is named. */
  listArtifacts(
    run: string | undefined,
    context: RunnerContext,
    options?: { readonly claim?: string; readonly onOthers?: (count: number) => void },
  ): Promise<ArtifactSummary[]>;
  downloadArtifact(
    run: string,
    output: string,
    target: string,
    context: RunnerContext,
    options: { readonly signal?: AbortSignal },
  ): Promise<DownloadResult>;
  /** The reports in the outputs of a run, else in its log. */
  testsOfRun(run: string, context: RunnerContext): Promise<FoundReport[]>;
  storeInit(claim: string, options: StoreInitOptions, context: RunnerContext): Promise<StoreStatus>;
  storeStatus(claim: string, context: RunnerContext): Promise<StoreStatus>;
  storePrune(
    claim: string,
    options: {
      readonly olderThanMs: number | undefined;
      readonly maxBytes: number | undefined;
      readonly dryRun: boolean;
    },
    context: RunnerContext,
  ): Promise<PruneResult>;
  doctor(options: DoctorOptions): AsyncIterable<DoctorCheck>;
  /** Several lines for a terminal: what happened, the evidence, the next step. */
  describeFailure(failure: RunFailure): string;
  /** The failure behind a thrown error: an API error, a kubeconfig error, a store error; undefined for a programming error. */
  failureOf(error: unknown, context: FailureContext): RunFailure | undefined;
}

/** A job that can go on, or why it cannot. */
export type TakenUp =
  | { readonly wrong: readonly string[] }
  | { readonly goOn: (options: Omit<Parameters<GoOn>[0], 'plan'>) => Promise<JobRunResult> };

type GoOn = Extract<TakeUp, { goOn: unknown }>['goOn'];

/** Both, loaded when asked for. */
export interface Services {
  task(): Promise<TaskServices>;
  runner(): Promise<RunnerServices>;
}
