/** A checked, complete description of one run. Pure data: nothing in it is looked up later. */
import type { SidecarConfig, TaskConfig, TaskDocument } from '#concourse';
import type { PodSettings, PodShape } from '../pod/shape.ts';
import type { RunFacts } from './run-facts.ts';

/** Where a param's value came from; later ones win. */
export type ParamOrigin = 'file' | 'environment' | 'user';

export interface PlannedParam {
  readonly name: string;
  readonly value: string;
  readonly origin: ParamOrigin;
}

/** Where an input's bytes come from. */
export type InputSource =
  | { readonly kind: 'directory'; readonly directory: string }
  /** An output of an earlier run, taken from the store without a round trip. */
  | { readonly kind: 'output'; readonly run: string; readonly output: string };

export interface PlannedInput {
  readonly name: string;
  /** Absolute path in the container. */
  readonly path: string;
  readonly source: InputSource;
  /** Name of the pod volume that holds it. */
  readonly volume: string;
}

export interface PlannedOutput {
  readonly name: string;
  readonly path: string;
  readonly volume: string;
  /** Absolute local directory that receives it after the run. */
  readonly target?: string;
}

export interface PlannedCache {
  readonly path: string;
  readonly volume: string;
  /** 64 hex digits: repository, task, path, and unless it is shared the person. */
  readonly key: string;
  readonly ttlSeconds?: number;
}

/** One emptyDir of the pod and where the task's containers see it. */
export interface PlannedVolume {
  readonly name: string;
  /** Absolute, normalised, unique within the plan. */
  readonly mountPath: string;
}

