/**
 * A run in a terminal: with colours, and Ctrl-C that aborts it. Also the body of a VS Code task. What it shows is made from
 * the same events as the panel's lines; what comes faster than a terminal is read is left out and stays in the run's log.
 */
import { EventEmitter, type Disposable, type Pseudoterminal } from 'vscode';
import type { RunEvent } from '../../../runner/src/index.ts';
import type { Runner } from '../cluster/runner-host.ts';
import type { RunStore } from '../runs/run-store.ts';
import { PtyText } from './pty-text.ts';
import { Throttle } from './throttle.ts';

export interface RunTerminalParts {
  readonly store: RunStore;
  readonly runner: Runner;
  /** Starts the run, once the terminal can show it. Undefined: nothing was started. */
  readonly start: () => Promise<{ readonly id: string; readonly logFile: string } | undefined>;
  /** Aborts the run; the second call at once. */
  readonly abort: (run: string) => void;
  /** Closing the terminal aborts the run, as closing that of a VS Code task does. */
  readonly abortOnClose: boolean;
  /** Lines that follow at the end of the run: what its output is for somebody who reads this terminal. */
  readonly afterwards?: {
    readonly take: (event: RunEvent) => void;
    readonly lines: (run: string) => readonly string[];
  };
}

const ctrlC = '\u0003';

export class RunTerminal implements Pseudoterminal {
  readonly #parts: RunTerminalParts;
  readonly #write = new EventEmitter<string>();
  readonly #close = new EventEmitter<number>();
  readonly onDidWrite = this.#write.event;
  /** The exit code: that of the command; 1 for a run that failed without one. */
  readonly onDidClose = this.#close.event;
  readonly #text = new PtyText();
  #throttle: Throttle | undefined;
  #listener: Disposable | undefined;
  #run: string | undefined;
  #over = false;
  /** Somebody wants the run to end, before there is one. */
  #unwanted = false;
  #closed = false;

  constructor(parts: RunTerminalParts) {
    this.#parts = parts;
  }

  open(): void {
    void this.#follow();
  }

  close(): void {
    this.#closed = true;
    if (this.#parts.abortOnClose) this.#abort();
    this.#end();
  }

  handleInput(data: string): void {
    if (data.includes(ctrlC)) this.#abort();
  }

  #abort(): void {
    if (this.#over) return;
    if (this.#run === undefined) this.#unwanted = true;
    else this.#parts.abort(this.#run);
  }

  async #follow(): Promise<void> {
    const { store, runner, start, afterwards } = this.#parts;
    // The first events come before `start` has told which run it is.
    const early: RunEvent[] = [];
    this.#listener = store.onDidReceive((event) => early.push(event));
    try {
      const run = await start();
      this.#listener.dispose();
      if (!run) {
        this.#write.fire('Nothing was executed.\r\n');
        this.#finish(1);
        return;
      }
      this.#run = run.id;
      if (this.#unwanted) this.#parts.abort(run.id);
      if (this.#closed) return;
      const report = this.#report(runner, run.logFile);
      const take = (event: RunEvent): void => {
        if (event.run !== run.id) return;
        void report.handle(event);
        afterwards?.take(event);
        if (event.type !== 'finished') return;
        for (const line of afterwards?.lines(run.id) ?? []) this.#line(line);
        this.#finish(event.exitCode ?? (event.status === 'succeeded' ? 0 : 1));
      };
      this.#listener = store.onDidReceive(take);
      for (const event of early) take(event);
    } catch (error) {
      const failure = runner.asFailure(error);
      const message =
        failure.kind === 'internal' && error instanceof Error ? error.message : runner.describeFailure(failure);
      this.#write.fire(`${message.replaceAll('\n', '\r\n')}\r\n`);
      this.#finish(1);
    }
  }

  #report(runner: Runner, logFile: string): InstanceType<Runner['Report']> {
    const throttle = new Throttle({
      show: (pieces, leftOut) => {
        const note =
          leftOut === 0
            ? ''
            : `\r\n… ${runner.formatBytes(leftOut)} are left out here; the whole output is in ${logFile}\r\n`;
        this.#write.fire(note + pieces.map(({ data }) => this.#text.add(data)).join(''));
      },
    });
    this.#throttle = throttle;
    let lineOpen = false;
    return new runner.Report({
      screen: {
        bytes: (stream, data) => {
          lineOpen = data.at(-1) !== 0x0a;
          throttle.add({ source: stream, data });
        },
        line: (_stream, text) => {
          throttle.add({ source: 'tarmac', data: Buffer.from(`${lineOpen ? '\n' : ''}${text}\n`) });
          lineOpen = false;
        },
        progress: () => undefined,
        clear: () => undefined,
      },
      paint: runner.painter(true),
      now: () => performance.now(),
      quiet: false,
      verbose: false,
      describe: runner.describeFailure,
      shellHint: () => 'open a shell in it with "Tarmac: Open Shell"',
    });
  }

  #line(text: string): void {
    this.#throttle?.add({ source: 'tarmac', data: Buffer.from(`${text}\n`) });
  }

  #finish(exitCode: number): void {
    this.#over = true;
    this.#end();
    this.#close.fire(exitCode);
  }

  #end(): void {
    this.#listener?.dispose();
    this.#throttle?.flush();
    this.#throttle?.[Symbol.dispose]();
  }
}
