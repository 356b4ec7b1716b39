/** What views and the command line may ask of the runner. Implemented in this folder; see `runner/src/index.ts`. */
import type { ByteSink, Cluster } from '../cluster/types.ts';
import type { RunEventSink, RunStatus } from './events.ts';
import type { RunFailure } from './failure.ts';
import type { PodShape } from '../pod/shape.ts';
import type { RunFacts } from './run-facts.ts';

/** What every operation on runs needs. */
export interface RunnerContext {
  readonly cluster: Cluster;
  /** Folder for run records, logs and caches of this user, e.g. `$XDG_STATE_HOME/tarmac`. */
  readonly stateDir: string;
  readonly onEvent: RunEventSink;
  /** Image of the pod that looks into the store when no task's pod is there. */
  readonly helperImage?: string | undefined;
  /** Take what downloads hold of Git repositories, too; else it is refused, for Git and editors run what it names. */
  readonly includeGit?: boolean | undefined;
  /** What this user knows to be secret, besides what the plan of a run, or the pod of a run that is attached to, says. */
  readonly secrets?: readonly string[] | undefined;
  /** Shape of that pod. */
  readonly pod?: PodShape | undefined;
  /** Ends operations that belong to no run: their pod is not waited for any longer, and deleted. A run has its own `abort`. */
  readonly signal?: AbortSignal | undefined;
}

export interface RunResult extends Pick<RunFacts, 'run' | 'exitCode'> {
  readonly status: RunStatus;
  readonly failure?: RunFailure;
  /** Milliseconds per span label, in the order in which the spans began. */
  readonly phases: readonly { readonly label: string; readonly durationMs: number }[];
  /** Payload bytes sent for inputs. */
  readonly sent: number;
}

/** One execution that goes on. Whoever holds it disposes of it; disposing of a running one aborts it. */
export interface Run extends AsyncDisposable {
  readonly id: string;
  /** Settles when everything of the run has ended; never rejects: what went wrong is in the result. */
  readonly done: Promise<RunResult>;
  /**
   * Resolves when the command runs under the supervisor: from then on the run survives this process. Of a run whose command
   * never runs it resolves after `done`.
   */
  readonly started: Promise<void>;
  /** First call: TERM, 10 s, KILL, outputs saved, pod deleted. Second call: pod deleted at once. */
  abort(): void;
  /** The pod stays for at least so long after the command has ended, whatever the plan says: somebody looks into it. */
  keep(ms: number): void;
  /**
   * Stop following and leave the task running (for `--background`); `attachRun` takes it up again. A run that was aborted
   * before, or whose command does not run yet, ends instead.
   */
  detach(): Promise<void>;
}

/** `spare`: a pod that is kept ready, and that no run has taken yet. */
export type RunState = 'spare' | 'starting' | 'running' | 'ended' | 'lost' | RunStatus;

/** A run as the list shows it: from its record on disk and its pod, newest first. */
export interface RunSummary extends RunFacts {
  readonly state: RunState;
  /** Why it ended badly, beyond its exit code. */
  readonly failure?: Pick<RunFailure, 'kind' | 'title' | 'nextStep'>;
  readonly durationMs?: number;
  /** Name of the pod, while it is there. */
  readonly pod?: string;
  /** Started by somebody else or from another machine: only its pod is known here. */
  readonly elsewhere?: true;
  /** Who started it, where that is known: `user@machine`. Only of runs that were started elsewhere. */
  readonly owner?: string;
}

/** An artifact of a run, or a cache. */
export interface ArtifactSummary {
  readonly run?: string;
  readonly kind: 'input' | 'output' | 'cache' | 'log';
  readonly name: string;
  /** Tree id of an input, key of a cache, else the run. */
  readonly id: string;
  readonly bytes: number;
  readonly files?: number;
  /** Tree id or pack digest. */
  readonly digest: string;
  /** `store`: on the claim. `pod`: only as long as the pod lives. */
  readonly place: 'store' | 'pod';
  readonly createdAt?: string;
  /** Of outputs and logs in the store: whether it keeps what the run left until somebody says otherwise. Absent where that is not known. */
  readonly pinned?: boolean;
}

export interface ShellRequest {
  /** argv; empty: bash, else sh, else our busybox. */
  readonly command: readonly string[];
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  readonly tty: boolean;
  readonly resize?: AsyncIterable<{ readonly columns: number; readonly rows: number }> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DownloadResult {
  readonly files: number;
  readonly bytes: number;
  readonly notes: readonly string[];
}

export interface StoreStatus {
  readonly claim: string;
  readonly phase: string;
  readonly accessModes: readonly string[];
  readonly capacity?: string;
  /** Bytes of all packs in the store. */
  readonly usedBytes: number;
  readonly freeBytes?: number;
  readonly trees: number;
  readonly runs: number;
  readonly caches: number;
  /** Runs whose outputs and log are kept, whatever their age. */
  readonly pinned: number;
}

export interface PruneResult {
  readonly freedBytes: number;
  /** Bytes that are in the store afterwards. */
  readonly leftBytes: number;
  readonly removed: {
    readonly trees: number;
    readonly runs: number;
    readonly caches: number;
    readonly packs: number;
    readonly pods: number;
  };
}

/** One line of `tarmac doctor`. */
export interface DoctorCheck {
  readonly name: string;
  readonly outcome: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  /** How to mend it, when it is not ok. */
  readonly fix?: string;
  /** What the cluster, or the way to it, said. */
  readonly failure?: RunFailure;
  /** What a check of permissions found missing, as `verb resource`. */
  readonly missing?: readonly string[];
  /** Name of the claim that is not there. */
  readonly claimMissing?: string;
  readonly durationMs: number;
}
