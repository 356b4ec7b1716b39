/** What the bench of the extension finds out inside of VS Code and hands to the script outside. */

/** One way from the key to the first line, measured several times, in milliseconds. */
export interface FirstLine {
  /** The first run of the window, in which the runner is loaded. */
  readonly panelFirst: number;
  readonly panel: readonly number[];
  readonly cli: readonly number[];
}

/** How long the extension host did nothing else, in milliseconds. */
export interface Stalls {
  readonly longest: number;
  /** Of a hundred looks, 99 found it free within this time. */
  readonly percentile99: number;
  /** The most that the thread itself computed without a break: what of a stall is ours on a machine that others use, too. */
  readonly busiest: number;
}

export interface EditorFigures {
  /** Of VS Code, and of the Node its extension host runs on. */
  readonly vscode: string;
  readonly node: string;
  readonly activation: {
    /** What the thread computed: for loading the code, in the call of `activate`, and after that until it is active. */
    readonly load: number;
    readonly call: number;
    readonly finish: number;
    /** From the call until it is active, language server included, as time has passed. */
    readonly total: number;
    /** The same as `Developer: Startup Performance` has it; undefined where it does not list the extension. */
    readonly startup?: { readonly load: number; readonly call: number; readonly finish: number };
    /** Files of ours that were loaded into the extension host by then. */
    readonly loaded: readonly string[];
  };
  readonly firstLine: FirstLine;
  readonly stream: {
    readonly bytes: number;
    /** From the first output to the end of the run. */
    readonly seconds: number;
    readonly stalls: Stalls;
    /** The same machine and time, with nothing to do: what of it is not ours. */
    readonly idle: Stalls;
    /** Size of the log file that keeps everything. */
    readonly logged: number;
  };
  readonly files: {
    readonly count: number;
    readonly firstListing: number;
    readonly nextListing: number;
    readonly stalls: Stalls;
  };
  /** Resident memory of the extension host in MiB. */
  readonly memory: {
    readonly before: number;
    readonly active: number;
    readonly streaming: number;
    readonly end: number;
  };
}