/** A login to the registry `server`, for a Secret that the pod's kubelet reads. */
export interface ImageCredentials {
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

export interface PlannedImage {
  /** What goes into the pod's `image`. */
  readonly reference: string;
  readonly registry: string;
  /** The origin, when `reference` names a mirror. */
  readonly fallbackReference?: string;
  readonly credentials?: ImageCredentials;
  /** Those of the origin. */
  readonly fallbackCredentials?: ImageCredentials;
  /** `kubernetes.io/arch` that the file asks for. */
  readonly architecture?: string;
}

export type PlannedStore = { readonly kind: 'claim'; readonly claim: string } | { readonly kind: 'direct' };

/**
 * How much the pod may do. `auto` begins as `baseline` and becomes `restricted` where the namespace enforces that
 * Pod Security standard.
 */
export type SecurityProfile = 'auto' | 'baseline' | 'restricted' | 'none' | 'privileged';

/** A plan whose artifact store is not known yet: `withStore` adds it. */
export interface PlanDraft extends Pick<RunFacts, 'run' | 'task' | 'taskFile'> {
  readonly image: PlannedImage;
  readonly command: {
    readonly path: string;
    readonly args: readonly string[];
    readonly dir: string;
    readonly user?: string;
    /**
     * argv for people and records: with the names of `((vars))`, whose values may be secrets. Absent where the task has
     * none in it. Concourse hides them in its `running` line too (atc/exec/task_step.go, since 8.2).
     */
    readonly shown?: readonly string[];
  };
  readonly workDir: string;
  readonly params: readonly PlannedParam[];
  readonly inputs: readonly PlannedInput[];
  readonly outputs: readonly PlannedOutput[];
  readonly caches: readonly PlannedCache[];
  readonly volumes: readonly PlannedVolume[];
  readonly limits: { readonly cpuMillis?: number; readonly memoryBytes?: number };
  readonly sidecars: readonly SidecarConfig[];
  readonly helperImage: string;
  readonly pullSecrets: readonly string[];
  readonly profile: SecurityProfile;
  /** What was asked of the pod beyond the task. */
  readonly pod: PodShape;
  /** A pty of 500×500 with stderr merged into stdout, as Concourse gives tasks. */
  readonly pty: boolean;
  readonly timeoutMs: number;
  /** How long the pod stays after the command ended. */
  readonly keepMs: number;
  readonly includeIgnored: boolean;
  readonly includeGit: boolean;
  /** Texts that no event, log or record may show. */
  readonly secrets?: readonly string[];
  /** What the command reads from its standard input. It may hold secrets: no event, log or record has it. */
  readonly stdin?: string;
}

/** A pod that waits for its run. */
export interface PlannedSpare {
  readonly pod: string;
  readonly uid: string;
}

/** A checked, complete description of one run. */
export interface Plan extends PlanDraft {
  readonly store: PlannedStore;
  /** The pod that was kept ready for this run, and has its id. */
  readonly spare?: PlannedSpare;
  /** For how long a pod is kept ready for the next run of the same task; none is made when absent. */
  readonly spareMs?: number;
}

/** What a person asks for; the task file says the rest. */
export interface DraftRequest {
  readonly document: TaskDocument;
  /** Path of the task file as given; `-` for standard input. */
  readonly taskFile: string;
  /** What the task is called where its file is not named after it: a step of a pipeline. Default: by the file. */
  readonly task?: string | undefined;
  /** Directory that relative paths and the default input rule start from. */
  readonly cwd: string;
  /** `-i NAME=PATH`: local directories; `run:RUN/OUTPUT` (`earlier-output.ts`) takes an output of an earlier run. */
  readonly inputs?: Readonly<Record<string, string>> | undefined;
  /** `-o NAME=PATH`. */
  readonly outputs?: Readonly<Record<string, string>> | undefined;
  readonly args?: readonly string[] | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** The process environment: overrides params of the same name, as fly does. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly image?: string | undefined;
  readonly helperImage?: string | undefined;
  readonly pullSecrets?: readonly string[] | undefined;
  readonly profile?: SecurityProfile | undefined;
  readonly pod?: PodSettings | undefined;
  readonly privileged?: boolean | undefined;
  readonly pty?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly keepMs?: number | undefined;
  readonly includeIgnored?: boolean | undefined;
  readonly includeGit?: boolean | undefined;
  /** Caches are those of everybody who runs this task of this repository with this claim, not the person's own. */
  readonly sharedCaches?: boolean | undefined;
  readonly background?: boolean | undefined;
  /** Names of params whose values are secrets, whatever they look like. */
  readonly secretNames?: readonly string[] | undefined;
  /** Further texts that nothing may show: values of `((vars))` that are secrets. */
  readonly secretValues?: readonly string[] | undefined;
}

/** A request that says where the artifacts are. */
export interface RunRequest extends DraftRequest {
  readonly store: PlannedStore;
}

/** One thing that is wrong with a request, found before a byte is sent. */
export interface PlanProblem {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly message: string;
  /** 1-based line and column in the task file, where the problem has a place there. */
  readonly line?: number;
  readonly column?: number;
  /** What the user can do. */
  readonly nextStep?: string;
}

/** Whose caches a task has. */
export interface CacheScope {
  /** Tells repositories apart: the URL of the remote without a login, else a random id of this working copy. */
  readonly repository: string;
  /** Path of the task file in the repository, with slashes. */
  readonly file: string;
  /** A random id of the person. */
  readonly person: string;
}

/** What the plan needs to know of the local machine. Handed in, so that `plan()` stays pure. */
export interface LocalFiles {
  /** Undefined when nothing is there. Follows symlinks. */
  stat(path: string): { readonly type: 'file' | 'directory' | 'other'; readonly executable: boolean } | undefined;
  /** The first bytes of a file, for its shebang; undefined when unreadable. */
  head(path: string): string | undefined;
  /** The text of a file; undefined when unreadable. */
  read(path: string): string | undefined;
  /** Why this directory could not receive an output; undefined when it can. */
  whyNotWritable(directory: string): string | undefined;
  /** Whose caches the task in this file (an absolute path) has. */
  cacheScope(taskFile: string): CacheScope;
}

export type PlanResult<P extends PlanDraft = Plan> =
  { readonly plan: P; readonly warnings: readonly PlanProblem[] } | { readonly problems: readonly PlanProblem[] };

export type { SidecarConfig, TaskConfig, TaskDocument };
