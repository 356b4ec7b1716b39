/**
 * What other extensions get from Tarmac. This file needs nothing but VS Code's own types: copy it into your extension.
 * docs/api.md shows how it is used. Additions keep `version`; a change that breaks somebody raises it.
 */
import type { Event, Uri } from 'vscode';

/**
 * `starting`, `running` and `ended` (its command has ended, nobody has collected it yet) go on. The others are ends:
 * `succeeded` and `failed` by its command, `errored` when it could not run or its outputs were lost, `aborted` by
 * somebody, `lost` when nobody saw its end.
 */
export type TarmacRunState = 'starting' | 'running' | 'ended' | 'succeeded' | 'failed' | 'errored' | 'aborted' | 'lost';

/** A run, as others may know it. A picture of one moment: ask for it again after a change. */
export interface TarmacRun {
  readonly id: string;
  /** Readable name of the task. */
  readonly task: string;
  /** Absolute path of the task file; empty or `-` where it is not known. */
  readonly taskFile: string;
  readonly state: TarmacRunState;
  readonly context: string;
  readonly namespace: string;
  /** Milliseconds since the epoch; 0 where it is not known. */
  readonly startedAt: number;
  /** Milliseconds, once it has ended. */
  readonly durationMs?: number;
  readonly exitCode?: number;
  /** Why it could not run, or ended otherwise than by its command. */
  readonly failure?: { readonly kind: string; readonly title: string; readonly nextStep: string };
  /** Names of its inputs and outputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Name of its pod, while it is there: a shell can be opened in it. */
  readonly pod?: string;
  /** Until when the pod stays after the command has ended; milliseconds since the epoch. */
  readonly podKeptUntil?: number;
  /** Absolute path of the file with its whole output. */
  readonly logFile?: string;
}

/** What a caller decides about a run instead of the user. These replace what is remembered, name by name. */
export interface TarmacChoices {
  /** By name of the input: an absolute folder, `run:RUN/OUTPUT`, or null for an optional input that is left out. */
  readonly inputs?: Readonly<Record<string, string | null>>;
  /** Absolute local folder by name of the output; an output that is not here stays in the store. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Values that replace those of the file and of the environment. No place for secrets: they are remembered as text. */
  readonly params?: Readonly<Record<string, string>>;
  /** Values for `((vars))`. No place for secrets. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Image that replaces that of the file. */
  readonly image?: string;
  /** Additional arguments of the command. */
  readonly args?: readonly string[];
  readonly privileged?: boolean;
}

export interface TarmacExecuteOptions {
  readonly choices?: TarmacChoices;
  /** Values of secret params, for this run only: they are in no log, no setting and no record. */
  readonly secretParams?: Readonly<Record<string, string>>;
  /** `missing`: ask the user for what is not known (default). `all`: go through everything. `never`: fail instead of asking. */
  readonly ask?: 'missing' | 'all' | 'never';
  /** Remember the choices for the next time; default true. */
  readonly remember?: boolean;
  /** Under which name they are remembered; default the URI of the task file, as for the user's own runs. */
  readonly rememberAs?: string;
  /** Where it runs, in place of the cluster that is chosen for this workspace. */
  readonly cluster?: { readonly context?: string; readonly namespace?: string };
  /** How long the pod stays after its command has ended, e.g. `30m`, in place of the setting `tarmac.keep`. */
  readonly keep?: string;
}

/** A run that this window has started. */
export interface TarmacStartedRun {
  readonly id: string;
  /** The state in which it ended, or in which this window has let go of it; never rejects. */
  readonly done: Promise<TarmacRunState>;
}

export interface TarmacApi {
  readonly version: 1;
  /**
   * Executes a task. Undefined: the user has left a question, or there is none to ask and no cluster is chosen. Rejects
   * when the task cannot run as it is (nothing was sent then), and in a workspace that is not trusted.
   */
  execute(task: Uri, options?: TarmacExecuteOptions): Promise<TarmacStartedRun | undefined>;
  /**
   * The first call ends the command with TERM and saves its outputs, the second deletes its pod at once.
   * Nothing happens for a run that is not known.
   */
  abort(run: string): Promise<void>;
  /** Runs that this window knows of, newest first. */
  readonly runs: readonly TarmacRun[];
  /** Ids of runs that are new or have changed, at most 20 times a second. */
  readonly onDidChangeRuns: Event<readonly string[]>;
  /** A file or folder of an output, as every part of VS Code can open it; undefined for a run that is not known. */
  artifactUri(run: string, output: string, path?: string): Uri | undefined;
  /** Opens a terminal in the pod of a run. The user is told when there is no pod any more. */
  openShell(run: string): Promise<void>;
}
