/**
 * A run in a terminal: with colours, and Ctrl-C that aborts it. Also the body of a VS Code task. What it shows is made from
 * the same events as the panel's lines; what comes faster than a terminal is read is left out and stays in the run's log.
 */
import * as l10n from '@vscode/l10n';
import { EventEmitter, type Disposable, type Pseudoterminal } from 'vscode';
import type { RunEvent } from '#runner';
import type { Runner } from '../cluster/runner-host.ts';
import { briefFailure } from '../failures/editor-words.ts';
import type { RunStore } from './run-store.ts';
import { editorReport } from '../output/editor-report.ts';
import { ptyThrottle } from '../output/pty-throttle.ts';
import type { Throttle } from '../output/throttle.ts';

/** A run that waits for its start. */
export interface TerminalRun {
  readonly id: string;
  readonly logFile: string;
  start(): Promise<unknown>;
}

export interface RunTerminalParts {
  readonly store: RunStore;
  readonly runner: Runner;
  /** What is to run, once the terminal can show it. Undefined: nothing. */
  readonly prepare: () => Promise<TerminalRun | undefined>;
  /** Aborts the run; the second call at once. */
  readonly abort: (run: string) => void;
  /** Closing the terminal aborts the run, as closing that of a VS Code task does. */
  readonly abortOnClose: boolean;
  /** What becomes of the terminal at the end: VS Code takes one away that closes with 0, with all that it shows. */
  readonly atEnd: 'close' | 'stay';
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
  /** The exit code: that of the command; 1 for a run that failed without one. 0 when a terminal that stayed is closed. */
  readonly onDidClose = this.#close.event;
  #throttle: Throttle | undefined;
  #listener: Disposable | undefined;
  #run: string | undefined;
  #over = false;
  /** Somebody wants the run to end, before there is one. */
  #unwanted = false;

  constructor(parts: RunTerminalParts) {
    this.#parts = parts;
  }

  /** Whether the run has ended, and nothing more comes. */
  get over(): boolean {
    return this.#over;
  }

  open(): void {
    void this.#follow();
  }

  close(): void {
    if (this.#parts.abortOnClose) this.#abort();
    this.#end();
  }

  handleInput(data: string): void {
    if (this.#over) this.#close.fire(0);
    if (data.includes(ctrlC)) this.#abort();
  }

  #abort(): void {
    if (this.#over) return;
    if (this.#run === undefined) this.#unwanted = true;
    else this.#parts.abort(this.#run);
  }

  async #follow(): Promise<void> {
    const { store, runner, prepare, afterwards } = this.#parts;
    try {
      const run = await prepare();
      if (!run || this.#unwanted) {
        this.#write.fire(`${l10n.t('Nothing was executed.')}\r\n`);
        this.#finish(1);
        return;
      }
      const report = this.#report(runner, run.logFile);
      // The first events come before the start has resolved.
      this.#listener = store.onDidReceive((event) => {
        if (event.run !== run.id || this.#over) return;
        const told = Promise.resolve(report.handle(event));
        afterwards?.take(event);
        // The end has several lines, one after the other.
        if (event.type === 'finished') void told.then(() => this.#ended(event));
      });
      this.#run = run.id;
      await run.start();
    } catch (error) {
      const failure = runner.asFailure(error);
      const message = failure.kind === 'internal' && error instanceof Error ? error.message : briefFailure(failure);
      this.#write.fire(`${message.replaceAll('\n', '\r\n')}\r\n`);
      this.#finish(1);
    }
  }

  #report(runner: Runner, logFile: string): InstanceType<Runner['Report']> {
    const throttle = ptyThrottle(
      (text) => this.#write.fire(text),
      () => logFile,
    );
    this.#throttle = throttle;
    let lineOpen = false;
    return editorReport(runner, {
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
    });
  }

  #ended({ run, exitCode, status }: Extract<RunEvent, { readonly type: 'finished' }>): void {
    for (const line of this.#parts.afterwards?.lines(run) ?? []) this.#line(line);
    this.#finish(exitCode ?? (status === 'succeeded' ? 0 : 1));
  }

  #line(text: string): void {
    this.#throttle?.add({ source: 'tarmac', data: Buffer.from(`${text}\n`) });
  }

  #finish(exitCode: number): void {
    this.#over = true;
    this.#end();
    if (this.#parts.atEnd === 'close') this.#close.fire(exitCode);
    else this.#write.fire(`\r\n\u001b[2m${l10n.t('Press any key to close the terminal.')}\u001b[0m\r\n`);
  }

  #end(): void {
    this.#listener?.dispose();
    this.#throttle?.flush();
    this.#throttle?.[Symbol.dispose]();
  }
}
