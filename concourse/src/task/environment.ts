/**
 * What the rules and the editor features may know beyond the text of a task file. It is handed in, so that both stay pure:
 * the language server, `tarmac validate` and the tests each bring their own.
 */
import type { Vars } from '../vars/interpolate.ts';
import type { Target } from './config.ts';

/** What a path leads to, links followed. */
export interface FileFact {
  readonly type: 'file' | 'directory' | 'other';
  /** May be executed: the owner's executable bit, on Windows the bit in git's index. */
  readonly executable: boolean;
  /** Bytes. */
  readonly size: number;
}

/** One name in a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly type: FileFact['type'];
}

/**
 * Local files, by absolute path. Answers come at once and may be a few seconds old: whoever implements it caches, and
 * forgets what the editor says has changed. Undefined: nothing is there, or it cannot be read.
 */
export interface Files {
  stat(path: string): FileFact | undefined;
  /** Sorted by name; at most a few thousand. */
  list(path: string): readonly DirectoryEntry[] | undefined;
  /** The text of a file (the editor's, if it is open there); undefined also for one that is binary or above 1 MiB. */
  read(path: string): string | undefined;
}

/** How a local folder came to be taken for an input, surest first. */
export type InputFolderReason = 'setting' | 'remembered' | 'folder-name' | 'repository-root' | 'task-repository';

/** The local folder that a run would send for an input. */
export interface InputFolder {
  readonly input: string;
  /** Absolute. */
  readonly directory: string;
  readonly reason: InputFolderReason;
}

/** Values for `((vars))`, from the files that the user configured. */
export interface ConfiguredVars {
  readonly values: Vars;
  /** Absolute paths, later ones win. */
  readonly files: readonly string[];
}

/** A step of a pipeline that names this task file, and what it gives it. */
export interface StepUse {
  /** The pipeline; absolute. */
  readonly pipeline: string;
  /** Zero-based line where the step names the file. */
  readonly line: number;
  readonly job: string;
  readonly step: string;
  /** Names of params; undefined where a variable stands for them. */
  readonly params: readonly string[] | undefined;
  /** Names of vars; undefined where a variable stands for them. */
  readonly vars: readonly string[] | undefined;
  /** It brings the image. */
  readonly image: boolean;
}

/** Everything around one task file. */
export interface Environment {
  /** The generation of Concourse whose verdict counts. */
  readonly target: Target;
  /** Absolute path of the task file; undefined for a text that is not on disk. */
  readonly path?: string | undefined;
  /** Undefined where there is no file system to ask: nothing is said about files then. */
  readonly files?: Files | undefined;
  /** By name of the input; an input that no folder fits is absent. */
  readonly inputFolders: ReadonlyMap<string, InputFolder>;
  /** Undefined: no vars file is configured, so nothing is known about which variables exist. */
  readonly vars?: ConfiguredVars | undefined;
  /** The steps of pipelines that name this task file; absent where nobody has looked for them. */
  readonly uses?: readonly StepUse[] | undefined;
}
