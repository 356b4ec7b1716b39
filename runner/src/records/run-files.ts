/** What a run writes to the user's disk while it goes on. A disk that fails is told of once; it never ends a run. */
import { errorText } from '../model/format.ts';
import type { RunEvent } from '../model/events.ts';
import { RunLogs, writeRecord, type RunRecord } from './record.ts';

/** Record and logs of one run; whoever opens them closes them. */
export class RunFiles {
  readonly #stateDir: string;
  readonly #record: RunRecord;
  readonly #warn: (message: string) => void;
  #logs: Promise<RunLogs | undefined> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #warned = false;

  constructor(stateDir: string, record: RunRecord, warn: (message: string) => void) {
    this.#stateDir = stateDir;
    this.#record = record;
    this.#warn = warn;
  }

  /**
   * A sink for the run's events: keeps the command's output, holds the run back while the disk is slow. The logs begin
   * anew with the first piece, since whoever follows a command gets its output from the first byte; until then the
   * logs of a former client stay.
   */
  take(event: RunEvent): void | Promise<void> {
    if (event.type !== 'output') return;
    this.#logs ??= RunLogs.open(this.#stateDir, this.#record.run).catch((error: unknown) => this.#failed(error));
    return this.#logs.then((logs) => logs?.take(event));
  }

  /** Writes the record as it is when the writes before this one are done. Never rejects. */
  save(): Promise<void> {
    this.#writing = this.#writing
      .then(() => writeRecord(this.#stateDir, this.#record))
      .catch((error: unknown) => this.#failed(error));
    return this.#writing;
  }

  /** Ends the logs. What was written is on disk when it resolves; the record can still be saved. */
  async closeLogs(): Promise<void> {
    const logs = await this.#logs;
    await logs?.[Symbol.asyncDispose]();
    if (logs?.failed) this.#failed(logs.failed);
  }

  #failed(error: unknown): undefined {
    if (this.#warned) return;
    this.#warned = true;
    const why = errorText(error);
    this.#warn(`the run's record and log on this machine are incomplete: ${why}`);
  }
}
