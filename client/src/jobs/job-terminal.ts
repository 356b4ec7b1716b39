/**
 * A job in a terminal, as the body of a VS Code task: each line with its step before it. Ctrl-C and the end of the task abort the
 * job, whose hooks run; its exit code is that of `tarmac job`.
 */
import * as l10n from '@vscode/l10n';
import { EventEmitter, type Pseudoterminal } from 'vscode';
import type { JobRunResult } from '#runner';
import { ptyThrottle } from '../output/pty-throttle.ts';
import type { Throttle } from '../output/throttle.ts';
import type { FollowedJob, JobListener } from './job-control.ts';

/** What a terminal of a job works with. */
export interface JobTerminalParts {
  /** Starts the job, once the terminal can show it. Undefined: nothing has begun. */
  readonly start: (onPiece: JobListener['onPiece']) => Promise<FollowedJob | undefined>;
  readonly abort: (job: string) => void;
  /** Absolute path of the log of a job. */
  readonly logFile: (job: string) => string;
  /** Lines that follow at the end of the job: what its output is for somebody who reads this terminal. */
  readonly afterwards: () => readonly string[];
  /** What an error says to the user. */
  readonly errorText: (error: unknown) => string;
}

const ctrlC = '\u0003';

const exitCodes: Readonly<Record<JobRunResult['status'], number>> = {
  succeeded: 0,
  failed: 1,
  errored: 2,
  aborted: 3,
  // A node was lost, and the job is to be run again; or its window closes, and nobody sees it.
  started: 2,
  left: 2,
};

export class JobTerminal implements Pseudoterminal {
  readonly #parts: JobTerminalParts;
  readonly #write = new EventEmitter<string>();
  readonly #close = new EventEmitter<number>();
  readonly onDidWrite = this.#write.event;
  /** 0 succeeded, 1 failed, 2 errored, 3 aborted; 1 for a job that has not begun. */
  readonly onDidClose = this.#close.event;
  readonly #throttle: Throttle;
  #job: string | undefined;
  #isOver = false;
  /** Somebody wants the job to end, before there is one. */
  #isUnwanted = false;

  constructor(parts: JobTerminalParts) {
    this.#parts = parts;
    this.#throttle = ptyThrottle(
      (text) => this.#write.fire(text),
      () => (this.#job === undefined ? '' : parts.logFile(this.#job)),
    );
  }

  open(): void {
    void this.#follow();
  }

  close(): void {
    this.#abort();
    this.#end();
  }

  handleInput(data: string): void {
    if (data.includes(ctrlC)) this.#abort();
  }

  #abort(): void {
    if (this.#isOver) return;
    if (this.#job === undefined) this.#isUnwanted = true;
    else this.#parts.abort(this.#job);
  }

  async #follow(): Promise<void> {
    const { start, afterwards, abort } = this.#parts;
    try {
      const job = await start((piece) => {
        if (!this.#isOver) this.#throttle.add(piece);
      });
      if (!job) {
        this.#say(l10n.t('Nothing was executed.'));
        this.#finish(1);
        return;
      }
      this.#job = job.id;
      if (this.#isUnwanted) abort(job.id);
      const status = await job.done;
      for (const line of afterwards()) this.#say(line);
      this.#finish(exitCodes[status]);
    } catch (error) {
      this.#say(this.#parts.errorText(error));
      this.#finish(1);
    }
  }

  #say(text: string): void {
    this.#throttle.add({ source: 'tarmac', data: Buffer.from(`${text}\n`) });
  }

  #finish(exitCode: number): void {
    this.#end();
    this.#close.fire(exitCode);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#throttle.flush();
    this.#isOver = true;
    this.#throttle[Symbol.dispose]();
  }
}
