/** The process as the commands see it. Everything is handed in, so that tests can stand in for a terminal. */

/** One of the process's two outputs. */
export interface OutputStream {
  readonly isTTY: boolean;
  /** Columns of the terminal; 80 where it is none. */
  readonly columns: number;
  /** While the returned promise is pending the reader is slow and no more should be written (backpressure). */
  write(data: string | Uint8Array): void | Promise<void>;
}

/** The process's standard input. */
export interface InputStream {
  readonly isTTY: boolean;
  /** Everything up to its end, as text. */
  readAll(): Promise<string>;
  /** Its bytes as they come, until its end or until `signal` aborts. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Hands every key to us, Ctrl-C too, until disposed of. The terminal is put back on any exit of the process. */
  raw(): Disposable;
}

/**
 * Why a command should stop. `SIGPIPE` also stands for a closed standard output: Node ignores the signal and reports
 * `EPIPE` (or `EIO` from a terminal that is gone) when something is written.
 */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE';

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a command may touch of the process. */
export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: InputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** The terminal's size now and after each change, until `signal` aborts; nothing when stdout is no terminal. */
  sizes(signal: AbortSignal): AsyncIterable<TerminalSize>;
  /** Calls `handler` for each stop signal until disposed of. Without a handler a signal ends the process as usual. */
  onStop(handler: (signal: StopSignal) => void): Disposable;
  /** Ends the process at once. The terminal is put back. */
  exit(code: number): void;
}

const signalNumbers: Readonly<Record<StopSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 };

/** Exit code of a process that a signal ended, as shells count: 128 + the signal's number. */
export function signalExitCode(signal: StopSignal): number {
  return 128 + signalNumbers[signal];
}

/** Whether our own lines are coloured: `--no-color`, then `NO_COLOR` (no-color.org), then `FORCE_COLOR`, then the terminal. */
export function wantsColor(io: Pick<Io, 'env' | 'stdout'>, flag: boolean): boolean {
  if (!flag || (io.env['NO_COLOR'] ?? '') !== '') return false;
  const forced = io.env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0';
  return io.stdout.isTTY && io.env['TERM'] !== 'dumb';
}
